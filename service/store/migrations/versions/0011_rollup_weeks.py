"""The rollup by weeks, filled from its days."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SMALL = ("calls_received", "calls_scored", "calls_assessed", "objections", "objections_handled")
POINTS = ("argumentation_micro", "argumentation_sq_micro", "adherence_points_micro", "adherence_weight_micro")
COUNTED = ("violations", "violations_sq", "talk_calls")
TALK = ("talk_micro", "talk_sq_micro")
EVENTS = ("pause_calls", "pauses", "pauses_sq", "next_step_calls", "next_step_dated", "wait_calls")
WAITS = ("wait_s", "wait_sq_s")
MONDAY = {"postgresql": "CAST(date_trunc('week', day) AS date)", "sqlite": "date(day, '-6 days', 'weekday 1')"}


def upgrade() -> None:
    """The table, its index, and what the days add up to."""
    op.create_table(
        "rep_weeks",
        sa.Column("rep_id", sa.Uuid(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("script", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        *_integers(SMALL),
        *_integers(POINTS, big=True),
        *_integers(COUNTED),
        *_integers(TALK, big=True),
        *_integers(EVENTS),
        *_integers(WAITS, big=True),
        sa.ForeignKeyConstraint(["rep_id"], ["reps.id"], name=op.f("fk_rep_weeks_rep_id_reps")),
        sa.PrimaryKeyConstraint("rep_id", "week", "script", "rules", name=op.f("pk_rep_weeks")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_rep_weeks_week"), "rep_weeks", ["week"])
    names = (*SMALL, *POINTS, *COUNTED, *TALK, *EVENTS, *WAITS)
    sums, monday = ", ".join(f"sum({name})" for name in names), MONDAY[op.get_bind().dialect.name]
    op.execute(
        sa.text(  # constants of this file
            f"INSERT INTO rep_weeks (rep_id, week, script, rules, {', '.join(names)}) "  # noqa: S608
            f"SELECT rep_id, {monday}, script, rules, {sums} FROM rep_days GROUP BY rep_id, {monday}, script, rules"
        )
    )


def downgrade() -> None:
    """Days alone."""
    op.drop_table("rep_weeks")


def _integers(names: tuple[str, ...], *, big: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.BigInteger() if big else sa.Integer(), nullable=False) for name in names]
