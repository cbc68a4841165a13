"""Uploading from the list of calls: the plain form, and the script that sends one recording after the other."""

from __future__ import annotations

import re
from collections.abc import Mapping

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.types import Message

from service.api.csrf import COOKIE, HEADER, csrf_fits
from service.api.deps import AskerDep, ServicesDep
from service.api.intake import Intake
from service.api.problem_kinds import KINDS
from service.api.problems import Refused
from service.logs import get_logger
from service.scoring.errors import CallscoreError
from service.web.failures import failure_of, failure_page
from service.web.list_pages import Given, show_calls
from service.web.routing import go, page_router

router = page_router()
log = get_logger()
_HTMX = "hx-request"
#: What comes before the recording: a token and six short fields.
_HEAD_BYTES = 16 * 1024
_TOKEN = re.compile(
    rb'--([^\r\n]{1,80})\r\ncontent-disposition: form-data; name="csrf_token"\r\n\r\n([^\r\n]{1,200})\r\n(?=--\1)', re.I
)
_FIELD = re.compile(rb'name="(rep|started_at|script|direction|language)"\r\n\r\n([^\r\n]{0,600})\r\n--')


@router.post("/calls/upload", operation_id="page_upload")
async def upload(request: Request, services: ServicesDep, asker: AskerDep) -> Response:
    """Take one recording and go to its call; else the list of calls again, with what is wrong beside the fields."""
    head = b""
    try:
        request, head = await _checked(request)
        taken = await Intake(services, asker, request.state.visitor.formats.zone).take(request)
    except (Refused, CallscoreError) as error:
        services.metering.upload(error.code)
        if _HTMX in request.headers:
            return failure_page(request, error)
        refused = failure_of(error, request.state.visitor)
        return await run_in_threadpool(show_calls, request, services, asker, Given(), refused=refused, sent=_sent(head))
    services.metering.upload("created" if taken.created else "duplicate", taken.call.audio.size_bytes)
    log.info("recording taken in", call_id=str(taken.call.id), created=taken.created)
    return go(request, f"/calls/{taken.call.id}?saved={'received' if taken.created else 'received_before'}")


async def _checked(request: Request) -> tuple[Request, bytes]:
    """The request without the token of the form, and the first of its bytes. Raises Refused.

    The token is the form's first field, as it is the first on the page: a long recording is not read for nothing.
    """
    token = request.cookies.get(COOKIE, "")
    head, rest = b"", True
    while rest and len(head) < _HEAD_BYTES and not (given := _TOKEN.match(head)):
        if HEADER in request.headers and head:
            break
        message = await request.receive()
        head += message.get("body", b"")
        rest = bool(message.get("more_body"))
    given = _TOKEN.match(head)
    brought = request.headers.get(HEADER) or (given[2].decode("latin-1") if given else "")
    if token and not csrf_fits(token, brought):
        raise Refused("csrf_failed", KINDS["csrf_failed"].example)
    body = head[given.end() :] if given else head
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": rest}]

    async def receive() -> Message:
        return messages.pop() if messages else await request.receive()

    return Request(request.scope, receive), head


def _sent(head: bytes) -> Mapping[str, str]:
    """The short fields that came before the recording, so that nobody has to type them again."""
    return {name.decode(): value.decode(errors="replace") for name, value in _FIELD.findall(head)}
