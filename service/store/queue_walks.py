"""How the review queue is walked: selects of places in it, one behind the other in its order.

Flagged calls lie in an index by severity and age, which ends with the page. Those without a flag that wait are few (they teach
enough, or were drawn by lot) and come from an index each; so does what somebody holds. Few are sorted, all calls never.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
    union,
)

from service.store.models import calls, reps, teams, transcripts
from service.store.models_reviews import NO_FLAG, TEACHES_ENOUGH_PPM, review_queue
from service.store.queue_rows import MILLION, RANK
from service.store.records_reviews import QueueFilter

#: What is told of a place in the queue, besides its call.
PLACE = ("call_id", "severity", "waiting_since", "claimed_by", "claimed_until", "assigned_to")
# Constants in the statement itself: a database uses an index of some rows only where it reads that those are the ones asked for.
_NO_FLAG, _ENOUGH = (literal_column(str(number), Integer) for number in (NO_FLAG, TEACHES_ENOUGH_PPM))
WAITS = review_queue.c.reviewed_at.is_(None)
_FLAGGED = and_(WAITS, review_queue.c.severity > _NO_FLAG)
_PLAIN = and_(WAITS, review_queue.c.severity == _NO_FLAG)
_TEACHES = and_(_PLAIN, review_queue.c.teaches_ppm >= _ENOUGH)
_WORST_FIRST = tuple(sorted(RANK.values(), reverse=True))


def walks(connection: Connection, wanted: QueueFilter, *, share: float, after: UUID | None) -> Iterator[Select[Any]]:
    """The worst severity first; the last walk is that of calls without a flag. `after`: only what comes behind that call.

    What somebody holds is one walk.
    """
    where = review_queue.c.call_id == after
    begin = None if after is None else connection.execute(select(review_queue.c.severity).where(where)).scalar()
    age: tuple[ColumnElement[Any], ...] = (review_queue.c.waiting_since, review_queue.c.call_id)
    places = select(*(review_queue.c[name] for name in PLACE)).select_from(_source(wanted)).where(*_conditions(wanted))
    if wanted.mine is not None:
        order = (-review_queue.c.severity, case((review_queue.c.severity == NO_FLAG, _turn(share)), else_=0), *age)
        own = places.where(WAITS, review_queue.c.call_id.in_(_held(wanted.mine, share)), *_flag_condition(wanted))
        yield _behind(connection, own, order, after if begin is not None else None)
        return
    for rank in _ranks(wanted):
        if begin is not None and rank > begin:
            continue
        if rank == NO_FLAG:
            # Each side of the "or" is the whole condition of an index, so a database reads one index for each.
            walk, order = places.where(or_(_TEACHES, _drawn(share))), (_turn(share), *age)
        else:
            walk, order = places.where(_FLAGGED, review_queue.c.severity == rank), age
        yield _behind(connection, walk, order, after if rank == begin else None)


def waiting(connection: Connection, wanted: QueueFilter, *, share: float) -> int:
    """How many calls wait: ranges of indexes, whose length is that of the queue, not that of all calls."""
    source, narrowed = _source(wanted), [*_conditions(wanted), *_flag_condition(wanted)]
    counts = (
        select(func.count()).select_from(source).where(kind, *narrowed).scalar_subquery()
        for kind in (_FLAGGED, _TEACHES, _drawn(share))
    )
    return sum(connection.execute(select(*counts)).one())


def free_of_claims(now: datetime) -> ColumnElement[bool]:
    return or_(review_queue.c.claimed_until.is_(None), review_queue.c.claimed_until <= now)


def _ranks(wanted: QueueFilter) -> Sequence[int]:
    if wanted.flagged is None:
        return (*_WORST_FIRST, NO_FLAG)
    return _WORST_FIRST if wanted.flagged else (NO_FLAG,)


def _behind(
    connection: Connection, walk: Select[Any], order: tuple[ColumnElement[Any], ...], after: UUID | None
) -> Select[Any]:
    """The walk in its order, from behind the call `after` on."""
    if after is not None:
        place = connection.execute(select(*order).where(review_queue.c.call_id == after)).one()
        values = (literal(value, column.type) for value, column in zip(place, order, strict=True))
        walk = walk.where(tuple_(*order) > tuple_(*values))
    return walk.order_by(*order)


def _held(reviewer: str, share: float) -> Any:
    """Ids of what waits and is claimed by or assigned to somebody."""
    listed = or_(review_queue.c.severity > NO_FLAG, review_queue.c.teaches_ppm >= TEACHES_ENOUGH_PPM, _sampled(share))
    columns = (review_queue.c.claimed_by, review_queue.c.assigned_to)
    ids = select(review_queue.c.call_id).correlate(None)
    return union(*(ids.where(column == reviewer, WAITS, listed) for column in columns))


def _drawn(share: float) -> ColumnElement[bool]:
    """What waits for the lot alone."""
    return and_(_PLAIN, review_queue.c.teaches_ppm < _ENOUGH, _sampled(share))


def _sampled(share: float) -> ColumnElement[bool]:
    return review_queue.c.lot_ppm < round(share * MILLION)


def _turn(share: float) -> ColumnElement[int]:
    """Where a call without a flag stands, ascending: what teaches most comes first. A sampled call stands where a lot puts it
    among those that teach, unless it teaches more by itself.
    """
    by_lot = TEACHES_ENOUGH_PPM + review_queue.c.turn_ppm // 2
    drawn = and_(_sampled(share), review_queue.c.teaches_ppm < by_lot)
    return case((drawn, -by_lot), else_=-review_queue.c.teaches_ppm)


def _source(wanted: QueueFilter) -> FromClause:
    """The queue, with its calls only where a filter asks for what they are."""
    source: FromClause = review_queue
    if wanted.script is not None or wanted.team is not None or wanted.team_id is not None:
        source = source.join(calls, calls.c.id == review_queue.c.call_id)
    if wanted.team is not None or wanted.team_id is not None:
        source = source.join(reps, reps.c.id == calls.c.rep_id).outerjoin(teams, teams.c.id == reps.c.team_id)
    return source


def _conditions(wanted: QueueFilter) -> list[ColumnElement[bool]]:
    columns = (
        (calls.c.script, wanted.script),
        (teams.c.name, wanted.team),
        (reps.c.team_id, wanted.team_id),
    )
    found = [column == value for column, value in columns if value is not None]
    if wanted.language is not None:
        of_call = transcripts.c.call_id == review_queue.c.call_id
        found.append(exists().where(of_call, transcripts.c.language == wanted.language))
    if wanted.free_at is not None:
        found += [free_of_claims(wanted.free_at), review_queue.c.assigned_to.is_(None)]
    if wanted.mine is not None:
        found.append(or_(review_queue.c.claimed_by == wanted.mine, review_queue.c.assigned_to == wanted.mine))
    return found


def _flag_condition(wanted: QueueFilter) -> list[ColumnElement[bool]]:
    """For what is not walked severity by severity."""
    if wanted.flagged is None:
        return []
    return [review_queue.c.severity > NO_FLAG if wanted.flagged else review_queue.c.severity == NO_FLAG]
