"""Scoring stored calls again by today's rules, many at once."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from service.api import cursors
from service.api.deps import AskerDep, ServicesDep
from service.api.problems import invalid
from service.api.queries import PageQuery
from service.api.routing import guarded_router, problems
from service.api.schemas_rescore import NewRescore, Rescore, RescorePage
from service.api.validation import FieldError
from service.store.records_rescore import RescoreChoice, RescoreState
from service.store.rescore import PARTS_ANNOUNCED

router = guarded_router("rescore")
_LIST = "rescores"


@router.post(
    "/rescore",
    operation_id="start_rescore",
    summary="Score stored calls again",
    status_code=202,
    response_model=Rescore,
    responses={
        200: {"model": Rescore, "description": "A job for the same calls is not finished yet: this is it."},
        **problems("body_too_large", "malformed_request", "team_unknown"),
    },
)
def start_rescore(new: NewRescore, services: ServicesDep, asker: AskerDep, response: Response) -> Rescore:
    """Nothing is transcribed. Each call keeps its scorecard until the new one replaces it; reviews stay."""
    if new.script is not None and new.script not in services.packs.ids():
        known = ", ".join(services.packs.ids())
        raise invalid([FieldError("script", f"must be one of the packs: {known}")])
    now = services.now()
    with services.database.transaction() as tx:
        team = None if new.team is None else tx.teams.get_by_name(new.team)
        choice = RescoreChoice(new.date_from, new.date_to, new.script, None if team is None else team.id)
        job, created = tx.rescore.start(choice, created_by=asker.name, now=now)
        if created:
            detail = new.model_dump(mode="json", by_alias=True, exclude_none=True)
            tx.audit.write(asker.name, "rescore.start", f"rescore:{job.id}", now=now, detail=detail)
            tx.after_commit(lambda: _announce(services, job.id))
    response.status_code = 202 if created else 200
    response.headers["Location"] = f"/v1/rescore/{job.id}"
    return Rescore.of(job)


@router.get(
    "/rescore", operation_id="list_rescores", summary="List jobs", response_model=RescorePage, responses=problems()
)
def list_rescores(query: Annotated[PageQuery, Query()], services: ServicesDep) -> RescorePage:
    """Newest first, ended ones too."""
    after = cursors.decode(_LIST, query.cursor)
    try:
        behind = None if after is None else UUID(after)
    except ValueError:
        raise cursors.bad_cursor() from None
    with services.database.read() as tx:
        found = tx.rescore.list(limit=query.limit + 1, after=behind)
    page = found[: query.limit]
    return RescorePage(
        items=[Rescore.of(job) for job in page],
        next_cursor=cursors.encode(_LIST, str(page[-1].id)) if len(found) > len(page) else None,
    )


@router.get(
    "/rescore/{job_id}",
    operation_id="get_rescore",
    summary="How far a job is",
    response_model=Rescore,
    responses=problems("rescore_unknown"),
)
def get_rescore(job_id: UUID, services: ServicesDep) -> Rescore:
    """Counts are exact at any moment: they move with every stored scorecard."""
    with services.database.read() as tx:
        return Rescore.of(tx.rescore.get(job_id))


@router.post(
    "/rescore/{job_id}/pause",
    operation_id="pause_rescore",
    summary="Pause a job",
    response_model=Rescore,
    responses=problems("rescore_unknown", "rescore_state_wrong"),
)
def pause_rescore(job_id: UUID, services: ServicesDep, asker: AskerDep) -> Rescore:
    """Calls in work at this moment are not stored; resuming scores them."""
    return _changed(job_id, "paused", "rescore.pause", services, asker)


@router.post(
    "/rescore/{job_id}/resume",
    operation_id="resume_rescore",
    summary="Go on with a paused job",
    response_model=Rescore,
    responses=problems("rescore_unknown", "rescore_state_wrong"),
)
def resume_rescore(job_id: UUID, services: ServicesDep, asker: AskerDep) -> Rescore:
    """Goes on behind the last stored call."""
    return _changed(job_id, "running", "rescore.resume", services, asker)


@router.post(
    "/rescore/{job_id}/cancel",
    operation_id="cancel_rescore",
    summary="End a job early",
    response_model=Rescore,
    responses=problems("rescore_unknown", "rescore_state_wrong"),
)
def cancel_rescore(job_id: UUID, services: ServicesDep, asker: AskerDep) -> Rescore:
    """What was scored again stays; the other calls keep the scorecards they have."""
    return _changed(job_id, "cancelled", "rescore.cancel", services, asker)


def _changed(job_id: UUID, state: RescoreState, action: str, services: ServicesDep, asker: AskerDep) -> Rescore:
    now = services.now()
    with services.database.transaction() as tx:
        job = tx.rescore.change(job_id, state, now=now)
        tx.audit.write(asker.name, action, f"rescore:{job_id}", now=now)
        if state == "running":
            tx.after_commit(lambda: _announce(services, job_id))
    return Rescore.of(job)


def _announce(services: ServicesDep, job_id: UUID) -> None:
    """One message a portion; the sweeper does the same for whatever gets lost."""
    with services.database.transaction() as tx:
        waiting = dict(tx.rescore.waiting(now=services.now()))
    for _ in range(min(waiting.get(job_id, 0), PARTS_ANNOUNCED)):
        services.queue.send_rescore(job_id)
