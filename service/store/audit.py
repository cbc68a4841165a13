"""Who did what: an append-only log of administrative acts. No texts, names of customers or recordings go in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from service.store.models import audit_log
from service.store.records import AuditEntry
from service.store.types import new_id


class AuditLog:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def write(
        self, actor: str, action: str, subject: str, *, now: datetime, detail: dict[str, Any] | None = None
    ) -> None:
        """Note that `actor` ("key:cs_1a2b3c4d", "cli") did `action` ("key.revoke") to `subject` ("key:<id>")."""
        values = {"id": new_id(), "at": now, "actor": actor, "action": action, "subject": subject}
        self._connection.execute(insert(audit_log).values(values | {"detail": detail or {}}))

    def list(self, *, limit: int = 100) -> tuple[AuditEntry, ...]:
        """The newest entries first."""
        statement = select(audit_log).order_by(audit_log.c.at.desc(), audit_log.c.id.desc()).limit(limit)
        return tuple(
            AuditEntry(
                at=row.at, actor=row.actor, action=row.action, subject=row.subject, detail=row._mapping["detail"]
            )
            for row in self._connection.execute(statement)
        )
