"""Reviewing: a review over a call's scorecard, who else is at it, and disputes. The queue stands in queue_pages."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Request, Response
from pydantic import ValidationError

from service.api.deps import AskerDep, ServicesDep, visible_call
from service.api.disputes import DisputeQuery, create_dispute, decide_dispute, list_disputes
from service.api.kpi_titles import part_titles
from service.api.problems import invalid
from service.api.reviews import create_review
from service.api.schemas_disputes import DisputeDecision, NewDispute
from service.api.validation import from_framework
from service.web.list_pages import filled, query_of
from service.web.people import names_of
from service.web.presence import Presence
from service.web.queue_pages import next_address, queue_of
from service.web.rendering import render, with_query
from service.web.review_form import review_of
from service.web.routing import FormDep, go, page_router

router = page_router()


@router.post("/calls/{call_id}/review", operation_id="page_call_review")
def send_review(request: Request, call_id: UUID, form: FormDep, services: ServicesDep, asker: AskerDep) -> Response:
    with services.database.read() as tx:
        visible_call(tx, call_id, asker)
        reviewed = tx.reviews.get(call_id, now=services.now())
        rulings = tx.rulings.get(reviewed.machine.pack_sha256)
    new = review_of(form, reviewed.machine, rulings, request.state.visitor)
    create_review(call_id, new, services, asker)
    if form.get("then") == "next":
        given = queue_of(str(form.get("queue") or ""))
        return go(request, next_address(given, [call_id], services, asker, saved="went_on"))
    return go(request, f"/calls/{call_id}?" + with_query({"saved": new.verdict, "queue": form.get("queue")}))


@router.get("/calls/{call_id}/others", operation_id="page_call_others")
def others(request: Request, call_id: UUID, services: ServicesDep, asker: AskerDep, version: int = 0) -> Response:
    """Who else is at this call, and whether it was reviewed since the page was made."""
    presence: Presence = request.app.state.presence
    now = services.now()
    with services.database.read() as tx:
        visible_call(tx, call_id, asker)
        reviewed = tx.reviews.get(call_id, now=now)
        here = presence.others(call_id, asker.name, now)
        assigned_to = tx.assignments.of(call_id)
        names = names_of(tx, [*here, reviewed.claimed_by, assigned_to])
    return render(
        request,
        "others.html",
        here=here,
        names=names,
        reviewed=reviewed,
        assigned_to=assigned_to,
        newer=reviewed.version > version,
    )


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
    return go(request, f"/calls/{call_id}?saved=dispute")


@router.get("/disputes", operation_id="page_disputes")
def disputes_page(request: Request, services: ServicesDep, asker: AskerDep) -> Response:
    given = filled(request)
    page = list_disputes(query_of(DisputeQuery, {"state": "open", **given}), services, asker)
    with services.database.read() as tx:
        names = names_of(tx, [actor for found in page.items for actor in (found.raised_by, found.decided_by)])
    titles = part_titles(services.packs)
    return render(request, "disputes.html", page=page, names=names, given=given, titles=titles)


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
    return go(request, f"/calls/{found.call_id}?saved=decided")
