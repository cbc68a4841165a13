"""The tables of users, sessions, webhooks and repeated requests; see `service.store.models` for what holds for all tables."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, UniqueConstraint, Uuid

from service.store.models import audit_log, metadata
from service.store.records_people import DELIVERY_STATES, LANGUAGES, USER_ROLES
from service.store.types import Json, UtcDateTime, one_of

__all__ = ["deliveries", "login_tries", "metadata", "repeated_requests", "sessions", "users", "webhooks"]

users = Table(
    "users",
    metadata,
    Column("id", Uuid, primary_key=True),
    # Lower case: nobody can register the same address twice by its spelling.
    Column("email", Text, nullable=False, unique=True),
    Column("name", Text),
    # An argon2id string with its own parameters and salt.
    Column("password_hash", Text, nullable=False),
    Column("password_must_change", Boolean, nullable=False),
    Column("role", Text, nullable=False),
    Column("rep_id", Uuid, ForeignKey("reps.id"), index=True),
    Column("team_id", Uuid, ForeignKey("teams.id"), index=True),
    Column("language", Text),
    Column("time_zone", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_login_at", UtcDateTime),
    Column("disabled_at", UtcDateTime),
    one_of("role", USER_ROLES),
    one_of("language", LANGUAGES),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("user_id", Uuid, ForeignKey("users.id"), nullable=False, index=True),
    # The cookie itself is nowhere: who reads the database, or a backup of it, is not logged in.
    Column("sha256", Text, nullable=False, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    # Moves on with use, but never beyond `ends_at`.
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Column("ends_at", UtcDateTime, nullable=False),
)

login_tries = Table(
    "login_tries",
    metadata,
    # A hash of an e-mail or of a network address: no list of who logs in from where.
    Column("subject", Text, primary_key=True),
    Column("tries", Integer, nullable=False),
    Column("until", UtcDateTime, nullable=False, index=True),
)

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("url", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("events", Json, nullable=False),
    Column("team_id", Uuid, ForeignKey("teams.id")),
    # Signing needs it as it is; the one before is also signed with until `previous_until`, so that receivers can change over.
    Column("secret", Text, nullable=False),
    Column("previous_secret", Text),
    Column("previous_until", UtcDateTime),
    Column("enabled", Boolean, nullable=False),
    Column("disabled_reason", Text),
    # Since when no delivery succeeded; None after a success.
    Column("failing_since", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("name"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("webhook_id", Uuid, ForeignKey("webhooks.id"), nullable=False),
    Column("event", Text, nullable=False),
    # No reference: a delivery may outlive its call, and forgetting a call deletes its deliveries.
    Column("call_id", Uuid, index=True),
    # The very bytes that are signed and sent, each time the same.
    Column("body", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    # When it is sent next; a worker that takes it moves this on, so that nobody else sends it meanwhile.
    Column("due_at", UtcDateTime),
    Column("tried_at", UtcDateTime),
    Column("delivered_at", UtcDateTime),
    Column("http_status", Integer),
    Column("error", Text),
    one_of("state", DELIVERY_STATES),
    Index(None, "due_at"),
    Index(None, "webhook_id", "id"),
    Index(None, "created_at"),
)

repeated_requests = Table(
    "repeated_requests",
    metadata,
    # Who sent it, and a hash of its Idempotency-Key.
    Column("owner", Text, primary_key=True),
    Column("key_sha256", Text, primary_key=True),
    Column("operation", Text, nullable=False),
    Column("request_sha256", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False, index=True),
    # None until the request is answered.
    Column("status", Integer),
    # None where the answer held a secret, which is shown once.
    Column("body", LargeBinary),
    Column("location", Text),
)

# Whether somebody's listening to a call is noted already is asked at every piece of a recording.
Index(None, audit_log.c.subject, audit_log.c.at)
# Who did how much of something since a moment: answered by the index alone.
Index(None, audit_log.c.action, audit_log.c.at, audit_log.c.actor)
