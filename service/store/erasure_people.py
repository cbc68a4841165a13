"""Forgetting who a rep was. Its calls are erased one by one by `Erasure`; what stays is a row with role and team, by which the
KPIs of the past are grouped.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select, update

from service.scoring.errors import RepUnknown
from service.store import kept_answers
from service.store.erasure import NOWHERE
from service.store.models import reps
from service.store.models_people import users
from service.store.sessions import SessionRepository

#: No password has this hash.
NO_PASSWORD = "!"  # noqa: S105 - the opposite of one


class RepErasure:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def erase(self, rep_id: UUID, *, now: datetime) -> None:
        """Forget name, telephony id and login. Twice is fine. Raises RepUnknown."""
        statement = select(reps.c.name, reps.c.external_id).where(reps.c.id == rep_id).with_for_update()
        row = self._connection.execute(statement).one_or_none()
        if row is None:
            raise RepUnknown(f"no rep has the id {rep_id}")
        kept_answers.forget(self._connection, [text for text in (row.name, row.external_id) if text])
        self._erase_users(rep_id, now)
        nobody = {"name": None, "external_id": f"{NOWHERE}-{rep_id.hex}", "registered": False}
        self._connection.execute(update(reps).where(reps.c.id == rep_id).values(nobody))

    def _erase_users(self, rep_id: UUID, now: datetime) -> None:
        """The logins end; their rows stay, since the audit log and reviews refer to them by id."""
        found = select(users.c.id, users.c.email, users.c.name).where(users.c.rep_id == rep_id)
        for user in self._connection.execute(found).all():
            kept_answers.forget(self._connection, [text for text in (user.name, user.email) if text])
            SessionRepository(self._connection).end_all(user.id)
            nobody = {
                "email": f"{NOWHERE}-{user.id.hex}@invalid",
                "name": None,
                "password_hash": NO_PASSWORD,
                "disabled_at": now,
                "last_login_at": None,
            }
            self._connection.execute(update(users).where(users.c.id == user.id).values(nobody))
