"""Reviews, overrides, disputes, calibration, retention."""

from __future__ import annotations

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Tables and columns of this step."""


def downgrade() -> None:
    """Take them away again."""
