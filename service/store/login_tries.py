"""How often somebody tried to log in: counted per account and per address, in windows of fixed length.

In the database and not in Redis, which may be emptied at any time. The names are hashed; a row means nothing after its window.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, case, delete
from sqlalchemy.dialects import postgresql, sqlite

from service.store.models_people import login_tries


class LoginTries:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def count(self, subject: str, *, now: datetime, window: timedelta) -> tuple[int, datetime]:
        """Count a try. Returns how many there were in this window, this one included, and when the window ends.

        One statement: tries that come at the same moment are all counted.
        """
        insert = postgresql.insert if self._connection.dialect.name == "postgresql" else sqlite.insert
        values = {"subject": _sha256(subject), "tries": 1, "until": now + window}
        over = login_tries.c.until <= now
        counted: dict[str, Any] = {
            "tries": case((over, 1), else_=login_tries.c.tries + 1),
            "until": case((over, now + window), else_=login_tries.c.until),
        }
        statement = insert(login_tries).values(values)
        returning = statement.on_conflict_do_update(index_elements=["subject"], set_=counted).returning(
            login_tries.c.tries, login_tries.c.until
        )
        row = self._connection.execute(returning).one()
        return row.tries, row.until

    def forget(self, subject: str) -> None:
        """The login succeeded: what was tried before does not count."""
        self._connection.execute(delete(login_tries).where(login_tries.c.subject == _sha256(subject)))

    def delete_old(self, now: datetime) -> int:
        """Rows whose window is over."""
        return self._connection.execute(delete(login_tries).where(login_tries.c.until <= now)).rowcount


def _sha256(subject: str) -> str:
    return hashlib.sha256(subject.encode(errors="surrogateescape")).hexdigest()
