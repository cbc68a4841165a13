"""Webhooks and their deliveries, as they go over the wire."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

import httpx
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from service.api.queries import PageQuery
from service.api.schemas_people import TeamName
from service.api.validation import Name, has_control_characters
from service.store import records_people
from service.store.records_people import DeliveryState, WebhookEvent

URL_LIMIT = 2000
#: `ping` is sent on demand and cannot be subscribed to.
Subscribed = Literal["call.scored", "call.failed", "call.flagged", "review.completed"]
_WEBHOOK: dict[str, Any] = {
    "id": "01938a4e-8f3c-7d52-9a3e-5d1c0f6b2d01",
    "url": "https://crm.example.com/hooks/callscore",
    "name": "CRM",
    "events": ["call.scored", "call.failed"],
    "team_id": None,
    "enabled": True,
    "disabled_reason": None,
    "failing_since": None,
    "created_at": "2025-11-23T07:20:00Z",
}


def _url(text: str) -> str:
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, ValueError):
        raise ValueError("must be a URL like https://crm.example.com/hooks/callscore") from None
    if url.scheme not in ("http", "https") or not url.host or has_control_characters(text) or " " in text:
        raise ValueError("must be a URL like https://crm.example.com/hooks/callscore")
    if url.userinfo or url.fragment:
        raise ValueError("must have no user name, password or #fragment")
    return str(url)


Url = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=URL_LIMIT),
    AfterValidator(_url),
    Field(description="https; http only to networks of CALLSCORE_WEBHOOK_NETWORKS.", examples=[_WEBHOOK["url"]]),
]
Events = Annotated[list[Subscribed], Field(min_length=1, max_length=4, description="What it is told of.")]


class Webhook(BaseModel):
    """Where events are sent; never its secret."""

    model_config = ConfigDict(json_schema_extra={"examples": [_WEBHOOK]})

    id: UUID
    url: str
    name: str
    events: list[WebhookEvent]
    team_id: UUID | None = Field(description="Only this team's calls; null for all.")
    enabled: bool
    disabled_reason: str | None = Field(description="Why callscore stopped sending, where it did.")
    failing_since: AwareDatetime | None = Field(description="Since when nothing was delivered; null if all is well.")
    created_at: AwareDatetime

    @classmethod
    def of(cls, webhook: records_people.Webhook) -> Webhook:
        return cls.model_validate(webhook, from_attributes=True)


class WebhookPage(BaseModel):
    """Webhooks, oldest first."""

    items: list[Webhook]
    next_cursor: str | None = Field(description="Give it as `cursor` to get the next page; null on the last.")


class NewWebhook(BaseModel):
    """A webhook to create."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"url": _WEBHOOK["url"], "name": "CRM", "events": ["call.scored"]}]},
    )

    url: Url
    name: Name
    events: Events
    team: Annotated[TeamName | None, Field(description="Only this team's calls; left out: all.")] = None


class WebhookChange(BaseModel):
    """What is to change; a field left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"enabled": True}]})

    url: Url | None = None
    name: Name | None = None
    events: Events | None = None
    team: Annotated[TeamName | None, Field(description="Null: all teams.")] = None
    enabled: bool | None = Field(None, description="False: nothing is sent, and nothing gathered to be sent later.")


class CreatedWebhook(Webhook):
    """A new webhook with its secret, which is shown this once."""

    secret: str = Field(description="`whsec_...`, to verify signatures with.")


class NewSecret(BaseModel):
    """A secret that replaces the one before."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="}]}
    )

    secret: str = Field(description="Shown this once. For 24 hours messages are signed with the old one too.")


class Delivery(BaseModel):
    """One event on its way to one webhook."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "01938a4e-8f3c-7d52-9a3e-5d1c0f6b2e01",
                    "webhook_id": _WEBHOOK["id"],
                    "event": "call.scored",
                    "call_id": "01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a77",
                    "state": "waiting",
                    "attempts": 1,
                    "created_at": "2025-11-23T07:20:15Z",
                    "due_at": "2025-11-23T07:25:15Z",
                    "tried_at": "2025-11-23T07:20:15Z",
                    "delivered_at": None,
                    "http_status": 500,
                    "error": "the receiver answered 500",
                    "message": {"type": "call.scored", "timestamp": "2025-11-23T07:20:15Z", "data": {}},
                }
            ]
        }
    )

    id: UUID = Field(
        description="The header `webhook-id`; the same at each try, so that a receiver can tell repetitions."
    )
    webhook_id: UUID
    event: WebhookEvent
    call_id: UUID | None
    state: DeliveryState
    attempts: int
    created_at: AwareDatetime
    due_at: AwareDatetime | None = Field(description="When it is tried next; null if it is not.")
    tried_at: AwareDatetime | None
    delivered_at: AwareDatetime | None
    http_status: int | None
    error: str | None
    message: dict[str, Any] = Field(description="What is sent.")

    @classmethod
    def of(cls, delivery: records_people.Delivery, message: dict[str, Any]) -> Delivery:
        fields = {name: getattr(delivery, name) for name in delivery.__slots__}
        return cls(**fields, message=message)


class DeliveryPage(BaseModel):
    """Deliveries, newest first."""

    items: list[Delivery]
    next_cursor: str | None = Field(description="Give it as `cursor` to get the next page; null on the last.")


class DeliveryQuery(PageQuery):
    """Deliveries to list."""

    state: DeliveryState | None = None
