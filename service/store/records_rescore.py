"""Jobs that score stored calls again, as the store hands them out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

RescoreState = Literal["running", "paused", "done", "cancelled"]
RESCORE_STATES: tuple[RescoreState, ...] = ("running", "paused", "done", "cancelled")
#: What became of one call: another scorecard, the same one again, nothing to do, or it could not be scored.
RescoreResult = Literal["changed", "same", "skipped", "failed"]


@dataclass(frozen=True, slots=True)
class RescoreChoice:
    """Which calls. Days are those on which the KPIs count a call, both included; None: any."""

    date_from: date | None = None
    date_to: date | None = None
    script: str | None = None
    team_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class RescoreJob:
    """A job and where it stands. `calls_done` counts all that were looked at; the four below add up to it.

    `problem` says why a job stopped by itself, or why its last failed call failed; None if all is well.
    """

    id: UUID
    state: RescoreState
    choice: RescoreChoice
    team: str | None
    calls_total: int
    calls_changed: int
    calls_same: int
    calls_skipped: int
    calls_failed: int
    created_by: str
    created_at: datetime
    finished_at: datetime | None
    problem: str | None

    @property
    def calls_done(self) -> int:
        return self.calls_changed + self.calls_same + self.calls_skipped + self.calls_failed


@dataclass(frozen=True, slots=True)
class RescorePart:
    """A portion of a job in work: the ids of its calls lie between `after` (not included; None: from `first`) and `last`.

    `attempts` counts how often it was taken up since a call of it was last finished.
    """

    job_id: UUID
    number: int
    token: str
    first: UUID
    last: UUID
    after: UUID | None
    choice: RescoreChoice
    attempts: int
