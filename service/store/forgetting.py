"""Forgetting on request and by age, through to the end: tables, full-text index, recordings, and the database's own files.

Each call is a transaction of its own, so that a thousand calls of a customer hold nobody up; whoever is interrupted asks again
and goes on where it stopped. The audit log says who had what erased and when, by ids only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from service.scoring.errors import CallNotFound
from service.store.audio import AudioStore
from service.store.database import Database
from service.store.retention import What
from service.store.types import new_id

#: Calls that one round of retention forgets of each kind; the next round takes the others.
ROUND = 2_000


@dataclass(frozen=True, slots=True)
class Receipt:
    """An erasure on request. `id` stands in the audit log, and is all that the asker needs to prove it; `calls` were erased."""

    id: UUID
    calls: int


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What a round of retention forgot."""

    audio: int
    text: int


def forget_call(database: Database, audio: AudioStore, call_id: UUID, *, by: str, now: datetime) -> None:
    """Erase the call, leaving its anonymous numbers. Raises CallNotFound, StoreUnavailable."""
    _erase_call(database, call_id, by, now)
    finish(database, audio)


def forget_customer(database: Database, audio: AudioStore, customer_ref: str, *, by: str, now: datetime) -> Receipt:
    """Erase all calls with this customer. None there is fine: 0 calls. Raises StoreUnavailable."""
    with database.read() as tx:
        ids = tx.erasure.calls_of_customer(customer_ref)
    receipt = Receipt(new_id(), _erase_calls(database, ids, by, now))
    with database.transaction() as tx:
        tx.audit.write(by, "customer.erase", f"erasure:{receipt.id}", now=now, detail={"calls": receipt.calls})
    finish(database, audio)
    return receipt


def forget_rep(database: Database, audio: AudioStore, rep_id: UUID, *, by: str, now: datetime) -> Receipt:
    """Erase who the rep is, and all its calls: they hold its voice and its words. Raises RepUnknown, StoreUnavailable."""
    with database.transaction() as tx:
        tx.rep_erasure.erase(rep_id, now=now)
        tx.audit.write(by, "rep.erase", f"rep:{rep_id}", now=now)
    with database.read() as tx:
        ids = tx.erasure.calls_of_rep(rep_id)
    receipt = Receipt(new_id(), _erase_calls(database, ids, by, now))
    with database.transaction() as tx:
        tx.audit.write(by, "rep.erase_calls", f"erasure:{receipt.id}", now=now, detail={"calls": receipt.calls})
    finish(database, audio)
    return receipt


def apply_retention(database: Database, audio: AudioStore, *, now: datetime, by: str = "retention") -> Forgotten:
    """Forget recordings and texts whose time is over, up to `ROUND` of each. Raises StoreUnavailable."""
    counts: dict[What, int] = {"audio": 0, "text": 0}
    for what in counts:
        with database.read() as tx:
            due = tx.retention.due(what, now=now, limit=ROUND)
        for call_id in due:
            with database.transaction() as tx:
                if what == "audio":
                    tx.erasure.erase_audio(call_id, now=now)
                else:
                    tx.erasure.erase_text(call_id, now=now)
                tx.audit.write(by, f"{what}.expire", f"call:{call_id}", now=now)
            counts[what] += 1
    finish(database, audio)
    return Forgotten(**counts)


def finish(database: Database, audio: AudioStore) -> None:
    """Delete the recordings that nobody needs any more and scrub the database's files; does what a crash left undone too.

    Raises StoreUnavailable; the next round finds the same.
    """
    while True:
        with database.read() as tx:
            left = tx.erasure.unfinished()
        if not left:
            break
        for _, key in left:
            audio.delete(key)
        with database.transaction() as tx:
            tx.erasure.finished([call_id for call_id, _ in left])
    database.scrub()


def _erase_calls(database: Database, ids: Iterable[UUID], by: str, now: datetime) -> int:
    erased = 0
    for call_id in ids:
        try:
            _erase_call(database, call_id, by, now)
        except CallNotFound:
            continue  # somebody else erased it just now
        erased += 1
    return erased


def _erase_call(database: Database, call_id: UUID, by: str, now: datetime) -> None:
    with database.transaction() as tx:
        tx.erasure.erase_call(call_id, now=now)
        tx.audit.write(by, "call.erase", f"call:{call_id}", now=now)
