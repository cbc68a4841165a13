"""Talking to a running service over HTTP: sends recordings, asks for status and KPIs."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self, cast

import httpx

from service.scoring.errors import CallscoreError

#: Answers after which the same request may succeed later.
RETRY_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 30.0
CONNECT_TIMEOUT_S = 5.0
#: The service checks and stores a whole recording before it answers.
ANSWER_TIMEOUT_S = 300.0


class ServiceRefused(CallscoreError):
    """The service answered with a problem that repeating does not mend. `status` is the HTTP status."""

    code = "refused"

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        super().__init__(message)


class ServiceUnreachable(CallscoreError):
    """The service did not answer, also after all retries."""

    code = "unreachable"


@dataclass(frozen=True, slots=True)
class Sent:
    """A recording that the service holds. `created` is False if it had it already."""

    call_id: str
    created: bool


class ServiceClient:
    """A connection to one service with one key. Every request is retried while the service is away or overloaded.

    Args:
        url: address, e.g. `http://127.0.0.1:8321`.
        key: an API key.
        attempts: tries per request; None for no end (a watched folder).
    """

    def __init__(
        self, url: str, key: str, *, attempts: int | None = 8, on_wait: Callable[[str], None] | None = None
    ) -> None:
        self._attempts = attempts
        self._on_wait = on_wait or (lambda _message: None)
        timeout = httpx.Timeout(ANSWER_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
        self._http = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def send(self, file: Path, fields: Mapping[str, str], on_read: Callable[[int], None] | None = None) -> Sent:
        """Upload one recording; `on_read` hears how many bytes are read so far.

        Raises:
            ServiceRefused: the service will not take this file; the message says why.
            ServiceUnreachable: no answer after all attempts.
        """

        def post() -> httpx.Response:
            with file.open("rb") as stream:
                audio = ReportingFile(stream, on_read or (lambda _count: None))
                return self._http.post(
                    "/v1/calls",
                    data=dict(fields),
                    files={"audio": (file.name, cast("IO[bytes]", audio), "application/octet-stream")},
                )

        answer = self._repeat(post)
        return Sent(call_id=answer.json()["id"], created=answer.status_code == httpx.codes.ACCEPTED)

    def get(self, path: str, **params: str) -> Any:
        """The JSON of a GET.

        Raises:
            ServiceRefused, ServiceUnreachable: as `send`.
        """
        return self._repeat(lambda: self._http.get(path, params=params)).json()

    def _repeat(self, request: Callable[[], httpx.Response]) -> httpx.Response:
        attempt, delay = 0, FIRST_DELAY_S
        while True:
            attempt += 1
            try:
                answer = request()
                if answer.is_success:
                    return answer
                problem = sentence(answer)
                if answer.status_code not in RETRY_STATUSES:
                    raise ServiceRefused(answer.status_code, problem)
            except httpx.TransportError as error:
                problem = f"no answer from {self._http.base_url}: {error or type(error).__name__}"
            if self._attempts is not None and attempt >= self._attempts:
                raise ServiceUnreachable(f"{problem} (tried {attempt} times)")
            self._on_wait(f"{problem}; trying again in {delay:.0f} s")
            time.sleep(delay)
            delay = min(delay * 2, LONGEST_DELAY_S)


def sentence(answer: httpx.Response) -> str:
    """What a problem document says, in one line."""
    try:
        problem = answer.json()
    except ValueError:
        return f"HTTP {answer.status_code} {answer.reason_phrase}"
    if not isinstance(problem, dict):
        return f"HTTP {answer.status_code}"
    parts = [str(problem.get("detail") or problem.get("title") or f"HTTP {answer.status_code}")]
    parts += [
        f"{error.get('field')}: {error.get('message')}"
        for error in problem.get("errors") or ()
        if isinstance(error, dict)
    ]
    return "; ".join(parts)


class ReportingFile(io.RawIOBase):
    """A file that tells how far it was read; httpx streams it in chunks."""

    def __init__(self, stream: io.BufferedReader, on_read: Callable[[int], None]) -> None:
        self._stream = stream
        self._on_read = on_read

    def read(self, size: int = -1) -> bytes:
        chunk = self._stream.read(size)
        self._on_read(self._stream.tell())
        return chunk

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def fileno(self) -> int:
        return self._stream.fileno()
