"""How long recordings and texts are kept: rules by team and for the house, and the calls whose time is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, insert, or_, select

from service.store.call_work import SET_ASIDE
from service.store.models import calls, reps, teams
from service.store.models_reviews import erasures, retention_rules
from service.store.types import new_id

What = Literal["audio", "text"]
#: Shortest span: a call must be scored, and a review possible, before it is forgotten. Longest: what a date can hold with ease.
FEWEST_DAYS, MOST_DAYS = 1, 36_500


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """`team` is a team's name, None for all calls whose team has no rule of its own (also those of reps without a team)."""

    team_id: UUID | None
    team: str | None
    what: What
    days: int
    changed_by: str
    changed_at: datetime


class RetentionRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def rules(self) -> tuple[RetentionRule, ...]:
        """The house's first, then by team."""
        statement = (
            select(retention_rules, teams.c.name)
            .outerjoin(teams, teams.c.id == retention_rules.c.team_id)
            .order_by(teams.c.name.is_not(None), teams.c.name, retention_rules.c.what)
        )
        return tuple(
            RetentionRule(row.team_id, row.name, row.what, row.days, row.changed_by, row.changed_at)
            for row in self._connection.execute(statement)
        )

    def keep(self, what: What, days: int | None, *, team_id: UUID | None, by: str, now: datetime) -> None:
        """Keep it so many days after the call arrived; None: no rule of its own any more."""
        same = and_(retention_rules.c.what == what, _of_team(team_id))
        self._connection.execute(delete(retention_rules).where(same))
        if days is not None:
            values = {
                "id": new_id(),
                "team_id": team_id,
                "what": what,
                "days": days,
                "changed_by": by,
                "changed_at": now,
            }
            self._connection.execute(insert(retention_rules).values(values))

    def due(self, what: What, *, now: datetime, limit: int) -> tuple[UUID, ...]:
        """Calls whose audio or text has been kept for as long as it may, oldest first. Calls in work are left until they are done."""
        house = [rule for rule in self.rules() if rule.what == what and rule.team_id is None]
        by_team = {rule.team_id: rule.days for rule in self.rules() if rule.what == what and rule.team_id is not None}
        too_old: list[ColumnElement[bool]] = [
            and_(reps.c.team_id == team_id, calls.c.received_at < now - timedelta(days=days))
            for team_id, days in by_team.items()
        ]
        if house:
            others = or_(reps.c.team_id.is_(None), reps.c.team_id.not_in(list(by_team)))
            too_old.append(and_(others, calls.c.received_at < now - timedelta(days=house[0].days)))
        if not too_old:
            return ()
        already = erasures.c.audio_at if what == "audio" else erasures.c.text_at
        forgotten = exists().where(erasures.c.call_id == calls.c.id, already.is_not(None))
        statement: Any = (
            select(calls.c.id)
            .join(reps, reps.c.id == calls.c.rep_id)
            .where(or_(*too_old), or_(calls.c.status.in_(["scored", "failed"]), SET_ASIDE), ~forgotten)
            .order_by(calls.c.received_at, calls.c.id)
            .limit(limit)
        )
        return tuple(self._connection.execute(statement).scalars())


def _of_team(team_id: UUID | None) -> ColumnElement[bool]:
    return retention_rules.c.team_id.is_(None) if team_id is None else retention_rules.c.team_id == team_id
