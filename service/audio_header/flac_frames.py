"""Frame headers and check sums of FLAC: RFC 9639, sections 9.1 and 9.3."""

from __future__ import annotations

from dataclasses import dataclass

_BLOCK_CODES = {1: 192, 2: 576, 3: 1152, 4: 2304, 5: 4608}
_BLOCK_8_BITS, _BLOCK_16_BITS = 6, 7
_RATE_EXTRA = {12: 1, 13: 2, 14: 2}
_FORBIDDEN_RATE = 15
_MAX_CHANNEL_CODE = 10
_LONGEST_HEADER = 16
_MAX_NUMBER_BYTES = 7
_CRC8_POLYNOMIAL, _CRC16_POLYNOMIAL = 0x07, 0x8005


@dataclass(frozen=True, slots=True)
class FlacFrame:
    """`number` counts samples where the stream's block size varies (`variable`), blocks otherwise."""

    number: int
    block: int
    variable: bool


def _table(polynomial: int, bits: int) -> tuple[int, ...]:
    top, mask = 1 << bits - 1, (1 << bits) - 1
    table = []
    for byte in range(256):
        value = byte << bits - 8
        for _ in range(8):
            value = (value << 1 ^ polynomial if value & top else value << 1) & mask
        table.append(value)
    return tuple(table)


_CRC8, _CRC16 = _table(_CRC8_POLYNOMIAL, 8), _table(_CRC16_POLYNOMIAL, 16)


def _crc8(data: bytes) -> int:
    value = 0
    for byte in data:
        value = _CRC8[value ^ byte]
    return value


def crc16(data: bytes) -> int:
    """Check sum of a frame; 0 over a whole frame with its own check sum behind it."""
    value = 0
    for byte in data:
        value = (value << 8 & 0xFFFF) ^ _CRC16[value >> 8 ^ byte]
    return value


def flac_frame_at(data: bytes, at: int) -> FlacFrame | None:
    """Return the frame header at `at` if its check sum holds, else None."""
    head = data[at : at + _LONGEST_HEADER]
    if len(head) < 6 or head[0] != 0xFF or head[1] & 0xFE != 0xF8 or head[3] & 1:
        return None
    block_code, rate_code, channel_code = head[2] >> 4, head[2] & 15, head[3] >> 4
    if block_code == 0 or rate_code == _FORBIDDEN_RATE or channel_code > _MAX_CHANNEL_CODE:
        return None
    number, end = _coded_number(head, 4)
    block_extra = {_BLOCK_8_BITS: 1, _BLOCK_16_BITS: 2}.get(block_code, 0)
    crc_at = end + block_extra + _RATE_EXTRA.get(rate_code, 0)
    if number is None or crc_at >= len(head) or _crc8(head[:crc_at]) != head[crc_at]:
        return None
    if block_extra:
        block = int.from_bytes(head[end : end + block_extra], "big") + 1
    else:
        block = _BLOCK_CODES.get(block_code) or 256 << block_code - 8
    return FlacFrame(number, block, bool(head[1] & 1))


def _coded_number(data: bytes, at: int) -> tuple[int | None, int]:
    """Decode the number written like a long UTF-8 character; None where it is not one."""
    first = data[at]
    length = 0
    while length < 8 and first & 0x80 >> length:
        length += 1
    if length == 0:
        return first, at + 1
    if length == 1 or length > _MAX_NUMBER_BYTES or at + length > len(data):
        return None, at
    value = first & (0x7F >> length)
    for byte in data[at + 1 : at + length]:
        if byte >> 6 != 2:
            return None, at
        value = value << 6 | byte & 0x3F
    return value, at + length
