"""Users: who logs in, as what, and whom they see."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, case, func, select, update

from service.scoring.errors import NameTaken, UserUnknown
from service.store.models import reps, teams
from service.store.models_people import users
from service.store.records import Rep, Team
from service.store.records_people import Language, User, UserRole
from service.store.types import new_id
from service.store.upsert import insert_new

_REP_TEAMS = teams.alias("rep_teams")
#: Columns of a user's row that `update` may be given.
CHANGEABLE = frozenset({"name", "role", "rep_id", "team_id", "language", "time_zone", "disabled_at"})


class UserRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(
        self,
        email: str,
        *,
        password_hash: str,
        role: UserRole,
        rep_id: UUID | None = None,
        team_id: UUID | None = None,
        name: str | None = None,
        language: Language | None = None,
        time_zone: str = "UTC",
        password_must_change: bool = False,
        now: datetime,
    ) -> User:
        """Raises NameTaken if somebody has this e-mail, however it is spelt."""
        values = {
            "id": new_id(),
            "email": normal_email(email),
            "name": name,
            "password_hash": password_hash,
            "password_must_change": password_must_change,
            "role": role,
            "rep_id": rep_id,
            "team_id": team_id,
            "language": language,
            "time_zone": time_zone,
            "created_at": now,
        }
        if not insert_new(self._connection, users, values):
            raise NameTaken("a user with this e-mail exists; change that one, or take another address")
        return self.get(values["id"])  # type: ignore[arg-type]

    def get(self, user_id: UUID) -> User:
        """Raises UserUnknown."""
        row = self._connection.execute(select_users().where(users.c.id == user_id)).one_or_none()
        if row is None:
            raise UserUnknown(f"no user has the id {user_id}")
        return user_from_row(row)

    def by_email(self, email: str) -> tuple[User, str] | None:
        """The user and the hash of the password, or None."""
        statement = select_users().add_columns(users.c.password_hash).where(users.c.email == normal_email(email))
        row = self._connection.execute(statement).one_or_none()
        return None if row is None else (user_from_row(row), row.password_hash)

    def password_hash(self, user_id: UUID) -> str:
        """Raises UserUnknown."""
        found: str | None = self._connection.execute(
            select(users.c.password_hash).where(users.c.id == user_id)
        ).scalar_one_or_none()
        if found is None:
            raise UserUnknown(f"no user has the id {user_id}")
        return found

    def list(self, *, limit: int = 1000, after: str | None = None) -> tuple[User, ...]:
        """Users by e-mail; `after` is the last e-mail of the page before."""
        statement = select_users().order_by(users.c.email).limit(limit)
        if after is not None:
            statement = statement.where(users.c.email > after)
        return tuple(user_from_row(row) for row in self._connection.execute(statement))

    def update(self, user_id: UUID, **values: Any) -> User:
        """Set some of CHANGEABLE. Raises UserUnknown."""
        assert values.keys() <= CHANGEABLE, values.keys() - CHANGEABLE  # noqa: S101 - a programmer's mistake
        if values:
            self._connection.execute(update(users).where(users.c.id == user_id).values(values))
        return self.get(user_id)

    def set_password(self, user_id: UUID, password_hash: str, *, must_change: bool) -> None:
        """The sessions stay; see SessionRepository.end_all."""
        values = {"password_hash": password_hash, "password_must_change": must_change}
        self._connection.execute(update(users).where(users.c.id == user_id).values(values))

    def note_login(self, user_id: UUID, now: datetime) -> None:
        self._connection.execute(update(users).where(users.c.id == user_id).values(last_login_at=now))

    def reviewers(self) -> tuple[User, ...]:
        """Everybody who may review calls and can log in, by name or e-mail."""
        may = users.c.role.in_(("qa_lead", "admin")) & users.c.disabled_at.is_(None)
        found = (user_from_row(row) for row in self._connection.execute(select_users().where(may)))
        return tuple(sorted(found, key=lambda user: (user.name or user.email).casefold()))

    def admins(self) -> int:
        """How many admins can log in."""
        statement = select(func.count()).where(users.c.role == "admin", users.c.disabled_at.is_(None))
        return self._connection.execute(statement).scalar_one()


def normal_email(email: str) -> str:
    """As it is stored and looked for."""
    return email.strip().lower()


def select_users() -> Select[tuple[Any, ...]]:
    """Users with their rep, the rep's team, and the team that limits what they see."""
    return select(
        users.c.id.label("user_id"),
        users.c.email,
        users.c.name.label("user_name"),
        users.c.role.label("user_role"),
        users.c.language,
        users.c.time_zone,
        users.c.password_must_change,
        users.c.created_at.label("user_created_at"),
        users.c.last_login_at,
        users.c.disabled_at,
        reps.c.id.label("rep_id"),
        reps.c.external_id.label("rep_external_id"),
        reps.c.name.label("rep_name"),
        reps.c.role.label("rep_role"),
        reps.c.registered.label("rep_registered"),
        _REP_TEAMS.c.id.label("rep_team_id"),
        _REP_TEAMS.c.name.label("rep_team_name"),
        # A rep's team is that of the telephony's rep, wherever that is moved to.
        case((users.c.role == "rep", _REP_TEAMS.c.id), else_=teams.c.id).label("team_id"),
        case((users.c.role == "rep", _REP_TEAMS.c.name), else_=teams.c.name).label("team_name"),
    ).select_from(
        users.outerjoin(reps, reps.c.id == users.c.rep_id)
        .outerjoin(_REP_TEAMS, _REP_TEAMS.c.id == reps.c.team_id)
        .outerjoin(teams, teams.c.id == users.c.team_id)
    )


def user_from_row(row: Row[tuple[Any, ...]]) -> User:
    """A user from a row of `select_users`."""
    return User(
        id=row.user_id,
        email=row.email,
        name=row.user_name,
        role=row.user_role,
        rep=None if row.rep_id is None else _rep(row),
        team=None if row.team_id is None else Team(id=row.team_id, name=row.team_name),
        language=row.language,
        time_zone=row.time_zone,
        password_must_change=row.password_must_change,
        created_at=row.user_created_at,
        last_login_at=row.last_login_at,
        disabled_at=row.disabled_at,
    )


def _rep(row: Row[tuple[Any, ...]]) -> Rep:
    return Rep(
        id=row.rep_id,
        external_id=row.rep_external_id,
        name=row.rep_name,
        role=row.rep_role,
        team=None if row.rep_team_id is None else Team(id=row.rep_team_id, name=row.rep_team_name),
        registered=row.rep_registered,
    )
