"""Reviews, overrides, disputes, calibration, switched-off rules, retention and erasure."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
IN_FORCE = sa.text("ended_at IS NULL")
TABLES = (
    "calibrations",
    "draws",
    "pack_rulings",
    "rule_switches",
    "retention_rules",
    "calibration_sheets",
    "erasures",
    "review_queue",
    "calibration_calls",
    "review_marks",
    "reviews",
    "disputes",
    "overrides",
)
STATUSES = ("met", "partial", "missed", "not_applicable", "not_assessable")
#: Bytes of the secret that draws the random sample; more than anybody can try.
SECRET_BYTES = 32


def upgrade() -> None:
    op.create_table(
        "calibrations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calibrations")),
    )
    op.create_table(
        "draws",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_draws")),
    )
    op.create_table(
        "pack_rulings",
        sa.Column("pack_sha256", sa.Text(), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("pack_sha256", name=op.f("pk_pack_rulings")),
    )
    op.create_table(
        "rule_switches",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pack_id", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("stopped_by", sa.Text(), nullable=False),
        sa.Column("stopped_at", MOMENT, nullable=False),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("recounted_to", sa.Uuid(), nullable=True),
        sa.Column("recounted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_switches")),
    )
    op.create_index(
        "uq_rule_switches_in_force",
        "rule_switches",
        ["pack_id", "rule"],
        unique=True,
        sqlite_where=IN_FORCE,
        postgresql_where=IN_FORCE,
    )
    op.create_table(
        "retention_rules",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.CheckConstraint("what IN ('audio', 'text')", name=op.f("ck_retention_rules_what")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_retention_rules_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_rules")),
    )
    op.create_index(
        "uq_retention_rules_house",
        "retention_rules",
        ["what"],
        unique=True,
        sqlite_where=sa.text("team_id IS NULL"),
        postgresql_where=sa.text("team_id IS NULL"),
    )
    op.create_index(
        "uq_retention_rules_team",
        "retention_rules",
        ["team_id", "what"],
        unique=True,
        sqlite_where=sa.text("team_id IS NOT NULL"),
        postgresql_where=sa.text("team_id IS NOT NULL"),
    )
    op.create_table(
        "calibration_sheets",
        sa.Column("calibration_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("verdicts", JSON, nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("submitted_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["calibration_id"], ["calibrations.id"], name=op.f("fk_calibration_sheets_calibration_id_calibrations")
        ),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_calibration_sheets_call_id_calls")),
        sa.PrimaryKeyConstraint("calibration_id", "call_id", "reviewer", name=op.f("pk_calibration_sheets")),
    )
    op.create_table(
        "erasures",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("audio_at", MOMENT, nullable=True),
        sa.Column("text_at", MOMENT, nullable=True),
        sa.Column("call_at", MOMENT, nullable=True),
        sa.Column("audio_key", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_erasures_call_id_calls")),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_erasures")),
    )
    op.create_index(op.f("ix_erasures_audio_key"), "erasures", ["audio_key"], unique=False)
    op.create_index(op.f("ix_erasures_call_at"), "erasures", ["call_at"], unique=False)
    op.create_table(
        "review_queue",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("teaches_ppm", sa.Integer(), nullable=False),
        sa.Column("lot_ppm", sa.Integer(), nullable=False),
        sa.Column("turn_ppm", sa.Integer(), nullable=False),
        sa.Column("waiting_since", MOMENT, nullable=False),
        sa.Column("reviewed_at", MOMENT, nullable=True),
        sa.Column("claimed_by", sa.Text(), nullable=True),
        sa.Column("claimed_until", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_review_queue_call_id_calls")),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_review_queue")),
    )
    op.create_index(
        "ix_review_queue_lot_ppm",
        "review_queue",
        ["lot_ppm"],
        unique=False,
        sqlite_where=sa.text("reviewed_at IS NULL"),
        postgresql_where=sa.text("reviewed_at IS NULL"),
    )
    op.create_index(
        "ix_review_queue_severity",
        "review_queue",
        ["severity", "waiting_since", "call_id"],
        unique=False,
        sqlite_where=sa.text("reviewed_at IS NULL"),
        postgresql_where=sa.text("reviewed_at IS NULL"),
    )
    op.create_index(
        "ix_review_queue_teaches_ppm",
        "review_queue",
        ["teaches_ppm"],
        unique=False,
        sqlite_where=sa.text("reviewed_at IS NULL"),
        postgresql_where=sa.text("reviewed_at IS NULL"),
    )
    op.create_table(
        "calibration_calls",
        sa.Column("calibration_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("scorecard_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["calibration_id"], ["calibrations.id"], name=op.f("fk_calibration_calls_calibration_id_calibrations")
        ),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_calibration_calls_call_id_calls")),
        sa.ForeignKeyConstraint(
            ["scorecard_id"], ["scorecards.id"], name=op.f("fk_calibration_calls_scorecard_id_scorecards")
        ),
        sa.PrimaryKeyConstraint("calibration_id", "call_id", name=op.f("pk_calibration_calls")),
    )
    op.create_index(op.f("ix_calibration_calls_call_id"), "calibration_calls", ["call_id"], unique=False)
    op.create_table(
        "review_marks",
        sa.Column("scorecard_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("machine", sa.Text(), nullable=False),
        sa.Column("people", sa.Text(), nullable=False),
        sa.Column("pack_id", sa.Text(), nullable=False),
        sa.Column("pack_version", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("lot_ppm", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_review_marks_call_id_calls")),
        sa.ForeignKeyConstraint(
            ["scorecard_id"], ["scorecards.id"], name=op.f("fk_review_marks_scorecard_id_scorecards")
        ),
        sa.PrimaryKeyConstraint("scorecard_id", "rule", "position", name=op.f("pk_review_marks")),
    )
    op.create_index(op.f("ix_review_marks_call_id"), "review_marks", ["call_id"], unique=False)
    op.create_index(
        op.f("ix_review_marks_pack_id_rule_month"), "review_marks", ["pack_id", "rule", "month"], unique=False
    )
    op.create_table(
        "reviews",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("scorecard_id", sa.Uuid(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("lot_ppm", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("origin IN ('review', 'dispute')", name=op.f("ck_reviews_origin")),
        sa.CheckConstraint("verdict IN ('confirmed', 'corrected', 'unusable')", name=op.f("ck_reviews_verdict")),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_reviews_call_id_calls")),
        sa.ForeignKeyConstraint(["scorecard_id"], ["scorecards.id"], name=op.f("fk_reviews_scorecard_id_scorecards")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
    )
    op.create_index(op.f("ix_reviews_created_at"), "reviews", ["created_at"], unique=False)
    op.create_index("uq_reviews_call_id_version", "reviews", ["call_id", "version"], unique=True)
    op.create_table(
        "disputes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("scorecard_id", sa.Uuid(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("wish", JSON, nullable=False),
        sa.Column("argument", sa.Text(), nullable=False),
        sa.Column("raised_by", sa.Text(), nullable=False),
        sa.Column("raised_at", MOMENT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("review_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'upheld', 'rejected')", name=op.f("ck_disputes_state")),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_disputes_call_id_calls")),
        sa.ForeignKeyConstraint(["review_id"], ["reviews.id"], name=op.f("fk_disputes_review_id_reviews")),
        sa.ForeignKeyConstraint(["scorecard_id"], ["scorecards.id"], name=op.f("fk_disputes_scorecard_id_scorecards")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disputes")),
    )
    op.create_index(op.f("ix_disputes_call_id"), "disputes", ["call_id"], unique=False)
    op.create_index(op.f("ix_disputes_state_raised_at_id"), "disputes", ["state", "raised_at", "id"], unique=False)
    op.create_index(
        "uq_disputes_open",
        "disputes",
        ["call_id", "about"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "overrides",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("review_id", sa.Uuid(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("decision", JSON, nullable=False),
        sa.Column("machine", JSON, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("transcript_sha256", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.CheckConstraint("state IN ('applies', 'agrees', 'lapsed')", name=op.f("ck_overrides_state")),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_overrides_call_id_calls")),
        sa.ForeignKeyConstraint(["review_id"], ["reviews.id"], name=op.f("fk_overrides_review_id_reviews")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_overrides")),
    )
    op.create_index(op.f("ix_overrides_review_id"), "overrides", ["review_id"], unique=False)
    op.create_index(
        "uq_overrides_in_force",
        "overrides",
        ["call_id", "about"],
        unique=True,
        sqlite_where=IN_FORCE,
        postgresql_where=IN_FORCE,
    )
    draws = sa.table("draws", sa.column("name", sa.Text()), sa.column("secret", sa.LargeBinary()))
    op.execute(draws.insert().values(name="review_sample", secret=secrets.token_bytes(SECRET_BYTES)))
    _allow_statuses((*STATUSES, "not_counted"))


def downgrade() -> None:
    op.execute("UPDATE item_results SET status = 'not_assessable' WHERE status = 'not_counted'")
    _allow_statuses(STATUSES)
    for table in reversed(TABLES):
        op.drop_table(table)


def _allow_statuses(statuses: tuple[str, ...]) -> None:
    """What an item's status may be."""
    name, condition = op.f("ck_item_results_status"), "status IN (" + ", ".join(f"'{one}'" for one in statuses) + ")"
    if op.get_bind().dialect.name == "sqlite":
        # SQLite cannot change a check: the table is copied into one that has the other check from the start.
        with op.batch_alter_table(
            "item_results", recreate="always", copy_from=_item_results(sa.CheckConstraint(condition, name=name))
        ):
            pass
    else:
        op.drop_constraint(name, "item_results", type_="check")
        op.create_check_constraint(name, "item_results", condition)


def _item_results(check: sa.CheckConstraint) -> sa.Table:
    """The table as the step before left it, but for its check."""
    keys = sa.MetaData()
    for other in ("calls", "scorecards"):
        sa.Table(other, keys, sa.Column("id", sa.Uuid(), primary_key=True))
    return sa.Table(
        "item_results",
        keys,
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("scorecard_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("points_micro", sa.BigInteger(), nullable=True),
        sa.Column("weight_micro", sa.BigInteger(), nullable=False),
        sa.Column("critical", sa.Boolean(), nullable=False),
        check,
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_item_results_call_id_calls")),
        sa.ForeignKeyConstraint(
            ["scorecard_id"], ["scorecards.id"], name=op.f("fk_item_results_scorecard_id_scorecards")
        ),
        sa.PrimaryKeyConstraint("call_id", "item_id", name=op.f("pk_item_results")),
        sa.Index("ix_item_results_scorecard_id", "scorecard_id"),
    )
