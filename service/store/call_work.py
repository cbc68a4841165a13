"""The work on calls: who holds one, for how long, and what becomes of it.

    received --claim--> transcribing --save transcript--> transcribed --claim, save scorecard--> scored
        ^                    |                                 |
        +---release, fail----+   fail, exhaust, cancel ------> failed --retry--> received | transcribed

A transcribed call in a language without rules is set aside: it has an `error_code` and waits for no worker (unscored.py).

A worker holds a call by a lease: a token that it made up and a time until which nobody else may claim the call. Every change by
a worker names the token and happens in one UPDATE that also checks it, so a worker that lost its lease changes
nothing, whatever it still believes. A lease that ran out stays valid until someone else claims the call.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Update, and_, bindparam, case, delete, or_, select, update

from service.scoring.errors import CallNotFound, CallStateWrong
from service.store import call_search
from service.store.call_rows import select_calls, to_calls
from service.store.models import calls, transcripts
from service.store.records import Call, Work, WorkStep

NO_LEASE: dict[str, Any] = {"lease_token": None, "lease_until": None, "progress": None}
FRESH: dict[str, Any] = NO_LEASE | {"attempts": 0, "error_code": None, "error_message": None, "failed_at": None}
#: Transcribed, and left alone until there are rules for its language.
SET_ASIDE = and_(calls.c.status == "transcribed", calls.c.error_code.is_not(None))
CANCELLED = "cancelled"
STEP_OF_STATUS: dict[str, WorkStep] = {"received": "transcribe", "transcribing": "transcribe", "transcribed": "score"}
#: Made once: whoever polls runs it again and again.
_ONE = select_calls().where(calls.c.id == bindparam("of_id"))


class CallWork:
    """The part of the call repository that workers and the sweeper use."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, call_id: UUID) -> Call:
        """Raises CallNotFound."""
        rows = self._connection.execute(_ONE, {"of_id": call_id}).all()
        if not rows:
            raise CallNotFound(f"no call has the id {call_id}")
        return to_calls(self._connection, rows)[0]

    def claim(self, call_id: UUID, step: WorkStep, *, token: str, now: datetime, lease_s: float) -> Call | None:
        """Take the call for `step` and count an attempt. None if someone holds it or the step is not what it waits for."""
        values: dict[str, Any] = {
            "lease_token": token,
            "lease_until": now + timedelta(seconds=lease_s),
            "attempts": calls.c.attempts + 1,
        }
        if step == "transcribe":
            values |= {"status": "transcribing", "transcribing_at": now, "progress": 0.0}
        statuses = [status for status, waits_for in STEP_OF_STATUS.items() if waits_for == step]
        claimable = and_(calls.c.id == call_id, calls.c.status.in_(statuses), _unleased(now), ~SET_ASIDE)
        return self.get(call_id) if self._change(update(calls).where(claimable).values(values)) else None

    def renew(self, call_id: UUID, token: str, *, now: datetime, lease_s: float, progress: float | None = None) -> bool:
        """Hold the call for another `lease_s` seconds. False if it is no longer ours: the worker must stop."""
        values: dict[str, Any] = {"lease_until": now + timedelta(seconds=lease_s)}
        if progress is not None:
            values["progress"] = min(max(progress, 0.0), 1.0)
        return self._change(update(calls).where(held(call_id, token)).values(values))

    def release(self, call_id: UUID, token: str) -> None:
        """Give the call back undone: it waits again and the attempt does not count. Nothing if it is not ours."""
        values = NO_LEASE | {"status": _waiting_status(), "attempts": calls.c.attempts - 1, "hinted_at": None}
        self._change(update(calls).where(held(call_id, token)).values(values))

    def fail(
        self,
        call_id: UUID,
        token: str,
        *,
        code: str,
        message: str,
        now: datetime,
        max_attempts: int,
        permanent: bool,
    ) -> Call:
        """End the attempt. The call waits again, or ends in `failed` if the fault is permanent or this was the last attempt.

        `message` is shown to people and must hold no words of the call. Unchanged if the call is not ours. Raises CallNotFound.
        """
        failed = NO_LEASE | {"status": "failed", "failed_at": now, "error_code": code, "error_message": message}
        last = held(call_id, token) if permanent else and_(held(call_id, token), calls.c.attempts >= max_attempts)
        if not self._change(update(calls).where(last).values(failed)):
            waiting = NO_LEASE | {"status": _waiting_status(), "hinted_at": now}
            self._change(update(calls).where(held(call_id, token)).values(waiting))
        return self.get(call_id)

    def cancel(self, call_id: UUID, *, now: datetime) -> None:
        """End a call that waits or is in work; whoever works on it finds the lease gone and stores nothing. `retry` undoes it.

        A call that waits to be scored again is scored as before. Raises CallNotFound, CallStateWrong.
        """
        unfinished = and_(calls.c.id == call_id, calls.c.status.in_(list(STEP_OF_STATUS)), ~SET_ASIDE)
        message = "the call was cancelled before it was scored; retry the call to have it scored after all"
        failed = FRESH | {"status": "failed", "failed_at": now, "error_code": CANCELLED, "error_message": message}
        before = calls.c.scored_at.is_not(None)
        if self._change(update(calls).where(unfinished, before).values(FRESH | {"status": "scored"})):
            return
        if not self._change(update(calls).where(unfinished).values(failed)):
            status = self.get(call_id).status
            raise CallStateWrong(f"only a call that waits or is in work can be cancelled; this one is {status!r}")

    def retry(self, call_id: UUID, *, now: datetime, language: str | None = None) -> WorkStep:
        """Let a call that failed, or was set aside, wait again, for scoring if it has a transcript, and tell for which step.

        With a `language` (ISO 639-1) it is transcribed anew in it, and what was heard before is forgotten.

        Raises CallNotFound, CallStateWrong.
        """
        values = FRESH | {"hinted_at": now}
        ended = and_(calls.c.id == call_id, or_(calls.c.status == "failed", SET_ASIDE))
        if language is not None:
            values |= {"language": language}
            # What was decided about a scorecard rests on the words it was made of.
            ended = and_(ended, calls.c.scored_at.is_(None))
        step: WorkStep = "score" if language is None and self._has_transcript(call_id) else "transcribe"
        values |= {"status": "transcribed" if step == "score" else "received"}
        if not self._change(update(calls).where(ended).values(values)):
            call = self.get(call_id)
            if language is not None and call.scored_at is not None:
                raise CallStateWrong("the call has a scorecard; its language stays. Retry it without a language")
            raise CallStateWrong(
                f"only a call that failed, or waits for rules, can be retried; this one is {call.status!r}"
            )
        if language is not None:
            call_search.forget(self._connection, call_id)
            self._connection.execute(delete(transcripts).where(transcripts.c.call_id == call_id))
        return step

    def rescore(self, call_id: UUID, *, now: datetime) -> None:
        """Let a call with a transcript wait for scoring again. Its scorecard stays until the new one replaces it.

        Raises CallNotFound, CallStateWrong.
        """
        done = and_(calls.c.id == call_id, or_(calls.c.status.in_(["scored", "failed"]), SET_ASIDE))
        values = FRESH | {"status": "transcribed", "hinted_at": now}
        if not self._has_transcript(call_id) or not self._change(update(calls).where(done).values(values)):
            status = self.get(call_id).status
            raise CallStateWrong(
                f"only a call that was transcribed and is not in work can be scored again; this one is {status!r}"
            )

    def waiting(self, *, now: datetime, limit: int, again_after_s: float = 0.0) -> tuple[Work, ...]:
        """Calls that wait for a step and that nobody holds, oldest first: what the queue should be told of.

        A call that was returned, or newly received, less than `again_after_s` seconds ago is left out, so that a long
        queue is not filled with the same calls at every sweep.
        """
        statement = (
            select(calls.c.id, calls.c.status, calls.c.audio_duration_s)
            .where(calls.c.status.in_(list(STEP_OF_STATUS)), _unleased(now), ~SET_ASIDE)
            .order_by(calls.c.received_at, calls.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        if again_after_s > 0:
            long_ago = now - timedelta(seconds=again_after_s)
            statement = statement.where(or_(calls.c.hinted_at.is_(None), calls.c.hinted_at <= long_ago))
        rows = self._connection.execute(statement).all()
        if rows:
            found = calls.c.id.in_([row.id for row in rows])
            self._connection.execute(update(calls).where(found).values(hinted_at=now))
        return tuple(Work(row.id, STEP_OF_STATUS[row.status], row.audio_duration_s) for row in rows)

    def exhaust(self, *, now: datetime, max_attempts: int) -> tuple[UUID, ...]:
        """Fail the calls whose worker vanished (the lease ran out) in the last attempt they had. Returns their ids."""
        lost = and_(
            calls.c.status.in_(list(STEP_OF_STATUS)), calls.c.lease_until < now, calls.c.attempts >= max_attempts
        )
        rows = self._connection.execute(select(calls.c.id).where(lost).with_for_update(skip_locked=True)).all()
        ids = tuple(row.id for row in rows)
        message = (
            f"the worker stopped without a word in each of {max_attempts} attempts; look for an out-of-memory kill or a crash "
            "in the worker's log, then retry the call"
        )
        values = NO_LEASE | {
            "status": "failed",
            "failed_at": now,
            "error_code": "worker_lost",
            "error_message": message,
        }
        if ids:
            self._connection.execute(update(calls).where(calls.c.id.in_(ids)).values(values))
        return ids

    def _change(self, statement: Update) -> bool:
        return self._connection.execute(statement).rowcount == 1

    def _has_transcript(self, call_id: UUID) -> bool:
        statement = select(transcripts.c.call_id).where(transcripts.c.call_id == call_id)
        return self._connection.execute(statement).one_or_none() is not None


def _unleased(now: datetime) -> ColumnElement[bool]:
    return or_(calls.c.lease_until.is_(None), calls.c.lease_until < now)


def held(call_id: UUID, token: str) -> ColumnElement[bool]:
    return and_(calls.c.id == call_id, calls.c.lease_token == token)


def _waiting_status() -> ColumnElement[str]:
    return case((calls.c.status == "transcribing", "received"), else_=calls.c.status)
