"""AIFF and AIFF-C: Apple's Audio Interchange File Format 1.3."""

from __future__ import annotations

from service.audio_header.header import AudioHeader, cut_off, damaged, no_sound
from service.audio_header.source import Source

_FORM_HEADER = 12
_CHUNK_HEADER = 8
_COMMON_SIZE = 18
_SOUND_PREFIX = 8
_EXPONENT_BIAS = 16383
_MANTISSA_BITS = 63
_MAX_CHUNKS = 1000
_MAX_RATE_HZ = 768_000


def read_aiff(source: Source) -> AudioHeader:
    """Read `COMM` and measure `SSND`.

    Raises:
        AudioUnreadable: no description, no sound, or fewer bytes of it than promised.
    """
    common = b""
    sound: tuple[int, int] | None = None
    offset = _FORM_HEADER
    for _ in range(_MAX_CHUNKS):
        head = source.read(offset, _CHUNK_HEADER)
        if len(head) < _CHUNK_HEADER:
            break
        size = int.from_bytes(head[4:], "big")
        if head[:4] == b"COMM":
            common = source.read(offset + _CHUNK_HEADER, min(size, 64))
        elif head[:4] == b"SSND":
            sound = (size, source.size - offset - _CHUNK_HEADER)
        offset += _CHUNK_HEADER + size + size % 2
    if len(common) < _COMMON_SIZE or sound is None:
        raise cut_off("AIFF", "it ends before the sound is described")
    promised, there = sound
    if there < promised:
        raise cut_off("AIFF", f"its header promises {promised} bytes of sound, {max(there, 0)} are there")
    if promised <= _SOUND_PREFIX:
        raise no_sound("AIFF")
    channels, samples = int.from_bytes(common[:2], "big"), int.from_bytes(common[2:6], "big")
    rate_hz = _extended(common[8:18])
    if not channels or not 0 < rate_hz <= _MAX_RATE_HZ:
        raise damaged("AIFF", f"it claims {channels} channels and {rate_hz:g} samples per second")
    codec = common[18:22].decode("ascii", "replace").strip().lower() or "pcm"
    return AudioHeader("aiff", codec, samples / rate_hz, channels)


def _extended(data: bytes) -> float:
    """Decode an 80-bit IEEE 754 number; negative and absurd ones become 0."""
    exponent = int.from_bytes(data[:2], "big")
    mantissa = int.from_bytes(data[2:], "big")
    shift = exponent - _EXPONENT_BIAS - _MANTISSA_BITS
    if not -2 * _MANTISSA_BITS < shift <= 0:
        return 0.0
    return float(mantissa) * 2.0**shift
