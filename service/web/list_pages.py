"""The list of calls: filters in the address, states with progress, uploads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import uuid4

from fastapi import Request, Response
from pydantic import BaseModel, ValidationError

from service.api.asker import Asker
from service.api.calls import list_calls
from service.api.deps import AskerDep, Services, ServicesDep
from service.api.problems import invalid
from service.api.queries import CallQuery
from service.api.validation import from_framework
from service.store.records import CALL_STATUSES, Rep
from service.store.transaction import Transaction
from service.web.failures import Failure
from service.web.rendering import render
from service.web.routing import page_router

router = page_router()
Query = TypeVar("Query", bound=BaseModel)
#: Reps and teams offered in a filter; with more of them the field is typed into.
_OFFERED = 500
#: Reps that are looked through; the largest departments have some thousands.
_MOST_REPS = 10_000


@router.get("/calls", operation_id="page_calls")
def calls_page(request: Request, services: ServicesDep, asker: AskerDep) -> Response:
    return show_calls(request, services, asker, filled(request))


def show_calls(
    request: Request,
    services: Services,
    asker: Asker,
    given: Given,
    *,
    refused: Failure | None = None,
    sent: Mapping[str, str] | None = None,
) -> Response:
    """The list of calls. `refused`: why an upload was not taken, `sent` what was filled in for it."""
    page = list_calls(query_of(CallQuery, given), services, asker)
    with services.database.read() as tx:
        teams = [team.name for team in tx.teams.list()] if asker.team_id is None and asker.rep_id is None else []
        reps = [
            rep
            for rep in tx.reps.list(limit=_OFFERED)
            if asker.may_see_rep(rep.id, None if rep.team is None else rep.team.id)
        ]
    return render(
        request,
        "calls.html",
        status=200 if refused is None else refused.status,
        page=page,
        given=given,
        statuses=CALL_STATUSES,
        teams=teams,
        reps=reps,
        scripts=services.packs.ids(),
        unfinished=any(not call.ended for call in page.items),
        max_upload_bytes=services.settings.max_upload_bytes,
        refused=refused,
        sent=Given(sent or {}),
        upload_id=uuid4(),
    )


class Given(dict[str, str]):
    """The filled fields of a query string; one that is not there reads as empty."""

    def __missing__(self, name: str) -> str:
        return ""


def filled(request: Request) -> Given:
    """The query string without the fields of a form that were left empty."""
    return Given((name, value) for name, value in request.query_params.items() if value.strip())


def query_of(model: type[Query], given: Mapping[str, Any]) -> Query:
    """The API's own query of these parameters, so that a page refuses what the API refuses. Raises Refused."""
    try:
        return model.model_validate(dict(given))
    except ValidationError as error:
        raise invalid(from_framework(error.errors())) from None


def reps_of(tx: Transaction, asker: Asker, given: Given, most: int) -> tuple[list[Rep], str | None]:
    """A page of the reps that the asker may see, by id: of the team `team`, with `text` in the name or id, behind `cursor`; and
    the cursor of the next page, if there is one.
    """
    wanted = given["text"].casefold()
    found = [
        rep
        for rep in tx.reps.list(team=given.get("team"), limit=_MOST_REPS, after=given.get("cursor"))
        if asker.may_see_rep(rep.id, None if rep.team is None else rep.team.id)
        and (wanted in rep.external_id.casefold() or wanted in (rep.name or "").casefold())
    ]
    page = found[:most]
    return page, page[-1].external_id if len(found) > most else None
