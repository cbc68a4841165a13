"""Reviews, as they go over the wire."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from service.api.schemas_calls import Call
from service.api.validation import Name
from service.scoring.override import Override, OverrideKind
from service.scoring.overrides import State
from service.scoring.results import Outcome, Scorecard, Severity, Step, Text
from service.store import records_reviews
from service.store.records_reviews import Decision as StoredDecision
from service.store.records_reviews import Origin, Verdict

#: Characters of a comment or a reason: half a page; whoever has more to say talks to the rep.
LONGEST_REMARK = 2_000
#: Points of a call that one review may decide; a script has a dozen items, a long call as many objections.
MOST_DECISIONS = 200
#: Utterances of the longest call are far fewer.
LAST_UTTERANCE = 1_000_000


def _plain(text: str) -> str:
    """Lines are fine, other control characters and halves of surrogate pairs are not."""
    if any(
        (char < " " and char not in "\n\t") or "\x7f" <= char <= "\x9f" or "\ud800" <= char <= "\udfff" for char in text
    ):
        raise ValueError("must not contain control characters")
    return text


Remark = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_REMARK), AfterValidator(_plain)]
Reason = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_REMARK), AfterValidator(_plain)
]
Place = Annotated[
    int | None,
    Field(
        ge=0, le=LAST_UTTERANCE, description="Utterance of the transcript, from 0, where it was voiced; for objections."
    ),
]
_DECISION: dict[str, Any] = {
    "kind": "objection_changed",
    "target": "price",
    "utterance": 14,
    "steps": ["acknowledge", "argument", "evidence"],
    "outcome": "accepted",
    "reason": "На 2:40 клиент согласился на пилот.",
}


class Point(BaseModel):
    """A point of a scorecard and how it should be."""

    model_config = ConfigDict(extra="forbid")

    kind: OverrideKind
    target: Name = Field(
        description="The script item's id, the objection's type as the machine said it, or the violation's id."
    )
    utterance: Place = None
    status: Literal["met", "partial", "missed", "not_applicable"] | None = Field(None, description="For an item.")
    type: Name | None = Field(None, description="The objection's type as it should be.")
    steps: list[Step] | None = Field(None, max_length=5, description="All steps that the rep took.")
    outcome: Outcome | None = None
    handled: bool | None = Field(None, description="Left out: by the pack's policy from steps and outcome.")
    points: float | None = Field(
        None,
        ge=0,
        le=5,
        allow_inf_nan=False,
        description="0..5 for an objection (left out: by the policy), 0..1 for a partial item.",
    )

    def override(self) -> Override:
        return Override(
            kind=self.kind,
            target=self.target,
            utterance=self.utterance,
            status=self.status,
            type=self.type,
            steps=None if self.steps is None else tuple(self.steps),
            outcome=self.outcome,
            handled=self.handled,
            points=self.points,
        )

    @classmethod
    def of_override(cls, override: Override) -> Point:
        return cls.model_validate(override.to_dict())


class Decision(Point):
    """What a reviewer decides about one point, and why."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_DECISION]})

    reason: Reason = Field(description="The rep reads it.")

    def stored(self) -> StoredDecision:
        return StoredDecision(self.override(), self.reason)


class NewReview(BaseModel):
    """A review of a call. `scorecard_id` and `version` are those of the answer that the reviewer looked at."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "scorecard_id": "01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a78",
                    "version": 0,
                    "verdict": "corrected",
                    "decisions": [_DECISION],
                }
            ]
        },
    )

    scorecard_id: UUID
    version: int = Field(ge=0, le=LAST_UTTERANCE, description="0 for a call that was never reviewed.")
    verdict: Verdict = Field(
        description="confirmed: all is right. corrected: some points are decided otherwise. unusable: cannot be judged."
    )
    decisions: list[Decision] = Field(default_factory=list, max_length=MOST_DECISIONS)
    withdraw: list[UUID] = Field(
        default_factory=list, max_length=MOST_DECISIONS, description="Overrides that shall hold no longer."
    )
    comment: Remark = ""

    def stored(self) -> records_reviews.NewReview:
        return records_reviews.NewReview(
            scorecard_id=self.scorecard_id,
            version=self.version,
            verdict=self.verdict,
            decisions=tuple(decision.stored() for decision in self.decisions),
            withdraw=tuple(self.withdraw),
            comment=self.comment,
        )


class OverrideInForce(BaseModel):
    """A decision that holds."""

    id: UUID
    review_id: UUID
    decision: Point
    machine: dict[str, Any] = Field(description="What the machine said about it when it was decided; empty: nothing.")
    reason: str
    reviewer: str = Field(description="`user:<id>` or `key:<prefix>`.")
    decided_at: AwareDatetime
    state: State = Field(
        description="applies: it decides the point. agrees: the machine now says the same. lapsed: by the current scorecard there is nothing left that it is about."
    )

    @classmethod
    def of(cls, found: records_reviews.StoredOverride) -> OverrideInForce:
        return cls(
            id=found.id,
            review_id=found.review_id,
            decision=Point.of_override(found.override),
            machine=found.machine,
            reason=found.reason,
            reviewer=found.reviewer,
            decided_at=found.decided_at,
            state=found.state,
        )


class Review(BaseModel):
    """One review of a call."""

    id: UUID
    version: int
    scorecard_id: UUID
    reviewer: str
    verdict: Verdict
    origin: Origin = Field(description="dispute: it decided one disputed point.")
    comment: str
    created_at: AwareDatetime
    current: bool = Field(description="False if the call was scored anew since.")


class CallReview(BaseModel):
    """People's word on a call. `version` is 0 and `reviews` empty before the first review."""

    scorecard_id: UUID
    version: int
    reviews: list[Review]
    overrides: list[OverrideInForce]
    not_counted: list[str] = Field(
        description="Rules that were switched off and left out here, like `script/greeting`."
    )
    claimed_by: str | None
    claimed_until: AwareDatetime | None
    effective: Scorecard = Field(description="What counts: the machine's scorecard with the overrides over it.")

    @classmethod
    def of(cls, found: records_reviews.ReviewedCall) -> CallReview:
        return cls(
            scorecard_id=found.scorecard_id,
            version=found.version,
            reviews=[Review.model_validate(review, from_attributes=True) for review in found.reviews],
            overrides=[OverrideInForce.of(override) for override in found.overrides],
            not_counted=list(found.not_counted),
            claimed_by=found.claimed_by,
            claimed_until=found.claimed_until,
            effective=found.effective,
        )


class QueueEntry(BaseModel):
    """A call that waits for a review."""

    call: Call
    severity: Severity | None = Field(description="The worst of its flags; null without one.")
    reasons: list[Text] = Field(description="Why it is flagged. Why a call without a flag is here is told to nobody.")
    waiting_since: AwareDatetime
    claimed_by: str | None = Field(description="Who is at it now.")
    claimed_until: AwareDatetime | None
    assigned_to: str | None = Field(description="Whose it is until it is reviewed, as `user:<id>`.")

    @classmethod
    def of(cls, entry: records_reviews.QueueEntry) -> QueueEntry:
        return cls(
            call=Call.of(entry.call, with_scores=True),
            severity=entry.severity,
            reasons=list(entry.reasons),
            waiting_since=entry.waiting_since,
            claimed_by=entry.claimed_by,
            claimed_until=entry.claimed_until,
            assigned_to=entry.assigned_to,
        )


class QueuePage(BaseModel):
    """Calls that wait, in the order in which they should be looked at."""

    items: list[QueueEntry]
    next_cursor: str | None = Field(description="Give it as `cursor` to get the next page; null on the last.")


class NextReview(BaseModel):
    """The call that was claimed; null if none waits."""

    item: QueueEntry | None
