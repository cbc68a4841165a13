"""Calls of the review queue that were given to a colleague."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

HELD = ("assigned_to", "claimed_by")


def upgrade() -> None:
    """The column, and indexes by which it is told who holds what."""
    op.add_column("review_queue", sa.Column("assigned_to", sa.Text(), nullable=True))
    for column in HELD:
        some = sa.text(f"{column} IS NOT NULL AND reviewed_at IS NULL")
        op.create_index(f"ix_review_queue_{column}", "review_queue", [column], sqlite_where=some, postgresql_where=some)


def downgrade() -> None:
    """Take them away again."""
    for column in reversed(HELD):
        op.drop_index(f"ix_review_queue_{column}", table_name="review_queue")
    op.drop_column("review_queue", "assigned_to")
