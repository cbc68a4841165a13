"""Jobs that score stored calls again, as they go over the wire."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from service.api.periods import Day, LastDay
from service.api.validation import Name
from service.store import records_rescore as records
from service.store.records_rescore import RescoreState

_JOB: dict[str, Any] = {
    "id": "01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a77",
    "state": "running",
    "from": "2025-10-01",
    "to": "2025-10-31",
    "script": "b2b_sales",
    "team": None,
    "calls_total": 12040,
    "calls_done": 3010,
    "progress": 0.25,
    "calls_changed": 412,
    "calls_same": 2597,
    "calls_skipped": 1,
    "calls_failed": 0,
    "problem": None,
    "created_by": "key:cs_1a2b3c4d",
    "created_at": "2025-11-23T10:15:00Z",
    "finished_at": None,
}


class NewRescore(BaseModel):
    """Which calls to score again. What is left out does not narrow: `{}` takes every scored call."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"from": "2025-10-01", "script": "b2b_sales"}]}
    )

    date_from: Day = Field(None, alias="from", description="First day, UTC, on which the KPIs count a call.")
    date_to: LastDay = Field(None, alias="to", description="Last day.")
    script: Name | None = Field(None, description="A rule pack's id.")
    team: Name | None = Field(None, description="A team's name.")


class Rescore(BaseModel):
    """A job that scores stored calls again by the rules as they stand when each call's turn comes."""

    model_config = ConfigDict(json_schema_extra={"examples": [_JOB]})

    id: UUID
    state: RescoreState
    date_from: date | None = Field(serialization_alias="from")
    date_to: date | None = Field(serialization_alias="to")
    script: str | None
    team: str | None
    calls_total: int
    calls_done: int
    progress: float = Field(description="0 to 1.")
    calls_changed: int = Field(description="Their scorecard says something else now.")
    calls_same: int = Field(description="Scored again with the same result.")
    calls_skipped: int = Field(description="Erased, or waiting for their score anyway.")
    calls_failed: int = Field(description="They keep the scorecard they had; `problem` says why the last one failed.")
    problem: str | None = Field(description="Why the job paused by itself, or why its last failed call failed.")
    created_by: str
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, job: records.RescoreJob) -> Rescore:
        return cls(
            id=job.id,
            state=job.state,
            date_from=job.choice.date_from,
            date_to=job.choice.date_to,
            script=job.choice.script,
            team=job.team,
            calls_total=job.calls_total,
            calls_done=job.calls_done,
            progress=1.0 if not job.calls_total else round(job.calls_done / job.calls_total, 4),
            calls_changed=job.calls_changed,
            calls_same=job.calls_same,
            calls_skipped=job.calls_skipped,
            calls_failed=job.calls_failed,
            problem=job.problem,
            created_by=job.created_by,
            created_at=job.created_at,
            finished_at=job.finished_at,
        )


class RescorePage(BaseModel):
    """Jobs, newest first."""

    items: list[Rescore]
    next_cursor: str | None
