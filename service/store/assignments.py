"""Who of the reviewers has which calls of the queue: given to them by somebody, or claimed by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select, update

from service.scoring.errors import CallStateWrong
from service.store import queue_rows
from service.store.models import calls, reps
from service.store.models_reviews import review_queue
from service.store.records_reviews import Holding


class Assignments:
    """An assignment says whose call it is until it is reviewed; it keeps nobody from reviewing it, a claim does."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def assign(self, call_id: UUID, to: str | None, *, now: datetime) -> None:
        """Give a waiting call to the reviewer `to` ("user:<id>"), or (None) back to all.

        Raises:
            ScorecardNotReady: the call is in no queue.
            CallStateWrong: it was reviewed already.
            CallClaimed: somebody else is at it just now.
        """
        place = queue_rows.get(self._connection, call_id, lock=True)
        if place.reviewed_at is not None:
            raise CallStateWrong("the call was reviewed already, so it waits for nobody")
        queue_rows.check_free(place, to or place.assigned_to or "", now)
        given = update(review_queue).where(review_queue.c.call_id == call_id).values(assigned_to=to)
        self._connection.execute(given)

    def of(self, call_id: UUID) -> str | None:
        """To whom a call is assigned. Raises ScorecardNotReady."""
        return queue_rows.get(self._connection, call_id).assigned_to

    def held(self, *, now: datetime, team_id: UUID | None = None) -> Mapping[str, Holding]:
        """By reviewer: calls that they are at now, and waiting ones that were assigned to them. `team_id` limits to a team's."""
        at_now = self._counts(review_queue.c.claimed_by, team_id, review_queue.c.claimed_until > now)
        assigned = self._counts(review_queue.c.assigned_to, team_id)
        return {
            reviewer: Holding(at_now.get(reviewer, 0), assigned.get(reviewer, 0))
            for reviewer in at_now.keys() | assigned.keys()
        }

    def _counts(self, column: Any, team_id: UUID | None, *conditions: Any) -> dict[str, int]:
        statement = select(column, func.count()).where(
            column.is_not(None), review_queue.c.reviewed_at.is_(None), *conditions
        )
        if team_id is not None:
            of_team = select(calls.c.id).join(reps, reps.c.id == calls.c.rep_id).where(reps.c.team_id == team_id)
            statement = statement.where(review_queue.c.call_id.in_(of_team))
        return {row[0]: row[1] for row in self._connection.execute(statement.group_by(column))}
