"""Re-scoring jobs and their portions as rows, conditions and records."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, or_, select

from service.store.models import calls, reps
from service.store.models_rescore import rescore_jobs, rescore_parts
from service.store.records_rescore import RescoreChoice, RescoreJob, RescorePart, RescoreResult

#: The column of a portion that counts calls with this result.
COUNTED: dict[RescoreResult, str] = {
    "changed": "calls_changed",
    "same": "calls_same",
    "skipped": "calls_skipped",
    "failed": "calls_failed",
}


def new_part(job_id: UUID, number: int, first: UUID, last: UUID, total: int) -> dict[str, object]:
    counts = dict.fromkeys(COUNTED.values(), 0)
    return {
        "job_id": job_id,
        "number": number,
        "first_id": first,
        "last_id": last,
        "finished": False,
        "calls_total": total,
        "attempts": 0,
        **counts,
    }


def chosen_calls(choice: RescoreChoice) -> Select[Any]:
    statement = select(calls.c.id).where(calls.c.status == "scored")
    if choice.date_from is not None:
        statement = statement.where(calls.c.kpi_day >= choice.date_from)
    if choice.date_to is not None:
        statement = statement.where(calls.c.kpi_day <= choice.date_to)
    if choice.script is not None:
        statement = statement.where(calls.c.script == choice.script)
    if choice.team_id is not None:
        statement = statement.join(reps, reps.c.id == calls.c.rep_id).where(reps.c.team_id == choice.team_id)
    return statement


def choice_key(choice: RescoreChoice) -> str:
    days = [None if day is None else day.isoformat() for day in (choice.date_from, choice.date_to)]
    return json.dumps([*days, choice.script, None if choice.team_id is None else choice.team_id.hex])


def choice_of(row: Row[Any]) -> RescoreChoice:
    return RescoreChoice(row.date_from, row.date_to, row.script, row.team_id)


def job_of(row: Row[Any]) -> RescoreJob:
    return RescoreJob(
        id=row.id,
        state=row.state,
        choice=choice_of(row),
        team=row.team,
        calls_total=row.calls_total,
        calls_changed=int(row.calls_changed),
        calls_same=int(row.calls_same),
        calls_skipped=int(row.calls_skipped),
        calls_failed=int(row.calls_failed),
        created_by=row.created_by,
        created_at=row.created_at,
        finished_at=row.finished_at,
        problem=row.problem or row.failed_because,
    )


def is_job(job_id: UUID) -> ColumnElement[bool]:
    return rescore_jobs.c.id == job_id


def free_part(now: datetime) -> ColumnElement[bool]:
    unleased = or_(rescore_parts.c.lease_until.is_(None), rescore_parts.c.lease_until < now)
    return and_(~rescore_parts.c.finished, unleased)


def held_part(part: RescorePart) -> ColumnElement[bool]:
    return and_(
        rescore_parts.c.job_id == part.job_id,
        rescore_parts.c.number == part.number,
        rescore_parts.c.lease_token == part.token,
    )
