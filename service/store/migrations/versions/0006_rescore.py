"""Jobs that score stored calls again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Tables and columns of this step."""
    op.create_table(
        "rescore_jobs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("date_from", sa.Date(), nullable=True),
        sa.Column("date_to", sa.Date(), nullable=True),
        sa.Column("script", sa.Text(), nullable=True),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("choice", sa.Text(), nullable=False),
        sa.Column("calls_total", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("hinted_at", MOMENT, nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('running', 'paused', 'done', 'cancelled')", name=op.f("ck_rescore_jobs_state")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_rescore_jobs_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rescore_jobs")),
    )
    op.create_index(
        "uq_rescore_jobs_choice_unfinished",
        "rescore_jobs",
        ["choice"],
        unique=True,
        sqlite_where=sa.text("finished_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_table(
        "rescore_parts",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first_id", sa.Uuid(), nullable=False),
        sa.Column("last_id", sa.Uuid(), nullable=False),
        sa.Column("done_id", sa.Uuid(), nullable=True),
        sa.Column("finished", sa.Boolean(), nullable=False),
        sa.Column("calls_total", sa.Integer(), nullable=False),
        sa.Column("calls_changed", sa.Integer(), nullable=False),
        sa.Column("calls_same", sa.Integer(), nullable=False),
        sa.Column("calls_skipped", sa.Integer(), nullable=False),
        sa.Column("calls_failed", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_token", sa.Text(), nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["job_id"], ["rescore_jobs.id"], name=op.f("fk_rescore_parts_job_id_rescore_jobs")),
        sa.PrimaryKeyConstraint("job_id", "number", name=op.f("pk_rescore_parts")),
    )


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("rescore_parts")
    op.drop_index("uq_rescore_jobs_choice_unfinished", table_name="rescore_jobs")
    op.drop_table("rescore_jobs")
