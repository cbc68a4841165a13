"""Reps."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from service.api import cursors
from service.api.asker import Asker
from service.api.deps import AskerDep, ServicesDep
from service.api.problems import Refused
from service.api.queries import RepQuery
from service.api.routing import guarded_router, problems
from service.api.schemas_people import NewRep, Rep, RepChange, RepPage
from service.scoring.errors import RepUnknown
from service.store.transaction import Transaction

router = guarded_router("people")
_LIST = "reps"


@router.get("/reps", operation_id="list_reps", summary="List reps", response_model=RepPage, responses=problems())
def list_reps(query: Annotated[RepQuery, Query()], services: ServicesDep, asker: AskerDep) -> RepPage:
    """By external id. Who is limited to a team sees that team's reps, a rep itself."""
    after = cursors.decode(_LIST, query.cursor)
    with services.database.read() as tx:
        if asker.rep_id is not None:
            return RepPage(items=_itself(tx, query, asker.rep_id), next_cursor=None)
        visible, team = _team_filter(tx, query.team, asker)
        found = tx.reps.list(team=team, limit=query.limit + 1, after=after) if visible else ()
    page = found[: query.limit]
    return RepPage(
        items=[Rep.of(rep) for rep in page],
        next_cursor=cursors.encode(_LIST, page[-1].external_id) if len(found) > len(page) else None,
    )


def _itself(tx: Transaction, query: RepQuery, rep_id: UUID) -> list[Rep]:
    try:
        rep = tx.reps.get(rep_id)
    except RepUnknown:
        return []
    fits = query.cursor is None and (query.team is None or (rep.team is not None and rep.team.name == query.team))
    return [Rep.of(rep)] if fits else []


def _team_filter(tx: Transaction, wanted: str | None, asker: Asker) -> tuple[bool, str | None]:
    """Whether anything can be shown, and the team to show."""
    if asker.team_id is None:
        return True, wanted
    own = tx.teams.get(asker.team_id).name
    return wanted in (None, own), own


@router.post(
    "/reps",
    operation_id="create_rep",
    summary="Register a rep",
    status_code=201,
    response_model=Rep,
    responses=problems("body_too_large", "malformed_request", "name_taken", "team_unknown"),
)
def create_rep(new: NewRep, services: ServicesDep, asker: AskerDep) -> Rep:
    """A rep that an upload named already is completed by this, and keeps its calls."""
    now = services.now()
    with services.database.transaction() as tx:
        rep = tx.reps.create(new.external_id, name=new.name, role=new.role, team=new.team, now=now)
        tx.audit.write(asker.name, "rep.create", f"rep:{rep.id}", now=now)
    return Rep.of(rep)


@router.patch(
    "/reps/{rep_id}",
    operation_id="update_rep",
    summary="Change a rep's name, role or team",
    response_model=Rep,
    responses=problems("body_too_large", "malformed_request", "rep_not_found", "team_unknown"),
)
def update_rep(rep_id: UUID, change: RepChange, services: ServicesDep, asker: AskerDep) -> Rep:
    """The rep counts as registered from then on; its calls and figures follow it into a new team."""
    now = services.now()
    given: dict[str, Any] = change.model_dump(exclude_unset=True)
    with services.database.transaction() as tx:
        try:
            external_id = tx.reps.get(rep_id).external_id
        except RepUnknown as error:
            raise Refused("rep_not_found", str(error)) from None
        rep = tx.reps.update(external_id, **given)
        tx.audit.write(asker.name, "rep.update", f"rep:{rep.id}", now=now, detail={"fields": sorted(given)})
    return Rep.of(rep)
