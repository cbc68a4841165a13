"""Calls: uploaded once however often they arrive, listed, counted. Work on them is in call_work.py."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import and_, func, insert, or_, select

from service.scoring.errors import CallConflict, RepUnknown
from service.store import call_list
from service.store.call_rows import select_calls, to_calls
from service.store.call_work import CallWork
from service.store.models import calls, flags
from service.store.records import CALL_STATUSES, Call, CallFilter, CallPage, CallStatus, NewCall, Rep
from service.store.reps import RepRepository
from service.store.rollup import Rollup
from service.store.types import new_id
from service.store.upsert import insert_new

#: Keys looked up by one statement; well below the number of parameters that SQLite (32,766) and PostgreSQL (65,535) take.
KEYS_AT_ONCE = 1000
#: The flag that a call of an unregistered rep has from its upload until a scorecard's flags replace it.
UNKNOWN_REP = {
    "code": "unknown_rep",
    "severity": "low",
    "reason": {
        "ru": "Сотрудник не заведён: создан по идентификатору из загрузки",
        "en": "The rep is not registered: created from the id in the upload",
    },
}


class CallRepository(CallWork):
    def create(self, new: NewCall, *, now: datetime, allow_unknown_rep: bool) -> tuple[Call, bool]:
        """Take in an upload: the call, and whether this upload created it.

        The same source and external id again, or the same idempotency key of the same uploader, yields the call that is there,
        also while many such uploads run at once. The rollup counts the call in the same transaction. `new.audio.key` must
        be a fresh key for every upload; where the call was there already, the caller deletes its object.

        Raises:
            CallConflict: the same id or key came with other audio.
            RepUnknown: the rep is not registered, and `allow_unknown_rep` is False.
        """
        if (existing := self._existing(new)) is not None:
            return existing, False
        rep = self._rep(new.rep_external_id, now=now, create=allow_unknown_rep)
        call_id = new_id()
        day = (new.started_at or now).astimezone(UTC).date()
        created = {"id": call_id, "rep_id": rep.id, "kpi_day": day, "received_at": now, "hinted_at": now}
        if not insert_new(self._connection, calls, _values(new) | created):
            if (existing := self._existing(new)) is None:
                raise ValueError("the audio key belongs to another call; every upload needs a fresh one")
            return existing, False
        if not rep.registered:
            flag = UNKNOWN_REP | {"call_id": call_id, "position": 0, "raised_at": now}
            self._connection.execute(insert(flags).values(flag))
        Rollup(self._connection).receive(rep.id, day, new.script)
        return self.get(call_id), True

    def list(self, wanted: CallFilter, *, limit: int, cursor: str | None = None) -> CallPage:
        """Calls that fit, newest first. Raises ValueError for a cursor that is none, or one of a search for a list without."""
        found = call_list.page(self._connection, wanted, limit=limit, cursor=cursor)
        return CallPage(calls=to_calls(self._connection, found.rows), next_cursor=found.next_cursor)

    def counts(self) -> dict[CallStatus, int]:
        """How many calls stand where; every status is named."""
        statement = select(calls.c.status, func.count().label("number")).group_by(calls.c.status)
        counted = {row.status: row.number for row in self._connection.execute(statement)}
        return {status: counted.get(status, 0) for status in CALL_STATUSES}

    def audio_keys(self, keys: Iterable[str]) -> set[str]:
        """Which of these object keys belong to a call."""
        wanted = tuple(keys)
        known: set[str] = set()
        for start in range(0, len(wanted), KEYS_AT_ONCE):
            part = wanted[start : start + KEYS_AT_ONCE]
            known.update(
                self._connection.execute(select(calls.c.audio_key).where(calls.c.audio_key.in_(part))).scalars()
            )
        return known

    def _existing(self, new: NewCall) -> Call | None:
        same = and_(calls.c.source == new.source, calls.c.external_id == new.external_id)
        if new.idempotency_key is not None and new.uploaded_by is not None:
            repeated = and_(calls.c.uploaded_by == new.uploaded_by, calls.c.idempotency_key == new.idempotency_key)
            same = or_(same, repeated)
        found = to_calls(self._connection, self._connection.execute(select_calls().where(same)).all())
        if any(call.audio.sha256 != new.audio.sha256 for call in found):
            raise CallConflict(
                f"call {found[0].id} was uploaded under this id or idempotency key with other audio; "
                "send this recording under an id of its own"
            )
        if len(found) > 1:
            raise CallConflict(
                f"the id belongs to call {found[0].id} and the idempotency key to call {found[1].id}; use one key per call"
            )
        return found[0] if found else None

    def _rep(self, external_id: str, *, now: datetime, create: bool) -> Rep:
        reps = RepRepository(self._connection)
        if create:
            return reps.ensure(external_id, now=now)
        rep = reps.get_by_external_id(external_id)
        if not rep.registered:
            raise RepUnknown(f"the rep {external_id!r} is not registered; register it first, or check the spelling")
        return rep


def _values(new: NewCall) -> dict[str, Any]:
    return {
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
