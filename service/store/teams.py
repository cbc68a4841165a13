"""Teams of reps."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, Row, func, select, update

from service.scoring.errors import NameTaken, TeamUnknown
from service.store.models import teams
from service.store.records import Team
from service.store.types import new_id
from service.store.upsert import insert_new


class TeamRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, name: str, *, now: datetime) -> Team:
        """Raises NameTaken."""
        team = Team(id=new_id(), name=name)
        if not insert_new(self._connection, teams, {"id": team.id, "name": name, "created_at": now}):
            raise NameTaken(f"a team named {name!r} exists; choose another name")
        return team

    def get(self, team_id: UUID) -> Team:
        """Raises TeamUnknown."""
        row = self._connection.execute(select(teams).where(teams.c.id == team_id)).one_or_none()
        if row is None:
            raise TeamUnknown(f"no team has the id {team_id}")
        return _team(row)

    def get_by_name(self, name: str) -> Team:
        """Raises TeamUnknown."""
        row = self._connection.execute(select(teams).where(teams.c.name == name)).one_or_none()
        if row is None:
            raise TeamUnknown(f"no team is named {name!r}; create it first, or check the spelling")
        return _team(row)

    def rename(self, team_id: UUID, name: str) -> Team:
        """Raises TeamUnknown, NameTaken."""
        team = self.get(team_id)
        taken = select(func.count()).where(teams.c.name == name, teams.c.id != team_id)
        if self._connection.execute(taken).scalar_one():
            raise NameTaken(f"a team named {name!r} exists; choose another name")
        self._connection.execute(update(teams).where(teams.c.id == team_id).values(name=name))
        return Team(id=team.id, name=name)

    def list(self, *, limit: int = 1000, after: str | None = None) -> tuple[Team, ...]:
        """Teams by name; `after` is the last name of the page before."""
        statement = select(teams).order_by(teams.c.name).limit(limit)
        if after is not None:
            statement = statement.where(teams.c.name > after)
        return tuple(_team(row) for row in self._connection.execute(statement))


def _team(row: Row[tuple[object, ...]]) -> Team:
    return Team(id=row.id, name=row.name)
