"""Jobs that score stored calls again: which calls, how far they are, and whose portion is whose.

    running <--pause, resume--> paused        running, paused --cancel--> cancelled        running --last call--> done

A job's calls are cut into portions when it is made. A worker takes a portion up by a lease, as with calls, and every
finished call moves the portion on in the transaction that stores its scorecard: whoever is killed leaves off between two
calls, never within one. The rows are the truth; a message only tells workers to look.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, or_, select, update

from service.scoring.errors import RescoreStateWrong, RescoreUnknown
from service.store.models import calls, teams
from service.store.models_rescore import rescore_jobs, rescore_parts
from service.store.records_rescore import RescoreChoice, RescoreJob, RescorePart, RescoreResult, RescoreState
from service.store.rescore_rows import (
    COUNTED,
    choice_key,
    choice_of,
    chosen_calls,
    free_part,
    held_part,
    is_job,
    job_of,
    new_part,
)
from service.store.types import new_id
from service.store.upsert import insert_new

#: Calls of a portion. Small enough that many workers end at about the same time, large enough that a million calls are
#: few rows.
CALLS_OF_A_PART = 250
#: Portions announced at once: more workers than that are not expected.
PARTS_ANNOUNCED = 32
#: Portions inserted by one statement.
_ROWS_AT_ONCE = 500
NO_LEASE = {"lease_token": None, "lease_until": None}


class RescoreRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def start(self, choice: RescoreChoice, *, created_by: str, now: datetime) -> tuple[RescoreJob, bool]:
        """A job for the scored calls of this choice, and True; or the unfinished job that has the same choice, and False."""
        job_id = new_id()
        values = {
            "id": job_id,
            "state": "running",
            "date_from": choice.date_from,
            "date_to": choice.date_to,
            "script": choice.script,
            "team_id": choice.team_id,
            "choice": choice_key(choice),
            "calls_total": 0,
            "created_by": created_by,
            "created_at": now,
        }
        if not insert_new(self._connection, rescore_jobs, values):
            unfinished = and_(rescore_jobs.c.choice == choice_key(choice), rescore_jobs.c.finished_at.is_(None))
            return self._jobs(unfinished)[0], False
        total = self._cut(job_id, choice)
        self._connection.execute(update(rescore_jobs).where(is_job(job_id)).values(calls_total=total))
        self._finish(job_id, now)
        return self.get(job_id), True

    def get(self, job_id: UUID) -> RescoreJob:
        """Raises RescoreUnknown."""
        found = self._jobs(rescore_jobs.c.id == job_id)
        if not found:
            raise RescoreUnknown(f"no re-scoring has the id {job_id}")
        return found[0]

    def list(self, *, limit: int, after: UUID | None = None) -> tuple[RescoreJob, ...]:
        """Newest first, behind the job `after`."""
        older = rescore_jobs.c.id < after if after is not None else rescore_jobs.c.id.is_not(None)
        return self._jobs(older, limit=limit)

    def change(self, job_id: UUID, state: RescoreState, *, now: datetime) -> RescoreJob:
        """Pause, resume (`running`) or cancel a job. Asking for the state it is in changes nothing.

        Raises RescoreUnknown, RescoreStateWrong if the job has ended.
        """
        values = {
            "state": state,
            "finished_at": now if state == "cancelled" else None,
            "problem": None,
            "hinted_at": None,
        }
        unfinished = and_(is_job(job_id), rescore_jobs.c.finished_at.is_(None))
        changed = self._connection.execute(update(rescore_jobs).where(unfinished).values(values)).rowcount
        job = self.get(job_id)
        if not changed and job.state != state:
            raise RescoreStateWrong(f"the re-scoring is {job.state}; only one that is running or paused can be changed")
        return job

    def stop(self, job_id: UUID, problem: str) -> None:
        """Pause a running job by itself; `problem` says why and what to do."""
        running = and_(is_job(job_id), rescore_jobs.c.state == "running")
        self._connection.execute(update(rescore_jobs).where(running).values(state="paused", problem=problem))

    def waiting(self, *, now: datetime, again_after_s: float = 0.0) -> tuple[tuple[UUID, int], ...]:
        """(job, free portions) of running jobs that the queue should be told of; ends those of which all calls are done."""
        for job_id in self._connection.scalars(
            select(rescore_jobs.c.id).where(rescore_jobs.c.state == "running")
        ).all():
            self._finish(job_id, now)
        due = rescore_jobs.c.state == "running"
        if again_after_s > 0:
            long_ago = now - timedelta(seconds=again_after_s)
            due = and_(due, or_(rescore_jobs.c.hinted_at.is_(None), rescore_jobs.c.hinted_at <= long_ago))
        free = and_(rescore_parts.c.job_id == rescore_jobs.c.id, free_part(now))
        statement = (
            select(rescore_jobs.c.id, func.count(rescore_parts.c.number))
            .join(rescore_parts, free)
            .where(due)
            .group_by(rescore_jobs.c.id)
            .order_by(rescore_jobs.c.id)
        )
        found = [(row[0], min(row[1], PARTS_ANNOUNCED)) for row in self._connection.execute(statement).all()]
        if found:
            told = rescore_jobs.c.id.in_([job_id for job_id, _ in found])
            self._connection.execute(update(rescore_jobs).where(told).values(hinted_at=now))
        return tuple(found)

    def claim(self, job_id: UUID, *, token: str, now: datetime, lease_s: float) -> RescorePart | None:
        """Take up a free portion of a running job. None if there is none: all are done, in work, or the job does not run."""
        free = (
            select(rescore_parts.c.number)
            .join(rescore_jobs, rescore_jobs.c.id == rescore_parts.c.job_id)
            .where(rescore_parts.c.job_id == job_id, rescore_jobs.c.state == "running", free_part(now))
            .order_by(rescore_parts.c.number)
            .limit(1)
            .with_for_update(of=rescore_parts, skip_locked=True)
        )
        number = self._connection.scalar(free)
        if number is None:
            return None
        values = {
            "lease_token": token,
            "lease_until": now + timedelta(seconds=lease_s),
            "attempts": rescore_parts.c.attempts + 1,
        }
        here = and_(rescore_parts.c.job_id == job_id, rescore_parts.c.number == number)
        self._connection.execute(update(rescore_parts).where(here).values(values))
        # Work goes on, so the sweeper need not tell anybody.
        self._connection.execute(update(rescore_jobs).where(is_job(job_id)).values(hinted_at=now))
        part = self._connection.execute(select(rescore_parts).where(here)).one()
        job = self._connection.execute(select(rescore_jobs).where(is_job(job_id))).one()
        return RescorePart(
            job_id, number, token, part.first_id, part.last_id, part.done_id, choice_of(job), part.attempts
        )

    def next_call(self, part: RescorePart, after: UUID | None) -> UUID | None:
        """The call of the portion behind `after`; None if there is none any more."""
        begin = calls.c.id >= part.first if after is None else calls.c.id > after
        statement = chosen_calls(part.choice).where(begin, calls.c.id <= part.last).order_by(calls.c.id).limit(1)
        found: UUID | None = self._connection.scalar(statement)
        return found

    def advance(
        self,
        part: RescorePart,
        call_id: UUID,
        result: RescoreResult,
        *,
        now: datetime,
        lease_s: float,
        problem: str | None = None,
    ) -> bool:
        """Note that a call is done with. False if the portion is someone else's now or the job does not run: roll back."""
        name = COUNTED[result]
        values = {
            "done_id": call_id,
            "attempts": 1,
            "lease_until": now + timedelta(seconds=lease_s),
            name: rescore_parts.c[name] + 1,
        }
        if problem is not None:
            values["problem"] = problem
        runs = exists().where(is_job(part.job_id), rescore_jobs.c.state == "running")
        return self._connection.execute(update(rescore_parts).where(held_part(part), runs).values(values)).rowcount == 1

    def release(self, part: RescorePart, *, finished: bool, now: datetime) -> bool:
        """Give the portion back, `finished` or not. True if the job has free portions left to be worked on."""
        # The job's row first: of two workers that end the last portions at once the second sees what the first did.
        self._connection.execute(update(rescore_jobs).where(is_job(part.job_id)).values(state=rescore_jobs.c.state))
        values = NO_LEASE | {"finished": finished, "attempts": 0}
        self._connection.execute(update(rescore_parts).where(held_part(part)).values(values))
        self._finish(part.job_id, now)
        more = exists().where(rescore_parts.c.job_id == part.job_id, free_part(now))
        running = select(rescore_jobs.c.id).where(is_job(part.job_id), rescore_jobs.c.state == "running", more)
        return self._connection.scalar(running) is not None

    def _cut(self, job_id: UUID, choice: RescoreChoice) -> int:
        """Cut the chosen calls into portions by their ids; how many calls there are. Reads the ids' edges only."""
        numbered = chosen_calls(choice).add_columns(func.row_number().over(order_by=calls.c.id).label("row")).subquery()
        total = self._connection.scalar(select(func.count()).select_from(numbered)) or 0
        place = numbered.c.row % CALLS_OF_A_PART
        edges = self._connection.execute(
            select(numbered.c.id, numbered.c.row)
            .where(or_(place == 1, place == 0, numbered.c.row == total))
            .order_by(numbered.c.row)
        )
        rows: list[dict[str, object]] = []
        first: UUID | None = None
        for call_id, row in edges:
            first = call_id if first is None else first
            if row % CALLS_OF_A_PART and row != total:
                continue
            of_part = (row - 1) % CALLS_OF_A_PART + 1
            rows.append(new_part(job_id, (row - 1) // CALLS_OF_A_PART, first, call_id, of_part))
            first = None
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            self._connection.execute(rescore_parts.insert(), rows[start : start + _ROWS_AT_ONCE])
        return total

    def _finish(self, job_id: UUID, now: datetime) -> None:
        open_parts = exists().where(rescore_parts.c.job_id == job_id, ~rescore_parts.c.finished)
        ended = and_(is_job(job_id), rescore_jobs.c.state == "running", ~open_parts)
        self._connection.execute(update(rescore_jobs).where(ended).values(state="done", finished_at=now))

    def _jobs(self, condition: ColumnElement[bool], *, limit: int | None = None) -> tuple[RescoreJob, ...]:
        wanted = select(rescore_jobs.c.id).where(condition).order_by(rescore_jobs.c.id.desc()).limit(limit)
        sums = [func.coalesce(func.sum(rescore_parts.c[name]), 0).label(name) for name in COUNTED.values()]
        last = func.max(case((rescore_parts.c.calls_failed > 0, rescore_parts.c.problem))).label("failed_because")
        statement = (
            select(rescore_jobs, teams.c.name.label("team"), *sums, last)
            .outerjoin(teams, teams.c.id == rescore_jobs.c.team_id)
            .outerjoin(rescore_parts, rescore_parts.c.job_id == rescore_jobs.c.id)
            .where(rescore_jobs.c.id.in_(wanted.scalar_subquery()))
            .group_by(*rescore_jobs.c, teams.c.name)
            .order_by(rescore_jobs.c.id.desc())
        )
        return tuple(job_of(row) for row in self._connection.execute(statement))
