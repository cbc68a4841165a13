"""Requests that are sent again where that is safe, and problems as exceptions."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

import httpx

#: Answers after which the same request may succeed later.
AGAIN = frozenset({408, 429, 502, 503, 504})
FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 30.0
CONNECT_TIMEOUT_S = 5.0
#: The service checks and stores a whole recording before it answers.
ANSWER_TIMEOUT_S = 300.0


class ApiProblem(Exception):
    """An RFC 9457 answer. Decide by `code`; `document` is all of it."""

    def __init__(self, status: int, document: Mapping[str, Any]) -> None:
        self.status = status
        self.code = str(document.get("code", "unknown"))
        self.detail = str(document.get("detail", ""))
        self.request_id = str(document.get("request_id", ""))
        self.errors: list[dict[str, Any]] = list(document.get("errors") or ())
        self.document = dict(document)
        fields = "; ".join(f"{error['field']}: {error['message']}" for error in self.errors)
        super().__init__(f"{self.code} ({status}): {self.detail}" + (f" ({fields})" if fields else ""))


class Unreachable(Exception):
    """No answer, also after all tries."""


class Transport:
    """One service, with a key or, after `log_in`, with a session.

    GET, PUT, PATCH and DELETE may be repeated by their nature; a POST gets an `Idempotency-Key`, so that it may too.
    """

    def __init__(
        self,
        url: str,
        *,
        key: str | None = None,
        attempts: int = 5,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        timeout = httpx.Timeout(ANSWER_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        self.http = httpx.Client(base_url=url, headers=headers, timeout=timeout, transport=transport)
        self._attempts = attempts
        self._sleep = sleep

    def send(self, method: str, path: str, **request: Any) -> httpx.Response:
        """The answer, if it is a success.

        Raises:
            ApiProblem: the service refuses; repeating would not help, or did not.
            Unreachable: the service does not answer.
        """
        headers = dict(request.pop("headers", None) or {})
        if method == "POST" and path != "/v1/session":
            headers.setdefault("Idempotency-Key", uuid4().hex)
        query = {name: value for name, value in (request.pop("params", None) or {}).items() if value is not None}
        delay_s = FIRST_DELAY_S
        for attempt in range(1, self._attempts + 1):
            last = attempt == self._attempts
            try:
                answer = self.http.request(method, path, headers=headers, params=query, **request)
            except httpx.TransportError as error:
                if last:
                    raise Unreachable(f"{self.http.base_url} does not answer: {error}") from error
            else:
                if answer.is_success:
                    return answer
                if last or answer.status_code not in AGAIN:
                    raise problem(answer)
                delay_s = max(delay_s, _retry_after_s(answer))
            self._sleep(min(delay_s, LONGEST_DELAY_S))
            delay_s *= 2
        raise AssertionError("unreachable")  # pragma: no cover - the last attempt returns or raises


def problem(answer: httpx.Response) -> ApiProblem:
    """The problem of an answer; also of one that something in between gave."""
    try:
        document = answer.json()
    except ValueError:
        document = {}
    if not isinstance(document, dict) or "code" not in document:
        document = {"code": "unknown", "detail": answer.text[:200]}
    return ApiProblem(answer.status_code, document)


def _retry_after_s(answer: httpx.Response) -> float:
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.isdecimal() else 0.0
