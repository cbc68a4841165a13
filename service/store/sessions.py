"""Sessions: one login of one user, known by a cookie of which only the hash is stored."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, delete, insert, update

from service.store.models_people import sessions, users
from service.store.records_people import Session, User
from service.store.types import new_id
from service.store.users import select_users, user_from_row

TOKEN_BYTES = 32
#: A token has 43 characters; what is longer is none, and not worth a hash.
LONGEST_TOKEN = 100
#: `seen_at` and the expiry are written at most this often, so that a page with ten requests is not ten writes.
SEEN_EVERY = timedelta(minutes=1)


class SessionRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, user_id: UUID, *, now: datetime, idle: timedelta, longest: timedelta) -> tuple[Session, str]:
        """A new session and its token: the cookie's text, which is stored nowhere."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        ends_at = now + longest
        session = Session(
            id=new_id(),
            user_id=user_id,
            created_at=now,
            seen_at=now,
            expires_at=min(now + idle, ends_at),
            ends_at=ends_at,
        )
        values = {field: getattr(session, field) for field in session.__slots__}
        self._connection.execute(insert(sessions).values(values | {"sha256": _sha256(token)}))
        return session, token

    def find(self, token: str, *, now: datetime) -> tuple[Session, User] | None:
        """The live session of this token and its user; None if it has expired or the user is disabled."""
        if not token or len(token) > LONGEST_TOKEN:
            return None
        statement = (
            select_users()
            .join(sessions, sessions.c.user_id == users.c.id)
            .add_columns(
                sessions.c.id.label("session_id"),
                sessions.c.created_at.label("session_created_at"),
                sessions.c.seen_at,
                sessions.c.expires_at,
                sessions.c.ends_at,
            )
            .where(sessions.c.sha256 == _sha256(token), sessions.c.expires_at > now, users.c.disabled_at.is_(None))
        )
        row = self._connection.execute(statement).one_or_none()
        return None if row is None else (_session(row), user_from_row(row))

    def touch(self, session: Session, *, now: datetime, idle: timedelta) -> Session:
        """The session was used: it expires later."""
        expires_at = min(now + idle, session.ends_at)
        values = {"seen_at": now, "expires_at": expires_at}
        self._connection.execute(update(sessions).where(sessions.c.id == session.id).values(values))
        return replace(session, seen_at=now, expires_at=expires_at)

    def end(self, session_id: UUID) -> None:
        """Ending what has ended changes nothing."""
        self._connection.execute(delete(sessions).where(sessions.c.id == session_id))

    def end_all(self, user_id: UUID, *, but: UUID | None = None) -> int:
        """End the user's sessions, except `but`. Returns how many there were."""
        statement = delete(sessions).where(sessions.c.user_id == user_id)
        if but is not None:
            statement = statement.where(sessions.c.id != but)
        return self._connection.execute(statement).rowcount

    def delete_expired(self, now: datetime) -> int:
        """Rows that nobody can use any more."""
        return self._connection.execute(delete(sessions).where(sessions.c.expires_at <= now)).rowcount


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogateescape")).hexdigest()


def _session(row: Row[tuple[Any, ...]]) -> Session:
    return Session(
        id=row.session_id,
        user_id=row.user_id,
        created_at=row.session_created_at,
        seen_at=row.seen_at,
        expires_at=row.expires_at,
        ends_at=row.ends_at,
    )
