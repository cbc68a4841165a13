"""MP3 (and MP2): the first frame, the Xing/Info or VBRI summary in it, and whether the last frame is whole."""

from __future__ import annotations

from dataclasses import dataclass

from service.audio_header.header import AudioHeader, cut_off
from service.audio_header.mpeg_frames import HEADER_SIZE, Frame, chain, first_frame, frame_at
from service.audio_header.source import Source
from service.audio_header.tags import sound_end, sound_start

#: Junk that players tolerate between a tag and the first frame.
_SEARCH = 64 * 1024
#: Frames in a row that make it a stream and not two unlucky bytes.
_RUN = 4
#: Frames looked at to tell a constant bit rate from a variable one.
_SAMPLE = 100
#: The longest frame is 1,441 bytes; this holds a run of them.
_TAIL = 16 * 1024
#: The summary counts bytes with or without tags and itself, depending on the encoder; less than this is no loss.
_BYTES_TOLERANCE = 4096
_VBRI_OFFSET = HEADER_SIZE + 32
_HAS_FRAMES, _HAS_BYTES = 1, 2


@dataclass(frozen=True, slots=True)
class _Summary:
    frames: int | None
    size: int | None


def find_mp3(source: Source) -> tuple[int, Frame] | None:
    """Return offset and header of the first frame, None if this is no MPEG audio."""
    start = sound_start(source)
    if start and start >= source.size:
        raise cut_off("MP3", "it ends before the sound begins")
    found = first_frame(source.read(start, _SEARCH), run=_RUN)
    return None if found is None else (start + found[0], found[1])


def read_mp3(source: Source, offset: int, first: Frame) -> AudioHeader:
    """Measure the stream that begins at `offset`.

    Raises:
        AudioUnreadable: the summary promises more than is there, or the last frame is incomplete.
    """
    end = sound_end(source)
    summary = _summary(source.read(offset, 256), first)
    if summary.size is not None and end - offset + _BYTES_TOLERANCE < summary.size:
        raise cut_off("MP3", f"it promises {summary.size} bytes, {end - offset} are there")
    _check_last_frame(source, offset, end, first)
    duration_s: float | None
    if summary.frames is not None:
        duration_s = summary.frames * first.samples / first.sample_rate_hz
    else:
        duration_s = _constant_rate_duration_s(source, offset, end, first)
    return AudioHeader("mp3", f"mp{first.layer}", duration_s, first.channels)


def _summary(data: bytes, first: Frame) -> _Summary:
    side = (32 if first.channels > 1 else 17) if first.mpeg1 else (17 if first.channels > 1 else 9)
    at = HEADER_SIZE + side
    if data[at : at + 4] in (b"Xing", b"Info"):
        flags, at = int.from_bytes(data[at + 4 : at + 8], "big"), at + 8
        frames = size = None
        if flags & _HAS_FRAMES:
            frames, at = int.from_bytes(data[at : at + 4], "big") or None, at + 4
        if flags & _HAS_BYTES:
            size = int.from_bytes(data[at : at + 4], "big") or None
        return _Summary(frames, size)
    at = _VBRI_OFFSET
    if data[at : at + 4] == b"VBRI":
        return _Summary(int.from_bytes(data[at + 14 : at + 18], "big"), int.from_bytes(data[at + 10 : at + 14], "big"))
    return _Summary(None, None)


def _check_last_frame(source: Source, offset: int, end: int, first: Frame) -> None:
    """Refuse a last frame that is longer than what is left of the file."""
    start = max(offset, end - _TAIL)
    data = source.read(start, end - start)
    at = 0 if start == offset else _aligned(data, first)
    if at is None:
        return
    stop, frames = chain(data, at, first.kind, len(data))
    missing = stop - len(data)
    if frames and (missing > 0 or (0 < -missing < HEADER_SIZE and data[stop] == 0xFF)):
        raise cut_off("MP3", "its last frame is incomplete")


def _aligned(data: bytes, first: Frame) -> int | None:
    """Find where a run of this stream's frames begins in a piece from the middle of the file."""
    at = data.find(b"\xff")
    while at >= 0:
        frame = frame_at(data, at)
        if frame is not None and frame.kind == first.kind and len(chain(data, at, first.kind, _RUN)[1]) == _RUN:
            return at
        at = data.find(b"\xff", at + 1)
    return None


def _constant_rate_duration_s(source: Source, offset: int, end: int, first: Frame) -> float | None:
    """Length of a stream whose frames all have one bit rate; None where they differ and nothing sums them up."""
    data = source.read(offset, _TAIL * 4)
    _, frames = chain(data, 0, first.kind, _SAMPLE)
    if any(frame.bitrate_kbps != first.bitrate_kbps for frame in frames):
        return None
    return (end - offset) * 8 / (first.bitrate_kbps * 1000)
