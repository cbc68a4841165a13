"""From rows to calls: the select that holds all a Call needs, its filters, and the list's cursor."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, bindparam, select

from service.store.models import calls, flags, reps, teams
from service.store.models_reviews import erasures
from service.store.records import AudioObject, Call
from service.store.reps import REP_COLUMNS, rep_from_row

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


# Outer joins only: none of the tables can be what a database begins with, so a list goes along an index of the calls.
_JOINED = (
    calls.outerjoin(reps, reps.c.id == calls.c.rep_id)
    .outerjoin(teams, teams.c.id == reps.c.team_id)
    .outerjoin(erasures, erasures.c.call_id == calls.c.id)
)
_FORGOTTEN = (erasures.c.audio_at.label("audio_erased_at"), erasures.c.text_at.label("text_erased_at"))
#: Made once: putting its fifty columns together takes longer than reading a page of them.
_CALLS = select(calls, *REP_COLUMNS[1:], *_FORGOTTEN).select_from(_JOINED).where(erasures.c.call_at.is_(None))
_FLAGS = (
    select(flags.c.call_id, flags.c.code)
    .where(flags.c.call_id.in_(bindparam("call_ids", expanding=True)))
    .order_by(flags.c.call_id, flags.c.position)
)


def select_calls() -> Select[tuple[Any, ...]]:
    """All that a Call needs. Of an erased call only its numbers are left, and those are counted, not looked at."""
    return _CALLS


def to_calls(connection: Connection, rows: Sequence[Row[tuple[Any, ...]]]) -> tuple[Call, ...]:
    """The calls of rows of `select_calls`, with their flags."""
    found: dict[UUID, list[str]] = {row.id: [] for row in rows}
    if found:
        for call_id, code in connection.execute(_FLAGS, {"call_ids": list(found)}):
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
        audio_erased_at=row.audio_erased_at,
        text_erased_at=row.text_erased_at,
    )
