"""multipart/form-data as a stream: part by part, a chunk at a time, nothing kept.

`request.form()` would spool a recording to a temporary file before the first byte of it reaches the audio store.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import Request
from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from service.api.problems import Refused

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

#: Seconds without a byte after which an upload counts as abandoned; slow lines deliver some, dead ones none.
STALL_S = 60.0
#: Parts of one upload: eleven fields, and room for a client's mistakes to be named instead of refused wholesale.
MAX_PARTS = 64
#: Recording and form fields are bounded one by one; this bounds what surrounds them (64 part heads of a few hundred bytes).
FRAMING_BYTES = 64 * 1024
_FORM = b"multipart/form-data"


@dataclass(frozen=True, slots=True)
class Part:
    """The head of a form field. Its bytes come from `MultipartStream.data`."""

    name: str


class MultipartStream:
    """Reads one request. Use: `while part := await stream.next_part()`, then `async for chunk in stream.data()`.

    Args:
        total_limit: bytes of the whole body; `too_large` is raised beyond.
    """

    def __init__(self, request: Request, *, total_limit: int, too_large: Refused) -> None:
        self._body = request.stream()
        self._total_limit = total_limit
        self._too_large = too_large
        self._received = 0
        self._events: deque[Part | bytes | None] = deque()  # None: the part ends
        self._ended = False
        self._parts = 0
        self._header_name = b""
        self._header_value = b""
        self._disposition = b""
        self._parser = self._make_parser(request.headers.get("content-type", ""))

    async def next_part(self) -> Part | None:
        """The next field, None at the end. What is left of the field before is read and dropped.

        Raises:
            Refused: the body is no form, too large, too slow, or ends too early.
            ClientDisconnect: the uploader went away.
        """
        while True:
            while self._events:
                event = self._events.popleft()
                if isinstance(event, Part):
                    return event
            if not await self._read_more():
                if not self._ended:
                    raise Refused("malformed_request", "the form ends in the middle; send the recording again")
                return None

    async def data(self) -> AsyncIterator[bytes]:
        """The chunks of the current field. Raises as `next_part`."""
        while True:
            while self._events:
                event = self._events.popleft()
                if not isinstance(event, bytes):
                    return
                yield event
            if not await self._read_more():
                raise Refused("malformed_request", "the form ends in the middle; send the recording again")

    async def _read_more(self) -> bool:
        try:
            async with asyncio.timeout(STALL_S):
                chunk = await anext(self._body, None)
        except TimeoutError:
            raise Refused(
                "upload_stalled", f"nothing arrived for {STALL_S:.0f} seconds; send the recording again"
            ) from None
        if chunk is None:
            return False
        self._received += len(chunk)
        if self._received > self._total_limit:
            raise self._too_large
        try:
            self._parser.write(chunk)
        except FormParserError:
            raise Refused("malformed_request", "the body cannot be read as multipart/form-data") from None
        return True

    def _make_parser(self, content_type: str) -> MultipartParser:
        media_type, options = parse_options_header(content_type)
        boundary = options.get(b"boundary")
        if media_type != _FORM:
            found = media_type.decode("latin-1")[:100] or "no content type"
            raise Refused("media_type_unsupported", f"send the recording as multipart/form-data; found {found}")
        if not boundary:
            raise Refused("malformed_request", "the content type names no boundary between the form's fields")
        callbacks: MultipartCallbacks = {
            "on_part_begin": self._part_begins,
            "on_header_field": self._on_header_name,
            "on_header_value": self._on_header_value,
            "on_header_end": self._header_ends,
            "on_headers_finished": self._headers_end,
            "on_part_data": lambda data, start, end: self._events.append(data[start:end]),
            "on_part_end": lambda: self._events.append(None),
            "on_end": self._form_ends,
        }
        try:
            return MultipartParser(boundary, callbacks)
        except FormParserError:
            raise Refused("malformed_request", "the boundary between the form's fields is too long") from None

    def _part_begins(self) -> None:
        self._parts += 1
        self._disposition = b""
        if self._parts > MAX_PARTS:
            raise Refused("malformed_request", f"the form has more than {MAX_PARTS} fields")

    def _on_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _header_ends(self) -> None:
        if self._header_name.lower() == b"content-disposition":
            self._disposition = self._header_value
        self._header_name = self._header_value = b""

    def _headers_end(self) -> None:
        _, options = parse_options_header(self._disposition)
        name = options.get(b"name")
        if name is None:
            raise Refused("malformed_request", "a part of the form has no name")
        self._events.append(Part(name.decode("utf-8", "replace")))

    def _form_ends(self) -> None:
        self._ended = True
