"""MP4, M4A, 3GP and QuickTime: ISO/IEC 14496-12. The boxes up to the sound track's description."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from service.audio_header.header import AudioHeader, cut_off, damaged, no_sound, not_a_recording
from service.audio_header.source import Source

_BOX_HEADER = 8
_LONG_SIZE, _TO_THE_END = 1, 0
#: A fragmented recording has a pair of boxes per second or so; four hours stay below this.
_MAX_BOXES = 100_000
#: Boxes side by side inside the index: tracks, tables, texts.
_MAX_INNER_BOXES = 200
#: A day's index of AAC frames takes 15 MB.
_MAX_INDEX = 32 * 1024 * 1024
_CODECS = {b"mp4a": "aac", b"alac": "alac", b"Opus": "opus", b"samr": "amr_nb", b"sawb": "amr_wb", b"fLaC": "flac"}
_VIDEO, _SOUND = b"vide", b"soun"
_UNKNOWN_DURATION = (0, 0xFFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFF)


@dataclass(frozen=True, slots=True)
class _Box:
    name: bytes
    start: int
    end: int


def read_mp4(source: Source) -> AudioHeader:
    """Find `moov`, measure everything around it.

    Raises:
        AudioUnreadable: a film, no sound track, no index, or boxes that reach beyond the file.
    """
    index: _Box | None = None
    sound = False
    for box in _boxes(source, 0, source.size, _MAX_BOXES):
        if box.end > source.size:
            raise cut_off(
                "MP4",
                f"its part {_name(box)} should have {box.end - box.start} bytes, {source.size - box.start} are there",
            )
        index = box if box.name == b"moov" else index
        sound = sound or box.name in (b"mdat", b"moof")
    if index is None:
        raise cut_off("MP4", "its index (moov) is missing")
    if index.end - index.start > _MAX_INDEX:
        raise damaged("MP4", f"its index is larger than {_MAX_INDEX} bytes")
    header = _track(source, index)
    if not sound:
        raise no_sound("MP4")
    return header


def _name(box: _Box) -> str:
    return box.name.decode("ascii", "replace")


def _boxes(source: Source, start: int, end: int, limit: int = _MAX_INNER_BOXES) -> Iterator[_Box]:
    """Yield the boxes between two offsets; the last one may claim to reach beyond `end`."""
    offset = start
    for _ in range(limit):
        head = source.read(offset, 2 * _BOX_HEADER)
        if offset >= end:
            return
        if len(head) < _BOX_HEADER:
            raise cut_off("MP4", "it ends inside the head of a part")
        size, header = int.from_bytes(head[:4], "big"), _BOX_HEADER
        if size == _LONG_SIZE:
            size, header = int.from_bytes(head[8:16], "big"), 2 * _BOX_HEADER
        elif size == _TO_THE_END:
            size = end - offset
        if size < header:
            raise damaged("MP4", f"a part claims to have {size} bytes")
        yield _Box(head[4:8], offset + header, offset + size)
        offset += size
    raise damaged("MP4", f"it has more than {limit} parts side by side")


def _child(source: Source, box: _Box, *path: bytes) -> _Box | None:
    for name in path:
        inner = next((child for child in _boxes(source, box.start, box.end) if child.name == name), None)
        if inner is None or inner.end > box.end:
            return None
        box = inner
    return box


def _track(source: Source, index: _Box) -> AudioHeader:
    found: AudioHeader | None = None
    for track in _boxes(source, index.start, index.end):
        if track.name != b"trak" or track.end > index.end:
            continue
        handler = _child(source, track, b"mdia", b"hdlr")
        kind = source.read(handler.start + 8, 4) if handler else b""
        if kind == _VIDEO:
            raise not_a_recording("a video (MP4)")
        if kind == _SOUND and found is None:
            found = _sound_track(source, track)
    if found is None:
        raise damaged("MP4", "it has no sound track")
    return found


def _sound_track(source: Source, track: _Box) -> AudioHeader:
    samples = _child(source, track, b"mdia", b"minf", b"stbl")
    description = _child(source, samples, b"stsd") if samples else None
    if samples is None or description is None:
        raise damaged("MP4", "its sound track is not described")
    entry = source.read(description.start + 8, 36)
    codec = _CODECS.get(entry[4:8], entry[4:8].decode("ascii", "replace").strip().lower())
    channels = int.from_bytes(entry[24:26], "big") or None
    _check_chunks(source, samples)
    return AudioHeader("mp4", codec, _duration_s(source, track), channels)


def _duration_s(source: Source, track: _Box) -> float | None:
    box = _child(source, track, b"mdia", b"mdhd")
    data = source.read(box.start, 32) if box else b""
    if len(data) < 20:
        return None
    long_form = data[0] == 1
    scale = int.from_bytes(data[20:24] if long_form else data[12:16], "big")
    duration = int.from_bytes(data[24:32] if long_form else data[16:20], "big")
    return None if not scale or duration in _UNKNOWN_DURATION else duration / scale


def _check_chunks(source: Source, samples: _Box) -> None:
    """Refuse an index whose last chunk begins behind the file's end (a `mdat` that runs "to the end" cannot tell)."""
    for name, width in ((b"stco", 4), (b"co64", 8)):
        box = _child(source, samples, name)
        if box is None:
            continue
        count = int.from_bytes(source.read(box.start + 4, 4), "big")
        if box.start + 8 + count * width > box.end:
            raise damaged("MP4", "its index of the sound is incomplete")
        if count and int.from_bytes(source.read(box.start + 8 + (count - 1) * width, width), "big") >= source.size:
            raise cut_off("MP4", "its index points behind the end of the file")
