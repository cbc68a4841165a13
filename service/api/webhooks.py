"""Webhooks: callscore tells other systems what became of a call (Standard Webhooks)."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated, Any
from uuid import UUID

import httpx
from fastapi import Query, Response

from service.api import cursors
from service.api.deps import AskerDep, Services, ServicesDep
from service.api.problems import invalid
from service.api.queries import PageQuery
from service.api.routing import guarded_router, problems
from service.api.schemas_webhooks import (
    CreatedWebhook,
    NewSecret,
    NewWebhook,
    Webhook,
    WebhookChange,
    WebhookPage,
)
from service.api.validation import FieldError

router = guarded_router("webhooks")
_LIST = "webhooks"


@router.get(
    "/webhooks",
    operation_id="list_webhooks",
    summary="List webhooks",
    response_model=WebhookPage,
    responses=problems(),
)
def list_webhooks(query: Annotated[PageQuery, Query()], services: ServicesDep, asker: AskerDep) -> WebhookPage:  # noqa: ARG001
    """Oldest first, disabled ones too; never their secrets."""
    after = cursors.decode_id(_LIST, query.cursor)
    with services.database.read() as tx:
        found = tx.webhooks.list(limit=query.limit + 1, after=after)
    page = found[: query.limit]
    return WebhookPage(
        items=[Webhook.of(webhook) for webhook in page],
        next_cursor=cursors.encode(_LIST, page[-1].id.hex) if len(found) > len(page) else None,
    )


@router.post(
    "/webhooks",
    operation_id="create_webhook",
    summary="Create a webhook",
    status_code=201,
    response_model=CreatedWebhook,
    responses=problems("body_too_large", "malformed_request", "name_taken", "team_unknown"),
)
def create_webhook(new: NewWebhook, services: ServicesDep, asker: AskerDep) -> CreatedWebhook:
    """The answer holds the secret, this once. Try it with a ping."""
    _check_url(new.url, services)
    now = services.now()
    with services.database.transaction() as tx:
        team_id = None if new.team is None else tx.teams.get_by_name(new.team).id
        events = tuple(dict.fromkeys(new.events))
        webhook, secret = tx.webhooks.create(url=new.url, name=new.name, events=events, team_id=team_id, now=now)
        tx.audit.write(asker.name, "webhook.create", f"webhook:{webhook.id}", now=now, detail={"events": events})
    return CreatedWebhook(**Webhook.of(webhook).model_dump(), secret=secret)


@router.get(
    "/webhooks/{webhook_id}",
    operation_id="get_webhook",
    summary="One webhook",
    response_model=Webhook,
    responses=problems("webhook_not_found"),
)
def get_webhook(webhook_id: UUID, services: ServicesDep, asker: AskerDep) -> Webhook:  # noqa: ARG001
    """`failing_since` and `disabled_reason` say how it is doing."""
    with services.database.read() as tx:
        return Webhook.of(tx.webhooks.get(webhook_id))


@router.patch(
    "/webhooks/{webhook_id}",
    operation_id="update_webhook",
    summary="Change, stop or resume a webhook",
    response_model=Webhook,
    responses=problems("body_too_large", "malformed_request", "webhook_not_found", "name_taken", "team_unknown"),
)
def update_webhook(webhook_id: UUID, change: WebhookChange, services: ServicesDep, asker: AskerDep) -> Webhook:
    """Enabling one that callscore gave up forgets how long it failed; what waited is then sent."""
    if change.url is not None:
        _check_url(change.url, services)
    given = change.model_fields_set
    values: dict[str, Any] = {
        name: value for name in ("url", "name", "enabled") if (value := getattr(change, name)) is not None
    }
    if change.events is not None:
        values["events"] = list(dict.fromkeys(change.events))
    if change.enabled:
        values |= {"disabled_reason": None, "failing_since": None}
    now = services.now()
    with services.database.transaction() as tx:
        if "team" in given:
            values["team_id"] = None if change.team is None else tx.teams.get_by_name(change.team).id
        webhook = tx.webhooks.update(webhook_id, **values)
        if change.enabled:
            tx.after_commit(services.queue.send_deliver)
        detail = {"fields": sorted(given)}
        tx.audit.write(asker.name, "webhook.update", f"webhook:{webhook_id}", now=now, detail=detail)
    return Webhook.of(webhook)


@router.delete(
    "/webhooks/{webhook_id}",
    operation_id="delete_webhook",
    summary="Delete a webhook",
    status_code=204,
    response_class=Response,
    responses=problems("webhook_not_found"),
)
def delete_webhook(webhook_id: UUID, services: ServicesDep, asker: AskerDep) -> Response:
    """With its deliveries, also those that wait."""
    with services.database.transaction() as tx:
        tx.webhooks.delete(webhook_id)
        tx.audit.write(asker.name, "webhook.delete", f"webhook:{webhook_id}", now=services.now())
    return Response(status_code=204)


@router.post(
    "/webhooks/{webhook_id}/secret",
    operation_id="renew_webhook_secret",
    summary="Make a new secret",
    response_model=NewSecret,
    responses=problems("webhook_not_found"),
)
def renew_webhook_secret(webhook_id: UUID, services: ServicesDep, asker: AskerDep) -> NewSecret:
    """For 24 hours messages carry two signatures, by the old secret and by the new one."""
    now = services.now()
    with services.database.transaction() as tx:
        secret = tx.webhooks.renew_secret(webhook_id, now)
        tx.audit.write(asker.name, "webhook.secret", f"webhook:{webhook_id}", now=now)
    return NewSecret(secret=secret)


def _check_url(url: str, services: Services) -> None:
    """What can be said without resolving a name; the rest is found out when connecting. Raises Refused."""
    parsed = httpx.URL(url)
    networks = services.settings.webhook_private_networks
    if parsed.scheme == "http" and not networks:
        raise invalid([FieldError("url", "must be https; http is for private networks of CALLSCORE_WEBHOOK_NETWORKS")])
    try:
        address = ip_address(parsed.host)
    except ValueError:
        return
    named = any(address.version == network.version and address in network for network in networks)
    if not address.is_global and not named:
        raise invalid([FieldError("url", "is a private address; CALLSCORE_WEBHOOK_NETWORKS allows some")])
