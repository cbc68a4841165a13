"""Stored calls are counted anew after a rule was switched off or on: a call a transaction, where it stopped it goes on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import Connection, select, update

from service.store.models import scorecards
from service.store.models_reviews import rule_switches
from service.store.reviews import ReviewRepository

if TYPE_CHECKING:
    from service.store.database import Database

#: Calls of one transaction: a review that waits for it waits a fraction of a second.
PORTION = 50


def recount(database: Database, *, now: Callable[[], datetime], go_on: Callable[[], bool]) -> int:
    """Count calls anew while `go_on()` says so; returns how many. 0: all is counted. Raises StoreUnavailable."""
    counted = 0
    while go_on():
        with database.transaction() as tx:
            done = tx.recounting.portion(now=now())
        if done == 0:
            break
        counted += done
    return counted


class Recounting:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def portion(self, *, now: datetime) -> int:
        """Count the next calls of the oldest change that is not done. 0 if none is left."""
        pending = (
            select(rule_switches.c.id, rule_switches.c.pack_id, rule_switches.c.recounted_to)
            .where(rule_switches.c.recounted.is_(False))
            .order_by(rule_switches.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        switch = self._connection.execute(pending).one_or_none()
        if switch is None:
            return 0
        ids = self._calls(switch.pack_id, switch.recounted_to)
        for call_id in ids:
            ReviewRepository(self._connection).recount(call_id, now=now)
        values = {"recounted_to": ids[-1]} if ids else {"recounted": True}
        self._connection.execute(update(rule_switches).where(rule_switches.c.id == switch.id).values(values))
        # A change that was done without a call left is work too: the next one may be waiting.
        return max(len(ids), 1)

    def _calls(self, pack_id: str, after: UUID | None) -> tuple[UUID, ...]:
        statement = (
            select(scorecards.c.call_id)
            .where(scorecards.c.current, scorecards.c.pack_id == pack_id)
            .order_by(scorecards.c.call_id)
            .limit(PORTION)
        )
        if after is not None:
            statement = statement.where(scorecards.c.call_id > after)
        return tuple(self._connection.execute(statement).scalars())
