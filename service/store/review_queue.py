"""The review queue: which calls a person should look at, in which order, and who is at which.

First calls with flags, by severity and age. Then calls without one: those that teach most about the rules, and among them, at
places drawn by lot, the random sample. What a call without a flag is there for is told to nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, and_, case, exists, func, literal, or_, select, tuple_, update

from service.scoring.errors import CallNotFound
from service.scoring.results import Severity, Text
from service.scoring.wording import both
from service.store import queue_rows
from service.store.call_rows import select_calls, to_calls
from service.store.models import calls, flags, reps, teams, transcripts
from service.store.models_reviews import overrides, review_queue
from service.store.queue_rows import MILLION
from service.store.records_reviews import QueueEntry, QueueFilter
from service.store.users import UserRepository

#: From how much it teaches (millionths) a call without a flag is worth a reviewer's time.
TEACHES_ENOUGH_PPM = 500_000
SEVERITY_OF_RANK: dict[int, Severity] = {3: "high", 2: "medium", 1: "low"}
NO_FLAG = 0
_WAITS = review_queue.c.reviewed_at.is_(None)
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
        found: list[QueueEntry] = []
        for walk in self._walks(wanted, share, after):
            if len(found) < limit:
                found += self._entries(walk.limit(limit - len(found)), now)
        return tuple(found)

    def waiting(self, wanted: QueueFilter, *, share: float) -> int:
        """How many calls wait."""
        narrowed = _conditions(wanted)
        # Without a filter nothing is asked of the calls themselves: the index of the queue answers.
        place: Select[Any] = select(review_queue.c.call_id)
        if narrowed:
            place = _columns().with_only_columns(review_queue.c.call_id)
        counted = 0
        for of_kind in (review_queue.c.severity > NO_FLAG, and_(review_queue.c.severity == NO_FLAG, _teaches(share))):
            only_ids = place.where(_WAITS, of_kind, *narrowed).subquery()
            counted += self._connection.execute(select(func.count()).select_from(only_ids)).scalar_one()
        return counted

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
        free = _free_of_claims(now)
        if wanted.mine == reviewer:
            free = or_(free, review_queue.c.claimed_by == reviewer)
        given, colleagues = review_queue.c.assigned_to, self._colleagues_of(reviewer)
        turns = [or_(given.is_(None), given.not_in(colleagues))]
        if self._connection.execute(select(given).where(given == reviewer, _WAITS).limit(1)).first() is not None:
            turns.insert(0, given == reviewer)
        for turn in turns:
            for walk in self._walks(wanted, share, after):
                first = walk.where(free, turn).limit(1).with_for_update(of=review_queue, skip_locked=True)
                row = self._connection.execute(first).first()
                if row is not None:
                    self._claim(row.id, reviewer, now, claim_s)
                    return self._entry(row.id, now)
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
        found = self._entries(_columns().where(review_queue.c.call_id == call_id), now)
        if not found:
            raise CallNotFound(f"no call has the id {call_id}")
        return found[0]

    def _walks(self, wanted: QueueFilter, share: float, after: UUID | None) -> Iterator[Any]:
        """One select for each severity, the worst first; the last is that of calls without a flag. Each along an index."""
        begin = None
        if after is not None:
            columns = (review_queue.c.severity, _turn(share).label("turn"), review_queue.c.waiting_since)
            begin = self._connection.execute(select(*columns).where(review_queue.c.call_id == after)).one_or_none()
        for rank in (*SEVERITY_OF_RANK, NO_FLAG):
            if begin is not None and rank > begin.severity:
                continue
            walk = _columns().where(_WAITS, review_queue.c.severity == rank)
            walk = walk.where(*_conditions(wanted))
            order: tuple[ColumnElement[Any], ...] = (review_queue.c.waiting_since, review_queue.c.call_id)
            if rank == NO_FLAG:
                order = (_turn(share), *order)
                walk = walk.where(_teaches(share))
            if begin is not None and rank == begin.severity:
                place = (begin.waiting_since, after) if rank != NO_FLAG else (begin.turn, begin.waiting_since, after)
                behind = (literal(value, column.type) for value, column in zip(place, order, strict=True))
                walk = walk.where(tuple_(*order) > tuple_(*behind))
            yield walk.order_by(*order)

    def _entries(self, statement: Any, now: datetime) -> tuple[QueueEntry, ...]:
        rows = self._connection.execute(statement).all()
        reasons = self._reasons([row.id for row in rows])
        found = to_calls(self._connection, rows)
        return tuple(
            QueueEntry(
                call=call,
                severity=SEVERITY_OF_RANK.get(row.severity),
                reasons=reasons.get(row.id, ()),
                waiting_since=row.waiting_since,
                claimed_by=row.claimed_by if row.claimed_until and row.claimed_until > now else None,
                claimed_until=row.claimed_until if row.claimed_until and row.claimed_until > now else None,
                assigned_to=row.assigned_to,
            )
            for row, call in zip(rows, found, strict=True)
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


def _columns() -> Any:
    """All that a call needs, and its place in the queue."""
    extra = (
        review_queue.c[name] for name in ("severity", "waiting_since", "claimed_by", "claimed_until", "assigned_to")
    )
    return select_calls().join(review_queue, review_queue.c.call_id == calls.c.id).add_columns(*extra)


def _turn(share: float) -> ColumnElement[int]:
    """Where a call without a flag stands, ascending: what teaches most comes first. A sampled call stands where a lot puts it
    among those that teach, unless it teaches more by itself.
    """
    by_lot = TEACHES_ENOUGH_PPM + review_queue.c.turn_ppm // 2
    drawn = and_(_sampled(share), review_queue.c.teaches_ppm < by_lot)
    return case((drawn, -by_lot), else_=-review_queue.c.teaches_ppm)


def _free_of_claims(now: datetime) -> ColumnElement[bool]:
    return or_(review_queue.c.claimed_until.is_(None), review_queue.c.claimed_until <= now)


def _teaches(share: float) -> ColumnElement[bool]:
    """Whether a call without a flag waits."""
    return or_(review_queue.c.teaches_ppm >= TEACHES_ENOUGH_PPM, _sampled(share))


def _sampled(share: float) -> ColumnElement[bool]:
    return review_queue.c.lot_ppm < round(share * MILLION)


def _conditions(wanted: QueueFilter) -> list[ColumnElement[bool]]:
    columns = (
        (calls.c.script, wanted.script),
        (teams.c.name, wanted.team),
        (reps.c.team_id, wanted.team_id),
    )
    found = [column == value for column, value in columns if value is not None]
    if wanted.language is not None:
        spoken = exists().where(transcripts.c.call_id == calls.c.id, transcripts.c.language == wanted.language)
        found.append(spoken)
    if wanted.mine is not None:
        found.append(or_(review_queue.c.claimed_by == wanted.mine, review_queue.c.assigned_to == wanted.mine))
    if wanted.free_at is not None:
        found += [_free_of_claims(wanted.free_at), review_queue.c.assigned_to.is_(None)]
    if wanted.flagged is not None:
        found.append(review_queue.c.severity > 0 if wanted.flagged else review_queue.c.severity == 0)
    return found
