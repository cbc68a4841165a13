"""Teams."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query

from service.api import cursors
from service.api.deps import AskerDep, ServicesDep
from service.api.problems import Refused
from service.api.queries import PageQuery
from service.api.routing import guarded_router, problems
from service.api.schemas_people import NewTeam, Team, TeamPage
from service.scoring.errors import TeamUnknown

router = guarded_router("people")
_LIST = "teams"


@router.get("/teams", operation_id="list_teams", summary="List teams", response_model=TeamPage, responses=problems())
def list_teams(query: Annotated[PageQuery, Query()], services: ServicesDep, asker: AskerDep) -> TeamPage:
    """By name. Who is limited to a team sees that team, a rep its own."""
    after = cursors.decode(_LIST, query.cursor)
    with services.database.read() as tx:
        if asker.rep_id is not None:
            team = None if asker.user is None else asker.user.team
            return TeamPage(items=[] if team is None else [Team.of(team)], next_cursor=None)
        if asker.team_id is not None:
            return TeamPage(items=[Team.of(tx.teams.get(asker.team_id))], next_cursor=None)
        found = tx.teams.list(limit=query.limit + 1, after=after)
    page = found[: query.limit]
    return TeamPage(
        items=[Team.of(team) for team in page],
        next_cursor=cursors.encode(_LIST, page[-1].name) if len(found) > len(page) else None,
    )


@router.post(
    "/teams",
    operation_id="create_team",
    summary="Create a team",
    status_code=201,
    response_model=Team,
    responses=problems("body_too_large", "malformed_request", "name_taken"),
)
def create_team(new: NewTeam, services: ServicesDep, asker: AskerDep) -> Team:
    """Reps are put into it by `/v1/reps`."""
    now = services.now()
    with services.database.transaction() as tx:
        team = tx.teams.create(new.name, now=now)
        tx.audit.write(asker.name, "team.create", f"team:{team.id}", now=now)
    return Team.of(team)


@router.patch(
    "/teams/{team_id}",
    operation_id="update_team",
    summary="Rename a team",
    response_model=Team,
    responses=problems("body_too_large", "malformed_request", "team_not_found", "name_taken"),
)
def update_team(team_id: UUID, new: NewTeam, services: ServicesDep, asker: AskerDep) -> Team:
    """Its reps, keys and figures stay with it."""
    now = services.now()
    with services.database.transaction() as tx:
        try:
            team = tx.teams.rename(team_id, new.name)
        except TeamUnknown as error:
            raise Refused("team_not_found", str(error)) from None
        tx.audit.write(asker.name, "team.rename", f"team:{team.id}", now=now)
    return Team.of(team)
