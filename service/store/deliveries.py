"""Deliveries: taken by a worker one at a time, tried again with growing pauses, kept for a while to be looked at.

A delivery is `waiting` until a receiver answers 2xx (`delivered`) or the last try has failed (`failed`). A worker takes one
by moving its `due_at` beyond the time that sending can take; if the worker dies, the delivery comes due again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, delete, select, update

from service.scoring.errors import DeliveryUnknown
from service.store.models_people import deliveries, webhooks
from service.store.records_people import Delivery, DeliveryState

#: Pauses before the second and every further try: the schedule that Standard Webhooks proposes.
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400))
MOST_ATTEMPTS = len(PAUSES) + 1
#: Beyond the time limit of a try; after it a delivery whose worker died is sent again.
TAKEN_FOR = timedelta(minutes=5)
#: How long delivered and failed ones can be looked at.
KEPT_FOR = timedelta(days=30)
#: Pause of a whole webhook after a failure: its other deliveries need not find out the same one by one.
SHORTEST_REST = timedelta(seconds=30)
LONGEST_REST = timedelta(hours=1)
#: A receiver that failed for so long is not sent anything more until somebody enables it again.
GIVEN_UP_AFTER = timedelta(days=5)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A delivery as the worker sends it: `body` is signed with each of `secrets`."""

    id: UUID
    webhook_id: UUID
    url: str
    body: bytes
    attempts: int
    secrets: tuple[str, ...]


class DeliveryRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def due_webhooks(self, now: datetime, *, limit: int = 100) -> tuple[UUID, ...]:
        """Webhooks with something to send, the longest waiting first."""
        due = (deliveries.c.state == "waiting") & (deliveries.c.due_at <= now)
        statement = select(deliveries.c.webhook_id).where(due).order_by(deliveries.c.due_at).limit(limit * 20)
        return tuple(dict.fromkeys(self._connection.execute(statement).scalars()))[:limit]

    def take(self, webhook_id: UUID, now: datetime) -> Outgoing | None:
        """The oldest due delivery of this webhook, for this worker alone. None: nothing is due, or another worker has it."""
        statement = (
            select(deliveries.c.id, deliveries.c.body, deliveries.c.attempts)
            .where(
                deliveries.c.webhook_id == webhook_id,
                deliveries.c.state == "waiting",
                deliveries.c.due_at <= now,
            )
            .order_by(deliveries.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        row = self._connection.execute(statement).one_or_none()
        hook = self._connection.execute(select(webhooks).where(webhooks.c.id == webhook_id)).one_or_none()
        if row is None or hook is None or not hook.enabled:
            return None
        taken = {"due_at": now + TAKEN_FOR, "attempts": row.attempts + 1, "tried_at": now}
        self._connection.execute(update(deliveries).where(deliveries.c.id == row.id).values(taken))
        old = hook.previous_secret if hook.previous_until is not None and hook.previous_until > now else None
        secrets = (hook.secret,) if old is None else (hook.secret, old)
        return Outgoing(row.id, webhook_id, hook.url, row.body, row.attempts + 1, secrets)

    def delivered(self, sent: Outgoing, *, http_status: int, now: datetime) -> None:
        """The receiver has it."""
        values = {"state": "delivered", "due_at": None, "delivered_at": now, "http_status": http_status, "error": None}
        self._connection.execute(update(deliveries).where(deliveries.c.id == sent.id).values(values))
        well = update(webhooks).where(webhooks.c.id == sent.webhook_id, webhooks.c.failing_since.is_not(None))
        self._connection.execute(well.values(failing_since=None))

    def refused(
        self, sent: Outgoing, *, http_status: int | None, error: str, now: datetime, wait: timedelta | None, gone: bool
    ) -> DeliveryState:
        """The try failed. Tried again later, or given up after the last one.

        `wait` is what the receiver asked for (Retry-After); `gone` that it wants nothing more (410), which disables the webhook.
        """
        again = sent.attempts < MOST_ATTEMPTS and not gone
        pause = PAUSES[min(sent.attempts, len(PAUSES)) - 1]
        values: dict[str, Any] = {"http_status": http_status, "error": error}
        values |= {"due_at": now + max(pause, wait or pause)} if again else {"due_at": None, "state": "failed"}
        self._connection.execute(update(deliveries).where(deliveries.c.id == sent.id).values(values))
        self._note_failure(sent.webhook_id, now, error, gone=gone)
        return "waiting" if again else "failed"

    def redeliver(self, webhook_id: UUID, delivery_id: UUID, now: datetime) -> Delivery:
        """Send it again now, whatever became of it, with all its tries. Raises DeliveryUnknown."""
        values = {"state": "waiting", "attempts": 0, "due_at": now, "delivered_at": None}
        wanted = (deliveries.c.id == delivery_id) & (deliveries.c.webhook_id == webhook_id)
        self._connection.execute(update(deliveries).where(wanted).values(values))
        return self.get(webhook_id, delivery_id)[0]

    def get(self, webhook_id: UUID, delivery_id: UUID) -> tuple[Delivery, dict[str, Any]]:
        """A delivery and its message. Raises DeliveryUnknown."""
        wanted = (deliveries.c.id == delivery_id) & (deliveries.c.webhook_id == webhook_id)
        row = self._connection.execute(select(deliveries).where(wanted)).one_or_none()
        if row is None:
            raise DeliveryUnknown(f"this webhook has no delivery of the id {delivery_id}")
        return _delivery(row), json.loads(row.body)

    def list(
        self, webhook_id: UUID, *, state: DeliveryState | None = None, limit: int = 100, before: UUID | None = None
    ) -> tuple[tuple[Delivery, dict[str, Any]], ...]:
        """Deliveries with their messages, newest first; `before` is the last id of the page before."""
        statement = select(deliveries).where(deliveries.c.webhook_id == webhook_id)
        if state is not None:
            statement = statement.where(deliveries.c.state == state)
        if before is not None:
            statement = statement.where(deliveries.c.id < before)
        statement = statement.order_by(deliveries.c.id.desc()).limit(limit)
        return tuple((_delivery(row), json.loads(row.body)) for row in self._connection.execute(statement))

    def delete_old(self, now: datetime) -> int:
        """What was done with long ago."""
        old = (deliveries.c.created_at < now - KEPT_FOR) & (deliveries.c.state != "waiting")
        return self._connection.execute(delete(deliveries).where(old)).rowcount

    def _note_failure(self, webhook_id: UUID, now: datetime, error: str, *, gone: bool) -> None:
        """Let the webhook's other deliveries rest, the longer it has been failing the longer; give up in the end."""
        row = self._connection.execute(
            select(webhooks.c.failing_since).where(webhooks.c.id == webhook_id)
        ).one_or_none()
        if row is None:
            return
        since = row.failing_since or now
        values: dict[str, Any] = {"failing_since": since}
        if gone or now - since >= GIVEN_UP_AFTER:
            why = (
                "the receiver answered 410: it wants no more"
                if gone
                else f"no delivery succeeded since {since:%Y-%m-%d}"
            )
            values |= {"enabled": False, "disabled_reason": f"{why}; the last error was: {error}"}
        self._connection.execute(update(webhooks).where(webhooks.c.id == webhook_id).values(values))
        rests_until = now + min(max((now - since) / 4, SHORTEST_REST), LONGEST_REST)
        sooner = (
            (deliveries.c.webhook_id == webhook_id)
            & (deliveries.c.state == "waiting")
            & (deliveries.c.due_at < rests_until)
            & (deliveries.c.attempts == 0)
        )
        self._connection.execute(update(deliveries).where(sooner).values(due_at=rests_until))


def _delivery(row: Row[tuple[Any, ...]]) -> Delivery:
    return Delivery(
        id=row.id,
        webhook_id=row.webhook_id,
        event=row.event,
        call_id=row.call_id,
        state=row.state,
        attempts=row.attempts,
        created_at=row.created_at,
        due_at=row.due_at,
        tried_at=row.tried_at,
        delivered_at=row.delivered_at,
        http_status=row.http_status,
        error=row.error,
    )
