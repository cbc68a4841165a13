"""Reviewing: the queue, a review over a call's scorecard, who else is at it, and disputes."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Request, Response
from pydantic import ValidationError
from starlette.responses import RedirectResponse

from service.api.deps import AskerDep, Services, ServicesDep, visible_call
from service.api.disputes import DisputeQuery, create_dispute, decide_dispute, list_disputes
from service.api.problems import Refused, invalid
from service.api.review_queue import (
    QueueQuery,
    claim_call,
    claim_next_review,
    list_review_queue,
    release_call,
)
from service.api.reviews import create_review
from service.api.schemas_disputes import DisputeDecision, NewDispute
from service.api.validation import from_framework
from service.scoring.errors import CallscoreError
from service.store.records_reviews import QueueFilter
from service.web.list_pages import filled, query_of
from service.web.people import names_of
from service.web.presence import Presence
from service.web.rendering import render
from service.web.review_form import review_of
from service.web.routing import FormDep, page_router

router = page_router()
#: Reviews of today that are counted for the empty queue.
_MOST_COUNTED = 1000
_HTMX = "hx-request"


@router.get("/review", operation_id="page_review")
def review_page(request: Request, services: ServicesDep, asker: AskerDep) -> Response:
    given = filled(request)
    page = list_review_queue(query_of(QueueQuery, given), services, asker)
    now = services.now()
    midnight = now.astimezone(request.state.visitor.formats.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    with services.database.read() as tx:
        done = tx.audit.list(action="call.review", at_from=midnight, limit=_MOST_COUNTED)
        waiting = tx.review_queue.waiting(QueueFilter(team_id=asker.team_id), share=_share(services))
        names = names_of(tx, [entry.claimed_by for entry in page.items])
        teams = [team.name for team in tx.teams.list()] if asker.team_id is None else []
    return render(
        request,
        "review.html",
        page=page,
        given=given,
        names=names,
        waiting=waiting,
        done=len(done),
        own=sum(entry.actor == asker.name for entry in done),
        teams=teams,
        scripts=services.packs.ids(),
        now=now,
    )


@router.post("/review/next", operation_id="page_review_next")
def next_review(request: Request, form: FormDep, services: ServicesDep, asker: AskerDep) -> Response:
    """Claim the next call and go there; back to the queue when none is left."""
    given = {name: str(value) for name, value in form.items() if value and name != "csrf_token"}
    found = claim_next_review(query_of(QueueQuery, given), services, asker)
    return _go(request, "/review" if found.item is None else f"/calls/{found.item.call.id}")


@router.post("/review/claims", operation_id="page_review_claims")
def claims(request: Request, form: FormDep, services: ServicesDep, asker: AskerDep) -> Response:
    """Take, or give back, all calls that were ticked; those that somebody else is at are left to them."""
    ids = [UUID(str(value)) for value in form.getlist("call") if _is_id(str(value))]
    for call_id in ids:
        try:
            if form.get("do") == "release":
                release_call(call_id, services, asker)
            else:
                claim_call(call_id, services, asker)
        except (CallscoreError, Refused):
            continue
    return _go(request, f"/calls/{ids[0]}" if form.get("back") == "call" and ids else "/review")


@router.post("/calls/{call_id}/review", operation_id="page_call_review")
def send_review(request: Request, call_id: UUID, form: FormDep, services: ServicesDep, asker: AskerDep) -> Response:
    with services.database.read() as tx:
        visible_call(tx, call_id, asker)
        reviewed = tx.reviews.get(call_id, now=services.now())
        rulings = tx.rulings.get(reviewed.machine.pack_sha256)
    new = review_of(form, reviewed.machine, rulings, request.state.visitor)
    create_review(call_id, new, services, asker)
    return _go(request, f"/calls/{call_id}?saved={new.verdict}")


@router.get("/calls/{call_id}/others", operation_id="page_call_others")
def others(request: Request, call_id: UUID, services: ServicesDep, asker: AskerDep, version: int = 0) -> Response:
    """Who else is at this call, and whether it was reviewed since the page was made."""
    presence: Presence = request.app.state.presence
    now = services.now()
    with services.database.read() as tx:
        visible_call(tx, call_id, asker)
        reviewed = tx.reviews.get(call_id, now=now)
        here = presence.others(call_id, asker.name, now)
        names = names_of(tx, [*here, reviewed.claimed_by])
    return render(request, "others.html", here=here, names=names, reviewed=reviewed, newer=reviewed.version > version)


@router.post("/calls/{call_id}/disputes", operation_id="page_call_dispute")
def dispute(request: Request, call_id: UUID, form: FormDep, services: ServicesDep, asker: AskerDep) -> Response:
    wish: dict[str, Any] = {"kind": form.get("kind"), "target": form.get("target")}
    if utterance := form.get("utterance"):
        wish["utterance"] = utterance
    wish |= {name: form.get(name) for name in ("status", "outcome") if form.get(name)}
    if steps := form.getlist("steps"):
        wish["steps"] = steps
    try:
        new = NewDispute.model_validate({"wish": wish, "argument": form.get("argument") or ""})
    except ValidationError as error:
        raise invalid(from_framework(error.errors())) from None
    create_dispute(call_id, new, services, asker)
    return _go(request, f"/calls/{call_id}?saved=dispute")


@router.get("/disputes", operation_id="page_disputes")
def disputes_page(request: Request, services: ServicesDep, asker: AskerDep) -> Response:
    given = filled(request)
    page = list_disputes(query_of(DisputeQuery, {"state": "open", **given}), services, asker)
    with services.database.read() as tx:
        names = names_of(tx, [actor for found in page.items for actor in (found.raised_by, found.decided_by)])
    return render(request, "disputes.html", page=page, names=names, given=given)


@router.post("/disputes/{dispute_id}", operation_id="page_dispute_decide")
def decide(
    request: Request,
    dispute_id: UUID,
    services: ServicesDep,
    asker: AskerDep,
    answer: Annotated[str, Form()] = "",
    uphold: Annotated[str, Form()] = "",
) -> Response:
    try:
        decision = DisputeDecision(uphold=uphold == "yes", answer=answer)
    except ValidationError as error:
        raise invalid(from_framework(error.errors())) from None
    found = decide_dispute(dispute_id, decision, services, asker)
    return _go(request, f"/calls/{found.call_id}?saved=decided")


def _go(request: Request, address: str) -> Response:
    """To a page, also for a form that a script sent."""
    if _HTMX in request.headers:
        return Response(status_code=204, headers={"HX-Redirect": address})
    return RedirectResponse(address, 303)


def _share(services: Services) -> float:
    return services.settings.review_sample_share


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
