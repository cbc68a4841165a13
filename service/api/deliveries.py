"""What was sent to a webhook, and what became of it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query

from service.api import cursors
from service.api.deps import AskerDep, ServicesDep
from service.api.routing import guarded_router, problems
from service.api.schemas_webhooks import Delivery, DeliveryPage, DeliveryQuery

router = guarded_router("webhooks")


@router.get(
    "/webhooks/{webhook_id}/deliveries",
    operation_id="list_deliveries",
    summary="What was sent, and what became of it",
    response_model=DeliveryPage,
    responses=problems("webhook_not_found"),
)
def list_deliveries(
    webhook_id: UUID,
    query: Annotated[DeliveryQuery, Query()],
    services: ServicesDep,
    asker: AskerDep,  # noqa: ARG001
) -> DeliveryPage:
    """Newest first; kept for 30 days."""
    name = f"deliveries {webhook_id.hex}"
    before = cursors.decode_id(name, query.cursor)
    with services.database.read() as tx:
        tx.webhooks.get(webhook_id)
        found = tx.deliveries.list(webhook_id, state=query.state, limit=query.limit + 1, before=before)
    page = found[: query.limit]
    return DeliveryPage(
        items=[Delivery.of(delivery, message) for delivery, message in page],
        next_cursor=cursors.encode(name, page[-1][0].id.hex) if len(found) > len(page) else None,
    )


@router.post(
    "/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver",
    operation_id="redeliver",
    summary="Send something again",
    status_code=202,
    response_model=Delivery,
    responses=problems("webhook_not_found", "delivery_not_found"),
)
def redeliver(webhook_id: UUID, delivery_id: UUID, services: ServicesDep, asker: AskerDep) -> Delivery:
    """At once, with all its tries; the same message under the same id."""
    now = services.now()
    with services.database.transaction() as tx:
        tx.webhooks.get(webhook_id)
        tx.deliveries.redeliver(webhook_id, delivery_id, now)
        tx.audit.write(asker.name, "delivery.redeliver", f"delivery:{delivery_id}", now=now)
        tx.after_commit(services.queue.send_deliver)
        return Delivery.of(*tx.deliveries.get(webhook_id, delivery_id))


@router.post(
    "/webhooks/{webhook_id}/ping",
    operation_id="ping_webhook",
    summary="Send a test message",
    status_code=202,
    response_model=Delivery,
    responses=problems("webhook_not_found"),
)
def ping_webhook(webhook_id: UUID, services: ServicesDep, asker: AskerDep) -> Delivery:
    """An event `ping`; look at the deliveries for what became of it."""
    now = services.now()
    with services.database.transaction() as tx:
        tx.webhooks.get(webhook_id)
        delivery_id = tx.outbox.ping(webhook_id, now=now)
        tx.audit.write(asker.name, "webhook.ping", f"webhook:{webhook_id}", now=now)
        tx.after_commit(services.queue.send_deliver)
        return Delivery.of(*tx.deliveries.get(webhook_id, delivery_id))
