"""Who did what: an append-only log of changes and of listening. No texts, names of customers or recordings go in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, insert, select

from service.store.models import audit_log
from service.store.records import AuditEntry
from service.store.types import new_id

#: A player asks for a recording piece by piece; what one person hears of one call within this time is one entry.
LISTENING = timedelta(minutes=30)
LISTEN = "call.listen"


class AuditLog:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def write(
        self, actor: str, action: str, subject: str, *, now: datetime, detail: dict[str, Any] | None = None
    ) -> None:
        """Note that `actor` ("key:cs_1a2b3c4d", "user:<id>", "cli") did `action` ("key.revoke") to `subject` ("key:<id>")."""
        values = {"id": new_id(), "at": now, "actor": actor, "action": action, "subject": subject}
        self._connection.execute(insert(audit_log).values(values | {"detail": detail or {}}))

    def heard_lately(self, actor: str, call_id: UUID, now: datetime) -> bool:
        """Whether this listening is noted already."""
        statement = select(audit_log.c.id).where(
            audit_log.c.subject == f"call:{call_id}",
            audit_log.c.at > now - LISTENING,
            audit_log.c.action == LISTEN,
            audit_log.c.actor == actor,
        )
        return self._connection.execute(statement.limit(1)).one_or_none() is not None

    def counts(self, action: str, *, at_from: datetime) -> dict[str, int]:
        """How often each actor did this since then."""
        statement = (
            select(audit_log.c.actor, func.count())
            .where(audit_log.c.action == action, audit_log.c.at >= at_from)
            .group_by(audit_log.c.actor)
        )
        return {row[0]: row[1] for row in self._connection.execute(statement)}

    def list(
        self,
        *,
        limit: int = 100,
        before: UUID | None = None,
        actor: str | None = None,
        action: str | None = None,
        subject: str | None = None,
        at_from: datetime | None = None,
        at_to: datetime | None = None,
    ) -> tuple[AuditEntry, ...]:
        """The newest entries first; `before` is the last id of the page before, `at_to` is exclusive."""
        statement = select(audit_log).order_by(audit_log.c.id.desc()).limit(limit)
        for column, value in ((audit_log.c.actor, actor), (audit_log.c.action, action), (audit_log.c.subject, subject)):
            if value is not None:
                statement = statement.where(column == value)
        if before is not None:
            statement = statement.where(audit_log.c.id < before)
        if at_from is not None:
            statement = statement.where(audit_log.c.at >= at_from)
        if at_to is not None:
            statement = statement.where(audit_log.c.at < at_to)
        return tuple(
            AuditEntry(
                id=row.id,
                at=row.at,
                actor=row.actor,
                action=row.action,
                subject=row.subject,
                detail=row._mapping["detail"],
            )
            for row in self._connection.execute(statement)
        )
