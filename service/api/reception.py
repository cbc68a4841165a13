"""Reading an upload: the recording goes straight to the audio store, the fields are gathered, mistakes noted."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from fastapi import Request
from uuid_utils.compat import uuid7

from service.api.deps import Services
from service.api.multipart import FRAMING_BYTES, MultipartStream, Part
from service.api.problems import Refused
from service.api.upload_fields import FIELD_BYTES, FIELDS, METADATA_BYTES, limit_of
from service.api.validation import FieldError

AUDIO = "audio"
#: What a body may have beside the recording.
BESIDE_AUDIO_BYTES = len(FIELDS) * FIELD_BYTES + METADATA_BYTES + FRAMING_BYTES
#: Characters of an unknown field's name that are repeated to its sender.
_SHOWN_NAME = 64


@dataclass(frozen=True, slots=True)
class StoredRecording:
    """The recording as it lies in the audio store."""

    key: str
    sha256: str
    size_bytes: int


class Reception:
    """What one request brought: `values` by field name, `errors` found on the way, `recording` once it is stored."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._limit = services.settings.max_upload_bytes
        self.values: dict[str, bytes] = {}
        self.errors: list[FieldError] = []
        self.recording: StoredRecording | None = None

    async def receive(self, request: Request) -> None:
        """Read the request to its end. `recording` may be set also when this raises.

        Raises:
            Refused: no form, one that ends early, or too many bytes (noticed while they arrive, or before any is read).
            StoreUnavailable: the audio store takes no more.
            ClientDisconnect: the uploader went away.
        """
        announced = request.headers.get("content-length", "")
        total_limit = self._limit + BESIDE_AUDIO_BYTES
        if announced.isdecimal() and int(announced) > total_limit:
            raise self._too_large()
        stream = MultipartStream(request, total_limit=total_limit, too_large=self._too_large())
        while part := await stream.next_part():
            await self._part(part, stream)

    async def _part(self, part: Part, stream: MultipartStream) -> None:
        if part.name in self.values or (part.name == AUDIO and self.recording is not None):
            self.errors.append(FieldError(part.name, "is given twice"))
        elif part.name == AUDIO:
            await self._store(stream)
        elif part.name in FIELDS:
            await self._field(part, stream)
        else:
            known = ", ".join((AUDIO, *FIELDS))
            self.errors.append(FieldError(part.name[:_SHOWN_NAME], f"is not known here; known are {known}"))

    async def _field(self, part: Part, stream: MultipartStream) -> None:
        limit = limit_of(part.name)
        value = bytearray()
        async for chunk in stream.data():
            value += chunk[: limit + 1 - len(value)]
        if len(value) > limit:
            self.errors.append(FieldError(part.name, f"must have at most {limit} bytes", limit))
            value.clear()
        self.values[part.name] = bytes(value)

    async def _store(self, stream: MultipartStream) -> None:
        digest = hashlib.sha256()
        size = 0
        key = f"calls/{self._services.now():%Y/%m/%d}/{uuid7().hex}"

        async def chunks() -> AsyncIterator[bytes]:
            nonlocal size
            async for chunk in stream.data():
                size += len(chunk)
                if size > self._limit:
                    raise self._too_large()
                yield chunk

        await self._services.audio.write(key, chunks(), digest)
        self.recording = StoredRecording(key, digest.hexdigest(), size)

    def _too_large(self) -> Refused:
        text = f"the recording is larger than the limit of {self._limit} bytes; compress it, or send it in parts"
        return Refused("audio_too_large", text, errors=[FieldError(AUDIO, text, self._limit)])
