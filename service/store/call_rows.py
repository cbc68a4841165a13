"""From rows to calls: the select that holds all a Call needs, its filters, and the list's cursor."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, Select, exists, select, tuple_

from service.store.models import calls, flags, reps, teams
from service.store.records import AudioObject, Call, CallFilter
from service.store.reps import REP_COLUMNS, rep_from_row

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def select_calls() -> Select[tuple[Any, ...]]:
    joined = calls.join(reps, reps.c.id == calls.c.rep_id).outerjoin(teams, teams.c.id == reps.c.team_id)
    return select(calls, *REP_COLUMNS[1:]).select_from(joined)


def conditions(wanted: CallFilter) -> Iterable[ColumnElement[bool]]:
    """What a call must fulfil to be listed."""
    columns = (
        (calls.c.status, wanted.status),
        (reps.c.external_id, wanted.rep),
        (teams.c.name, wanted.team),
        (calls.c.script, wanted.script),
        (calls.c.uploaded_by, wanted.uploaded_by),
        (reps.c.team_id, wanted.team_id),
        (reps.c.id, wanted.rep_id),
    )
    yield from (column == value for column, value in columns if value is not None)
    if wanted.received_from is not None:
        yield calls.c.received_at >= wanted.received_from
    if wanted.received_to is not None:
        yield calls.c.received_at < wanted.received_to
    if wanted.flagged is not None:
        flagged = exists().where(flags.c.call_id == calls.c.id)
        yield flagged if wanted.flagged else ~flagged


def after(cursor: str) -> ColumnElement[bool]:
    """The calls behind `cursor` in the list's order. Raises ValueError for text that is no cursor."""
    try:
        raw = base64.urlsafe_b64decode(cursor.encode("ascii"))
        moment, _, hexadecimal = raw.decode("ascii").partition(":")
        received_at = EPOCH + int(moment) * MICROSECOND
        call_id = UUID(hexadecimal)
    except (ValueError, binascii.Error, OverflowError) as error:
        raise ValueError("this cursor is not one that a list of calls gave out; leave it away to start anew") from error
    return tuple_(calls.c.received_at, calls.c.id) < tuple_(received_at, call_id)


def cursor_of(call: Call) -> str:
    return base64.urlsafe_b64encode(f"{(call.received_at - EPOCH) // MICROSECOND}:{call.id.hex}".encode()).decode()


def to_calls(connection: Connection, rows: Sequence[Row[tuple[Any, ...]]]) -> tuple[Call, ...]:
    """The calls of rows of `select_calls`, with their flags."""
    found: dict[UUID, list[str]] = {row.id: [] for row in rows}
    if found:
        statement = select(flags.c.call_id, flags.c.code).where(flags.c.call_id.in_(list(found)))
        for call_id, code in connection.execute(statement.order_by(flags.c.call_id, flags.c.position)):
            found[call_id].append(code)
    return tuple(_call(row, tuple(found[row.id])) for row in rows)


def _call(row: Row[tuple[Any, ...]], flag_codes: tuple[str, ...]) -> Call:
    return Call(
        id=row.id,
        source=row.source,
        external_id=row.external_id,
        rep=rep_from_row(row),
        audio=AudioObject(
            key=row.audio_key,
            sha256=row.audio_sha256,
            size_bytes=row.audio_size_bytes,
            format=row.audio_format,
            duration_s=row.audio_duration_s,
            channels=row.audio_channels,
        ),
        status=row.status,
        started_at=row.started_at,
        direction=row.direction,
        customer_ref=row.customer_ref,
        script=row.script,
        language=row.language,
        agent_channel=row.agent_channel,
        metadata=row._mapping[calls.c.metadata],
        uploaded_by=row.uploaded_by,
        received_at=row.received_at,
        transcribing_at=row.transcribing_at,
        transcribed_at=row.transcribed_at,
        scored_at=row.scored_at,
        failed_at=row.failed_at,
        attempts=row.attempts,
        progress=row.progress,
        error_code=row.error_code,
        error_message=row.error_message,
        detected_language=row.detected_language,
        adherence=row.adherence,
        argumentation=row.argumentation,
        objections_total=row.objections_total,
        objections_handled=row.objections_handled,
        flags=flag_codes,
    )
