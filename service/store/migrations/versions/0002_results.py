"""Transcripts, scorecards with their details, flags and the rollup."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
CURRENT = sa.text('"current"')
TABLES = ("rep_days", "flags", "scorecards", "transcripts", "item_results", "objections")


def upgrade() -> None:
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


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
