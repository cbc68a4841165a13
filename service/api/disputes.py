"""Disputes: a rep or a manager appeals a point, a QA lead decides."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import Field

from service.api import cursors
from service.api.decisions import refused
from service.api.deps import AskerDep, ServicesDep, visible_call
from service.api.queries import PageQuery
from service.api.routing import guarded_router, problems
from service.api.schemas_disputes import Dispute, DisputeDecision, DisputePage, NewDispute
from service.api.validation import Name
from service.scoring.errors import CallNotFound, DecisionsInvalid, DisputeUnknown
from service.store.records_reviews import DisputeState

router = guarded_router("reviews")
_LIST = "disputes"


class DisputeQuery(PageQuery):
    """Disputes to list."""

    state: DisputeState | None = None
    call_id: UUID | None = Field(None, description="Only those about this call.")
    rep: Name | None = Field(None, description="Only those about calls of this rep, by its external id.")


@router.post(
    "/calls/{call_id}/disputes",
    operation_id="create_dispute",
    summary="Dispute a point of a scorecard",
    status_code=201,
    response_model=Dispute,
    responses=problems(
        "call_not_found", "scorecard_not_ready", "dispute_state_wrong", "body_too_large", "malformed_request"
    ),
)
def create_dispute(call_id: UUID, new: NewDispute, services: ServicesDep, asker: AskerDep) -> Dispute:
    """A rep may dispute its own calls, a manager the team's. Nothing changes until a QA lead has decided."""
    now = services.now()
    with services.database.transaction() as tx:
        visible_call(tx, call_id, asker)
        try:
            dispute = tx.disputes.open(call_id, new.wish.override(), argument=new.argument, by=asker.name, now=now)
        except DecisionsInvalid as error:
            raise refused(error, "wish", several=False) from None
        tx.audit.write(asker.name, "dispute.open", f"dispute:{dispute.id}", now=now, detail={"call": str(call_id)})
    return Dispute.of(dispute)


@router.get(
    "/disputes",
    operation_id="list_disputes",
    summary="List disputes",
    response_model=DisputePage,
    responses=problems(),
)
def list_disputes(query: Annotated[DisputeQuery, Query()], services: ServicesDep, asker: AskerDep) -> DisputePage:
    """Oldest first, of the calls that you may see."""
    with services.database.read() as tx:
        found = tx.disputes.list(
            state=query.state,
            call_id=query.call_id,
            team_id=asker.team_id,
            rep_id=asker.rep_id,
            rep=query.rep,
            limit=query.limit + 1,
            after=cursors.decode_id(_LIST, query.cursor),
        )
    page = found[: query.limit]
    return DisputePage(
        items=[Dispute.of(dispute) for dispute in page],
        next_cursor=cursors.encode(_LIST, page[-1].id.hex) if len(found) > len(page) else None,
    )


@router.post(
    "/disputes/{dispute_id}/decision",
    operation_id="decide_dispute",
    summary="Uphold or reject a dispute",
    response_model=Dispute,
    responses=problems(
        "dispute_not_found", "dispute_state_wrong", "call_claimed", "body_too_large", "malformed_request"
    ),
)
def decide_dispute(dispute_id: UUID, decision: DisputeDecision, services: ServicesDep, asker: AskerDep) -> Dispute:
    """Upheld, the point counts as wished from now on, with your answer as its reason. Final either way."""
    now = services.now()
    with services.database.transaction() as tx:
        try:
            visible_call(tx, tx.disputes.get(dispute_id).call_id, asker)
        except CallNotFound:
            raise DisputeUnknown(f"no dispute has the id {dispute_id}") from None
        try:
            dispute = tx.disputes.decide(
                dispute_id, uphold=decision.uphold, answer=decision.answer, by=asker.name, now=now
            )
        except DecisionsInvalid as error:
            raise refused(error, "wish", several=False) from None
        tx.audit.write(asker.name, "dispute.decide", f"dispute:{dispute_id}", now=now, detail={"state": dispute.state})
    return Dispute.of(dispute)
