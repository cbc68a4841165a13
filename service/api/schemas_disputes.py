"""Disputes, as they go over the wire."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from service.api.schemas_reviews import Point, Reason
from service.store import records_reviews
from service.store.records_reviews import DisputeState

_DISPUTE: dict[str, Any] = {
    "wish": {"kind": "item", "target": "company", "status": "met"},
    "argument": "Компанию я назвал на двенадцатой секунде, распознано с ошибкой.",
}


class NewDispute(BaseModel):
    """A point that somebody thinks is wrong, and how it should be."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_DISPUTE]})

    wish: Point
    argument: Reason = Field(description="Why; the QA lead reads it.")


class DisputeDecision(BaseModel):
    """What a QA lead says to it."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"uphold": True, "answer": "Слышно на 0:12, исправлено."}]}
    )

    uphold: bool = Field(description="True: the point counts as wished from now on. False: it stays as it is.")
    answer: Reason = Field(description="Why; who raised the dispute reads it.")


class Dispute(BaseModel):
    """A dispute and where it stands."""

    id: UUID
    call_id: UUID
    scorecard_id: UUID
    wish: Point
    argument: str
    raised_by: str = Field(description="`user:<id>` or `key:<prefix>`.")
    raised_at: AwareDatetime
    state: DisputeState
    decided_by: str | None
    decided_at: AwareDatetime | None
    answer: str | None
    review_id: UUID | None = Field(description="The review that an upheld dispute became.")

    @classmethod
    def of(cls, found: records_reviews.Dispute) -> Dispute:
        return cls(
            id=found.id,
            call_id=found.call_id,
            scorecard_id=found.scorecard_id,
            wish=Point.of_override(found.wish),
            argument=found.argument,
            raised_by=found.raised_by,
            raised_at=found.raised_at,
            state=found.state,
            decided_by=found.decided_by,
            decided_at=found.decided_at,
            answer=found.answer,
            review_id=found.review_id,
        )


class DisputePage(BaseModel):
    """Disputes, oldest first."""

    items: list[Dispute]
    next_cursor: str | None = Field(description="Give it as `cursor` to get the next page; null on the last.")
