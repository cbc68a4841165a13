"""A server with OpenAI's protocol recognizes instead of the model here: real HTTP, and what a user sees when it misbehaves."""

from __future__ import annotations

import io
import json
import threading
import wave
from collections.abc import Callable, Iterator
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from service.scoring.errors import LanguageUnsupported, ModelUnavailable
from service.settings import Settings
from tests.fixtures.encoding import EN_SHORT
from workers.speech.loading import load_transcriber

Answer = Callable[[dict[str, list[str]], float], tuple[int, Any]]


def answer_well(form: dict[str, list[str]], seconds: float) -> tuple[int, Any]:
    """A word at the beginning and one at the end of the window."""
    words = [
        {"word": "hello", "start": 0.3, "end": 0.6},
        {"word": "there", "start": seconds - 0.8, "end": seconds - 0.4},
    ]
    segments = [{"avg_logprob": -0.1, "no_speech_prob": 0.01}]
    return 200, {"language": "english", "text": "hello there", "words": words, "segments": segments}


class Server(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer: Answer = answer_well
        self.forms: list[dict[str, list[str]]] = []
        self.keys: list[str | None] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        form: dict[str, list[str]] = {}
        seconds = 0.0
        for part in BytesParser(policy=HTTP).parsebytes(head + body).iter_parts():
            name = part.get_param("name", header="content-disposition")
            content = part.get_payload(decode=True)
            if name == "file":
                with wave.open(io.BytesIO(content)) as file:
                    seconds = file.getnframes() / file.getframerate()
            else:
                form.setdefault(str(name), []).append(content.decode())
        self.server.forms.append(form)
        self.server.keys.append(self.headers.get("Authorization"))
        status, data = self.server.answer(form, seconds) if self.path == "/v1/audio/transcriptions" else (404, {})
        text = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """Tests are quiet."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


def settings(server: Server) -> Settings:
    return Settings(speech_url=server.url, speech_key="secret-key", speech_model="large-v3-turbo")


def test_words_and_times_come_from_the_server(server: Server) -> None:
    transcript = load_transcriber(settings(server)).transcribe(
        EN_SHORT, language="en", max_duration_s=60, names=["Acme"]
    )
    assert {item.speaker for item in transcript.utterances} == {"agent", "customer"}
    assert {word.text for item in transcript.utterances for word in item.words} == {"hello", "there"}
    assert transcript.recognizer == "large-v3-turbo (server)"
    assert all(0 < word.probability <= 1 for item in transcript.utterances for word in item.words)
    form = server.forms[0]
    assert (form["model"], form["language"], form["response_format"]) == (["large-v3-turbo"], ["en"], ["verbose_json"])
    assert "word" in form["timestamp_granularities[]"]
    assert form["prompt"][0].startswith("Acme.")
    assert server.keys[0] == "Bearer secret-key"


def test_the_server_tells_the_language_where_nobody_else_does(server: Server) -> None:
    transcript = load_transcriber(settings(server)).transcribe(EN_SHORT, language=None, max_duration_s=60)
    assert transcript.language == "en"
    assert "language" not in server.forms[0]


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda *_: (401, {"error": "bad key"}), "answered 401"),
        (lambda *_: (500, {}), "answered 500"),
        (lambda *_: (200, {"text": "hello there"}), "no times of words"),
        (lambda *_: (200, ["hello"]), "without a transcript"),
    ],
)
def test_a_server_that_fails_makes_calls_wait_and_says_why(server: Server, answer: Answer, sentence: str) -> None:
    server.answer = answer
    with pytest.raises(ModelUnavailable, match=sentence):
        load_transcriber(settings(server)).transcribe(EN_SHORT, language="en", max_duration_s=60)


def test_a_server_that_is_not_there_makes_calls_wait(server: Server) -> None:
    nowhere = Settings(speech_url="http://127.0.0.1:9", speech_model="x")
    with pytest.raises(ModelUnavailable, match="does not answer"):
        load_transcriber(nowhere).transcribe(EN_SHORT, language="en", max_duration_s=60)


def test_a_language_that_does_not_exist_is_refused_before_any_work(server: Server) -> None:
    with pytest.raises(LanguageUnsupported, match="'xx'"):
        load_transcriber(settings(server)).transcribe(EN_SHORT, language="xx", max_duration_s=60)
    assert server.forms == []
