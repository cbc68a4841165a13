"""Calls: listed, looked at, run again."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from service.api.blind import blind_calls
from service.api.cursors import bad_cursor
from service.api.deps import AskerDep, ServicesDep, visible_call
from service.api.problems import Refused
from service.api.queries import CallQuery
from service.api.routing import guarded_router, problems
from service.api.schemas_calls import Call, CallPage, RetryCall

router = guarded_router("calls")


@router.get("/calls", operation_id="list_calls", summary="List calls", response_model=CallPage, responses=problems())
def list_calls(query: Annotated[CallQuery, Query()], services: ServicesDep, asker: AskerDep) -> CallPage:
    """Newest first. Who is limited to a team sees that team's calls, a rep its own."""
    wanted = query.filter(team_id=asker.team_id, rep_id=asker.rep_id)
    with services.database.read() as tx:
        try:
            page = tx.calls.list(wanted, limit=query.limit, cursor=query.cursor)
        except ValueError:
            raise bad_cursor() from None
        blind = blind_calls(tx, asker)
    return CallPage(
        items=[Call.of(call, with_scores=asker.sees_scores and call.id not in blind) for call in page.calls],
        next_cursor=page.next_cursor,
    )


@router.get(
    "/calls/{call_id}",
    operation_id="get_call",
    summary="A call and where it stands",
    response_model=Call,
    responses=problems("call_not_found"),
)
def get_call(call_id: UUID, services: ServicesDep, asker: AskerDep) -> Response:
    """Poll this until the status is scored or failed. An uploader's key sees what it uploaded itself."""
    with services.database.read() as tx:
        call = visible_call(tx, call_id, asker)
        blind = call_id in blind_calls(tx, asker)
    # As it is: a model that goes back is checked once more, in a thread of its own, and this is asked for all day.
    shown = Call.of(call, with_scores=asker.sees_scores and not blind)
    return Response(shown.model_dump_json(), media_type="application/json")


@router.post(
    "/calls/{call_id}/retry",
    operation_id="retry_call",
    summary="Run a call again that failed or waits for rules",
    status_code=202,
    response_model=Call,
    responses=problems(
        "call_not_found", "call_state_wrong", "language_unsupported", "body_too_large", "malformed_request"
    ),
)
def retry_call(call_id: UUID, services: ServicesDep, asker: AskerDep, wanted: RetryCall | None = None) -> Call:
    """Goes on where it failed: what is transcribed is not transcribed again, unless a language is given."""
    now = services.now()
    language = None if wanted is None else wanted.language
    with services.database.transaction() as tx:
        call = visible_call(tx, call_id, asker)
        known = services.packs.languages(call.script)
        if language is not None and language not in known:
            raise Refused(
                "language_unsupported", f"must be one of {', '.join(sorted(known))}, which {call.script} has rules for"
            )
        if tx.calls.retry(call_id, now=now, language=language) == "score":
            tx.after_commit(lambda: services.queue.send_score(call_id))
        else:
            tx.after_commit(lambda: services.queue.send_transcribe(call_id, call.audio.duration_s))
        tx.audit.write(asker.name, "call.retry", f"call:{call_id}", now=now)
        call = tx.calls.get(call_id)
    return Call.of(call, with_scores=asker.sees_scores)


@router.post(
    "/calls/{call_id}/cancel",
    operation_id="cancel_call",
    summary="End a call that waits or is in work",
    response_model=Call,
    responses=problems("call_not_found", "call_state_wrong"),
)
def cancel_call(call_id: UUID, services: ServicesDep, asker: AskerDep) -> Call:
    """It ends as failed with the code `cancelled`, and can be retried; the worker lets go of it within seconds. One that waits to be scored again keeps its scorecard."""
    now = services.now()
    with services.database.transaction() as tx:
        visible_call(tx, call_id, asker)
        tx.calls.cancel(call_id, now=now)
        if tx.outbox.call_failed(call_id, now=now):
            tx.after_commit(services.queue.send_deliver)
        tx.audit.write(asker.name, "call.cancel", f"call:{call_id}", now=now)
        call = tx.calls.get(call_id)
    return Call.of(call, with_scores=asker.sees_scores)


@router.post(
    "/calls/{call_id}/rescore",
    operation_id="rescore_call",
    summary="Score a call again",
    status_code=202,
    response_model=Call,
    responses=problems("call_not_found", "call_state_wrong"),
)
def rescore_call(call_id: UUID, services: ServicesDep, asker: AskerDep) -> Call:
    """Scores the transcript by today's rules. The present scorecard counts until the new one replaces it."""
    now = services.now()
    with services.database.transaction() as tx:
        visible_call(tx, call_id, asker)
        tx.calls.rescore(call_id, now=now)
        tx.after_commit(lambda: services.queue.send_score(call_id))
        tx.audit.write(asker.name, "call.rescore", f"call:{call_id}", now=now)
        call = tx.calls.get(call_id)
    return Call.of(call, with_scores=asker.sees_scores)
