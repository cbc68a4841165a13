"""Overrides in the database: one in force for each point of a call, earlier ones kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert, select, update

from service.scoring.override import Override, override_from_dict
from service.scoring.overrides import State
from service.store.models_reviews import overrides, reviews
from service.store.records_reviews import StoredOverride
from service.store.types import new_id


@dataclass(frozen=True, slots=True)
class Row:
    """An override in force as it is stored."""

    id: UUID
    review_id: UUID
    override: Override
    machine: dict[str, Any]
    reason: str
    transcript_sha256: str
    state: State
    reviewer: str
    decided_at: datetime

    def shown(self, state: State) -> StoredOverride:
        return StoredOverride(
            id=self.id,
            review_id=self.review_id,
            override=self.override,
            machine=self.machine,
            reason=self.reason,
            reviewer=self.reviewer,
            decided_at=self.decided_at,
            state=state,
        )


def about(override: Override) -> str:
    """`Override.key` as one text."""
    kind, target, place = override.key
    return f"{kind}:{target}:{place}"


def in_force(connection: Connection, call_id: UUID) -> tuple[Row, ...]:
    """Those of the call that nobody replaced or withdrew, in the order they were decided."""
    statement = (
        select(overrides, reviews.c.reviewer, reviews.c.created_at)
        .join(reviews, reviews.c.id == overrides.c.review_id)
        .where(overrides.c.call_id == call_id, overrides.c.ended_at.is_(None))
        .order_by(overrides.c.id)
    )
    return tuple(
        Row(
            id=row.id,
            review_id=row.review_id,
            override=override_from_dict(row.decision),
            machine=row.machine,
            reason=row.reason,
            transcript_sha256=row.transcript_sha256,
            state=row.state,
            reviewer=row.reviewer,
            decided_at=row.created_at,
        )
        for row in connection.execute(statement)
    )


def end(connection: Connection, rows: Iterable[Row], *, now: datetime) -> None:
    """Let these hold no longer."""
    ids = [row.id for row in rows]
    if ids:
        connection.execute(update(overrides).where(overrides.c.id.in_(ids)).values(ended_at=now))


def add(
    connection: Connection,
    call_id: UUID,
    review_id: UUID,
    override: Override,
    *,
    machine: dict[str, Any],
    reason: str,
    transcript_sha256: str,
) -> None:
    """A decision that holds from now on; the one before it on the same point has to be ended first."""
    values = {
        "id": new_id(),
        "call_id": call_id,
        "review_id": review_id,
        "about": about(override),
        "decision": override.to_dict(),
        "machine": machine,
        "reason": reason,
        "transcript_sha256": transcript_sha256,
        "state": "applies",
    }
    connection.execute(insert(overrides).values(values))
