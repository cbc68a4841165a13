"""Calls found by their words: the database's own full-text index, on SQLite FTS5 and on PostgreSQL a tsvector.

Both index the same: dictionary forms (scoring.search_words), and two facts of the call that never change, its rep and its
script, so that a search within a team needs no other table. A call's `position` is the microsecond it was received in, or the next
free one: the order of the index is that of lists, so any page is as near as the first.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    String,
    Text,
    bindparam,
    cast,
    column,
    delete,
    func,
    literal,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from service.scoring.redaction import without_redacted
from service.scoring.search_words import search_words
from service.scoring.transcript import Transcript
from service.store.models import call_texts, calls
from service.store.upsert import insert_new

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
#: How far a position may lie behind the moment it stands for: a million calls of the same microsecond.
SLACK = 1_000_000
call_words = table("call_words", column("rowid"), column("words"))


def position_of(moment: datetime) -> int:
    """The least position of a call received at this moment."""
    return (moment - EPOCH) // MICROSECOND


def write(connection: Connection, call_id: UUID, transcript: Transcript) -> None:
    """Let the call be found by the words of its transcript, and by none of an earlier one.

    Not by redacted ones: whoever may not read them could find out by searching.
    """
    forget(connection, call_id)
    facts = select(calls.c.rep_id, calls.c.script, calls.c.received_at).where(calls.c.id == call_id)
    call = connection.execute(facts).one()
    words = sorted({*search_words(without_redacted(transcript, "")), rep_fact(call.rep_id), script_fact(call.script)})
    position = position_of(call.received_at)
    while not _write(connection, position, call_id, words):
        taken = select(func.max(call_texts.c.position)).where(
            call_texts.c.position >= position, call_texts.c.position < position_of(call.received_at) + SLACK
        )
        position = (connection.execute(taken).scalar() or position) + 1


def forget(connection: Connection, call_id: UUID) -> None:
    """Take the call's words out of the index."""
    if connection.dialect.name == "sqlite":
        found = select(call_texts.c.position, call_texts.c.words).where(call_texts.c.call_id == call_id)
        for row in connection.execute(found).all():
            removal = "INSERT INTO call_words(call_words, rowid, words) VALUES ('delete', :position, :words)"
            connection.execute(text(removal), {"position": row.position, "words": row.words})
    connection.execute(delete(call_texts).where(call_texts.c.call_id == call_id))


def found_by(
    connection: Connection, words: Iterable[frozenset[str]], *, before: int | None, after: int | None
) -> Select[tuple[UUID, int]]:
    """(call id, position) of calls that have one of each set of `words`, latest first, with positions in `after` <= p < `before`."""
    position: ColumnElement[Any]
    joined: FromClause
    if connection.dialect.name == "sqlite":
        position = literal_column("call_words.rowid")
        joined = call_words.join(call_texts, call_texts.c.position == position)
        # Every word is quoted: none can be taken for an operator of the query language.
        query = " AND ".join("(" + " OR ".join(f'"{word}"' for word in sorted(forms)) + ")" for forms in words)
        matches = literal_column("call_words").op("MATCH")(bindparam(None, query))
    else:
        position = call_texts.c.position
        joined = call_texts
        query = " & ".join("(" + " | ".join(f"'{word}'" for word in sorted(forms)) + ")" for forms in words)
        matches = call_texts.c.words.op("@@")(cast(literal(query, String), TSQUERY))
    found = select(call_texts.c.call_id, position.label("position")).select_from(joined).where(matches)
    if before is not None:
        found = found.where(position < before)
    if after is not None:
        found = found.where(position >= after)
    return found.order_by(position.desc())


def rep_fact(rep_id: UUID) -> str:
    """The word by which a rep's calls are found; longer than any word of a transcript may begin with a name."""
    return f"repfact{rep_id.hex}"


def script_fact(script: str) -> str:
    return f"scriptfact{script.encode().hex()}"


def _write(connection: Connection, position: int, call_id: UUID, words: list[str]) -> bool:
    values: dict[str, Any] = {"position": position, "call_id": call_id, "words": " ".join(words)}
    if connection.dialect.name == "postgresql":
        values["words"] = func.array_to_tsvector(cast(words, ARRAY(Text)))
    if not insert_new(connection, call_texts, values):
        return False
    if connection.dialect.name == "sqlite":
        insertion = "INSERT INTO call_words(rowid, words) VALUES (:position, :words)"
        connection.execute(text(insertion), {"position": position, "words": values["words"]})
    return True
