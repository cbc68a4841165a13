"""EBML elements: RFC 8794, section 6."""

from __future__ import annotations

from dataclasses import dataclass

from service.audio_header.source import Source

_LONGEST_ID = 4
_LONGEST_SIZE = 8


@dataclass(frozen=True, slots=True)
class Element:
    """`name` is the id with its marker bits; `end` is None for an element of unknown size."""

    name: int
    start: int
    end: int | None


def element_at(source: Source, offset: int) -> Element | None:
    """Return the element whose head stands at `offset`, None where no whole head stands there."""
    head = source.read(offset, _LONGEST_ID + _LONGEST_SIZE)
    id_length = _width(head[:1])
    if not 1 <= id_length <= _LONGEST_ID:
        return None
    size_length = _width(head[id_length : id_length + 1])
    if not size_length or len(head) < id_length + size_length:
        return None
    size = int.from_bytes(head[id_length : id_length + size_length], "big") & (1 << 7 * size_length) - 1
    start = offset + id_length + size_length
    unknown = size == (1 << 7 * size_length) - 1
    return Element(int.from_bytes(head[:id_length], "big"), start, None if unknown else start + size)


def unsigned(source: Source, element: Element) -> int:
    """Return the element's unsigned integer (0 for an empty one)."""
    length = (element.end or element.start) - element.start
    return int.from_bytes(source.read(element.start, min(length, _LONGEST_SIZE)), "big")


def _width(first: bytes) -> int:
    """Bytes of a number whose first byte this is: one more than its leading zero bits; 0 for none."""
    return 9 - first[0].bit_length() if first and first[0] else 0
