"""RIFF WAVE and its 64-bit forms RF64 and BW64: EBU Tech 3306, Microsoft's mmreg.h for the encodings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from service.audio_header.header import AudioHeader, cut_off, damaged, no_sound, unsupported
from service.audio_header.source import Source

_EXTENSIBLE = 0xFFFE
_LINEAR = {0x0001: "pcm", 0x0003: "float", 0x0006: "alaw", 0x0007: "mulaw"}
#: Encodings with blocks or a bit rate; what telephone systems and dictation machines write.
_COMPRESSED = {
    0x0002: "adpcm_ms",
    0x0011: "adpcm_ima",
    0x0022: "truespeech",
    0x0031: "gsm610",
    0x0042: "g723_1",
    0x0045: "g726",
    0x0050: "mp2",
    0x0055: "mp3",
    0x0064: "g726",
}
_PCM_BITS = (8, 16, 24, 32)
_FLOAT_BITS = (32, 64)
_G711_BITS = 8
_FORMAT_SIZE = 16
_RIFF_HEADER = 12
_CHUNK_HEADER = 8
#: A recorder that streams cannot come back to write the length: it leaves 0, the largest number, or (sox) 0x7ffff000.
_STREAMED_SIZE = 0x7FFFF000
#: Broadcast WAVs carry a dozen chunks; a thousand is somebody's joke.
_MAX_CHUNKS = 1000


@dataclass(frozen=True, slots=True)
class _Format:
    codec: str
    channels: int
    sample_rate_hz: int
    block_bytes: int
    bytes_per_s: float


@dataclass(frozen=True, slots=True)
class _Chunk:
    name: bytes
    start: int
    size: int


def read_wav(source: Source) -> AudioHeader:
    """Read `fmt ` and measure `data`.

    Raises:
        AudioUnreadable: an encoding nobody here decodes, no sound, or fewer bytes of it than promised.
    """
    big_endian = source.read(0, 4) == b"RIFX"
    sound_format: _Format | None = None
    long_size: int | None = None
    for chunk in _chunks(source, big_endian):
        if chunk.name == b"ds64":
            long_size = int.from_bytes(source.read(chunk.start + 8, 8), "little")
        elif chunk.name == b"fmt ":
            sound_format = _format(source.read(chunk.start, min(chunk.size, 64)), big_endian)
        elif chunk.name == b"data":
            if sound_format is None:
                raise damaged("WAV", "the sound comes before its description")
            return _measured(source, sound_format, chunk, long_size)
    raise cut_off("WAV", "it ends before the sound begins")


def _chunks(source: Source, big_endian: bool) -> Iterator[_Chunk]:
    offset = _RIFF_HEADER
    for _ in range(_MAX_CHUNKS):
        head = source.read(offset, _CHUNK_HEADER)
        if len(head) < _CHUNK_HEADER:
            return
        size = int.from_bytes(head[4:], "big" if big_endian else "little")
        yield _Chunk(head[:4], offset + _CHUNK_HEADER, size)
        offset += _CHUNK_HEADER + size + size % 2
    raise damaged("WAV", f"it has more than {_MAX_CHUNKS} parts before the sound")


def _format(data: bytes, big_endian: bool) -> _Format:
    if len(data) < _FORMAT_SIZE:
        raise cut_off("WAV", "the description of the sound is incomplete")

    def number(start: int, size: int) -> int:
        return int.from_bytes(data[start : start + size], "big" if big_endian else "little")

    tag, channels, rate, average, block, bits = (
        number(*at) for at in ((0, 2), (2, 2), (4, 4), (8, 4), (12, 2), (14, 2))
    )
    if tag == _EXTENSIBLE and len(data) >= 26:  # the first two bytes of the sub-format's GUID are the real tag
        tag = number(24, 2)
    if not channels or not rate or not block:
        raise damaged("WAV", f"it claims {channels} channels, {rate} samples per second and blocks of {block} bytes")
    if tag in _LINEAR:
        codec = _linear_codec(tag, bits)
        if block != channels * bits // 8:
            raise damaged("WAV", f"{channels} channels of {bits} bits do not fill blocks of {block} bytes")
        return _Format(codec, channels, rate, block, float(rate * block))
    if tag not in _COMPRESSED:
        raise unsupported("WAV", f"the encoding 0x{tag:04x}")
    samples_per_block = number(18, 2) if len(data) >= 20 and number(16, 2) >= 2 else 0
    bytes_per_s = rate * block / samples_per_block if samples_per_block else float(average)
    return _Format(_COMPRESSED[tag], channels, rate, block, bytes_per_s)


def _linear_codec(tag: int, bits: int) -> str:
    codec = _LINEAR[tag]
    allowed = {"pcm": _PCM_BITS, "float": _FLOAT_BITS}.get(codec, (_G711_BITS,))
    if bits not in allowed:
        raise unsupported("WAV", f"{codec} sound of {bits} bits")
    return codec if codec in ("alaw", "mulaw") else f"{codec}_{bits}"


def _measured(source: Source, sound: _Format, chunk: _Chunk, long_size: int | None) -> AudioHeader:
    there = source.size - chunk.start
    promised = long_size if long_size is not None and chunk.size == 0xFFFFFFFF else chunk.size
    if promised == 0 or promised >= _STREAMED_SIZE > there:
        promised = there
    if there < promised:
        raise cut_off("WAV", f"its header promises {promised} bytes of sound, {max(there, 0)} are there")
    if promised < sound.block_bytes:
        raise no_sound("WAV")
    duration_s = promised / sound.bytes_per_s if sound.bytes_per_s > 0 else None
    return AudioHeader("wav", sound.codec, duration_s, sound.channels)
