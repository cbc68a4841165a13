"""What bytes that are no recording look like, in words that the sender can act on."""

from __future__ import annotations

#: How much of a file is looked at; enough for every signature below and for telling text from data.
HEAD_BYTES = 4096

_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (0, b"\xff\xd8\xff", "a JPEG picture"),
    (0, b"GIF8", "a GIF picture"),
    (8, b"WEBP", "a WebP picture"),
    (0, b"BM", "a BMP picture"),
    (0, b"II*\x00", "a TIFF picture"),
    (0, b"MM\x00*", "a TIFF picture"),
    (0, b"%PDF", "a PDF document"),
    (0, b"PK\x03\x04", "a ZIP archive or an office document"),
    (0, b"\x1f\x8b", "a gzip archive"),
    (0, b"Rar!", "a RAR archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (0, b"\xd0\xcf\x11\xe0", "an office document"),
    (0, b"\x7fELF", "a program"),
    (0, b"MZ", "a program"),
    (8, b"WAVE", "the beginning of a WAV file without readable sound"),
    (0, b"ID3", "an MP3 tag without readable sound"),
    (0, b"OggS", "the beginning of an Ogg file without readable sound"),
    (0, b"fLaC", "the beginning of a FLAC file without readable sound"),
    (4, b"ftyp", "an MP4/M4A file without readable sound"),
    (0, b"\x1a\x45\xdf\xa3", "a WebM/Matroska file without readable sound"),
    (0, b"#!AMR", "the beginning of an AMR file without readable sound"),
)
_TEXT_CONTROLS = frozenset(b"\t\n\r\f\x1b")
_FIRST_PRINTABLE = 0x20


def describe(head: bytes) -> str:
    """Name what a file's first bytes are: "an empty file", "a PNG picture", "text", "unknown data"."""
    if not head:
        return "an empty file"
    for offset, signature, name in _SIGNATURES:
        if head[offset : offset + len(signature)] == signature:
            return name
    if not head.strip(b"\x00"):
        return "nothing but zero bytes"
    return "text" if _is_text(head) else "unknown data"


def _is_text(head: bytes) -> bool:
    if any(byte < _FIRST_PRINTABLE and byte not in _TEXT_CONTROLS for byte in head):
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        # A multi-byte character cut by the end of the head is still text.
        return error.start >= len(head) - 3 and len(head) == HEAD_BYTES
    return True
