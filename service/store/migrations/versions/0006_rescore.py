"""Jobs that score stored calls again."""

from __future__ import annotations

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Tables and columns of this step."""


def downgrade() -> None:
    """Take them away again."""
