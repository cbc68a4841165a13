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


def recount(database: Database, *, now: Callable[[], datetime], go_on: Callable[[], bool]) -> int:
    """Count calls anew while `go_on()` says so; returns how many steps that took. 0: all is counted. Raises StoreUnavailable."""
    counted = 0
    while go_on():
        with database.transaction() as tx:
            done = tx.recounting.step(now=now())
        if not done:
            break
        counted += 1
    return counted


class Recounting:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def step(self, *, now: datetime) -> bool:
        """Count the next call of the oldest change that is not done, or find that it is done. False if no change is left.

        One call at a time: a transaction that holds the sums of several could wait for another that waits for it.
        """
        pending = (
            select(rule_switches.c.id, rule_switches.c.pack_id, rule_switches.c.recounted_to)
            .where(rule_switches.c.recounted.is_(False))
            .order_by(rule_switches.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        switch = self._connection.execute(pending).one_or_none()
        if switch is None:
            return False
        call_id = self._next(switch.pack_id, switch.recounted_to)
        if call_id is not None:
            ReviewRepository(self._connection).recount(call_id, now=now)
        values = {"recounted": True} if call_id is None else {"recounted_to": call_id}
        self._connection.execute(update(rule_switches).where(rule_switches.c.id == switch.id).values(values))
        return True

    def _next(self, pack_id: str, after: UUID | None) -> UUID | None:
        statement = (
            select(scorecards.c.call_id)
            .where(scorecards.c.current, scorecards.c.pack_id == pack_id)
            .order_by(scorecards.c.call_id)
            .limit(1)
        )
        if after is not None:
            statement = statement.where(scorecards.c.call_id > after)
        return self._connection.execute(statement).scalar_one_or_none()
