"""Sending over a bad line: retried while that can help, a sentence when it cannot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from service.cli import client as client_module
from service.cli.client import ServiceClient, ServiceRefused, ServiceUnreachable, sentence


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[httpx.Request], httpx.Response]], ServiceClient]:
    """A client whose service is a function; waits are not waited for."""
    monkeypatch.setattr(client_module.time, "sleep", lambda _seconds: None)

    def made(answer: Callable[[httpx.Request], httpx.Response]) -> ServiceClient:
        client = ServiceClient("http://service", "cs_key", attempts=3)
        client._http = httpx.Client(base_url="http://service", transport=httpx.MockTransport(answer))
        return client

    return made


def test_an_overloaded_service_is_asked_again(tmp_path: Path, serve: Callable[..., ServiceClient]) -> None:
    file = tmp_path / "call.wav"
    file.write_bytes(b"RIFF....")
    bodies = []

    def answer(request: httpx.Request) -> httpx.Response:
        bodies.append(request.read())
        return httpx.Response(503) if len(bodies) < 3 else httpx.Response(202, json={"id": "7"})

    sent = serve(answer).send(file, {"rep": "1"})
    assert sent.call_id == "7"
    assert sent.created
    assert all(b"RIFF...." in body for body in bodies), "every try sends the whole recording"


def test_a_recording_that_is_there_already_is_told_apart(tmp_path: Path, serve: Callable[..., ServiceClient]) -> None:
    file = tmp_path / "call.wav"
    file.write_bytes(b"RIFF")
    assert not serve(lambda _request: httpx.Response(200, json={"id": "7"})).send(file, {}).created


def test_a_refusal_is_not_repeated(tmp_path: Path, serve: Callable[..., ServiceClient]) -> None:
    file = tmp_path / "call.wav"
    file.write_bytes(b"text")
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(
            422,
            json={
                "title": "No audio",
                "detail": "found a text",
                "errors": [{"field": "audio", "message": "send audio"}],
            },
        )

    with pytest.raises(ServiceRefused, match="found a text; audio: send audio") as refused:
        serve(answer).send(file, {})
    assert refused.value.status == 422
    assert len(asked) == 1


def test_a_service_that_is_away_is_named(serve: Callable[..., ServiceClient]) -> None:
    def answer(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("connection refused")

    with pytest.raises(ServiceUnreachable, match=r"no answer from http://service.*connection refused.*tried 3 times"):
        serve(answer).get("/v1/calls")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (httpx.Response(502, text="<html>"), "HTTP 502 Bad Gateway"),
        (httpx.Response(500, json=[1]), "HTTP 500"),
        (httpx.Response(409, json={"title": "Conflict"}), "Conflict"),
    ],
)
def test_answers_that_are_no_problem_documents(answer: httpx.Response, expected: str) -> None:
    assert sentence(answer) == expected
