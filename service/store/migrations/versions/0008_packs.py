"""Rule packs published from drafts, and trials of drafts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Tables of this step."""
    op.create_table(
        "pack_contents",
        sa.Column("files_sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("files_sha256", name=op.f("pk_pack_contents")),
    )
    op.create_table(
        "pack_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pack_id", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("pack_sha256", sa.Text(), nullable=False),
        sa.Column("files_sha256", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("source IN ('folder', 'draft', 'earlier')", name=op.f("ck_pack_versions_source")),
        sa.ForeignKeyConstraint(
            ["files_sha256"], ["pack_contents.files_sha256"], name=op.f("fk_pack_versions_files_sha256_pack_contents")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pack_versions")),
        sa.UniqueConstraint("pack_id", "language", "number", name=op.f("uq_pack_versions_pack_id_language_number")),
    )
    op.create_table(
        "pack_drafts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pack_id", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("base_version", sa.Text(), nullable=False),
        sa.Column("base_sha256", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("published_version", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'published')", name=op.f("ck_pack_drafts_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pack_drafts")),
    )
    op.create_index(op.f("ix_pack_drafts_pack_id_language_state"), "pack_drafts", ["pack_id", "language", "state"])
    op.create_table(
        "pack_draft_files",
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["pack_drafts.id"], name=op.f("fk_pack_draft_files_draft_id_pack_drafts")
        ),
        sa.PrimaryKeyConstraint("draft_id", "path", name=op.f("pk_pack_draft_files")),
    )
    _trials()


def _trials() -> None:
    op.create_table(
        "pack_trials",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("pack_id", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("files_sha256", sa.Text(), nullable=False),
        sa.Column("before_version", sa.Text(), nullable=False),
        sa.Column("before_sha256", sa.Text(), nullable=False),
        sa.Column("date_from", sa.Date(), nullable=True),
        sa.Column("date_to", sa.Date(), nullable=True),
        sa.Column("most_calls", sa.Integer(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("steps_total", sa.Integer(), nullable=False),
        sa.Column("steps_done", sa.Integer(), nullable=False),
        sa.Column("result", sa.LargeBinary(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("hinted_at", MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_token", sa.Text(), nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.CheckConstraint("kind IN ('test', 'backtest')", name=op.f("ck_pack_trials_kind")),
        sa.CheckConstraint("state IN ('running', 'done', 'failed', 'cancelled')", name=op.f("ck_pack_trials_state")),
        sa.ForeignKeyConstraint(["draft_id"], ["pack_drafts.id"], name=op.f("fk_pack_trials_draft_id_pack_drafts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pack_trials")),
    )
    op.create_index(op.f("ix_pack_trials_draft_id"), "pack_trials", ["draft_id"])
    op.create_index(
        "uq_pack_trials_unfinished",
        "pack_trials",
        ["draft_id", "kind"],
        unique=True,
        sqlite_where=sa.text("finished_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_table(
        "pack_trial_steps",
        sa.Column("trial_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("result", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["trial_id"], ["pack_trials.id"], name=op.f("fk_pack_trial_steps_trial_id_pack_trials")
        ),
        sa.PrimaryKeyConstraint("trial_id", "number", name=op.f("pk_pack_trial_steps")),
    )


def downgrade() -> None:
    """Take them away again; the packs of the rules folder are in use then."""
    op.drop_table("pack_trial_steps")
    op.drop_index("uq_pack_trials_unfinished", table_name="pack_trials")
    op.drop_index(op.f("ix_pack_trials_draft_id"), table_name="pack_trials")
    op.drop_table("pack_trials")
    op.drop_table("pack_draft_files")
    op.drop_index(op.f("ix_pack_drafts_pack_id_language_state"), table_name="pack_drafts")
    op.drop_table("pack_drafts")
    op.drop_table("pack_versions")
    op.drop_table("pack_contents")
