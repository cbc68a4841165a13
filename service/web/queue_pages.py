"""The review queue: what waits and why, who has what, taking calls, giving them to colleagues, and the next one with one key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from fastapi import Request, Response
from pydantic import ValidationError
from starlette.datastructures import FormData

from service.api import cursors
from service.api.asker import Asker
from service.api.deps import AskerDep, Services, ServicesDep
from service.api.problems import Refused, invalid
from service.api.review_assignments import assign_calls, list_reviewers
from service.api.review_queue import (
    LIST,
    QueueQuery,
    claim_call,
    claim_next_review,
    list_review_queue,
    release_call,
)
from service.api.schemas_assignments import Assignment
from service.api.validation import from_framework
from service.scoring.errors import CallscoreError
from service.store.records_reviews import QueueFilter
from service.web.list_pages import Given, filled, query_of
from service.web.people import names_of
from service.web.rendering import render, with_query
from service.web.routing import FormDep, go, page_router

router = page_router()
#: What was done to chosen calls, as the address of the page that follows says it.
DONE = ("claim", "release", "assign", "free")
_DID = ("did", "n", "left", "to")
_PLACES = ("cursor", "limit")


@router.get("/review", operation_id="page_review")
def review_page(request: Request, services: ServicesDep, asker: AskerDep) -> Response:
    given = filled(request)
    did = {name: given.pop(name, "") for name in _DID}
    page = list_review_queue(query_of(QueueQuery, given), services, asker)
    reviewers = list_reviewers(services, asker).items
    now = services.now()
    midnight = now.astimezone(request.state.visitor.formats.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    with services.database.read() as tx:
        done = Counter(tx.audit.counts("call.review", at_from=midnight))
        waiting = tx.review_queue.waiting(
            QueueFilter(team_id=asker.team_id), share=services.settings.review_sample_share
        )
        held_by = [entry.claimed_by or entry.assigned_to for entry in page.items]
        names = names_of(tx, [*held_by, *(entry.assigned_to for entry in page.items), *done])
        teams = [team.name for team in tx.teams.list()] if asker.team_id is None else []
    return render(
        request,
        "review.html",
        page=page,
        given=given,
        did=_told(did),
        names=names,
        waiting=waiting,
        done=done,
        reviewers=reviewers,
        own=next((found for found in reviewers if f"user:{found.user_id}" == asker.name), None),
        teams=teams,
        scripts=services.packs.ids(),
        now=now,
    )


@router.post("/review/next", operation_id="page_review_next")
def next_review(request: Request, form: FormDep, services: ServicesDep, asker: AskerDep) -> Response:
    """Claim the next call of the queue, as it is narrowed, and go there; back to the queue when none is left."""
    given = {name: str(value) for name, value in form.items() if value and name not in ("csrf_token", "at")}
    return go(request, next_address(given, _ids(form.getlist("at")), services, asker))


def next_address(
    given: Mapping[str, str], at: Sequence[UUID], services: Services, asker: Asker, saved: str = ""
) -> str:
    """Where the next call is, now claimed, or the queue when none is left. Raises Refused for a filter that is none.

    `at` is the call that is left behind: among their own calls a reviewer goes on behind it, and once round.
    """
    query = query_of(QueueQuery, given)
    own = query.filter(asker, services.now()).mine == asker.name
    behind = query.model_copy(update={"cursor": cursors.encode(LIST, at[0].hex)}) if at and own else query
    item = claim_next_review(behind, services, asker).item
    if item is None and behind is not query:
        item = claim_next_review(query, services, asker).item
    if item is None or item.call.id in at:
        return "/review" + _asked(given)
    return f"/calls/{item.call.id}" + _asked({"saved": saved, "queue": with_query(given)})


@router.post("/review/claims", operation_id="page_review_claims")
def claims(request: Request, form: FormDep, services: ServicesDep, asker: AskerDep) -> Response:
    """Take all calls that were ticked, give them back, or give them to a colleague; what somebody else is at is left to them."""
    ids = _ids(form.getlist("call"))
    do = str(form.get("do") or "claim")
    to = str(form.get("to") or "")
    narrowed = queue_of(str(form.get("queue") or ""))
    done = 0
    if ids:
        done = _assign(form, ids, services, asker) if do in ("assign", "free") else _claim(do, ids, services, asker)
    told = {"did": do, "n": done, "left": len(ids) - done or "", "to": to if do == "assign" else ""}
    return go(request, "/review" + _asked({**narrowed, **told}))


def queue_of(text: str) -> Given:
    """The filters of the queue, as an address carries them: `team=North&flagged=true`. What is no filter of it is left out."""
    known = QueueQuery.model_fields.keys() - set(_PLACES)
    return Given((name, value) for name, value in parse_qsl(text[:2000]) if name in known)


def _assign(form: FormData, ids: list[UUID], services: Services, asker: Asker) -> int:
    """How many were given. Raises Refused where nobody, or somebody who cannot review, is named."""
    free = form.get("do") == "free"
    try:
        wish = Assignment.model_validate({"calls": ids, "to": None if free else form.get("to") or ""})
    except ValidationError as error:
        raise invalid(from_framework(error.errors())) from None
    return len(assign_calls(wish, services, asker).assigned)


def _claim(do: str, ids: list[UUID], services: Services, asker: Asker) -> int:
    done = 0
    for call_id in ids:
        try:
            (release_call if do == "release" else claim_call)(call_id, services, asker)
        except (CallscoreError, Refused):
            continue
        done += 1
    return done


def _told(did: Mapping[str, str]) -> dict[str, Any] | None:
    """What was done to chosen calls: `do`, how many (`n`), how many not (`left`), and `to` whom."""
    if did["did"] not in DONE or not did["n"].isdecimal():
        return None
    left = int(did["left"]) if did["left"].isdecimal() else 0
    return {"do": did["did"], "n": int(did["n"]), "left": left, "to": did["to"]}


def _asked(values: Mapping[str, Any]) -> str:
    query = with_query(values)
    return f"?{query}" if query else ""


def _ids(values: list[Any]) -> list[UUID]:
    found = []
    for value in values:
        try:
            found.append(UUID(str(value)))
        except ValueError:
            continue
    return found
