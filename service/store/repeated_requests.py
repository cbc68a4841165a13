"""Requests with an `Idempotency-Key`: carried out once, answered as often as they come.

A request is claimed before it is carried out and its answer kept afterwards. Whoever asks again gets the kept answer; while the
first one is being carried out, or if its process died and nobody knows how far it came, it is refused rather than done twice.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from service.store.models_people import repeated_requests
from service.store.upsert import insert_new

#: How long an answer is kept: a sender that repeats later than this has given up before.
KEPT_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class RepeatedRequest:
    """What is known of an earlier request. `status` is None until it is answered; `body` None where it held a secret."""

    operation: str
    request_sha256: str
    created_at: datetime
    status: int | None
    body: bytes | None
    location: str | None


class RepeatedRequests:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def claim(
        self, owner: str, key: str, *, operation: str, request_sha256: str, now: datetime
    ) -> RepeatedRequest | None:
        """None if the request is new and now claimed; else what became of the one before."""
        hashed = _sha256(key)
        mine = (repeated_requests.c.owner == owner) & (repeated_requests.c.key_sha256 == hashed)
        self._connection.execute(
            delete(repeated_requests).where(mine, repeated_requests.c.created_at <= now - KEPT_FOR)
        )
        values = {
            "owner": owner,
            "key_sha256": hashed,
            "operation": operation,
            "request_sha256": request_sha256,
            "created_at": now,
        }
        if insert_new(self._connection, repeated_requests, values):
            return None
        row = self._connection.execute(select(repeated_requests).where(mine)).one()
        return RepeatedRequest(row.operation, row.request_sha256, row.created_at, row.status, row.body, row.location)

    def answer(self, owner: str, key: str, *, status: int, body: bytes | None, location: str | None) -> None:
        """Keep the answer."""
        mine = (repeated_requests.c.owner == owner) & (repeated_requests.c.key_sha256 == _sha256(key))
        values = {"status": status, "body": body, "location": location}
        self._connection.execute(update(repeated_requests).where(mine).values(values))

    def release(self, owner: str, key: str) -> None:
        """The request was refused and did nothing: it may come again."""
        mine = (repeated_requests.c.owner == owner) & (repeated_requests.c.key_sha256 == _sha256(key))
        self._connection.execute(delete(repeated_requests).where(mine, repeated_requests.c.status.is_(None)))

    def delete_old(self, now: datetime) -> int:
        """Answers kept long enough."""
        old = repeated_requests.c.created_at <= now - KEPT_FOR
        return self._connection.execute(delete(repeated_requests).where(old)).rowcount


def _sha256(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
