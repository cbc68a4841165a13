"""The Range header: RFC 9110, section 14. One range is served; several are answered with the whole, as the RFC allows."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ONE = re.compile(r"bytes=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.IGNORECASE)


class RangeOutside(Exception):
    """The range begins behind the end of the recording."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes `start` up to, not including, `end` of `size`."""

    start: int
    end: int
    size: int

    @property
    def content_range(self) -> str:
        return f"bytes {self.start}-{self.end - 1}/{self.size}"


def piece_of(header: str | None, size: int) -> Piece | None:
    """The piece that a Range header asks for; None where it asks for none, for several, or cannot be understood.

    Raises:
        RangeOutside: nothing of it is there.
    """
    match = _ONE.fullmatch(header) if header else None
    if match is None or match[1] == match[2] == "":
        return None
    if match[1] == "":
        length = int(match[2])
        if length == 0 or size == 0:
            raise RangeOutside
        return Piece(max(0, size - length), size, size)
    start = int(match[1])
    last = int(match[2]) if match[2] else size - 1
    if match[2] and last < start:
        return None
    if start >= size:
        raise RangeOutside
    return Piece(start, min(last + 1, size), size)
