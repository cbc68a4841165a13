"""Around every request: an id, security headers, an access log without personal data, and the last net for errors."""

from __future__ import annotations

import re
import time
from uuid import uuid4

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.metering import Metering
from service.api.problem_kinds import KINDS
from service.api.problems import problem_response
from service.logs import get_logger, log_context

#: A request id from a proxy is taken over if it is one; anything else could forge log lines.
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
#: Sent with every answer that does not say otherwise, as ASGI writes them. Answers hold personal data, so no cache may keep them.
_HEADERS = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
)
#: Logged, never sent: the uploader went away before there was an answer (nginx's number for it).
_CLIENT_GONE = 499

log = get_logger()


class AroundRequests:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, *, metering: Metering) -> None:
        self._app = app
        self._metering = metering

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid4().hex
        scope["request_id"] = request_id
        with log_context(request_id=request_id):
            exchange = _Exchange(scope, receive, send, request_id)
            started = time.perf_counter()
            try:
                await self._app(scope, exchange.receive, exchange.send)
            except ClientDisconnect:
                exchange.status = exchange.status or _CLIENT_GONE
            except Exception as error:
                log.exception("request failed", error=type(error).__name__)
                if exchange.status is not None:  # too late for another answer; the server closes the connection
                    raise
                answer = problem_response(request_id, "internal", KINDS["internal"].example)
                await answer(scope, exchange.receive, exchange.send)
            finally:
                self._note(scope, exchange, time.perf_counter() - started)

    def _note(self, scope: Scope, exchange: _Exchange, seconds: float) -> None:
        operation = _operation(scope)
        status = exchange.status or _CLIENT_GONE
        self._metering.request(operation, status, seconds)
        log.info(
            "request",
            method=scope["method"],
            operation=operation,
            status=status,
            ms=round(seconds * 1000, 1),
            asker=scope.get("asker"),
            received_bytes=exchange.received_bytes,
        )


def _operation(scope: Scope) -> str:
    """The operation's id: an address could hold somebody's name, a query string a telephone number."""
    route = scope.get("route")
    if route is None or scope["method"] not in route.methods:
        return "none"
    return route.operation_id or "none"


class _Exchange:
    """One request and its answer as they pass."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        self._receive = receive
        self._send = send
        self._request_id = request_id
        self._unread = _has_body(Request(scope).headers)
        self.status: int | None = None
        self.received_bytes = 0

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self.received_bytes += len(message.get("body", b""))
            self._unread = bool(message.get("more_body", False))
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            given: list[tuple[bytes, bytes]] = list(message.get("headers", ()))
            names = {name.lower() for name, _ in given}
            given += [header for header in _HEADERS if header[0] not in names]
            given.append((b"x-request-id", self._request_id.encode("ascii")))
            if self._unread:
                # The server would read the rest, up to hundreds of megabytes, only to throw it away.
                given.append((b"connection", b"close"))
            message["headers"] = given
        await self._send(message)


def _has_body(headers: Headers) -> bool:
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
