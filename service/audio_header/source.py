"""Random access to a recording's bytes."""

from __future__ import annotations

from typing import BinaryIO

#: Parsers hop over a few bytes at a time; one read of this size serves many hops, which counts when the store is far away.
_BLOCK = 256 * 1024


class Source:
    """A seekable file of `size` bytes, read by absolute offset."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._block_at = 0
        self._block = b""
        self.size = size

    def read(self, offset: int, length: int) -> bytes:
        """Return `length` bytes from `offset`, fewer only where the file ends, none from an offset outside it."""
        start = offset - self._block_at
        if start >= 0 and start + length <= len(self._block):
            return self._block[start : start + length]
        wanted = min(length, self.size - offset)
        if wanted <= 0 or offset < 0:
            return b""
        if wanted >= _BLOCK:
            return self._fetch(offset, wanted)
        self._block_at, self._block = offset, self._fetch(offset, _BLOCK)
        return self._block[:wanted]

    def tail(self, length: int) -> tuple[int, bytes]:
        """Return the last `length` bytes (fewer in a small file) and the offset where they begin."""
        offset = max(0, self.size - length)
        return offset, self.read(offset, length)

    def _fetch(self, offset: int, length: int) -> bytes:
        self._file.seek(offset)
        parts: list[bytes] = []
        while length > 0:
            part = bytes(self._file.read(length))
            if not part:
                break
            parts.append(part)
            length -= len(part)
        return b"".join(parts)
