"""Webhooks: where events are sent, and what they are signed with."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, delete, func, select, update

from service.scoring.errors import NameTaken, WebhookUnknown
from service.store.models_people import deliveries, webhooks
from service.store.records_people import Webhook, WebhookEvent
from service.store.types import new_id
from service.store.upsert import insert_new

#: Standard Webhooks asks for 24 to 64 bytes.
SECRET_BYTES = 32
SECRET_PREFIX = "whsec_"  # noqa: S105 - the standard's
#: How long a replaced secret is still signed with, so that receivers can change over.
OLD_SECRET_FOR = timedelta(hours=24)
#: Columns that `update` may be given.
CHANGEABLE = frozenset({"url", "name", "events", "team_id", "enabled", "disabled_reason", "failing_since"})


class WebhookRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(
        self, *, url: str, name: str, events: tuple[WebhookEvent, ...], team_id: UUID | None, now: datetime
    ) -> tuple[Webhook, str]:
        """A new webhook and its secret, which is shown once. Raises NameTaken."""
        webhook_id, secret = new_id(), _new_secret()
        values = {
            "id": webhook_id,
            "url": url,
            "name": name,
            "events": list(events),
            "team_id": team_id,
            "secret": secret,
            "enabled": True,
            "created_at": now,
        }
        if not insert_new(self._connection, webhooks, values):
            raise NameTaken(f"a webhook named {name!r} exists; choose another name")
        return self.get(webhook_id), secret

    def get(self, webhook_id: UUID) -> Webhook:
        """Raises WebhookUnknown."""
        row = self._connection.execute(select(webhooks).where(webhooks.c.id == webhook_id)).one_or_none()
        if row is None:
            raise WebhookUnknown(f"no webhook has the id {webhook_id}")
        return _webhook(row)

    def list(self, *, limit: int = 1000, after: UUID | None = None) -> tuple[Webhook, ...]:
        """Oldest first; `after` is the last id of the page before."""
        statement = select(webhooks).order_by(webhooks.c.id).limit(limit)
        if after is not None:
            statement = statement.where(webhooks.c.id > after)
        return tuple(_webhook(row) for row in self._connection.execute(statement))

    def listening(self, event: WebhookEvent, team_id: UUID | None) -> tuple[Webhook, ...]:
        """Those that want this event of a call of this team."""
        rows = self._connection.execute(select(webhooks).where(webhooks.c.enabled).order_by(webhooks.c.id))
        found = (_webhook(row) for row in rows)
        return tuple(hook for hook in found if event in hook.events and hook.team_id in (None, team_id))

    def update(self, webhook_id: UUID, **values: Any) -> Webhook:
        """Set some of CHANGEABLE. Raises WebhookUnknown, NameTaken."""
        assert values.keys() <= CHANGEABLE, values.keys() - CHANGEABLE  # noqa: S101 - a programmer's mistake
        if "name" in values and self._taken(values["name"], webhook_id):
            raise NameTaken(f"a webhook named {values['name']!r} exists; choose another name")
        if values:
            self._connection.execute(update(webhooks).where(webhooks.c.id == webhook_id).values(values))
        return self.get(webhook_id)

    def renew_secret(self, webhook_id: UUID, now: datetime) -> str:
        """A new secret, shown once; the old one is signed with too for OLD_SECRET_FOR. Raises WebhookUnknown."""
        secret = _new_secret()
        values = {"secret": secret, "previous_secret": webhooks.c.secret, "previous_until": now + OLD_SECRET_FOR}
        if self._connection.execute(update(webhooks).where(webhooks.c.id == webhook_id).values(values)).rowcount != 1:
            raise WebhookUnknown(f"no webhook has the id {webhook_id}")
        return secret

    def secrets(self, webhook_id: UUID, now: datetime) -> tuple[str, ...]:
        """What a message is signed with now, the newest first. For the sender only. Empty for an unknown webhook."""
        statement = select(webhooks.c.secret, webhooks.c.previous_secret, webhooks.c.previous_until)
        row = self._connection.execute(statement.where(webhooks.c.id == webhook_id)).one_or_none()
        if row is None:
            return ()
        old = row.previous_secret if row.previous_until is not None and row.previous_until > now else None
        return (row.secret,) if old is None else (row.secret, old)

    def delete(self, webhook_id: UUID) -> None:
        """With all its deliveries. Raises WebhookUnknown."""
        self._connection.execute(delete(deliveries).where(deliveries.c.webhook_id == webhook_id))
        if self._connection.execute(delete(webhooks).where(webhooks.c.id == webhook_id)).rowcount != 1:
            raise WebhookUnknown(f"no webhook has the id {webhook_id}")

    def _taken(self, name: str, webhook_id: UUID) -> bool:
        same = select(func.count()).where(webhooks.c.name == name, webhooks.c.id != webhook_id)
        return self._connection.execute(same).scalar_one() > 0


def _new_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def _webhook(row: Row[tuple[Any, ...]]) -> Webhook:
    return Webhook(
        id=row.id,
        url=row.url,
        name=row.name,
        events=tuple(row.events),
        team_id=row.team_id,
        enabled=row.enabled,
        disabled_reason=row.disabled_reason,
        failing_since=row.failing_since,
        created_at=row.created_at,
    )
