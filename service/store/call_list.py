"""Lists of calls, newest first, in pages that stay in place while calls arrive.

    by text                  along the full-text index
    by team, or several reps along each rep's index, put together
    otherwise                along the index by time, or by rep, or by status

Which way is taken is decided here, not left to the database's guess: a page costs the same wherever it lies.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, exists, select, tuple_

from service.scoring.search_words import query_words
from service.store import call_search
from service.store.call_search import EPOCH, MICROSECOND, SLACK, position_of
from service.store.models import call_texts, calls, flags, reps, teams
from service.store.models_reviews import erasures, review_queue
from service.store.records import CallFilter

#: Reps whose indexes are walked one by one; the calls of more reps than these are as near along the index by time.
MOST_REPS_EACH = 64
#: Reps that a search names; beyond, each found call's rep is looked up.
MOST_REPS_NAMED = 200


@dataclass(frozen=True, slots=True)
class Page:
    """Ids of calls in the list's order; `next_cursor` is None on the last page."""

    ids: tuple[UUID, ...]
    next_cursor: str | None


def page(connection: Connection, wanted: CallFilter, *, limit: int, cursor: str | None) -> Page:
    """One page. Raises ValueError for a cursor that no list of this kind gave out."""
    if wanted.text is not None:
        return _found(connection, wanted, limit, cursor)
    before = None if cursor is None else _place(cursor)
    whose = _reps(connection, wanted)
    if whose is not None and len(whose) <= MOST_REPS_EACH:
        rows = merge(*(_walk(connection, wanted, limit, before, [rep]) for rep in whose), reverse=True)
        return _page(list(islice(rows, limit + 1)), limit)
    return _page(_walk(connection, wanted, limit, before, whose), limit)


def _walk(
    connection: Connection,
    wanted: CallFilter,
    limit: int,
    before: tuple[datetime, UUID] | None,
    whose: Sequence[UUID] | None,
) -> list[tuple[datetime, UUID]]:
    """The first `limit` + 1 (received_at, id) behind `before`, of all reps for None."""
    statement = select(calls.c.received_at, calls.c.id).where(*_conditions(wanted))
    if whose is not None:
        statement = statement.where(calls.c.rep_id == whose[0] if len(whose) == 1 else calls.c.rep_id.in_(whose))
    if before is not None:
        statement = statement.where(tuple_(calls.c.received_at, calls.c.id) < tuple_(*before))
    ordered = statement.order_by(calls.c.received_at.desc(), calls.c.id.desc()).limit(limit + 1)
    return [(row.received_at, row.id) for row in connection.execute(ordered)]


def _page(rows: Sequence[tuple[datetime, UUID]], limit: int) -> Page:
    shown = rows[:limit]
    more = len(rows) > limit
    return Page(tuple(call_id for _, call_id in shown), _cursor(*shown[-1]) if more and shown else None)


def _found(connection: Connection, wanted: CallFilter, limit: int, cursor: str | None) -> Page:
    """The calls that a text is found in."""
    before = None if cursor is None else _position(cursor)
    words = list(query_words(wanted.text or ""))
    if not words:
        return Page((), None)
    conditions = list(_conditions(wanted))
    whose = _reps(connection, wanted)
    if whose is not None and not whose:
        return Page((), None)
    if whose is not None and len(whose) <= MOST_REPS_NAMED:
        words.append(frozenset(call_search.rep_fact(rep) for rep in whose))
    elif whose is not None:
        conditions.append(calls.c.rep_id.in_(whose))
    if wanted.script is not None:
        words.append(frozenset({call_search.script_fact(wanted.script)}))
    if wanted.received_to is not None:
        latest = position_of(wanted.received_to) + SLACK
        before = latest if before is None else min(before, latest)
    after = None if wanted.received_from is None else position_of(wanted.received_from)
    statement: Select[Any] = call_search.found_by(connection, words, before=before, after=after)
    # One call at a time, along the full-text index: a join might begin with the calls.
    statement = statement.where(exists().where(calls.c.id == call_texts.c.call_id, *conditions))
    rows = connection.execute(statement.limit(limit + 1)).all()
    shown = rows[:limit]
    more = len(rows) > limit
    return Page(tuple(row.call_id for row in shown), _text_cursor(shown[-1].position) if more and shown else None)


def _reps(connection: Connection, wanted: CallFilter) -> list[UUID] | None:
    """The reps whose calls are wanted; None for all."""
    columns = (
        (reps.c.external_id, wanted.rep),
        (reps.c.id, wanted.rep_id),
        (reps.c.team_id, wanted.team_id),
        (teams.c.name, wanted.team),
    )
    chosen = [column == value for column, value in columns if value is not None]
    if not chosen:
        return None
    joined = reps.outerjoin(teams, teams.c.id == reps.c.team_id)
    return list(connection.execute(select(reps.c.id).select_from(joined).where(*chosen)).scalars())


def _conditions(wanted: CallFilter) -> Iterable[ColumnElement[bool]]:
    """What a call must fulfil beside its rep and its text. A call that was erased as a whole is in no list."""
    yield ~exists().where(erasures.c.call_id == calls.c.id, erasures.c.call_at.is_not(None))
    equal = (
        (calls.c.status, wanted.status),
        (calls.c.script, None if wanted.text is not None else wanted.script),
        (calls.c.uploaded_by, wanted.uploaded_by),
    )
    yield from (column == value for column, value in equal if value is not None)
    if wanted.received_from is not None:
        yield calls.c.received_at >= wanted.received_from
    if wanted.received_to is not None:
        yield calls.c.received_at < wanted.received_to
    ranges = (
        (calls.c.adherence, wanted.adherence_min, wanted.adherence_max),
        (calls.c.argumentation, wanted.argumentation_min, wanted.argumentation_max),
    )
    for column, least, most in ranges:
        if least is not None:
            yield column >= least
        if most is not None:
            yield column <= most
    if wanted.flagged is not None:
        flagged = exists().where(flags.c.call_id == calls.c.id)
        yield flagged if wanted.flagged else ~flagged
    if wanted.reviewed is not None:
        reviewed = exists().where(review_queue.c.call_id == calls.c.id, review_queue.c.reviewed_at.is_not(None))
        yield reviewed if wanted.reviewed else ~reviewed


def _place(cursor: str) -> tuple[datetime, UUID]:
    moment, _, hexadecimal = _opened(cursor).partition(":")
    try:
        return EPOCH + int(moment) * MICROSECOND, UUID(hexadecimal)
    except (ValueError, OverflowError) as error:
        raise _no_cursor() from error


def _position(cursor: str) -> int:
    kind, _, position = _opened(cursor).partition(":")
    if kind != "text" or not position.isdecimal() or int(position) >= 2**63:
        raise _no_cursor()
    return int(position)


def _opened(cursor: str) -> str:
    try:
        return base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True).decode("ascii")
    except (ValueError, binascii.Error) as error:
        raise _no_cursor() from error


def _no_cursor() -> ValueError:
    return ValueError("this cursor is not one that a list of calls gave out; leave it away to start anew")


def _cursor(received_at: datetime, call_id: UUID) -> str:
    return base64.urlsafe_b64encode(f"{position_of(received_at)}:{call_id.hex}".encode()).decode()


def _text_cursor(position: int) -> str:
    return base64.urlsafe_b64encode(f"text:{position}".encode()).decode()
