"""Indexes by which the pages of reviewers and managers read no more than they show; erased calls wait for nobody."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

WAITS = "reviewed_at IS NULL"
#: By name, the columns of an index of the queue and which rows it holds; before, it was all that wait.
INDEXES = {
    "severity": (["severity", "waiting_since", "call_id"], f"{WAITS} AND severity > 0"),
    "teaches_ppm": (["teaches_ppm"], f"{WAITS} AND severity = 0 AND teaches_ppm >= 500000"),
    "lot_ppm": (["lot_ppm"], f"{WAITS} AND severity = 0 AND teaches_ppm < 500000"),
}


def upgrade() -> None:
    """Each waiting call in one index of the queue, and an index of the audit log by what was done."""
    for name, (columns, some) in INDEXES.items():
        _replace(name, columns, some)
    op.create_index(op.f("ix_audit_log_action_at_actor"), "audit_log", ["action", "at", "actor"])
    erased = "SELECT call_id FROM erasures WHERE call_at IS NOT NULL"
    op.execute(sa.text(f"DELETE FROM review_queue WHERE {WAITS} AND call_id IN ({erased})"))  # noqa: S608 - constants


def downgrade() -> None:
    """The indexes of before."""
    op.drop_index(op.f("ix_audit_log_action_at_actor"), table_name="audit_log")
    for name, (columns, _) in INDEXES.items():
        _replace(name, columns, WAITS)


def _replace(by: str, columns: list[str], some: str) -> None:
    name, rows = f"ix_review_queue_{by}", sa.text(some)
    op.drop_index(name, table_name="review_queue")
    op.create_index(name, "review_queue", columns, sqlite_where=rows, postgresql_where=rows)
