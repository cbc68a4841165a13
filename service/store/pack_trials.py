"""Trials of drafts: which steps, how far they are, and whose work they are.

    running --last step--> done        running --cancel, or a newer trial of the draft--> cancelled        running --> failed

A worker takes a trial up by a lease, as with calls, and every finished step is stored: whoever is killed loses one step and no
more. The rows are the truth; a message only tells workers to look. See `service.store.rescore` for the same over all calls.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, exists, insert, or_, select, update

from service.scoring.errors import DraftStateWrong, DraftUnknown
from service.store.models import calls, transcripts
from service.store.models_packs import pack_trial_steps, pack_trials
from service.store.packs import PackRepository, packed, unpacked
from service.store.records_packs import Draft, Trial, TrialChoice, TrialKind, TrialWork
from service.store.types import new_id
from service.store.upsert import insert_new

#: Steps inserted, or read, by one statement.
_ROWS_AT_ONCE = 200
_NO_LEASE: Mapping[str, Any] = {"lease_token": None, "lease_until": None}
_COLUMNS = [column for column in pack_trials.c if column.name != "result"]


class TrialRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def calls_of(self, pack_id: str, language: str, choice: TrialChoice) -> list[str]:
        """Ids of the scored calls that a backtest takes: those of the pack and language, the newest first."""
        statement = (
            select(calls.c.id)
            .join(transcripts, transcripts.c.call_id == calls.c.id)
            .where(calls.c.status == "scored", calls.c.script == pack_id, transcripts.c.language == language)
            .order_by(calls.c.received_at.desc(), calls.c.id.desc())
            .limit(choice.most_calls)
        )
        if choice.date_from is not None:
            statement = statement.where(calls.c.kpi_day >= choice.date_from)
        if choice.date_to is not None:
            statement = statement.where(calls.c.kpi_day <= choice.date_to)
        return [str(call_id) for call_id in self._connection.scalars(statement)]

    def start(
        self,
        draft: Draft,
        choice: TrialChoice,
        subjects: Sequence[str],
        *,
        version: str,
        files_sha256: str,
        before: tuple[str, str],
        by: str,
        now: datetime,
    ) -> tuple[Trial, bool]:
        """A trial of these steps, and True; or the same one that is under way, and False. Another one of its kind is cancelled.

        `before` are version and hash of the files in use. The files of both sides are kept already (`PackRepository.keep`).
        """
        running = and_(
            pack_trials.c.draft_id == draft.id, pack_trials.c.kind == choice.kind, pack_trials.c.state == "running"
        )
        for found in self._trials(running):
            if (found.files_sha256, found.before_sha256, found.choice) == (files_sha256, before[1], choice):
                return found, False
            self._end(found.id, "cancelled", now)
        trial_id = new_id()
        values = {
            "id": trial_id,
            "draft_id": draft.id,
            "kind": choice.kind,
            "pack_id": draft.pack_id,
            "language": draft.language,
            "version": version,
            "files_sha256": files_sha256,
            "before_version": before[0],
            "before_sha256": before[1],
            "date_from": choice.date_from,
            "date_to": choice.date_to,
            "most_calls": choice.most_calls,
            "state": "running",
            "steps_total": len(subjects),
            "steps_done": 0,
            "created_by": by,
            "created_at": now,
            "attempts": 0,
        }
        if not insert_new(self._connection, pack_trials, values):
            raise DraftStateWrong("somebody has just started such a trial of this draft; look at it")
        rows = [{"trial_id": trial_id, "number": number, "subject": name} for number, name in enumerate(subjects)]
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            self._connection.execute(insert(pack_trial_steps), rows[start : start + _ROWS_AT_ONCE])
        return self.get(trial_id), True

    def get(self, trial_id: UUID, *, draft_id: UUID | None = None) -> Trial:
        """With its result. Raises DraftUnknown, also if it is another draft's."""
        statement = select(pack_trials).where(pack_trials.c.id == trial_id)
        if draft_id is not None:
            statement = statement.where(pack_trials.c.draft_id == draft_id)
        row = self._connection.execute(statement).one_or_none()
        if row is None:
            raise DraftUnknown(f"no trial of this draft has the id {trial_id}")
        return _trial(row, None if row.result is None else unpacked(row.result))

    def of_draft(self, draft_id: UUID) -> tuple[Trial, ...]:
        """The draft's trials without their results, the newest first."""
        return self._trials(pack_trials.c.draft_id == draft_id)

    def tests_of(self, files_sha256: str) -> Trial | None:
        """The last finished run of the tests of these very files, with its result; None if there was none."""
        done = and_(
            pack_trials.c.files_sha256 == files_sha256, pack_trials.c.kind == "test", pack_trials.c.state == "done"
        )
        last = select(pack_trials.c.id).where(done).order_by(pack_trials.c.id.desc()).limit(1)
        found = self._connection.scalar(last)
        return None if found is None else self.get(found)

    def cancel(self, trial_id: UUID, *, draft_id: UUID, now: datetime) -> Trial:
        """End a trial early; one that has ended stays as it is. Raises DraftUnknown."""
        self.get(trial_id, draft_id=draft_id)
        self._end(trial_id, "cancelled", now)
        return self.get(trial_id)

    def waiting(self, *, now: datetime, again_after_s: float = 0.0) -> tuple[UUID, ...]:
        """Running trials that nobody works on and that the queue should be told of."""
        due = and_(pack_trials.c.state == "running", _free(now))
        if again_after_s > 0:
            long_ago = now - timedelta(seconds=again_after_s)
            due = and_(due, or_(pack_trials.c.hinted_at.is_(None), pack_trials.c.hinted_at <= long_ago))
        found = tuple(self._connection.scalars(select(pack_trials.c.id).where(due).order_by(pack_trials.c.id)))
        if found:
            told = update(pack_trials).where(pack_trials.c.id.in_(found)).values(hinted_at=now)
            self._connection.execute(told)
        return found

    def claim(self, trial_id: UUID, *, token: str, now: datetime, lease_s: float) -> TrialWork | None:
        """Take a trial up. None if it has ended, or is someone else's."""
        values = {
            "lease_token": token,
            "lease_until": now + timedelta(seconds=lease_s),
            "attempts": pack_trials.c.attempts + 1,
            "hinted_at": now,
        }
        mine = and_(pack_trials.c.id == trial_id, pack_trials.c.state == "running", _free(now))
        if self._connection.execute(update(pack_trials).where(mine).values(values)).rowcount != 1:
            return None
        attempts = self._connection.scalar(select(pack_trials.c.attempts).where(pack_trials.c.id == trial_id)) or 1
        return TrialWork(self.get(trial_id), token, attempts)

    def renew(self, work: TrialWork, *, now: datetime, lease_s: float) -> bool:
        """Keep the lease. False if the trial has ended, or is someone else's now."""
        values = {"lease_until": now + timedelta(seconds=lease_s)}
        return self._connection.execute(update(pack_trials).where(_held(work)).values(values)).rowcount == 1

    def next_step(self, trial_id: UUID) -> tuple[int, str] | None:
        """Number and subject of the first step without a result; None if all have one."""
        undone = and_(pack_trial_steps.c.trial_id == trial_id, pack_trial_steps.c.result.is_(None))
        statement = select(pack_trial_steps.c.number, pack_trial_steps.c.subject).where(undone)
        row = self._connection.execute(statement.order_by(pack_trial_steps.c.number).limit(1)).one_or_none()
        return None if row is None else (row.number, row.subject)

    def advance(
        self, work: TrialWork, number: int, result: Mapping[str, Any], *, now: datetime, lease_s: float
    ) -> bool:
        """Store what a step found. False if the trial is not ours any more: roll back."""
        step = and_(
            pack_trial_steps.c.trial_id == work.trial.id,
            pack_trial_steps.c.number == number,
            pack_trial_steps.c.result.is_(None),
            exists().where(_held(work)),
        )
        stored = update(pack_trial_steps).where(step).values(result=packed(result))
        if self._connection.execute(stored).rowcount != 1:
            return False
        values = {
            "steps_done": pack_trials.c.steps_done + 1,
            "attempts": 1,
            "lease_until": now + timedelta(seconds=lease_s),
        }
        return self._connection.execute(update(pack_trials).where(_held(work)).values(values)).rowcount == 1

    def results(self, trial_id: UUID) -> Iterator[tuple[str, dict[str, Any]]]:
        """Subject and result of every step, in order; some are in memory at a time."""
        after = -1
        while True:
            behind = and_(pack_trial_steps.c.trial_id == trial_id, pack_trial_steps.c.number > after)
            statement = select(pack_trial_steps).where(behind).order_by(pack_trial_steps.c.number).limit(_ROWS_AT_ONCE)
            rows = self._connection.execute(statement).all()
            for row in rows:
                if row.result is not None:
                    yield row.subject, unpacked(row.result)
            if len(rows) < _ROWS_AT_ONCE:
                return
            after = rows[-1].number

    def finish(self, work: TrialWork, result: Mapping[str, Any], *, now: datetime) -> bool:
        """Store what came of it; its steps go. False if it is not ours any more."""
        held = update(pack_trials).where(_held(work)).values(result=packed(result))
        if self._connection.execute(held).rowcount != 1:
            return False
        self._end(work.trial.id, "done", now)
        return True

    def fail(self, work: TrialWork, problem: str, *, now: datetime) -> bool:
        """End it with a sentence for people. False if it is not ours any more."""
        if self._connection.execute(update(pack_trials).where(_held(work)).values(problem=problem)).rowcount != 1:
            return False
        self._end(work.trial.id, "failed", now)
        return True

    def release(self, work: TrialWork) -> None:
        """Give it back, free for the next worker at once."""
        values = {**_NO_LEASE, "attempts": 0}
        self._connection.execute(update(pack_trials).where(_held(work)).values(values))

    def _end(self, trial_id: UUID, state: str, now: datetime) -> None:
        running = and_(pack_trials.c.id == trial_id, pack_trials.c.state == "running")
        values = {**_NO_LEASE, "state": state, "finished_at": now}
        if self._connection.execute(update(pack_trials).where(running).values(values)).rowcount == 1:
            self._connection.execute(delete(pack_trial_steps).where(pack_trial_steps.c.trial_id == trial_id))
            PackRepository(self._connection).forget_unused()

    def _trials(self, condition: ColumnElement[bool]) -> tuple[Trial, ...]:
        statement = select(*_COLUMNS).where(condition).order_by(pack_trials.c.id.desc())
        return tuple(_trial(row, None) for row in self._connection.execute(statement))


def _free(now: datetime) -> ColumnElement[bool]:
    return or_(pack_trials.c.lease_until.is_(None), pack_trials.c.lease_until < now)


def _held(work: TrialWork) -> ColumnElement[bool]:
    return and_(
        pack_trials.c.id == work.trial.id, pack_trials.c.state == "running", pack_trials.c.lease_token == work.token
    )


def _trial(row: Row[Any], result: dict[str, Any] | None) -> Trial:
    kind: TrialKind = row.kind
    return Trial(
        id=row.id,
        draft_id=row.draft_id,
        pack_id=row.pack_id,
        language=row.language,
        version=row.version,
        files_sha256=row.files_sha256,
        before_version=row.before_version,
        before_sha256=row.before_sha256,
        choice=TrialChoice(kind, row.date_from, row.date_to, row.most_calls),
        state=row.state,
        steps_total=row.steps_total,
        steps_done=row.steps_done,
        result=result,
        problem=row.problem,
        created_by=row.created_by,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )
