"""Calls: listed, looked at, run again."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query

from service.api.cursors import bad_cursor
from service.api.deps import AskerDep, ServicesDep, visible_call
from service.api.queries import CallQuery
from service.api.routing import guarded_router, problems
from service.api.schemas_calls import Call, CallPage

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
    return CallPage(
        items=[Call.of(call, with_scores=asker.sees_scores) for call in page.calls], next_cursor=page.next_cursor
    )


@router.get(
    "/calls/{call_id}",
    operation_id="get_call",
    summary="A call and where it stands",
    response_model=Call,
    responses=problems("call_not_found"),
)
def get_call(call_id: UUID, services: ServicesDep, asker: AskerDep) -> Call:
    """Poll this until the status is scored or failed. An uploader's key sees what it uploaded itself."""
    with services.database.read() as tx:
        call = visible_call(tx, call_id, asker)
    return Call.of(call, with_scores=asker.sees_scores)


@router.post(
    "/calls/{call_id}/retry",
    operation_id="retry_call",
    summary="Run a failed call again",
    status_code=202,
    response_model=Call,
    responses=problems("call_not_found", "call_state_wrong"),
)
def retry_call(call_id: UUID, services: ServicesDep, asker: AskerDep) -> Call:
    """Goes on where it failed: what is transcribed is not transcribed again."""
    now = services.now()
    with services.database.transaction() as tx:
        call = visible_call(tx, call_id, asker)
        if tx.calls.retry(call_id, now=now) == "score":
            tx.after_commit(lambda: services.queue.send_score(call_id))
        else:
            tx.after_commit(lambda: services.queue.send_transcribe(call_id, call.audio.duration_s))
        tx.audit.write(asker.name, "call.retry", f"call:{call_id}", now=now)
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
