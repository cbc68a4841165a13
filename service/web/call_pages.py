"""A call's page and its parts."""

from __future__ import annotations

import secrets
from typing import Annotated
from uuid import UUID

from fastapi import Form, Query, Request, Response
from starlette.responses import RedirectResponse

from service.api.calls import retry_call
from service.api.deps import AskerDep, ServicesDep, visible_call
from service.api.redaction import hidden_from
from service.api.schemas_calls import RetryCall
from service.scoring.errors import AudioMissing
from service.store.audio import outline_key
from service.web.call_view import call_view
from service.web.hearing import NO_OUTLINE, flattened, hearing_of
from service.web.problem_words import next_step
from service.web.queue_pages import queue_of
from service.web.rendering import render
from service.web.routing import page_router
from service.web.words import WORDS

router = page_router()
_NONCE_BYTES = 16


@router.get("/calls/{call_id}", operation_id="page_call")
def call_page(
    request: Request,
    call_id: UUID,
    services: ServicesDep,
    asker: AskerDep,
    start_s: Annotated[float | None, Query(alias="t", ge=0, le=1e6, allow_inf_nan=False)] = None,
    saved: str = "",
    queue: str = "",
) -> Response:
    view = call_view(services, call_id, asker)
    hidden = view.transcript if view.hides else None
    return render(
        request,
        "call.html",
        nonce=secrets.token_urlsafe(_NONCE_BYTES),
        view=view,
        call=view.call,
        start_s=start_s,
        saved=saved if saved in WORDS["saved"] else "",
        rule_languages=services.packs.languages(view.call.script),
        next_given=queue_of(queue),
        hearing=hearing_of(services, view.call, hidden),
        next_step=next_step,
    )


@router.get("/calls/{call_id}/state", operation_id="page_call_state")
def call_state(request: Request, call_id: UUID, services: ServicesDep, asker: AskerDep) -> Response:
    """How far a call is; once it is scored, the browser is told to load the page."""
    with services.database.read() as tx:
        call = visible_call(tx, call_id, asker)
    response = render(request, "call_state_part.html", call=call, rule_languages=services.packs.languages(call.script))
    if call.ended:
        response.headers["HX-Refresh"] = "true"
    return response


@router.post("/calls/{call_id}/retry", operation_id="page_call_retry")
def call_retry(
    call_id: UUID, services: ServicesDep, asker: AskerDep, language: Annotated[str, Form()] = ""
) -> Response:
    retry_call(call_id, services, asker, RetryCall(language=language or None))
    return RedirectResponse(f"/calls/{call_id}", 303)


@router.get("/calls/{call_id}/peaks", operation_id="page_call_peaks")
def call_peaks(call_id: UUID, services: ServicesDep, asker: AskerDep) -> Response:
    """The outline that the worker made of the recording; no channels where there is none. Flat where the asker hears nothing."""
    with services.database.read() as tx:
        call = visible_call(tx, call_id, asker)
        hidden = hidden_from(tx, call_id, asker)
    try:
        with services.audio.open(outline_key(call.audio.key)) as file:
            content = file.read()
    except AudioMissing:
        content = NO_OUTLINE
    if hidden is not None:
        content = flattened(content, hidden, hidden.duration_s or call.audio.duration_s)
    caching = {"Cache-Control": "private, max-age=3600", "Vary": "Cookie"}
    return Response(content, media_type="application/json", headers=caching)


@router.get("/calls/{call_id}/recording", operation_id="page_call_recording")
def call_recording(call_id: UUID, services: ServicesDep, asker: AskerDep) -> Response:
    """Asked again by a script while the recording is made without what this visitor may not hear; then the page is loaded anew."""
    with services.database.read() as tx:
        call = visible_call(tx, call_id, asker)
        hidden = hidden_from(tx, call_id, asker)
    response = Response(status_code=204)
    if hearing_of(services, call, hidden) != "preparing":
        response.headers["HX-Refresh"] = "true"
    return response
