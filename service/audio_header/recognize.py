"""Which container a file is, or what else."""

from __future__ import annotations

from dataclasses import replace
from typing import BinaryIO

from service.audio_header.adts import SIGNATURES as ADTS_SIGNATURES
from service.audio_header.adts import read_adts
from service.audio_header.aiff import read_aiff
from service.audio_header.amr import read_amr
from service.audio_header.flac import is_flac, read_flac
from service.audio_header.header import AudioHeader, not_a_recording, other_container
from service.audio_header.matroska import read_matroska
from service.audio_header.mp3 import find_mp3, read_mp3
from service.audio_header.mp4 import read_mp4
from service.audio_header.ogg import read_ogg
from service.audio_header.source import Source
from service.audio_header.wav import read_wav
from service.scoring.errors import AudioUnreadable

_HEAD = 4096
_RIFF = (b"RIFF", b"RIFX", b"RF64", b"BW64")
#: Signatures at the start of files that people send by mistake, most specific first.
_OTHER = (
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF87a", "a GIF picture"),
    (b"GIF89a", "a GIF picture"),
    (b"BM", "a BMP picture"),
    (b"II*\0", "a TIFF picture"),
    (b"MM\0*", "a TIFF picture"),
    (b"%PDF-", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or an Office document"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\0", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"SQLite format 3\0", "a database"),
    (b"FLV\x01", "a video (FLV)"),
    (b"\x00\x00\x01\xba", "a video (MPEG)"),
    (b"\x00\x00\x01\xb3", "a video (MPEG)"),
    (b"MThd", "a MIDI file"),
)
_OTHER_SOUND = (
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "a Windows Media file"),
    (b".snd", "a Sun/NeXT sound file (.au)"),
    (b"caff", "an Apple Core Audio file"),
    (b"riff\x2e\x91\xcf\x11", "a Sony Wave64 file"),
)
#: Whatever encodes sound, silence too, leaves more than this; a length that the file cannot hold is not believed.
_LEAST_BYTES_PER_S = 8
#: MPEG transport streams, as cameras write them: packets of 188 bytes that begin with 0x47.
_TRANSPORT_PACKET, _TRANSPORT_SYNC = 188, 0x47
_MP4_FIRST = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
_PICTURE_BRANDS = (b"heic", b"heix", b"mif1", b"avif", b"avis")
_TEXT_CONTROLS = frozenset(b"\t\n\r\f\x1b")
_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")
_PRINTABLE_FROM = 0x20


def read_audio_header(file: BinaryIO, size: int) -> AudioHeader:
    """Recognize the recording in a seekable file of `size` bytes and check that it is whole.

    Raises:
        AudioUnreadable: it is none; the message says what was found and what to do.
    """
    source = Source(file, size)
    if size == 0:
        raise AudioUnreadable("the file is empty; record or export the call again")
    head = source.read(0, _HEAD)
    header = _by_signature(source, head) or _by_frames(source, head)
    if header.duration_s is not None and header.duration_s * _LEAST_BYTES_PER_S > size:
        return replace(header, duration_s=None)
    return header


def _by_signature(source: Source, head: bytes) -> AudioHeader | None:
    readers = {b"OggS": read_ogg, b"\x1a\x45\xdf\xa3": read_matroska, b"#!AM": read_amr}
    if head[:4] in _RIFF:
        return _riff(source, head)
    if head[:4] in readers:
        return readers[head[:4]](source)
    if head[:2] in ADTS_SIGNATURES:
        return read_adts(source)
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return read_aiff(source)
    if head[4:8] in _MP4_FIRST:
        if head[4:8] == b"ftyp" and head[8:12] in _PICTURE_BRANDS:
            raise not_a_recording("a HEIC or AVIF picture")
        return read_mp4(source)
    return None


def _riff(source: Source, head: bytes) -> AudioHeader:
    kind = head[8:12]
    if kind == b"WAVE":
        return read_wav(source)
    if kind == b"AVI ":
        raise not_a_recording("a video (AVI)")
    if kind == b"WEBP":
        raise not_a_recording("a WebP picture")
    raise not_a_recording("a RIFF file without sound")


def _by_frames(source: Source, head: bytes) -> AudioHeader:
    """FLAC and MP3 may hide behind tags; MP3 has no signature at all, so everything else is named first."""
    for signature, found in _OTHER:
        if head.startswith(signature):
            raise not_a_recording(found)
    for signature, found in _OTHER_SOUND:
        if head.startswith(signature):
            raise other_container(found)
    if is_flac(source):
        return read_flac(source)
    first = find_mp3(source)
    if first is not None:
        return read_mp3(source, *first)
    raise not_a_recording(_described(head))


def _described(head: bytes) -> str:
    """Name a file without a signature."""
    if not head.strip(b"\0"):
        return "a file of zeros"
    if len(head) > _TRANSPORT_PACKET and set(head[::_TRANSPORT_PACKET]) == {_TRANSPORT_SYNC}:
        return "a video (MPEG transport stream)"
    text = _text(head)
    if text is None:
        return "of an unknown kind"
    start = text.lstrip("\ufeff \t\r\n")[:64].lower()
    if start.startswith(("<!doctype html", "<html")):
        return "a web page"
    if start.startswith("<svg"):
        return "an SVG picture"
    return "a text file"


def _text(head: bytes) -> str | None:
    if head.startswith(_BYTE_ORDER_MARKS):
        return head.decode("utf-16", "replace")
    if any(byte < _PRINTABLE_FROM and byte not in _TEXT_CONTROLS for byte in head):
        return None
    for cut in range(4):  # the last character of the piece may be incomplete
        try:
            return head[: len(head) - cut].decode()
        except UnicodeDecodeError:
            continue
    return head.decode("cp1251") if _looks_cyrillic(head) else None


def _looks_cyrillic(head: bytes) -> bool:
    """True for text as old Russian Windows programs write it: letters of cp1251 and ASCII, nothing in between."""
    return all(byte < 0x80 or byte >= 0xC0 or byte in (0xA8, 0xB8) for byte in head)
