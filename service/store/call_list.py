"""Lists of calls, newest first, in pages that stay in place while calls arrive.

    by text                  along the full-text index
    by team, or several reps along each rep's index, put together
    otherwise                along the index by time, or by rep, or by status

Which way is taken is decided here, not left to the database's guess: a page costs the same wherever it lies.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from heapq import merge
from itertools import islice
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, exists, select, tuple_

from service.scoring.search_words import query_words
from service.store import call_search
from service.store.call_rows import select_calls
from service.store.call_search import EPOCH, MICROSECOND, SLACK, position_of
from service.store.models import call_texts, calls, flags, reps, teams
from service.store.models_reviews import erasures, review_queue
from service.store.records import CallFilter

#: Reps whose indexes are walked one by one; the calls of more reps than these are as near along the index by time.
MOST_REPS_EACH = 64
#: Ids looked up by one statement; well below the number of parameters that SQLite (32,766) and PostgreSQL (65,535) take.
KEYS_AT_ONCE = 1000
#: Reps that a search names; beyond, each found call's rep is looked up.
MOST_REPS_NAMED = 200


_LATEST_FIRST = (calls.c.received_at.desc(), calls.c.id.desc())
_IDS = select(calls.c.received_at, calls.c.id).order_by(*_LATEST_FIRST).limit(bindparam("limit"))
_ROWS = select_calls().order_by(*_LATEST_FIRST).limit(bindparam("limit"))
_BY_IDS = select_calls().where(calls.c.id.in_(bindparam("call_ids", expanding=True)))
#: A call that was erased as a whole is in no list.
_SEEN = ~exists().where(erasures.c.call_id == calls.c.id, erasures.c.call_at.is_not(None))
_FLAGGED = exists().where(flags.c.call_id == calls.c.id)
_REVIEWED = exists().where(review_queue.c.call_id == calls.c.id, review_queue.c.reviewed_at.is_not(None))
#: What a call must fulfil, by name; a name that is no switch is also that of its parameter.
_CONDITIONS: dict[str, ColumnElement[bool]] = {
    "status": calls.c.status == bindparam("status"),
    "script": calls.c.script == bindparam("script"),
    "uploaded_by": calls.c.uploaded_by == bindparam("uploaded_by"),
    "received_from": calls.c.received_at >= bindparam("received_from"),
    "received_to": calls.c.received_at < bindparam("received_to"),
    "adherence_min": calls.c.adherence >= bindparam("adherence_min"),
    "adherence_max": calls.c.adherence <= bindparam("adherence_max"),
    "argumentation_min": calls.c.argumentation >= bindparam("argumentation_min"),
    "argumentation_max": calls.c.argumentation <= bindparam("argumentation_max"),
    "flagged": _FLAGGED,
    "not flagged": ~_FLAGGED,
    "reviewed": _REVIEWED,
    "not reviewed": ~_REVIEWED,
    "seen": _SEEN,
    "rep_id": calls.c.rep_id == bindparam("rep_id"),
    "rep_ids": calls.c.rep_id.in_(bindparam("rep_ids", expanding=True)),
    "before": tuple_(calls.c.received_at, calls.c.id)
    < tuple_(bindparam("before_at", type_=calls.c.received_at.type), bindparam("before_id", type_=calls.c.id.type)),
}
_SWITCHES = ("flagged", "reviewed")
_PARAMETERS = (
    "status",
    "script",
    "uploaded_by",
    "received_from",
    "received_to",
    "adherence_min",
    "adherence_max",
    "argumentation_min",
    "argumentation_max",
)


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of `select_calls` in the list's order; `next_cursor` is None on the last page."""

    rows: Sequence[Row[Any]]
    next_cursor: str | None


def page(connection: Connection, wanted: CallFilter, *, limit: int, cursor: str | None) -> Page:
    """One page. Raises ValueError for a cursor that no list of this kind gave out."""
    if wanted.text is not None:
        return _found(connection, wanted, limit, cursor)
    before = None if cursor is None else _place(cursor)
    whose = _reps(connection, wanted)
    names, parameters = _asked(wanted)
    parameters["limit"] = limit + 1
    if before is not None:
        names.append("before")
        parameters |= {"before_at": before[0], "before_id": before[1]}
    if whose is not None and 1 < len(whose) <= MOST_REPS_EACH:
        statement = _statement("ids", (*names, "rep_id", "seen"))
        each = (connection.execute(statement, parameters | {"rep_id": rep}).all() for rep in whose)
        ids = [call_id for _, call_id in islice(merge(*map(_places, each), reverse=True), limit + 1)]
        return _page(_by_ids(connection, ids), limit)
    if whose is not None:
        names.append("rep_id" if len(whose) == 1 else "rep_ids")
        parameters |= {"rep_id": whose[0]} if len(whose) == 1 else {"rep_ids": whose}
    return _page(connection.execute(_statement("rows", tuple(names)), parameters).all(), limit)


@cache
def _statement(kind: Literal["ids", "rows"], names: tuple[str, ...]) -> Select[Any]:
    """Made once for each combination of filters: putting a statement together costs more than running it."""
    return (_IDS if kind == "ids" else _ROWS).where(*(_CONDITIONS[name] for name in names))


def _asked(wanted: CallFilter) -> tuple[list[str], dict[str, Any]]:
    """Names of the conditions, beside rep and text, and their parameters."""
    parameters = {name: value for name in _PARAMETERS if (value := getattr(wanted, name)) is not None}
    switches = {name: getattr(wanted, name) for name in _SWITCHES}
    names = [name if on else f"not {name}" for name, on in switches.items() if on is not None]
    return [*parameters, *names], parameters


def _places(rows: Sequence[Row[Any]]) -> list[tuple[datetime, UUID]]:
    return [(row.received_at, row.id) for row in rows]


def _by_ids(connection: Connection, ids: Sequence[UUID]) -> list[Row[Any]]:
    """The calls' rows in the order of `ids`."""
    found: dict[UUID, Row[Any]] = {}
    for start in range(0, len(ids), KEYS_AT_ONCE):
        part = {"call_ids": list(ids[start : start + KEYS_AT_ONCE])}
        found.update((row.id, row) for row in connection.execute(_BY_IDS, part))
    return [found[call_id] for call_id in ids]


def _page(rows: Sequence[Row[Any]], limit: int) -> Page:
    shown = rows[:limit]
    more = len(rows) > limit > 0
    return Page(shown, _cursor(shown[-1].received_at, shown[-1].id) if more else None)


def _found(connection: Connection, wanted: CallFilter, limit: int, cursor: str | None) -> Page:
    """The calls that a text is found in."""
    before = None if cursor is None else _position(cursor)
    words = list(query_words(wanted.text or ""))
    if not words:
        return Page((), None)
    names, parameters = _asked(wanted)
    whose = _reps(connection, wanted)
    if whose is not None and not whose:
        return Page((), None)
    if whose is not None and len(whose) <= MOST_REPS_NAMED:
        words.append(frozenset(call_search.rep_fact(rep) for rep in whose))
    elif whose is not None:
        names.append("rep_ids")
        parameters["rep_ids"] = whose
    if wanted.script is not None:
        words.append(frozenset({call_search.script_fact(wanted.script)}))
    if wanted.received_to is not None:
        latest = position_of(wanted.received_to) + SLACK
        before = latest if before is None else min(before, latest)
    after = None if wanted.received_from is None else position_of(wanted.received_from)
    statement: Select[Any] = call_search.found_by(connection, words, before=before, after=after)
    # One call at a time, along the full-text index: a join might begin with the calls.
    conditions = (_CONDITIONS[name] for name in (*names, "seen"))
    statement = statement.where(exists().where(calls.c.id == call_texts.c.call_id, *conditions))
    rows = connection.execute(statement.limit(limit + 1), parameters).all()
    shown = rows[:limit]
    more = len(rows) > limit
    found = _by_ids(connection, [row.call_id for row in shown])
    return Page(found, _text_cursor(shown[-1].position) if more and shown else None)


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
