"""FLAC: RFC 9639. STREAMINFO for the length, the last frame for whether all of it is there."""

from __future__ import annotations

from dataclasses import dataclass

from service.audio_header.flac_frames import FlacFrame, crc16, flac_frame_at
from service.audio_header.header import AudioHeader, cut_off, damaged, no_sound
from service.audio_header.source import Source
from service.audio_header.tags import sound_end, sound_start

_BLOCK_HEADER = 4
_STREAMINFO_SIZE = 34
_LAST_BLOCK = 0x80
#: Pictures and cue sheets come in a handful of blocks.
_MAX_BLOCKS = 128
#: Frames of calls are a few kB; at the most extreme settings one can reach 2 MB, which no telephone system uses.
_TAIL = 128 * 1024
#: Headers whose check sum holds but that stand inside a frame's data are rare; more candidates than this are not examined.
_MAX_CANDIDATES = 8


@dataclass(frozen=True, slots=True)
class _StreamInfo:
    min_block: int
    rate_hz: int
    channels: int
    samples: int


def is_flac(source: Source) -> bool:
    return source.read(sound_start(source), 4) == b"fLaC"


def read_flac(source: Source) -> AudioHeader:
    """Read STREAMINFO and compare it with the last frame.

    Raises:
        AudioUnreadable: no STREAMINFO, no sound, or a file that ends before the last sample.
    """
    info, offset = _metadata(source)
    end = sound_end(source)
    if offset >= end:
        if info.samples:
            raise cut_off("FLAC", "it ends before the sound begins")
        raise no_sound("FLAC")
    reached = _last_sample(source, offset, end, info)
    if reached < info.samples:
        raise cut_off("FLAC", f"its header promises {info.samples} samples, {reached} are there")
    return AudioHeader("flac", "flac", (info.samples or reached) / info.rate_hz, info.channels)


def _metadata(source: Source) -> tuple[_StreamInfo, int]:
    """Return STREAMINFO and the offset of the first frame."""
    offset = sound_start(source) + 4
    info: _StreamInfo | None = None
    for _ in range(_MAX_BLOCKS):
        head = source.read(offset, _BLOCK_HEADER)
        size = int.from_bytes(head[1:], "big")
        if len(head) < _BLOCK_HEADER or offset + _BLOCK_HEADER + size > source.size:
            raise cut_off("FLAC", "it ends before the sound begins")
        if info is None:
            info = _stream_info(source.read(offset + _BLOCK_HEADER, size))
        offset += _BLOCK_HEADER + size
        if head[0] & _LAST_BLOCK:
            return info, offset
    raise damaged("FLAC", f"it has more than {_MAX_BLOCKS} blocks before the sound")


def _stream_info(data: bytes) -> _StreamInfo:
    if len(data) < _STREAMINFO_SIZE:
        raise damaged("FLAC", "the description of the sound is incomplete")
    bits = int.from_bytes(data[10:18], "big")  # 20 bits rate, 3 channels - 1, 5 sample size - 1, 36 samples
    rate_hz = bits >> 44
    if not rate_hz:
        raise damaged("FLAC", "it claims 0 samples per second")
    return _StreamInfo(int.from_bytes(data[:2], "big"), rate_hz, (bits >> 41 & 7) + 1, bits & (1 << 36) - 1)


def _last_sample(source: Source, offset: int, end: int, info: _StreamInfo) -> int:
    """Return how many samples the stream holds by its last frame.

    Raises:
        AudioUnreadable: no frame ends where the file ends.
    """
    start = max(offset, end - _TAIL)
    data = source.read(start, end - start)
    candidates = 0
    at = len(data)
    while candidates < _MAX_CANDIDATES:
        at = data.rfind(b"\xff", 0, at)
        if at < 0:
            break
        frame = flac_frame_at(data, at)
        if frame is None:
            continue
        candidates += 1
        if crc16(data[at:]) == 0:
            return _reached(frame, info)
    raise cut_off("FLAC", "its last frame is incomplete")


def _reached(frame: FlacFrame, info: _StreamInfo) -> int:
    return (frame.number if frame.variable else frame.number * info.min_block) + frame.block
