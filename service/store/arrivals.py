"""Uploads becoming calls: any number of them by a handful of statements, so that a burst of recordings is one transaction.

Every transaction writes its rows in one order (reps, calls, rollup, each sorted), so two of them seldom wait for each other in a
ring; where they do, the database breaks one off, and its uploads are tried again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, bindparam, insert

from service.scoring.errors import CallConflict, CallscoreError, RepUnknown
from service.store.call_rows import select_calls, to_calls
from service.store.models import calls, flags
from service.store.records import Call, NewCall, Rep
from service.store.reps import RepRepository
from service.store.rollup import Rollup
from service.store.types import new_id
from service.store.upsert import insert_all_new

#: Uploads of one transaction; well below the number of parameters that SQLite (32,766) and PostgreSQL (65,535) take.
MOST_AT_ONCE = 200
#: The flag that a call of an unregistered rep has from its upload until a scorecard's flags replace it.
UNKNOWN_REP = {
    "code": "unknown_rep",
    "severity": "low",
    "reason": {
        "ru": "Сотрудник не заведён: создан по идентификатору из загрузки",
        "en": "The rep is not registered: created from the id in the upload",
    },
}
#: Made once: putting a select of fifty columns together takes longer than running it.
_NAMED = select_calls().where(
    calls.c.source == bindparam("of_source"), calls.c.external_id.in_(bindparam("names", expanding=True))
)
_REPEATED = select_calls().where(
    calls.c.uploaded_by == bindparam("uploader"), calls.c.idempotency_key.in_(bindparam("keys", expanding=True))
)
_BY_ID = select_calls().where(calls.c.id.in_(bindparam("ids", expanding=True)))

Rows = Sequence[Row[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Taken:
    """The call of an upload. `created` is False where it was there before."""

    call: Call
    created: bool


def take_in(
    connection: Connection, uploads: Sequence[NewCall], *, now: datetime, allow_unknown_rep: bool
) -> list[Taken | CallscoreError | ValueError]:
    """What became of each upload, in their order: its call, or why there is none (CallConflict, RepUnknown; ValueError for an
    audio key in use). One that is refused changes nothing.
    """
    found: dict[int, Taken | CallscoreError | ValueError] = {**_known(connection, dict(enumerate(uploads)))}
    new = {at: upload for at, upload in enumerate(uploads) if at not in found}
    reps = _reps(connection, {upload.rep_external_id for upload in new.values()}, now=now, create=allow_unknown_rep)
    for at, upload in list(new.items()):
        if upload.rep_external_id not in reps:
            found[at] = RepUnknown(
                f"the rep {upload.rep_external_id!r} is not registered; register it first, or check the spelling"
            )
            del new[at]
    created = _insert(connection, new, reps, now)
    late = {at: upload for at, upload in new.items() if at not in created}
    # Somebody else, or an upload beside it, was just taking in the same call.
    since = _known(connection, late)
    for at in late:
        found[at] = since.get(at) or ValueError("the audio key belongs to another call; every upload needs a fresh one")
    return [found[at] if at in found else Taken(created[at], created=True) for at in range(len(uploads))]


def _known(connection: Connection, uploads: dict[int, NewCall]) -> dict[int, Taken | CallConflict]:
    """The uploads whose call is there already, by their source and external id or their idempotency key."""
    by_name: dict[str, list[str]] = {}
    by_key: dict[UUID, list[str]] = {}
    for upload in uploads.values():
        by_name.setdefault(upload.source, []).append(upload.external_id)
        if upload.idempotency_key is not None and upload.uploaded_by is not None:
            by_key.setdefault(upload.uploaded_by, []).append(upload.idempotency_key)
    rows: list[Row[tuple[Any, ...]]] = []
    for source, names in by_name.items():
        rows += connection.execute(_NAMED, {"of_source": source, "names": names})
    for uploader, keys in by_key.items():
        rows += connection.execute(_REPEATED, {"uploader": uploader, "keys": keys})
    if not rows:
        return {}
    there = {call.id: call for call in to_calls(connection, rows)}
    named = {(row.source, row.external_id): there[row.id] for row in rows}
    repeated = {(row.uploaded_by, row.idempotency_key): there[row.id] for row in rows if row.idempotency_key}
    found: dict[int, Taken | CallConflict] = {}
    for at, upload in uploads.items():
        same = [
            call
            for call in (
                named.get((upload.source, upload.external_id)),
                repeated.get((upload.uploaded_by, upload.idempotency_key)),
            )
            if call is not None
        ]
        if same:
            found[at] = _judged(upload, same)
    return found


def _judged(upload: NewCall, same: Sequence[Call]) -> Taken | CallConflict:
    if any(call.audio.sha256 != upload.audio.sha256 for call in same):
        return CallConflict(
            f"call {same[0].id} was uploaded under this id or idempotency key with other audio; "
            "send this recording under an id of its own"
        )
    if same[0].id != same[-1].id:
        return CallConflict(
            f"the id belongs to call {same[0].id} and the idempotency key to call {same[-1].id}; use one key per call"
        )
    return Taken(same[0], created=False)


def _reps(connection: Connection, wanted: Collection[str], *, now: datetime, create: bool) -> dict[str, Rep]:
    repository = RepRepository(connection)
    if create:
        return repository.ensure_all(wanted, now=now)
    return {name: rep for name, rep in repository.named(wanted).items() if rep.registered}


def _insert(
    connection: Connection, uploads: dict[int, NewCall], reps: dict[str, Rep], now: datetime
) -> dict[int, Call]:
    """Insert the calls that are not there; those that were inserted."""
    if not uploads:
        return {}
    ids = {at: new_id() for at in uploads}
    ordered = sorted(uploads, key=lambda at: (uploads[at].source, uploads[at].external_id, at))
    rows = [_values(uploads[at], ids[at], reps[uploads[at].rep_external_id], now) for at in ordered]
    insert_all_new(connection, calls, rows)
    inserted = connection.execute(_BY_ID, {"ids": list(ids.values())}).all()
    days = {row["id"]: row["kpi_day"] for row in rows}
    unknown = [row.id for row in inserted if not row.rep_registered]
    if unknown:
        raised = [UNKNOWN_REP | {"call_id": call_id, "position": 0, "raised_at": now} for call_id in unknown]
        connection.execute(insert(flags), raised)
    Rollup(connection).receive(Counter((row.rep_id, days[row.id], row.script) for row in inserted))
    made = {call.id: call for call in to_calls(connection, inserted)}
    return {at: made[call_id] for at, call_id in ids.items() if call_id in made}


def _values(new: NewCall, call_id: UUID, rep: Rep, now: datetime) -> dict[str, Any]:
    return {
        "id": call_id,
        "rep_id": rep.id,
        "kpi_day": (new.started_at or now).astimezone(UTC).date(),
        "received_at": now,
        "hinted_at": now,
        "source": new.source,
        "external_id": new.external_id,
        "audio_key": new.audio.key,
        "audio_sha256": new.audio.sha256,
        "audio_size_bytes": new.audio.size_bytes,
        "audio_format": new.audio.format,
        "audio_duration_s": new.audio.duration_s,
        "audio_channels": new.audio.channels,
        "status": "received",
        "started_at": new.started_at,
        "direction": new.direction,
        "customer_ref": new.customer_ref,
        "script": new.script,
        "language": new.language,
        "agent_channel": new.agent_channel,
        "metadata": new.metadata,
        "idempotency_key": new.idempotency_key,
        "uploaded_by": new.uploaded_by,
        "attempts": 0,
    }
