"""Ogg: RFC 3533 for the pages, RFC 7845 (Opus), the Vorbis I and Speex manuals and the FLAC mapping for the first packets."""

from __future__ import annotations

from dataclasses import dataclass

from service.audio_header.header import AudioHeader, cut_off, not_a_recording, unsupported
from service.audio_header.source import Source

_PAGE_HEADER = 27
_MAX_PAGE = _PAGE_HEADER + 255 + 255 * 255
_BEGINS, _ENDS = 2, 4
_NO_GRANULE = 0xFFFF_FFFF_FFFF_FFFF
_OPUS_RATE_HZ = 48_000
#: Streams begun at once in one file; a call has one, a film three.
_MAX_STREAMS = 32
#: Pages read from the front to learn where a recording's clock starts.
_FRONT_PAGES = 32
#: No encoder puts more sound than this into one page; a first page beyond it tells of a clock that did not start at 0.
_LONGEST_PAGE_S = 10.0
_VIDEO = {b"\x80theora": "Theora", b"BBCD": "Dirac", b"OVP80": "VP8", b"\x01video": "OGM"}


@dataclass(frozen=True, slots=True)
class _Page:
    flags: int
    granule: int
    serial: int
    end: int
    payload: int

    @property
    def has_granule(self) -> bool:
        return self.granule != _NO_GRANULE


@dataclass(frozen=True, slots=True)
class _Stream:
    codec: str
    serial: int
    channels: int
    rate_hz: int
    skipped: int


def read_ogg(source: Source) -> AudioHeader:
    """Read the streams' first packets, and the last page for the length.

    Raises:
        AudioUnreadable: a film, an unknown codec, or a file that ends inside a page.
    """
    stream, offset = _sound_stream(source)
    first_s = _first_clock_s(source, offset, stream)
    last = _last_granule(source, stream.serial)
    duration_s: float | None = None
    if last is not None and stream.rate_hz:
        duration_s = max(0.0, (last - stream.skipped) / stream.rate_hz - first_s)
    return AudioHeader("ogg", stream.codec, duration_s, stream.channels)


def _page(data: bytes, at: int) -> _Page | None:
    """Parse the page header at `at`; offsets are relative to `data` and may lie behind its end."""
    if data[at : at + 4] != b"OggS" or at + _PAGE_HEADER > len(data):
        return None
    segments = data[at + 26]
    table = data[at + _PAGE_HEADER : at + _PAGE_HEADER + segments]
    payload = at + _PAGE_HEADER + segments
    if len(table) < segments:
        return None
    return _Page(
        flags=data[at + 5],
        granule=int.from_bytes(data[at + 6 : at + 14], "little"),
        serial=int.from_bytes(data[at + 14 : at + 18], "little"),
        end=payload + sum(table),
        payload=payload,
    )


def _sound_stream(source: Source) -> tuple[_Stream, int]:
    """Return the first sound stream and the offset of the first page that begins none."""
    found: _Stream | None = None
    offset = 0
    for _ in range(_MAX_STREAMS):
        data = source.read(offset, _MAX_PAGE)
        page = _page(data, 0)
        if page is None:
            raise cut_off("OGG", "it ends inside its first pages")
        if not page.flags & _BEGINS:
            break
        packet = data[page.payload : page.end]
        for magic, codec in _VIDEO.items():
            if packet.startswith(magic):
                raise not_a_recording(f"a video (OGG with {codec})")
        found = found or _stream(packet, page.serial)
        offset += page.end
        if offset > source.size:
            raise cut_off("OGG", "it ends inside its first page")
        if offset == source.size:
            raise cut_off("OGG", "it ends behind its first pages")
    if found is None:
        raise unsupported("OGG", "an unknown kind of sound")
    return found, offset


def _stream(packet: bytes, serial: int) -> _Stream | None:
    def number(start: int, size: int) -> int:
        return int.from_bytes(packet[start : start + size], "little")

    if packet.startswith(b"OpusHead"):
        return _Stream("opus", serial, number(9, 1), _OPUS_RATE_HZ, number(10, 2))
    if packet.startswith(b"\x01vorbis"):
        return _Stream("vorbis", serial, number(11, 1), number(12, 4), 0)
    if packet.startswith(b"Speex   "):
        return _Stream("speex", serial, number(48, 4), number(36, 4), 0)
    if packet.startswith(b"\x7fFLAC"):  # 9 bytes of mapping, `fLaC`, 4 of block header, then STREAMINFO
        bits = int.from_bytes(packet[27:30], "big")
        return _Stream("flac", serial, (bits >> 1 & 7) + 1, bits >> 4, 0)
    return None


def _first_clock_s(source: Source, offset: int, stream: _Stream) -> float:
    """Seconds on the stream's clock before its first page of sound; a recorder may join a running stream."""
    for _ in range(_FRONT_PAGES):
        page = _page(source.read(offset, _PAGE_HEADER + 255), 0)
        if page is None or not stream.rate_hz:
            return 0.0
        if page.serial == stream.serial and page.has_granule and page.granule > 0:
            first_s = page.granule / stream.rate_hz
            return first_s if first_s > _LONGEST_PAGE_S else 0.0
        offset += page.end
    return 0.0


def _last_granule(source: Source, serial: int) -> int | None:
    """Follow the pages at the end of the file; return the sound stream's last clock value."""
    _, data = source.tail(2 * _MAX_PAGE)
    at = data.find(b"OggS")
    last: int | None = None
    ended = False
    while at >= 0:
        page = _page(data, at)
        if page is None or page.end > len(data):
            if ended:
                break
            raise cut_off("OGG", "it ends inside a page")
        if page.serial == serial and page.has_granule:
            last = page.granule
        ended = ended or bool(page.flags & _ENDS)
        at = data.find(b"OggS", page.end)
        rest = data[page.end :]
        if rest and not ended and b"OggS".startswith(rest):
            raise cut_off("OGG", "it ends inside a page")
    return last
