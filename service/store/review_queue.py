"""The review queue: which calls a person should look at, in which order, and who is at which.

First calls with flags, by severity and age. Then calls without one: those that teach most about the rules, and among them, at
places drawn by lot, the random sample. What a call without a flag is there for is told to nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, bindparam, or_, select, update

from service.scoring.errors import CallNotFound
from service.scoring.results import Severity, Text
from service.scoring.wording import both
from service.store import queue_rows, queue_walks
from service.store.call_rows import select_calls, to_calls
from service.store.models import calls, flags
from service.store.models_reviews import overrides, review_queue
from service.store.queue_walks import PLACE, WAITS, walks
from service.store.records_reviews import QueueEntry, QueueFilter
from service.store.users import UserRepository

SEVERITY_OF_RANK: dict[int, Severity] = {3: "high", 2: "medium", 1: "low"}
#: Made once: the calls of a page.
_CALLS = select_calls().where(calls.c.id.in_(bindparam("ids", expanding=True)))
LAPSED: Text = both(
    "Звонок оценён заново: решение проверяющего к новой оценке не подходит.",
    "The call was scored anew and a reviewer's decision does not fit the new scorecard.",
)


class ReviewQueue:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(
        self, wanted: QueueFilter, *, share: float, now: datetime, limit: int, after: UUID | None = None
    ) -> tuple[QueueEntry, ...]:
        """Calls that wait, in the queue's order, behind the call `after`. `share` (0..1) of all calls is the random sample."""
        found: list[Row[Any]] = []
        for walk in walks(self._connection, wanted, share=share, after=after):
            found += self._connection.execute(walk.limit(limit - len(found)))
            if len(found) == limit:
                break
        return self._entries(found, now)

    def waiting(self, wanted: QueueFilter, *, share: float) -> int:
        """How many calls wait."""
        return queue_walks.waiting(self._connection, wanted, share=share)

    def next(
        self,
        wanted: QueueFilter,
        *,
        reviewer: str,
        share: float,
        now: datetime,
        claim_s: float,
        after: UUID | None = None,
    ) -> QueueEntry | None:
        """Claim the first call that waits and that nobody is at; None if there is none. `after` skips up to that call.

        What is assigned to the reviewer goes before the rest, what is assigned to a colleague who can log in is left to them.
        Asked for their own (`wanted.mine`), a reviewer also gets what they hold already. Two who ask at once get two calls.
        """
        free = queue_walks.free_of_claims(now)
        if wanted.mine == reviewer:
            free = or_(free, review_queue.c.claimed_by == reviewer)
        given, colleagues = review_queue.c.assigned_to, self._colleagues_of(reviewer)
        turns = [or_(given.is_(None), given.not_in(colleagues))]
        if self._connection.execute(select(given).where(given == reviewer, WAITS).limit(1)).first() is not None:
            turns.insert(0, given == reviewer)
        for turn in turns:
            for walk in walks(self._connection, wanted, share=share, after=after):
                first = walk.where(free, turn).limit(1).with_for_update(of=review_queue, skip_locked=True)
                row = self._connection.execute(first).first()
                if row is not None:
                    self._claim(row.call_id, reviewer, now, claim_s)
                    return self._entry(row.call_id, now)
        return None

    def _colleagues_of(self, reviewer: str) -> Sequence[str]:
        """Everybody else who can review; a call that is assigned to somebody who no longer can is anybody's."""
        return [
            name for user in UserRepository(self._connection).reviewers() if (name := f"user:{user.id}") != reviewer
        ]

    def claim(self, call_id: UUID, *, reviewer: str, now: datetime, claim_s: float) -> QueueEntry:
        """Take this call, or hold it longer; also one that waits for nobody. Raises ScorecardNotReady, CallClaimed."""
        queue_rows.check_free(queue_rows.get(self._connection, call_id, lock=True), reviewer, now)
        self._claim(call_id, reviewer, now, claim_s)
        return self._entry(call_id, now)

    def release(self, call_id: UUID, *, reviewer: str, now: datetime, anyone: bool = False) -> None:
        """Give the call back. Nothing if nobody was at it. Raises ScorecardNotReady, CallClaimed if it is somebody else's.

        `anyone`: an admin frees what a colleague forgot.
        """
        place = queue_rows.get(self._connection, call_id, lock=True)
        if not anyone:
            queue_rows.check_free(place, reviewer, now)
        free = {"claimed_by": None, "claimed_until": None}
        self._connection.execute(update(review_queue).where(review_queue.c.call_id == call_id).values(free))

    def _claim(self, call_id: UUID, reviewer: str, now: datetime, claim_s: float) -> None:
        until = {"claimed_by": reviewer, "claimed_until": now + timedelta(seconds=claim_s)}
        self._connection.execute(update(review_queue).where(review_queue.c.call_id == call_id).values(until))

    def _entry(self, call_id: UUID, now: datetime) -> QueueEntry:
        place = select(*(review_queue.c[name] for name in PLACE)).where(review_queue.c.call_id == call_id)
        found = self._entries(self._connection.execute(place).all(), now)
        if not found:
            raise CallNotFound(f"no call has the id {call_id}")
        return found[0]

    def _entries(self, places: Sequence[Row[Any]], now: datetime) -> tuple[QueueEntry, ...]:
        """The calls in these places; an erased call is in none."""
        ids = [place.call_id for place in places]
        reasons = self._reasons(ids)
        rows = self._connection.execute(_CALLS, {"ids": ids}).all() if ids else []
        found = {call.id: call for call in to_calls(self._connection, rows)}
        return tuple(
            QueueEntry(
                call=found[place.call_id],
                severity=SEVERITY_OF_RANK.get(place.severity),
                reasons=reasons.get(place.call_id, ()),
                waiting_since=place.waiting_since,
                claimed_by=place.claimed_by if place.claimed_until and place.claimed_until > now else None,
                claimed_until=place.claimed_until if place.claimed_until and place.claimed_until > now else None,
                assigned_to=place.assigned_to,
            )
            for place in places
            if place.call_id in found
        )

    def _reasons(self, ids: Sequence[UUID]) -> dict[UUID, tuple[Text, ...]]:
        found: dict[UUID, tuple[Text, ...]] = {}
        statement = select(flags.c.call_id, flags.c.reason).where(flags.c.call_id.in_(ids)).order_by(flags.c.position)
        for row in self._connection.execute(statement):
            found[row.call_id] = (*found.get(row.call_id, ()), row.reason)
        in_force = (overrides.c.call_id.in_(ids)) & overrides.c.ended_at.is_(None) & (overrides.c.state == "lapsed")
        for call_id in self._connection.execute(select(overrides.c.call_id).where(in_force).distinct()).scalars():
            found[call_id] = (LAPSED, *found.get(call_id, ()))
        return found
