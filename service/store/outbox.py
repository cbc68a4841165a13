"""The outbox: an event is written in the same transaction as what it tells of, and sent by workers/delivery.py afterwards.

    if tx.outbox.call_scored(call_id, now=now): tx.after_commit(queue.send_deliver)

Each method returns how many deliveries it wrote: none where no webhook wants the event. What is sent is ids, states and
scores, and no names, texts or customers: a receiver that may know more asks the API.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, insert

from service.store.call_work import CallWork
from service.store.models_people import deliveries
from service.store.records import Call
from service.store.records_people import WebhookEvent
from service.store.types import new_id
from service.store.webhooks import WebhookRepository


class Outbox:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._webhooks = WebhookRepository(connection)

    def call_scored(self, call_id: UUID, *, now: datetime) -> int:
        """The call has a new scorecard: `call.scored`, and `call.flagged` if a person should look at it."""
        call = CallWork(self._connection).get(call_id)
        data = _call(call) | {
            "scores": {
                "adherence": call.adherence,
                "argumentation": call.argumentation,
                "objections_total": call.objections_total,
                "objections_handled": call.objections_handled,
            },
            "flags": list(call.flags),
        }
        written = self._announce("call.scored", call, data, now)
        return written + (self._announce("call.flagged", call, data, now) if call.flags else 0)

    def call_set_aside(self, call_id: UUID, *, now: datetime) -> int:
        """The call is transcribed but there are no rules for its language: `call.flagged`, with the reason as `error`."""
        call = CallWork(self._connection).get(call_id)
        error = {"code": call.error_code, "message": call.error_message}
        data = _call(call) | {"scores": None, "flags": list(call.flags), "error": error}
        return self._announce("call.flagged", call, data, now)

    def call_failed(self, call_id: UUID, *, now: datetime) -> int:
        """The call ended in `failed`: `call.failed`. Nothing while it is tried again."""
        call = CallWork(self._connection).get(call_id)
        if call.status != "failed":
            return 0
        data = _call(call) | {"error": {"code": call.error_code, "message": call.error_message}}
        return self._announce("call.failed", call, data, now)

    def review_completed(self, call_id: UUID, *, review_id: UUID, verdict: str, overrides: int, now: datetime) -> int:
        """A person has judged the call: `review.completed`. `overrides` counts the machine's points that were changed."""
        call = CallWork(self._connection).get(call_id)
        data = _call(call) | {"review": {"id": str(review_id), "verdict": verdict, "overrides": overrides}}
        return self._announce("review.completed", call, data, now)

    def ping(self, webhook_id: UUID, *, now: datetime) -> UUID:
        """A test message to one webhook; returns its delivery's id."""
        return self._write(webhook_id, "ping", None, _body("ping", {"webhook_id": str(webhook_id)}, now), now)

    def forget_call(self, call_id: UUID) -> int:
        """Delete what was written of a call, sent or not. Returns how much there was."""
        return self._connection.execute(delete(deliveries).where(deliveries.c.call_id == call_id)).rowcount

    def _announce(self, event: WebhookEvent, call: Call, data: dict[str, Any], now: datetime) -> int:
        team_id = None if call.rep.team is None else call.rep.team.id
        hooks = self._webhooks.listening(event, team_id)
        if hooks:
            body = _body(event, data, now)
            for hook in hooks:
                self._write(hook.id, event, call.id, body, now)
        return len(hooks)

    def _write(self, webhook_id: UUID, event: WebhookEvent, call_id: UUID | None, body: bytes, now: datetime) -> UUID:
        delivery_id = new_id()
        values = {
            "id": delivery_id,
            "webhook_id": webhook_id,
            "event": event,
            "call_id": call_id,
            "body": body,
            "state": "waiting",
            "attempts": 0,
            "created_at": now,
            "due_at": now,
        }
        self._connection.execute(insert(deliveries).values(values))
        return delivery_id


def _call(call: Call) -> dict[str, Any]:
    return {
        "call_id": str(call.id),
        "source": call.source,
        "external_id": call.external_id,
        "rep": call.rep.external_id,
        "status": call.status,
    }


def _body(event: WebhookEvent, data: dict[str, Any], now: datetime) -> bytes:
    """The message as Standard Webhooks frames it."""
    message = {"type": event, "timestamp": now.isoformat().replace("+00:00", "Z"), "data": data}
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
