"""Tags that music software puts before and behind a recording; they are no part of the sound."""

from __future__ import annotations

from service.audio_header.source import Source

_ID3V2_HEADER = 10
_ID3V2_HAS_FOOTER = 0x10
_ID3V1_SIZE = 128
_APE_FOOTER = 32
_APE_HAS_HEADER = 1 << 31
#: Some taggers leave an old tag in front of the new one; more than a few in a row is no tagging.
_MAX_TAGS = 8


def sound_start(source: Source) -> int:
    """Return the offset behind all ID3v2 tags (0 without one)."""
    offset = 0
    for _ in range(_MAX_TAGS):
        head = source.read(offset, _ID3V2_HEADER)
        if len(head) < _ID3V2_HEADER or head[:3] != b"ID3":
            break
        size = 0
        for byte in head[6:10]:
            size = size << 7 | byte & 0x7F
        offset += _ID3V2_HEADER + size + (_ID3V2_HEADER if head[5] & _ID3V2_HAS_FOOTER else 0)
    return offset


def sound_end(source: Source) -> int:
    """Return the offset where an ID3v1 or APEv2 tag begins, the file's size without one."""
    end = source.size
    for _ in range(_MAX_TAGS):
        if end >= _ID3V1_SIZE and source.read(end - _ID3V1_SIZE, 3) == b"TAG":
            end -= _ID3V1_SIZE
            continue
        footer = source.read(end - _APE_FOOTER, _APE_FOOTER) if end >= _APE_FOOTER else b""
        if footer[:8] != b"APETAGEX":
            break
        size = int.from_bytes(footer[12:16], "little")
        if int.from_bytes(footer[20:24], "little") & _APE_HAS_HEADER:
            size += _APE_FOOTER
        if not _APE_FOOTER <= size <= end:
            break
        end -= size
    return end
