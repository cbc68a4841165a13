"""What the store hands out of users, sessions and webhooks: frozen records, never database objects."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from service.store.records import Rep, Team

UserRole = Literal["rep", "manager", "qa_lead", "admin"]
USER_ROLES: tuple[UserRole, ...] = ("rep", "manager", "qa_lead", "admin")
Language = Literal["ru", "en"]
LANGUAGES: tuple[Language, ...] = ("ru", "en")
WebhookEvent = Literal["call.scored", "call.failed", "call.flagged", "review.completed", "ping"]
DeliveryState = Literal["waiting", "delivered", "failed"]
DELIVERY_STATES: tuple[DeliveryState, ...] = ("waiting", "delivered", "failed")


@dataclass(frozen=True, slots=True)
class User:
    """Someone who logs in. Never holds the password's hash.

    `rep` is who the user is in the telephony system (always set for the role rep). `team` limits what a manager sees; None
    for all teams. `time_zone` is an IANA name, for showing times and for nothing else. Without a `language` pages are in the
    browser's.
    """

    id: UUID
    email: str
    name: str | None
    role: UserRole
    rep: Rep | None
    team: Team | None
    language: Language | None
    time_zone: str
    password_must_change: bool
    created_at: datetime
    last_login_at: datetime | None
    disabled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Session:
    """One login. `expires_at` moves on with use, up to `ends_at`."""

    id: UUID
    user_id: UUID
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where events are sent. Never holds the secret. `team_id` limits it to the calls of a team."""

    id: UUID
    url: str
    name: str
    events: tuple[WebhookEvent, ...]
    team_id: UUID | None
    enabled: bool
    disabled_reason: str | None
    failing_since: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one webhook. `id` is the message id that the receiver sees, at each attempt the same."""

    id: UUID
    webhook_id: UUID
    event: WebhookEvent
    call_id: UUID | None
    state: DeliveryState
    attempts: int
    created_at: datetime
    due_at: datetime | None
    tried_at: datetime | None
    delivered_at: datetime | None
    http_status: int | None
    error: str | None
