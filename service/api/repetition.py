"""`Idempotency-Key`: a POST that is sent again, because its answer was lost, is answered again and not carried out again.

Every POST takes one, uploads in intake.py and all others here. The answer is kept for 24 hours, except where it holds a secret
that is shown once: then the second request is told that the first one was carried out.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool

from service.api.asker import Asker
from service.api.deps import Services, services_of
from service.api.problem_kinds import KINDS
from service.api.problems import Refused, invalid
from service.api.validation import NAME_LIMIT, FieldError
from service.logs import get_logger
from service.scoring.errors import StoreUnavailable
from service.store.repeated_requests import RepeatedRequest

HEADER = "Idempotency-Key"
#: Sent with an answer that was given before.
REPLAYED = "Idempotent-Replayed"
#: An idempotency key is a token, usually a UUID.
_KEY = re.compile(rf"[\x21-\x7e]{{1,{NAME_LIMIT}}}")
#: Operations whose answer holds a secret; it is not kept.
SHOWN_ONCE = frozenset({"create_key", "create_user", "reset_password", "create_webhook", "renew_webhook_secret"})
#: What such a request may be answered with, besides what the route itself may.
PROBLEMS = ("idempotency_key_reused", "idempotency_unfinished", "idempotency_secret")

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
log = get_logger()


def idempotency_key(request: Request) -> str | None:
    """The header's value. Raises Refused where it is no token."""
    value = request.headers.get(HEADER)
    if value is not None and not _KEY.fullmatch(value):
        raise invalid([FieldError(HEADER, f"must be 1 to {NAME_LIMIT} visible ASCII characters", NAME_LIMIT)])
    return value


async def once(request: Request, handle: Handler, operation: str, asker: Asker) -> Response:
    """Carry the request out, or answer as the one before it with the same key.

    Raises:
        Refused: the key was used for something else (422), its request is not answered yet (409), or its answer held a
            secret (409).
    """
    key = idempotency_key(request)
    if key is None:
        return await handle(request)
    services = services_of(request)
    sent = hashlib.sha256(f"{request.url.path}?{request.url.query}\n".encode() + await request.body()).hexdigest()
    earlier = await run_in_threadpool(_claim, services, asker, key, operation, sent)
    if earlier is not None:
        return _again(earlier, operation, sent)
    try:
        response = await handle(request)
    except Exception:
        # Refused, or rolled back: nothing was done, so the same request may come again.
        await run_in_threadpool(_release, services, asker, key)
        raise
    await run_in_threadpool(_keep, services, asker, key, operation, response)
    return response


def _claim(services: Services, asker: Asker, key: str, operation: str, sent: str) -> RepeatedRequest | None:
    with services.database.transaction() as tx:
        return tx.repeated_requests.claim(asker.name, key, operation=operation, request_sha256=sent, now=services.now())


def _again(earlier: RepeatedRequest, operation: str, sent: str) -> Response:
    if earlier.operation != operation or earlier.request_sha256 != sent:
        raise Refused("idempotency_key_reused", KINDS["idempotency_key_reused"].example)
    if earlier.status is None:
        raise Refused("idempotency_unfinished", KINDS["idempotency_unfinished"].example)
    if earlier.body is None:
        raise Refused("idempotency_secret", KINDS["idempotency_secret"].example)
    headers = {REPLAYED: "true"} | ({"Location": earlier.location} if earlier.location else {})
    return Response(earlier.body, earlier.status, headers, "application/json" if earlier.body else None)


def _keep(services: Services, asker: Asker, key: str, operation: str, response: Response) -> None:
    body = None if operation in SHOWN_ONCE else bytes(response.body)
    try:
        with services.database.transaction() as tx:
            tx.repeated_requests.answer(
                asker.name, key, status=response.status_code, body=body, location=response.headers.get("location")
            )
    except StoreUnavailable:
        log.warning("answer not kept; the same request again will be refused", operation=operation)


def _release(services: Services, asker: Asker, key: str) -> None:
    try:
        with services.database.transaction() as tx:
            tx.repeated_requests.release(asker.name, key)
    except StoreUnavailable:
        log.warning("claim of a request not released; the same request again will be refused")
