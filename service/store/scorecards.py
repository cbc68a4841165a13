"""Scorecards: one current for each call, earlier ones kept. What the current one counts for is in figures.py."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, insert, select, update

from service.scoring.results import Scorecard
from service.store import content, effective
from service.store.models import calls, scorecards
from service.store.records import ScorecardVersion
from service.store.types import new_id


class ScorecardRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def save(
        self, call_id: UUID, scorecard: Scorecard, *, token: str, now: datetime, confidence: float | None = None
    ) -> bool:
        """Make this the call's current scorecard; ledger, item results, flags and rollup follow, the call is scored.

        The same scorecard again changes none of them. False, and nothing stored, if the lease is not ours any more.
        """
        ours = and_(calls.c.id == call_id, calls.c.lease_token == token, calls.c.status == "transcribed")
        scored = {
            "status": "scored",
            "scored_at": now,
            "attempts": 0,
            "progress": None,
            "lease_token": None,
            "lease_until": None,
        }
        # The update also locks the call's row: whatever follows is done by one transaction at a time.
        if self._connection.execute(update(calls).where(ours).values(scored)).rowcount != 1:
            return False
        self._make_current(call_id, scorecard, confidence=confidence, now=now)
        return True

    def replace(
        self, call_id: UUID, scorecard: Scorecard, *, now: datetime, confidence: float | None = None
    ) -> bool | None:
        """Make this the current scorecard of a call that is scored already, without the call having waited for it.

        True if it says anything else than the one before, False if it is the same, None, and nothing stored, if the call is
        not scored any more: it waits for its turn, failed, or was erased.
        """
        done = and_(calls.c.id == call_id, calls.c.status == "scored")
        if self._connection.execute(update(calls).where(done).values(scored_at=calls.c.scored_at)).rowcount != 1:
            return None
        if not self._make_current(call_id, scorecard, confidence=confidence, now=now):
            return False
        self._connection.execute(update(calls).where(calls.c.id == call_id).values(scored_at=now))
        return True

    def _make_current(self, call_id: UUID, scorecard: Scorecard, *, confidence: float | None, now: datetime) -> bool:
        """False if it is the current one already. The call's row has to be locked."""
        current = select(scorecards).where(scorecards.c.call_id == call_id, scorecards.c.current)
        old = self._connection.execute(current).one_or_none()
        sha256, packed = content.pack(scorecard.canonical_json())
        if old is not None and old.sha256 == sha256:
            return False
        scorecard_id = new_id()
        if old is not None:
            self._connection.execute(update(scorecards).where(scorecards.c.id == old.id).values(current=False))
        values = {
            "id": scorecard_id,
            "call_id": call_id,
            "current": True,
            "pack_id": scorecard.pack_id,
            "pack_version": scorecard.pack_version,
            "pack_sha256": scorecard.pack_sha256,
            "engine_version": scorecard.engine_version,
            "transcript_sha256": scorecard.transcript_sha256,
            "sha256": sha256,
            "content": packed,
            "scored_at": now,
        }
        self._connection.execute(insert(scorecards).values(values))
        effective.scored(self._connection, call_id, scorecard_id, scorecard, confidence=confidence, now=now)
        return True

    def current(self, call_id: UUID) -> dict[str, Any] | None:
        """The current scorecard as `Scorecard.to_dict()` data. Raises StoredTextDamaged."""
        return self._content(and_(scorecards.c.call_id == call_id, scorecards.c.current))

    def get(self, call_id: UUID, scorecard_id: UUID) -> dict[str, Any] | None:
        """One scorecard of the call's history, as `current`."""
        return self._content(and_(scorecards.c.call_id == call_id, scorecards.c.id == scorecard_id))

    def history(self, call_id: UUID) -> list[ScorecardVersion]:
        """All scorecards of the call without their content, newest first."""
        statement = select(*(scorecards.c[name] for name in ScorecardVersion.__annotations__))
        newest_first = statement.where(scorecards.c.call_id == call_id).order_by(
            scorecards.c.scored_at.desc(), scorecards.c.id.desc()
        )
        return [ScorecardVersion(**row._mapping) for row in self._connection.execute(newest_first)]  # type: ignore[typeddict-item]

    def _content(self, condition: Any) -> dict[str, Any] | None:
        statement = select(scorecards.c.sha256, scorecards.c.content).where(condition)
        row = self._connection.execute(statement).one_or_none()
        return None if row is None else content.unpack(row.sha256, row.content)
