"""A form is read the same however the network cuts it, and never asks for more memory than a chunk."""

from __future__ import annotations

import asyncio
import itertools

import pytest
from fastapi import Request
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message

from service.api import multipart
from service.api.multipart import MultipartStream
from service.api.problems import Refused

BOUNDARY = b"---------cut"
AUDIO = bytes(range(256)) * 20 + b"\r\n-----" + b"\r\n---------cu" + b"\r\n"
BODY = (
    b"--" + BOUNDARY + b'\r\nContent-Disposition: form-data; name="source"\r\n\r\npbx\r\n'
    b"--" + BOUNDARY + b'\r\ncontent-disposition: form-data; name="audio"; filename="\xd0\xb0.wav"\r\n'
    b"Content-Type: audio/wav\r\n\r\n" + AUDIO + b"\r\n"
    b"--" + BOUNDARY + b'\r\nContent-Disposition: form-data; name="rep"\r\n\r\n\r\n'
    b"--" + BOUNDARY + b"--\r\n"
)


def stream(chunks: list[bytes], *, total_limit: int = 10**9, forever: bool = False) -> MultipartStream:
    messages: list[Message] = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    messages.append({"type": "http.request", "body": b"", "more_body": False})

    async def receive() -> Message:
        if forever and len(messages) == 1:
            await asyncio.Event().wait()
        return messages.pop(0)

    scope = {
        "type": "http",
        "method": "POST",
        "headers": [(b"content-type", b"multipart/form-data; boundary=" + BOUNDARY)],
    }
    too_large = Refused("audio_too_large", "too large")
    return MultipartStream(Request(scope, receive), total_limit=total_limit, too_large=too_large)


async def parts(form: MultipartStream) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    while part := await form.next_part():
        found[part.name] = b"".join([chunk async for chunk in form.data()])
    return found


@given(cuts=st.lists(st.integers(0, len(BODY)), max_size=30))
def test_any_cut_gives_the_same_fields(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(BODY)]
    chunks = [BODY[start:end] for start, end in itertools.pairwise(edges)]
    assert asyncio.run(parts(stream(chunks))) == {"source": b"pbx", "audio": AUDIO, "rep": b""}


def test_fields_that_nobody_reads_are_passed_over() -> None:
    async def names() -> list[str]:
        form = stream([BODY])
        found = []
        while part := await form.next_part():
            found.append(part.name)
        return found

    assert asyncio.run(names()) == ["source", "audio", "rep"]


@given(end=st.integers(1, len(BODY) - 4))
def test_a_form_that_ends_early_is_refused(end: int) -> None:
    with pytest.raises(Refused) as caught:
        asyncio.run(parts(stream([BODY[:end]])))
    assert caught.value.code == "malformed_request"


@given(body=st.binary(max_size=500))
def test_bytes_that_are_no_form_are_refused(body: bytes) -> None:
    with pytest.raises(Refused):
        asyncio.run(parts(stream([body])))


def test_more_bytes_than_allowed_are_refused_while_they_come() -> None:
    with pytest.raises(Refused) as caught:
        asyncio.run(parts(stream([BODY[:3000], BODY[3000:]], total_limit=3500)))
    assert caught.value.code == "audio_too_large"


def test_an_upload_that_stands_still_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multipart, "STALL_S", 0.01)
    with pytest.raises(Refused) as caught:
        asyncio.run(parts(stream([BODY[:100]], forever=True)))
    assert caught.value.code == "upload_stalled"
