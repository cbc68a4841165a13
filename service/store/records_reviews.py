"""What the store hands out about reviews, disputes and calibration: frozen records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from service.scoring.override import Override
from service.scoring.overrides import State
from service.scoring.results import Scorecard, Severity, Text
from service.store.records import Call

#: confirmed: the machine is right. corrected: some points are decided otherwise. unusable: the call cannot be judged.
Verdict = Literal["confirmed", "corrected", "unusable"]
VERDICTS: tuple[Verdict, ...] = ("confirmed", "corrected", "unusable")
#: What a review looked at: the whole call, or the one point that somebody disputed.
Origin = Literal["review", "dispute"]
DisputeState = Literal["open", "upheld", "rejected"]
DISPUTE_STATES: tuple[DisputeState, ...] = ("open", "upheld", "rejected")


@dataclass(frozen=True, slots=True)
class Decision:
    """An override as a reviewer gives it, with why."""

    override: Override
    reason: str


@dataclass(frozen=True, slots=True)
class NewReview:
    """What a reviewer sends. `scorecard_id` and `version` are those of the `ReviewedCall` that they looked at.

    `withdraw` are ids of overrides that shall not hold any longer: the machine's word counts again there.
    """

    scorecard_id: UUID
    version: int
    verdict: Verdict
    decisions: tuple[Decision, ...] = ()
    withdraw: tuple[UUID, ...] = ()
    comment: str = ""


@dataclass(frozen=True, slots=True)
class StoredOverride:
    """An override in force. `machine` is what the machine said about it when it was decided, as plain data."""

    id: UUID
    review_id: UUID
    override: Override
    machine: dict[str, Any]
    reason: str
    reviewer: str
    decided_at: datetime
    state: State


@dataclass(frozen=True, slots=True)
class Review:
    """One review. `version` counts from 1 in its call; `current` is False if the call was scored anew since."""

    id: UUID
    version: int
    scorecard_id: UUID
    reviewer: str
    verdict: Verdict
    origin: Origin
    comment: str
    created_at: datetime
    current: bool


@dataclass(frozen=True, slots=True)
class ReviewedCall:
    """A call's scorecard with people's word on it. `version` is 0 before the first review.

    `machine` is as the machine scored it, `effective` what counts; `not_counted` are full ids of rules that are switched off
    and were left out of it. `claimed_by` and `claimed_until` are of a claim that holds now.
    """

    call_id: UUID
    scorecard_id: UUID
    version: int
    machine: Scorecard
    effective: Scorecard
    overrides: tuple[StoredOverride, ...]
    not_counted: tuple[str, ...]
    reviews: tuple[Review, ...]
    claimed_by: str | None
    claimed_until: datetime | None


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """A call that waits for a review. `severity` and `reasons` are those of its flags, None and empty without one: why
    a call without a flag is there is not told, so that nobody can tell the random sample from the rest.
    """

    call: Call
    severity: Severity | None
    reasons: tuple[Text, ...]
    waiting_since: datetime
    claimed_by: str | None
    claimed_until: datetime | None
    assigned_to: str | None


@dataclass(frozen=True, slots=True)
class Holding:
    """Calls that a reviewer is at now, and waiting ones that are assigned to them."""

    at_now: int
    assigned: int


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """`script`, `language`, `flagged` narrow; `team_id` limits a team's asker; `mine` leaves only what this reviewer claimed or
    was given, `free_at` only what nobody has at that time.
    """

    script: str | None = None
    language: str | None = None
    team: str | None = None
    flagged: bool | None = None
    team_id: UUID | None = None
    mine: str | None = None
    free_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Dispute:
    """A point of a scorecard that a rep or a manager disputes. `wish` is what they think is right."""

    id: UUID
    call_id: UUID
    scorecard_id: UUID
    wish: Override
    argument: str
    raised_by: str
    raised_at: datetime
    state: DisputeState
    decided_by: str | None
    decided_at: datetime | None
    answer: str | None
    review_id: UUID | None
