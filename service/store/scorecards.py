"""Scorecards: one current for each call, earlier ones kept, and the tables that are read from the current one."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, delete, insert, select, update

from service.scoring.results import Scorecard
from service.store import content
from service.store.models import calls, flags, item_results, objections, scorecards
from service.store.records import ScorecardVersion
from service.store.rollup import Rollup, micro
from service.store.types import new_id

#: The sums by which a current scorecard adds to its rollup row.
CONTRIBUTION = (
    "objections",
    "objections_handled",
    "argumentation_micro",
    "argumentation_sq_micro",
    "adherence_points_micro",
    "adherence_weight_micro",
    "violations",
)


class ScorecardRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def save(self, call_id: UUID, scorecard: Scorecard, *, token: str, now: datetime) -> bool:
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
            "adherence": scorecard.adherence,
            "argumentation": scorecard.argumentation,
            "objections_total": scorecard.objections_total,
            "objections_handled": scorecard.objections_handled,
        }
        # The update also locks the call's row: whatever follows is done by one transaction at a time.
        if self._connection.execute(update(calls).where(ours).values(scored)).rowcount != 1:
            return False
        current = select(scorecards).where(scorecards.c.call_id == call_id, scorecards.c.current)
        old = self._connection.execute(current).one_or_none()
        sha256, packed = content.pack(scorecard.canonical_json())
        if old is not None and old.sha256 == sha256:
            return True
        added = _contribution(scorecard)
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
        self._connection.execute(insert(scorecards).values(values | added))
        self._replace_details(call_id, scorecard_id, scorecard, now)
        moved = {name: added[name] - (0 if old is None else getattr(old, name)) for name in CONTRIBUTION}
        row = self._connection.execute(
            select(calls.c.rep_id, calls.c.kpi_day, calls.c.script).where(calls.c.id == call_id)
        ).one()
        moved["calls_scored"] = 1 if old is None else 0
        Rollup(self._connection).add(row.rep_id, row.kpi_day, row.script, moved)
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

    def _replace_details(self, call_id: UUID, scorecard_id: UUID, scorecard: Scorecard, now: datetime) -> None:
        for table in (objections, item_results, flags):
            self._connection.execute(delete(table).where(table.c.call_id == call_id))
        ids = {"call_id": call_id, "scorecard_id": scorecard_id}
        if ledger := [
            ids
            | {
                "position": position,
                "objection_id": found.id,
                "type": found.type,
                "outcome": found.outcome,
                "handled": found.handled,
                "points_micro": micro(found.points),
                "points_sq_micro": micro(found.points**2),
            }
            for position, found in enumerate(scorecard.objections)
        ]:
            self._connection.execute(insert(objections), ledger)
        if items := [
            ids
            | {
                "item_id": item.id,
                "status": item.status,
                "points_micro": None if item.points is None else micro(item.points),
                "weight_micro": micro(item.weight),
                "critical": item.critical,
            }
            for item in scorecard.items
        ]:
            self._connection.execute(insert(item_results), items)
        # A code that is raised for several reasons is one flag, with the first of them.
        first = {flag.code: flag for flag in reversed(scorecard.flags)}
        if raised := [
            {
                "call_id": call_id,
                "code": flag.code,
                "position": scorecard.flags.index(flag),
                "severity": flag.severity,
                "reason": flag.reason,
                "raised_at": now,
            }
            for flag in first.values()
        ]:
            self._connection.execute(insert(flags), raised)


def _contribution(scorecard: Scorecard) -> dict[str, int]:
    return {
        "objections": len(scorecard.objections),
        "objections_handled": sum(found.handled for found in scorecard.objections),
        "argumentation_micro": sum(micro(found.points) for found in scorecard.objections),
        "argumentation_sq_micro": sum(micro(found.points**2) for found in scorecard.objections),
        "adherence_points_micro": micro(scorecard.adherence_points),
        "adherence_weight_micro": micro(scorecard.adherence_weight),
        "violations": len(scorecard.violations),
    }
