"""WebM and Matroska: RFC 8794 (EBML) and RFC 9559."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from service.audio_header.ebml import Element, element_at, unsigned
from service.audio_header.header import AudioHeader, cut_off, damaged, no_sound, not_a_recording
from service.audio_header.source import Source

_SEGMENT, _INFO, _TRACKS, _CLUSTER = 0x18538067, 0x1549A966, 0x1654AE6B, 0x1F43B675
_TIMESTAMP_SCALE, _DURATION = 0x2AD7B1, 0x4489
_TRACK_ENTRY, _TRACK_TYPE, _CODEC_ID, _AUDIO, _CHANNELS = 0xAE, 0x83, 0x86, 0xE1, 0x9F
_TIMESTAMP, _SIMPLE_BLOCK, _BLOCK_GROUP, _BLOCK = 0xE7, 0xA3, 0xA0, 0xA1
_VIDEO, _SOUND = 1, 2
_DEFAULT_SCALE_NS = 1_000_000
_NS = 1e9
#: Four hours in blocks of 20 ms are 720,000 elements and take a second to walk. Of what is longer, the rest is left unlooked at.
_MAX_ELEMENTS = 1_000_000
#: Descriptions are a few hundred bytes; cover pictures stand elsewhere.
_MAX_DESCRIPTION = 1024 * 1024


@dataclass(slots=True)
class _Found:
    """What the walk gathers. `clock` is the last block's time in units of `scale_ns`."""

    scale_ns: int = _DEFAULT_SCALE_NS
    duration: float | None = None
    codec: str | None = None
    channels: int | None = None
    cluster_clock: int = 0
    clock: int | None = None
    blocks: int = 0


def read_matroska(source: Source) -> AudioHeader:
    """Walk the segment's elements to the end of the file.

    Raises:
        AudioUnreadable: a film, no sound track, or elements that reach beyond the file.
    """
    head = element_at(source, 0)
    segment = element_at(source, head.end) if head and head.end is not None else None
    if segment is None or segment.name != _SEGMENT:
        raise cut_off("WebM", "it ends before the sound is described")
    if segment.end is not None and segment.end > source.size:
        raise cut_off("WebM", f"its header promises {segment.end} bytes, {source.size} are there")
    found = _Found()
    _walk(source, segment.start, segment.end or source.size, found)
    if found.codec is None:
        raise damaged("WebM", "it has no sound track")
    if not found.blocks:
        raise no_sound("WebM")
    units = found.duration if found.duration is not None else found.clock
    return AudioHeader("webm", found.codec, None if units is None else units * found.scale_ns / _NS, found.channels)


def _walk(source: Source, start: int, end: int, found: _Found) -> None:
    """Visit elements in file order; clusters are entered, so that a cluster of unknown size needs no rule of its own."""
    offset = start
    for _ in range(_MAX_ELEMENTS):
        if offset >= end:
            return
        element = element_at(source, offset)
        if element is None:
            raise cut_off("WebM", "it ends inside the head of a part")
        if element.end is not None and element.end > source.size:
            raise cut_off(
                "WebM",
                f"a part should have {element.end - element.start} bytes, {source.size - element.start} are there",
            )
        if element.name in (_CLUSTER, _BLOCK_GROUP):
            offset = element.start
            continue
        if element.end is None:
            raise damaged("WebM", "a part has no size")
        _visit(source, element, element.end, found)
        offset = element.end
    found.clock = None


def _visit(source: Source, element: Element, end: int, found: _Found) -> None:
    if element.name == _TRACKS:
        _tracks(source, element, end, found)
    elif element.name == _INFO:
        for child in _children(source, element, end):
            if child.name == _TIMESTAMP_SCALE:
                found.scale_ns = unsigned(source, child) or _DEFAULT_SCALE_NS
            elif child.name == _DURATION:
                found.duration = _float(source, child)
    elif element.name == _TIMESTAMP:
        found.cluster_clock = unsigned(source, element)
    elif element.name in (_SIMPLE_BLOCK, _BLOCK):
        found.blocks += 1
        head = source.read(element.start, 3)  # track number (one byte for the first 127 tracks), then the relative time
        found.clock = max(found.clock or 0, found.cluster_clock + int.from_bytes(head[1:3], "big", signed=True))


def _children(source: Source, parent: Element, end: int) -> list[Element]:
    if end - parent.start > _MAX_DESCRIPTION:
        raise damaged("WebM", f"a description is larger than {_MAX_DESCRIPTION} bytes")
    children: list[Element] = []
    offset = parent.start
    while offset < end:
        child = element_at(source, offset)
        if child is None or child.end is None or child.end > end:
            raise damaged("WebM", "a description does not fit its size")
        children.append(child)
        offset = child.end
    return children


def _tracks(source: Source, tracks: Element, end: int, found: _Found) -> None:
    for entry in _children(source, tracks, end):
        if entry.name != _TRACK_ENTRY or entry.end is None:
            continue
        fields = {child.name: child for child in _children(source, entry, entry.end)}
        kind = unsigned(source, fields[_TRACK_TYPE]) if _TRACK_TYPE in fields else 0
        if kind == _VIDEO:
            raise not_a_recording("a video (WebM or Matroska)")
        if kind != _SOUND or found.codec is not None:
            continue
        found.codec = _codec(source, fields.get(_CODEC_ID))
        audio = fields.get(_AUDIO)
        for child in _children(source, audio, audio.end) if audio and audio.end is not None else ():
            if child.name == _CHANNELS:
                found.channels = unsigned(source, child) or None


def _codec(source: Source, element: Element | None) -> str:
    """Return `opus` for `A_OPUS`."""
    if element is None or element.end is None:
        return "unknown"
    name = source.read(element.start, min(element.end - element.start, 32)).decode("ascii", "replace")
    return name.removeprefix("A_").rstrip("\0").lower()


def _float(source: Source, element: Element) -> float | None:
    data = source.read(element.start, (element.end or element.start) - element.start)
    form = {4: ">f", 8: ">d"}.get(len(data))
    value = float(struct.unpack(form, data)[0]) if form else 0.0
    return value if 0 < value < 1e12 else None
