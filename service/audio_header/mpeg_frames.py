"""Frames of MPEG audio, layers II and III: ISO/IEC 11172-3 and 13818-3, and the unofficial MPEG 2.5 for 8 to 12 kHz."""

from __future__ import annotations

from dataclasses import dataclass

#: kbit/s by (MPEG 1?, layer) and index; 0 is "free format", which no encoder of calls writes, and 15 is forbidden.
_BITRATES = {
    (True, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_MPEG1 = 3
_LAYERS = {1: 3, 2: 2}
_MONO = 3
_RESERVED = 3
_FORBIDDEN_BITRATE = 15
HEADER_SIZE = 4


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame header. `length` in bytes with the header; `kind` is what all frames of one stream share."""

    kind: tuple[int, int, int]
    layer: int
    mpeg1: bool
    bitrate_kbps: int
    sample_rate_hz: int
    channels: int
    samples: int
    length: int


def frame_at(data: bytes, offset: int) -> Frame | None:
    """Return the frame whose header stands at `offset`, None where there is none."""
    if offset + HEADER_SIZE > len(data) or data[offset] != 0xFF or data[offset + 1] & 0xE0 != 0xE0:
        return None
    second, third, fourth = data[offset + 1], data[offset + 2], data[offset + 3]
    version, layer = second >> 3 & 3, _LAYERS.get(second >> 1 & 3)
    bitrate_index, rate_index, padding = third >> 4, third >> 2 & 3, third >> 1 & 1
    if layer is None or version not in _RATES or rate_index == _RESERVED or bitrate_index in (0, _FORBIDDEN_BITRATE):
        return None
    mpeg1 = version == _MPEG1
    bitrate, rate = _BITRATES[mpeg1, layer][bitrate_index], _RATES[version][rate_index]
    samples = 1152 if mpeg1 or layer == 2 else 576
    return Frame(
        kind=(version, layer, rate),
        layer=layer,
        mpeg1=mpeg1,
        bitrate_kbps=bitrate,
        sample_rate_hz=rate,
        channels=1 if fourth >> 6 == _MONO else 2,
        samples=samples,
        length=samples // 8 * bitrate * 1000 // rate + padding,
    )


def chain(data: bytes, offset: int, kind: tuple[int, int, int], limit: int) -> tuple[int, list[Frame]]:
    """Follow frames of `kind` from `offset`; return where the next one should stand and up to `limit` frames."""
    frames: list[Frame] = []
    while len(frames) < limit:
        frame = frame_at(data, offset)
        if frame is None or frame.kind != kind:
            break
        frames.append(frame)
        offset += frame.length
    return offset, frames


def first_frame(data: bytes, *, run: int) -> tuple[int, Frame] | None:
    """Find the first frame that is followed by `run` - 1 more of its kind, or that fills `data` with fewer of them."""
    offset = data.find(b"\xff")
    while offset >= 0:
        frame = frame_at(data, offset)
        if frame is not None:
            end, frames = chain(data, offset, frame.kind, run)
            if len(frames) == run or (offset == 0 and end >= len(data)):
                return offset, frame
        offset = data.find(b"\xff", offset + 1)
    return None
