"""The rows of the review queue: one for each scored call, with its place and who is at it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, insert, select, update

from service.scoring.errors import CallClaimed, ScorecardNotReady
from service.scoring.results import Scorecard
from service.scoring.rulings import Rulings
from service.scoring.teaching import teaches
from service.store.models_reviews import draws, review_queue

#: Shares are kept as whole millionths.
MILLION = 1_000_000
SAMPLE_DRAW = "review_sample"
#: How a flag's severity sorts.
RANK = {"high": 3, "medium": 2, "low": 1}
#: Bytes of a hash that make one lot: 2^64 divides by a million evenly enough for anybody.
LOT_BYTES = 8


@dataclass(frozen=True, slots=True)
class Place:
    """A call's row. `lot_ppm` decides whether it is in the random sample."""

    call_id: UUID
    lot_ppm: int
    reviewed_at: datetime | None
    claimed_by: str | None
    claimed_until: datetime | None
    assigned_to: str | None


def enter(
    connection: Connection,
    call_id: UUID,
    scorecard: Scorecard,
    rulings: Rulings,
    *,
    confidence: float | None,
    lapsed: bool,
    now: datetime,
) -> None:
    """Put a scored call into the queue, or move it there. `lapsed`: what a person decided about it does not fit any more.

    A call that was reviewed does not come back for being scored anew, unless something lapsed. Who is at it stays at it.
    """
    severity = max((RANK[flag.severity] for flag in scorecard.flags), default=0)
    values: dict[str, Any] = {
        "severity": max(severity, RANK["medium"]) if lapsed else severity,
        "teaches_ppm": round(teaches(scorecard, rulings, confidence=confidence) * MILLION),
    }
    row = select(review_queue.c.call_id).where(review_queue.c.call_id == call_id)
    if connection.execute(row).one_or_none() is None:
        lot, turn = _lots(connection, call_id)
        fresh = {"call_id": call_id, "lot_ppm": lot, "turn_ppm": turn, "waiting_since": now}
        connection.execute(insert(review_queue).values(values | fresh))
        return
    if lapsed:
        values |= {"reviewed_at": None, "waiting_since": now}
    connection.execute(update(review_queue).where(review_queue.c.call_id == call_id).values(values))


def get(connection: Connection, call_id: UUID, *, lock: bool = False) -> Place:
    """Raises ScorecardNotReady for a call that is not scored."""
    columns = (review_queue.c[name] for name in Place.__dataclass_fields__)
    statement = select(*columns).where(review_queue.c.call_id == call_id)
    row = connection.execute(statement.with_for_update() if lock else statement).one_or_none()
    if row is None:
        raise ScorecardNotReady("the call has no scorecard yet, so it is in no queue")
    return Place(**row._mapping)


def claim_of(place: Place, now: datetime) -> tuple[str, datetime] | None:
    """Who is at the call now, and until when; None if nobody is, or their time ran out."""
    if place.claimed_by is None or place.claimed_until is None or place.claimed_until <= now:
        return None
    return place.claimed_by, place.claimed_until


def check_free(place: Place, reviewer: str, now: datetime) -> None:
    """Raises CallClaimed if somebody else is at the call."""
    claim = claim_of(place, now)
    if claim is not None and claim[0] != reviewer:
        raise CallClaimed(
            f"another reviewer is at this call until {claim[1]:%H:%M} UTC; take another one, or come back then"
        )


def reviewed(connection: Connection, call_id: UUID, now: datetime) -> None:
    """The call leaves the queue, and whoever was at it, or had it assigned, is done."""
    done = {"reviewed_at": now, "claimed_by": None, "claimed_until": None, "assigned_to": None}
    connection.execute(update(review_queue).where(review_queue.c.call_id == call_id).values(done))


def leave(connection: Connection, call_id: UUID) -> None:
    """The call is erased and waits for nobody; one that was reviewed stays as what it is."""
    waits = (review_queue.c.call_id == call_id) & review_queue.c.reviewed_at.is_(None)
    connection.execute(delete(review_queue).where(waits))


def _lots(connection: Connection, call_id: UUID) -> tuple[int, int]:
    """Two numbers 0..999,999 that only this installation can work out from the id, the same at any time."""
    statement = select(draws.c.secret).where(draws.c.name == SAMPLE_DRAW)
    secret = connection.execute(statement).scalar_one()
    digest = hashlib.blake2b(call_id.bytes, key=secret, digest_size=2 * LOT_BYTES).digest()
    return (int.from_bytes(digest[:LOT_BYTES]) % MILLION, int.from_bytes(digest[LOT_BYTES:]) % MILLION)
