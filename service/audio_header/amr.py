"""AMR narrowband and wideband storage format: RFC 4867, section 5."""

from __future__ import annotations

from service.audio_header.header import AudioHeader, cut_off, no_sound, unsupported
from service.audio_header.source import Source

_NARROW, _WIDE = b"#!AMR\n", b"#!AMR-WB\n"
#: Bytes of a frame, its one-byte header included, by frame type; from 3GPP TS 26.101 and 26.201.
_NARROW_SIZES = (13, 14, 16, 18, 20, 21, 27, 32, 6, 1, 1, 1, 1, 1, 1, 1)
_WIDE_SIZES = (18, 24, 33, 37, 41, 47, 51, 59, 61, 6, 1, 1, 1, 1, 1, 1)
_FRAME_S = 0.02
#: A day of calls at the highest rate fits several times; beyond, the rest is estimated instead of walked.
_WALKED = 64 * 1024 * 1024
_MAX_FRAMES = 8_000_000
_BLOCK = 1024 * 1024


def read_amr(source: Source) -> AudioHeader:
    """Count the frames; there is no length in the header.

    Raises:
        AudioUnreadable: the multi-channel form, no frames, or an incomplete last frame.
    """
    head = source.read(0, len(_WIDE))
    if head == _WIDE:
        codec, sizes, offset = "amr_wb", _WIDE_SIZES, len(_WIDE)
    elif head.startswith(_NARROW):
        codec, sizes, offset = "amr_nb", _NARROW_SIZES, len(_NARROW)
    else:
        raise unsupported("AMR", "several channels")
    if source.size <= offset:
        raise no_sound("AMR")
    frames, end = _walk(source, offset, sizes)
    if end > source.size:
        raise cut_off("AMR", "its last frame is incomplete")
    walked_share = (end - offset) / (source.size - offset)
    return AudioHeader("amr", codec, frames * _FRAME_S / walked_share, 1)


def _walk(source: Source, offset: int, sizes: tuple[int, ...]) -> tuple[int, int]:
    """Return the number of frames and where the last of them ends."""
    frames, at = 0, offset
    stop = min(source.size, offset + _WALKED)
    while at < stop and frames < _MAX_FRAMES:
        block = source.read(at, _BLOCK)
        if not block:
            break
        inside = 0
        while inside < len(block) and frames < _MAX_FRAMES:
            inside += sizes[block[inside] >> 3 & 15]
            frames += 1
        at += inside
    return frames, at
