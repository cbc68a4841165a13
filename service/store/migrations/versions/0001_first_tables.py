"""Teams, reps, API keys, calls, transcripts, scorecards with their details, the rollup and the audit log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
LIVE = sa.text("revoked_at IS NULL")
CURRENT = sa.text('"current"')
TABLES = (
    "audit_log",
    "teams",
    "api_keys",
    "reps",
    "calls",
    "rep_days",
    "flags",
    "scorecards",
    "transcripts",
    "item_results",
    "objections",
)


def upgrade() -> None:
    _create_calls()
    _create_results()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _create_calls() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    op.create_index("ix_audit_log_at", "audit_log", ["at"], unique=False)
    op.create_table(
        "teams",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
        sa.UniqueConstraint("name", name=op.f("uq_teams_name")),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_used_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "role IN ('uploader', 'reader', 'manager', 'qa_lead', 'admin')", name=op.f("ck_api_keys_role")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_api_keys_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("prefix", name=op.f("uq_api_keys_prefix")),
    )
    op.create_index(
        "uq_api_keys_name_live", "api_keys", ["name"], unique=True, sqlite_where=LIVE, postgresql_where=LIVE
    )
    op.create_table(
        "reps",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("registered", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("role IN ('sdr', 'sales_manager', 'account_manager')", name=op.f("ck_reps_role")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_reps_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reps")),
        sa.UniqueConstraint("external_id", name=op.f("uq_reps_external_id")),
    )
    op.create_index("ix_reps_team_id", "reps", ["team_id"], unique=False)
    op.create_table(
        "calls",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("rep_id", sa.Uuid(), nullable=False),
        sa.Column("audio_key", sa.Text(), nullable=False),
        sa.Column("audio_sha256", sa.Text(), nullable=False),
        sa.Column("audio_size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("audio_format", sa.Text(), nullable=False),
        sa.Column("audio_duration_s", sa.Float(), nullable=True),
        sa.Column("audio_channels", sa.Integer(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("direction", sa.Text(), nullable=True),
        sa.Column("customer_ref", sa.Text(), nullable=True),
        sa.Column("script", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("agent_channel", sa.Text(), nullable=False),
        sa.Column("metadata", JSON, nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=True),
        sa.Column("uploaded_by", sa.Uuid(), nullable=True),
        sa.Column("kpi_day", sa.Date(), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("transcribing_at", MOMENT, nullable=True),
        sa.Column("transcribed_at", MOMENT, nullable=True),
        sa.Column("scored_at", MOMENT, nullable=True),
        sa.Column("failed_at", MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("progress", sa.Float(), nullable=True),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("lease_token", sa.Text(), nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("hinted_at", MOMENT, nullable=True),
        sa.Column("detected_language", sa.Text(), nullable=True),
        sa.Column("adherence", sa.Float(), nullable=True),
        sa.Column("argumentation", sa.Float(), nullable=True),
        sa.Column("objections_total", sa.Integer(), nullable=True),
        sa.Column("objections_handled", sa.Integer(), nullable=True),
        sa.CheckConstraint("agent_channel IN ('left', 'right')", name=op.f("ck_calls_agent_channel")),
        sa.CheckConstraint("direction IN ('inbound', 'outbound')", name=op.f("ck_calls_direction")),
        sa.CheckConstraint(
            "status IN ('received', 'transcribing', 'transcribed', 'scored', 'failed')", name=op.f("ck_calls_status")
        ),
        sa.ForeignKeyConstraint(["rep_id"], ["reps.id"], name=op.f("fk_calls_rep_id_reps")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["api_keys.id"], name=op.f("fk_calls_uploaded_by_api_keys")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
        sa.UniqueConstraint("audio_key", name=op.f("uq_calls_audio_key")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_calls_source_external_id")),
        sa.UniqueConstraint("uploaded_by", "idempotency_key", name=op.f("uq_calls_uploaded_by_idempotency_key")),
    )
    op.create_index("ix_calls_received_at_id", "calls", ["received_at", "id"], unique=False)
    op.create_index("ix_calls_rep_id_received_at_id", "calls", ["rep_id", "received_at", "id"], unique=False)
    op.create_index("ix_calls_status_received_at_id", "calls", ["status", "received_at", "id"], unique=False)


def _create_results() -> None:
    op.create_table(
        "rep_days",
        sa.Column("rep_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("script", sa.Text(), nullable=False),
        sa.Column("calls_received", sa.Integer(), nullable=False),
        sa.Column("calls_scored", sa.Integer(), nullable=False),
        sa.Column("objections", sa.Integer(), nullable=False),
        sa.Column("objections_handled", sa.Integer(), nullable=False),
        sa.Column("argumentation_micro", sa.BigInteger(), nullable=False),
        sa.Column("argumentation_sq_micro", sa.BigInteger(), nullable=False),
        sa.Column("adherence_points_micro", sa.BigInteger(), nullable=False),
        sa.Column("adherence_weight_micro", sa.BigInteger(), nullable=False),
        sa.Column("violations", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["rep_id"], ["reps.id"], name=op.f("fk_rep_days_rep_id_reps")),
        sa.PrimaryKeyConstraint("rep_id", "day", "script", name=op.f("pk_rep_days")),
    )
    op.create_index("ix_rep_days_day", "rep_days", ["day"], unique=False)
    op.create_table(
        "flags",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("reason", JSON, nullable=False),
        sa.Column("raised_at", MOMENT, nullable=False),
        sa.CheckConstraint("severity IN ('low', 'medium', 'high')", name=op.f("ck_flags_severity")),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_flags_call_id_calls")),
        sa.PrimaryKeyConstraint("call_id", "code", name=op.f("pk_flags")),
    )
    op.create_table(
        "scorecards",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("pack_id", sa.Text(), nullable=False),
        sa.Column("pack_version", sa.Text(), nullable=False),
        sa.Column("pack_sha256", sa.Text(), nullable=False),
        sa.Column("engine_version", sa.Text(), nullable=False),
        sa.Column("transcript_sha256", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("objections", sa.Integer(), nullable=False),
        sa.Column("objections_handled", sa.Integer(), nullable=False),
        sa.Column("argumentation_micro", sa.BigInteger(), nullable=False),
        sa.Column("argumentation_sq_micro", sa.BigInteger(), nullable=False),
        sa.Column("adherence_points_micro", sa.BigInteger(), nullable=False),
        sa.Column("adherence_weight_micro", sa.BigInteger(), nullable=False),
        sa.Column("violations", sa.Integer(), nullable=False),
        sa.Column("scored_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_scorecards_call_id_calls")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scorecards")),
    )
    op.create_index("ix_scorecards_call_id_scored_at", "scorecards", ["call_id", "scored_at"], unique=False)
    op.create_index(
        "uq_scorecards_call_id_current",
        "scorecards",
        ["call_id"],
        unique=True,
        sqlite_where=CURRENT,
        postgresql_where=CURRENT,
    )
    op.create_table(
        "transcripts",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("recognizer", sa.Text(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_transcripts_call_id_calls")),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_transcripts")),
    )
    op.create_table(
        "item_results",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("scorecard_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("points_micro", sa.BigInteger(), nullable=True),
        sa.Column("weight_micro", sa.BigInteger(), nullable=False),
        sa.Column("critical", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "status IN ('met', 'partial', 'missed', 'not_applicable', 'not_assessable')",
            name=op.f("ck_item_results_status"),
        ),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_item_results_call_id_calls")),
        sa.ForeignKeyConstraint(
            ["scorecard_id"], ["scorecards.id"], name=op.f("fk_item_results_scorecard_id_scorecards")
        ),
        sa.PrimaryKeyConstraint("call_id", "item_id", name=op.f("pk_item_results")),
    )
    op.create_index("ix_item_results_scorecard_id", "item_results", ["scorecard_id"], unique=False)
    op.create_table(
        "objections",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("scorecard_id", sa.Uuid(), nullable=False),
        sa.Column("objection_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("handled", sa.Boolean(), nullable=False),
        sa.Column("points_micro", sa.BigInteger(), nullable=False),
        sa.Column("points_sq_micro", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("outcome IN ('accepted', 'neutral', 'rejected')", name=op.f("ck_objections_outcome")),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_objections_call_id_calls")),
        sa.ForeignKeyConstraint(
            ["scorecard_id"], ["scorecards.id"], name=op.f("fk_objections_scorecard_id_scorecards")
        ),
        sa.PrimaryKeyConstraint("call_id", "position", name=op.f("pk_objections")),
    )
    op.create_index("ix_objections_scorecard_id", "objections", ["scorecard_id"], unique=False)
    op.create_index("ix_objections_type", "objections", ["type"], unique=False)
