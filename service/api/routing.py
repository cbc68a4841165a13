"""The route classes of everything below /v1: who asks is known, and the body is bounded, before anything is read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from starlette.types import Message

from service.api import repetition
from service.api.access import ACCESS
from service.api.auth import admit
from service.api.problem_kinds import KINDS
from service.api.problems import PROBLEM_TYPE, Refused
from service.pack_archive import LARGEST_ARCHIVE_BYTES
from service.scoring.pack_texts import LARGEST_TEXT_BYTES

#: Bytes of a JSON body. The longest one, a rep with its names, has less than a thousand.
JSON_BODY_LIMIT = 64 * 1024
#: Operations with larger bodies: a file of a rule pack, in which JSON may spell every letter by six characters, and a zipped pack.
LARGER_BODIES = {"write_pack_draft_file": 6 * LARGEST_TEXT_BYTES + 1024, "upload_pack_draft": LARGEST_ARCHIVE_BYTES}
#: The one operation whose body is a recording; it counts for itself while it streams.
STREAMING = frozenset({"upload_call"})
#: What any of these routes may answer.
_ALWAYS = (
    "key_missing",
    "key_invalid",
    "session_over",
    "role_insufficient",
    "csrf_failed",
    "password_must_change",
    "rate_limited",
    "store_unavailable",
    "internal",
)
_WITH_INPUT = ("validation_failed",)

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class GuardedRoute(APIRoute):
    """A route with an `operation_id` that stands in `ACCESS`; making one without is a KeyError at start."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        name = options.get("operation_id") or ""
        self._access = ACCESS[name]
        if repeatable(name, options.get("methods")):
            options["responses"] = _merged(options.get("responses") or {}, _described(repetition.PROBLEMS))
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()
        operation = self.operation_id or ""

        async def guarded(request: Request) -> Response:
            request.state.asker = await admit(request, operation)
            if operation in STREAMING:
                return await handle(request)
            limit = LARGER_BODIES.get(operation, JSON_BODY_LIMIT)
            request = Request(request.scope, bounded(request.receive, limit))
            if repeatable(operation, self.methods):
                return await repetition.once(request, handle, operation, request.state.asker)
            return await handle(request)

        return guarded


def repeatable(operation: str, methods: Iterable[str] | None) -> bool:
    """Whether the operation takes an `Idempotency-Key` that is seen to here; an upload sees to its own."""
    return set(methods or ()) == {"POST"} and operation not in STREAMING


class OpenRoute(APIRoute):
    """A route for those who have neither key nor session yet; its body is bounded all the same."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def bounded_only(request: Request) -> Response:
            return await handle(Request(request.scope, bounded(request.receive, JSON_BODY_LIMIT)))

        return bounded_only


def bounded(receive: Callable[[], Awaitable[Message]], limit: int) -> Callable[[], Awaitable[Message]]:
    """`receive`, but refusing a body as soon as it is longer than `limit` bytes."""
    received = 0

    async def counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise Refused("body_too_large", f"the body is larger than the {limit} bytes allowed here")
        return message

    return counted


def guarded_router(tag: str) -> APIRouter:
    return APIRouter(prefix="/v1", tags=[tag], route_class=GuardedRoute)


def open_router(tag: str) -> APIRouter:
    return APIRouter(prefix="/v1", tags=[tag], route_class=OpenRoute)


def problems(*codes: str, takes_input: bool = True) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI description of the problems that a route answers with: `codes` and those that all have."""
    every = (*codes, *_ALWAYS, *(_WITH_INPUT if takes_input else ()))
    return _described(every)


def open_problems(*codes: str) -> dict[int | str, dict[str, Any]]:
    """The same for a route that needs no key."""
    return _described((*codes, "internal"))


def _described(codes: tuple[str, ...]) -> dict[int | str, dict[str, Any]]:
    by_status: dict[int | str, dict[str, Any]] = {}
    for code in dict.fromkeys(codes):
        kind = KINDS[code]
        entry = by_status.setdefault(kind.status, {"description": kind.title, "content": {PROBLEM_TYPE: _content()}})
        if kind.title not in entry["description"]:
            entry["description"] += f"; {kind.title[0].lower()}{kind.title[1:]}"
        entry["content"][PROBLEM_TYPE]["examples"][code] = {"summary": kind.title, "value": example(code)}
        if kind.retry_after_s is not None:
            entry["headers"] = {
                "Retry-After": {"description": "Seconds to wait before the next try", "schema": {"type": "integer"}}
            }
    return dict(sorted(by_status.items(), key=lambda item: str(item[0])))


def _merged(one: Mapping[int | str, Any], other: Mapping[int | str, Any]) -> dict[int | str, dict[str, Any]]:
    """Both descriptions; where both have a status, the problems of both."""
    found: dict[int | str, dict[str, Any]] = dict(one)
    for status, added in other.items():
        known = found.get(status)
        if known is None:
            found[status] = added
            continue
        content = known["content"][PROBLEM_TYPE]
        examples = content["examples"] | added["content"][PROBLEM_TYPE]["examples"]
        first, rest = added["description"][0].lower(), added["description"][1:]
        description = f"{known['description']}; {first}{rest}"
        found[status] = known | {
            "description": description,
            "content": {PROBLEM_TYPE: content | {"examples": examples}},
        }
    return found


def _content() -> dict[str, Any]:
    return {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": {}}


def example(code: str) -> Mapping[str, Any]:
    """A whole problem document for the documentation."""
    kind = KINDS[code]
    found: dict[str, Any] = {
        "type": f"urn:callscore:problem:{code}",
        "title": kind.title,
        "status": kind.status,
        "detail": kind.example,
        "code": code,
        "request_id": "01938a4e8f3c7d529a3e5d1c0f6b2a77",
    }
    if code == "validation_failed":
        found["errors"] = [{"field": "started_at", "message": "must be a time like 2025-11-23T10:15:00+03:00"}]
    elif kind.field:
        found["errors"] = [{"field": kind.field, "message": kind.example}]
    return found
