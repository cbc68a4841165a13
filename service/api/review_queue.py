"""The review queue: what to look at next, and who is at what."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Response
from pydantic import Field

from service.api import cursors
from service.api.asker import Asker
from service.api.deps import AskerDep, ServicesDep, visible_call
from service.api.queries import PageQuery
from service.api.routing import guarded_router, problems
from service.api.schemas_reviews import NextReview, QueueEntry, QueuePage
from service.api.validation import Name
from service.store.records_reviews import QueueFilter

router = guarded_router("reviews")
#: What its cursors are called.
LIST = "review-queue"


class QueueQuery(PageQuery):
    """Which calls that wait."""

    script: Name | None = Field(None, description="A rule pack's id.")
    language: Name | None = Field(None, description="Language that was spoken, like `ru`.")
    team: Name | None = Field(None, description="A team's name.")
    flagged: bool | None = Field(None, description="Only calls with, or without, a flag.")
    mine: bool = Field(False, description="Only those that you claimed or that are assigned to you.")
    holder: UUID | Literal["nobody"] | None = Field(
        None, description="The same of this user, or `nobody`: only those that nobody has. `mine` goes before it."
    )

    def filter(self, asker: Asker, now: datetime) -> QueueFilter:
        holder = asker.name if self.mine else None if self.holder is None else f"user:{self.holder}"
        free = self.holder == "nobody" and not self.mine
        return QueueFilter(
            script=self.script,
            language=self.language,
            team=self.team,
            flagged=self.flagged,
            team_id=asker.team_id,
            mine=None if free else holder,
            free_at=now if free else None,
        )


@router.get(
    "/review/queue",
    operation_id="list_review_queue",
    summary="Calls that a person should look at",
    response_model=QueuePage,
    responses=problems(),
)
def list_review_queue(query: Annotated[QueueQuery, Query()], services: ServicesDep, asker: AskerDep) -> QueuePage:
    """Flagged ones first, the worst and oldest before others. Then those that teach most about the rules and, not to be told from
    them, a random sample of all calls.
    """
    with services.database.read() as tx:
        found = tx.review_queue.list(
            query.filter(asker, services.now()),
            share=services.settings.review_sample_share,
            now=services.now(),
            limit=query.limit + 1,
            after=cursors.decode_id(LIST, query.cursor),
        )
    page = found[: query.limit]
    return QueuePage(
        items=[QueueEntry.of(entry) for entry in page],
        next_cursor=cursors.encode(LIST, page[-1].call.id.hex) if len(found) > len(page) else None,
    )


@router.post(
    "/review/next",
    operation_id="claim_next_review",
    summary="Take the next call of the queue",
    response_model=NextReview,
    responses=problems(),
)
def claim_next_review(query: Annotated[QueueQuery, Query()], services: ServicesDep, asker: AskerDep) -> NextReview:
    """The first that nobody is at, those assigned to you before others, none that is assigned to a colleague; it is yours for
    a while (`claimed_until`). With `mine` also what you hold already. `cursor` skips calls.
    """
    now = services.now()
    with services.database.transaction() as tx:
        entry = tx.review_queue.next(
            query.filter(asker, now),
            reviewer=asker.name,
            share=services.settings.review_sample_share,
            now=now,
            claim_s=services.settings.review_claim_s,
            after=cursors.decode_id(LIST, query.cursor),
        )
        if entry is not None:
            tx.audit.write(asker.name, "review.claim", f"call:{entry.call.id}", now=now)
    return NextReview(item=None if entry is None else QueueEntry.of(entry))


@router.put(
    "/review/claims/{call_id}",
    operation_id="claim_call",
    summary="Take this call, or keep it longer",
    response_model=QueueEntry,
    responses=problems("call_not_found", "scorecard_not_ready", "call_claimed"),
)
def claim_call(call_id: UUID, services: ServicesDep, asker: AskerDep) -> QueueEntry:
    """Others cannot review it until you have, gave it back, or the time is out."""
    claim_s, now = services.settings.review_claim_s, services.now()
    with services.database.transaction() as tx:
        visible_call(tx, call_id, asker)
        entry = tx.review_queue.claim(call_id, reviewer=asker.name, now=now, claim_s=claim_s)
        tx.audit.write(asker.name, "review.claim", f"call:{call_id}", now=now)
    return QueueEntry.of(entry)


@router.delete(
    "/review/claims/{call_id}",
    operation_id="release_call",
    summary="Give a call back",
    status_code=204,
    responses=problems("call_not_found", "scorecard_not_ready", "call_claimed"),
)
def release_call(call_id: UUID, services: ServicesDep, asker: AskerDep) -> Response:
    """Your own; an admin may free anybody's."""
    now = services.now()
    with services.database.transaction() as tx:
        visible_call(tx, call_id, asker)
        tx.review_queue.release(call_id, reviewer=asker.name, now=now, anyone=asker.role == "admin")
        tx.audit.write(asker.name, "review.release", f"call:{call_id}", now=now)
    return Response(status_code=204)
