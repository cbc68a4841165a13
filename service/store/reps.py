"""Reps, known by the telephony system's id."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from enum import Enum
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection, Row, Select, bindparam, select, update

from service.scoring.errors import NameTaken, RepUnknown
from service.store.models import reps, teams
from service.store.records import Rep, RepRole, Team
from service.store.teams import TeamRepository
from service.store.types import new_id
from service.store.upsert import insert_new


class Keep(Enum):
    """The value of a field that an update leaves as it is, where None means to clear it."""

    KEEP = "keep"


KEEP = Keep.KEEP


class RepRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(
        self,
        external_id: str,
        *,
        name: str | None = None,
        role: RepRole | None = None,
        team: str | None = None,
        now: datetime,
    ) -> Rep:
        """Register a rep; `team` is a team's name. A rep that an upload created is completed and becomes registered.

        Raises:
            NameTaken: a registered rep has this id.
            TeamUnknown: there is no such team.
        """
        if not self._insert(external_id, registered=True, now=now) and self._registered(external_id):
            raise NameTaken(f"a rep with the id {external_id!r} exists; update that one instead")
        return self.update(external_id, name=name, role=role, team=team)

    def ensure(self, external_id: str, *, now: datetime) -> Rep:
        """The rep with this id, created unregistered where there is none. Safe when many ask at once."""
        self._insert(external_id, registered=False, now=now)
        return self.get_by_external_id(external_id)

    def ensure_all(self, external_ids: Collection[str], *, now: datetime) -> dict[str, Rep]:
        """The same for many reps at once, by external id."""
        found = self.named(external_ids)
        if missing := sorted(set(external_ids) - found.keys()):
            for external_id in missing:
                self._insert(external_id, registered=False, now=now)
            found |= self.named(missing)
        return found

    def named(self, external_ids: Collection[str]) -> dict[str, Rep]:
        """Those of the reps that there are, by external id."""
        rows = self._connection.execute(_NAMED, {"names": sorted(external_ids)})
        return {row.rep_external_id: rep_from_row(row) for row in rows}

    def get(self, rep_id: UUID) -> Rep:
        """Raises RepUnknown."""
        row = self._connection.execute(select_reps().where(reps.c.id == rep_id)).one_or_none()
        if row is None:
            raise RepUnknown(f"no rep has the id {rep_id}")
        return rep_from_row(row)

    def get_by_external_id(self, external_id: str) -> Rep:
        """Raises RepUnknown."""
        row = self._connection.execute(select_reps().where(reps.c.external_id == external_id)).one_or_none()
        if row is None:
            raise RepUnknown(f"no rep has the id {external_id!r}; register it first, or check the spelling")
        return rep_from_row(row)

    def update(
        self,
        external_id: str,
        *,
        role: RepRole | Literal[Keep.KEEP] | None = KEEP,
        team: str | Literal[Keep.KEEP] | None = KEEP,
        name: str | Literal[Keep.KEEP] | None = KEEP,
    ) -> Rep:
        """Set what is given; the rep counts as registered from then on. KPIs follow the rep into a new team.

        Raises RepUnknown, TeamUnknown.
        """
        values: dict[str, Any] = {"registered": True}
        if role is not KEEP:
            values["role"] = role
        if name is not KEEP:
            values["name"] = name
        if team is not KEEP:
            values["team_id"] = None if team is None else TeamRepository(self._connection).get_by_name(team).id
        self._connection.execute(update(reps).where(reps.c.external_id == external_id).values(values))
        return self.get_by_external_id(external_id)

    def list(self, *, team: str | None = None, limit: int = 1000, after: str | None = None) -> tuple[Rep, ...]:
        """Reps by external id; `after` is the last external id of the page before."""
        statement = select_reps().order_by(reps.c.external_id).limit(limit)
        if team is not None:
            statement = statement.where(teams.c.name == team)
        if after is not None:
            statement = statement.where(reps.c.external_id > after)
        return tuple(rep_from_row(row) for row in self._connection.execute(statement))

    def _insert(self, external_id: str, *, registered: bool, now: datetime) -> bool:
        values = {"id": new_id(), "external_id": external_id, "registered": registered, "created_at": now}
        return insert_new(self._connection, reps, values)

    def _registered(self, external_id: str) -> bool:
        statement = select(reps.c.registered).where(reps.c.external_id == external_id)
        return bool(self._connection.execute(statement).scalar_one())


REP_COLUMNS = (
    reps.c.id.label("rep_id"),
    reps.c.external_id.label("rep_external_id"),
    reps.c.name.label("rep_name"),
    reps.c.role.label("rep_role"),
    reps.c.registered.label("rep_registered"),
    teams.c.id.label("team_id"),
    teams.c.name.label("team_name"),
)


def select_reps() -> Select[tuple[Any, ...]]:
    return select(*REP_COLUMNS).select_from(reps.outerjoin(teams, teams.c.id == reps.c.team_id))


def rep_from_row(row: Row[tuple[Any, ...]]) -> Rep:
    """A rep from a row that has REP_COLUMNS."""
    return Rep(
        id=row.rep_id,
        external_id=row.rep_external_id,
        name=row.rep_name,
        role=row.rep_role,
        team=None if row.team_id is None else Team(id=row.team_id, name=row.team_name),
        registered=row.rep_registered,
    )


_NAMED = select_reps().where(reps.c.external_id.in_(bindparam("names", expanding=True)))
