"""Who has not chosen a language reads the pages in the browser's."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _language_may_be_missing(missing=True)


def downgrade() -> None:
    op.execute("UPDATE users SET language = 'en' WHERE language IS NULL")
    _language_may_be_missing(missing=False)


def _language_may_be_missing(*, missing: bool) -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("users", "language", existing_type=sa.Text(), nullable=missing)
        return
    # SQLite copies the table and drops the old one, which no row may point at meanwhile: people log in again.
    op.execute("DELETE FROM sessions")
    with op.batch_alter_table("users", recreate="always") as table:
        table.alter_column("language", existing_type=sa.Text(), nullable=missing)
