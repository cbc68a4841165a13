"""Bare AAC in ADTS frames: ISO/IEC 14496-3, annex 1.A.2.2. There is no length in it; the frames are counted."""

from __future__ import annotations

from dataclasses import dataclass

from service.audio_header.header import AudioHeader, cut_off, damaged
from service.audio_header.source import Source

SIGNATURES = (b"\xff\xf0", b"\xff\xf1", b"\xff\xf8", b"\xff\xf9")
_HEADER_SIZE = 7
_RATES_HZ = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
_SAMPLES_PER_BLOCK = 1024
#: Frames in a row that make it a stream and not two unlucky bytes.
_RUN = 4
#: Half an hour at 44.1 kHz; beyond, the rest is estimated from its bytes instead of walked.
_WALKED_FRAMES = 80_000


@dataclass(frozen=True, slots=True)
class _Frame:
    size: int
    rate_hz: int
    channels: int
    blocks: int


def read_adts(source: Source) -> AudioHeader:
    """Count the frames.

    Raises:
        AudioUnreadable: the frames do not follow each other, or the last one is incomplete.
    """
    first = _frame_at(source, 0)
    if first is None:
        raise damaged("AAC", "its first frame has an impossible header")
    frames, blocks, at = 0, 0, 0
    while at < source.size and frames < _WALKED_FRAMES:
        frame = _frame_at(source, at)
        if frame is None:
            if frames < _RUN:
                raise damaged("AAC", f"no frame follows at byte {at}")
            break  # what follows is no sound: a tag, or damage that the decoder skips
        frames, blocks, at = frames + 1, blocks + frame.blocks, at + frame.size
    if at > source.size:
        raise cut_off("AAC", "its last frame is incomplete")
    walked_s = blocks * _SAMPLES_PER_BLOCK / first.rate_hz
    duration_s = walked_s * source.size / at if frames == _WALKED_FRAMES else walked_s
    return AudioHeader("aac", "aac", duration_s, first.channels or None)


def _frame_at(source: Source, offset: int) -> _Frame | None:
    head = source.read(offset, _HEADER_SIZE)
    if len(head) < _HEADER_SIZE or head[:2] not in SIGNATURES:
        return None
    rate_index = head[2] >> 2 & 15
    size = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    if rate_index >= len(_RATES_HZ) or size < _HEADER_SIZE:
        return None
    channels = (head[2] & 1) << 2 | head[3] >> 6
    return _Frame(size, _RATES_HZ[rate_index], channels, (head[6] & 3) + 1)
