"""The tables. Queries live in the module of the noun; migrations/ holds how the tables came to be.

Sums of points are whole numbers of millionths ("micro"), so that adding and subtracting any number of times ends exactly where
it began.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR

from service.store.records import CALL_STATUSES, KEY_ROLES
from service.store.types import NAMING, Json, UtcDateTime, one_of

metadata = MetaData(naming_convention=NAMING)


teams = Table(
    "teams",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
)

reps = Table(
    "reps",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("external_id", Text, nullable=False, unique=True),
    Column("name", Text),
    Column("role", Text),
    Column("team_id", Uuid, ForeignKey("teams.id"), index=True),
    Column("registered", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    one_of("role", ("sdr", "sales_manager", "account_manager")),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("prefix", Text, nullable=False, unique=True),
    Column("sha256", Text, nullable=False),
    Column("team_id", Uuid, ForeignKey("teams.id")),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    one_of("role", KEY_ROLES),
)
# A revoked key's name may be given again: replacing a leaked "pbx" by a new "pbx" is the usual case.
Index(
    "uq_api_keys_name_live",
    api_keys.c.name,
    unique=True,
    sqlite_where=text("revoked_at IS NULL"),
    postgresql_where=text("revoked_at IS NULL"),
)

calls = Table(
    "calls",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("source", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("rep_id", Uuid, ForeignKey("reps.id"), nullable=False),
    # One object belongs to one call: erasing a call may erase its recording without looking who else needs it.
    Column("audio_key", Text, nullable=False, unique=True),
    Column("audio_sha256", Text, nullable=False),
    Column("audio_size_bytes", BigInteger, nullable=False),
    Column("audio_format", Text, nullable=False),
    Column("audio_duration_s", Float),
    Column("audio_channels", Integer),
    Column("status", Text, nullable=False),
    Column("started_at", UtcDateTime),
    Column("direction", Text),
    Column("customer_ref", Text),
    Column("script", Text, nullable=False),
    Column("language", Text),
    Column("agent_channel", Text, nullable=False),
    Column("metadata", Json, nullable=False),
    Column("idempotency_key", Text),
    Column("uploaded_by", Uuid, ForeignKey("api_keys.id")),
    # The UTC day on which the KPIs count this call; kept, so that what is subtracted later is what was added.
    Column("kpi_day", Date, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("transcribing_at", UtcDateTime),
    Column("transcribed_at", UtcDateTime),
    Column("scored_at", UtcDateTime),
    Column("failed_at", UtcDateTime),
    Column("attempts", Integer, nullable=False),
    Column("progress", Float),
    Column("error_code", Text),
    Column("error_message", Text),
    # A worker's claim: whoever holds the token may write the call's results until someone else claims it.
    Column("lease_token", Text),
    Column("lease_until", UtcDateTime),
    # When the queue was last told of this call; the sweeper tells it again only after a while.
    Column("hinted_at", UtcDateTime),
    Column("detected_language", Text),
    Column("adherence", Float),
    Column("argumentation", Float),
    Column("objections_total", Integer),
    Column("objections_handled", Integer),
    UniqueConstraint("source", "external_id"),
    UniqueConstraint("uploaded_by", "idempotency_key"),
    one_of("status", CALL_STATUSES),
    one_of("direction", ("inbound", "outbound")),
    one_of("agent_channel", ("left", "right")),
    Index(None, "received_at", "id"),
    Index(None, "status", "received_at", "id"),
    Index(None, "rep_id", "received_at", "id"),
    Index(None, "rep_id", "kpi_day", "id"),
)

transcripts = Table(
    "transcripts",
    metadata,
    Column("call_id", Uuid, ForeignKey("calls.id"), primary_key=True),
    Column("sha256", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("recognizer", Text),
    # Canonical JSON, zlib-compressed: the very bytes that `sha256` was taken of.
    Column("content", LargeBinary, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

# The words that calls are found by: their dictionary forms, each once, and no order. On SQLite the full-text index call_words
# (FTS5) is made of them; on PostgreSQL they are a tsvector with an index of its own. `position` is the call's place in lists:
# when it was received, in microseconds, and unique.
call_texts = Table(
    "call_texts",
    metadata,
    Column("position", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False),
    Column("call_id", Uuid, ForeignKey("calls.id"), nullable=False, unique=True),
    Column("words", Text().with_variant(TSVECTOR(), "postgresql"), nullable=False),
)

scorecards = Table(
    "scorecards",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("call_id", Uuid, ForeignKey("calls.id"), nullable=False),
    Column("current", Boolean, nullable=False),
    Column("pack_id", Text, nullable=False),
    Column("pack_version", Text, nullable=False),
    Column("pack_sha256", Text, nullable=False),
    Column("engine_version", Text, nullable=False),
    Column("transcript_sha256", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    # Canonical JSON, zlib-compressed: the very bytes that `sha256` was taken of.
    Column("content", LargeBinary, nullable=False),
    Column("scored_at", UtcDateTime, nullable=False),
    Index(None, "call_id", "scored_at"),
)
Index(
    "uq_scorecards_call_id_current",
    scorecards.c.call_id,
    unique=True,
    sqlite_where=text('"current"'),
    postgresql_where=text('"current"'),
)

objections = Table(
    "objections",
    metadata,
    Column("call_id", Uuid, ForeignKey("calls.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("scorecard_id", Uuid, ForeignKey("scorecards.id"), nullable=False, index=True),
    Column("objection_id", Text, nullable=False),
    Column("type", Text, nullable=False, index=True),
    Column("outcome", Text, nullable=False),
    Column("handled", Boolean, nullable=False),
    Column("points_micro", BigInteger, nullable=False),
    Column("points_sq_micro", BigInteger, nullable=False),
    one_of("outcome", ("accepted", "neutral", "rejected")),
)

item_results = Table(
    "item_results",
    metadata,
    Column("call_id", Uuid, ForeignKey("calls.id"), primary_key=True),
    Column("item_id", Text, primary_key=True),
    Column("scorecard_id", Uuid, ForeignKey("scorecards.id"), nullable=False, index=True),
    Column("status", Text, nullable=False),
    Column("points_micro", BigInteger),
    Column("weight_micro", BigInteger, nullable=False),
    Column("critical", Boolean, nullable=False),
    one_of("status", ("met", "partial", "missed", "not_applicable", "not_assessable", "not_counted")),
)

flags = Table(
    "flags",
    metadata,
    Column("call_id", Uuid, ForeignKey("calls.id"), primary_key=True),
    Column("code", Text, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("severity", Text, nullable=False),
    Column("reason", Json, nullable=False),
    Column("raised_at", UtcDateTime, nullable=False),
    one_of("severity", ("low", "medium", "high")),
)

violation_results = Table(
    "violation_results",
    metadata,
    Column("call_id", Uuid, ForeignKey("calls.id"), primary_key=True),
    Column("violation_id", Text, primary_key=True),
    Column("severity", Text, nullable=False),
    Column("occurrences", Integer, nullable=False),
    one_of("severity", ("low", "medium", "high")),
)


audit_log = Table(
    "audit_log",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Json, nullable=False),
)
