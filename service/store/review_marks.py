"""The machine's verdicts beside people's, one row a verdict; agreement by rule is counted from them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Connection, delete, insert, select

from service.scoring.marks import marks
from service.store import effective
from service.store.effective import Judged
from service.store.models_reviews import review_marks


def has(connection: Connection, scorecard_id: UUID) -> bool:
    """True if people looked at this scorecard as a whole."""
    statement = select(review_marks.c.rule).where(review_marks.c.scorecard_id == scorecard_id).limit(1)
    return connection.execute(statement).first() is not None


def write(connection: Connection, call_id: UUID, judged: Judged, *, lot_ppm: int, now: datetime) -> None:
    """Replace those of the call's current scorecard; those of earlier scorecards stay, they are about other rules."""
    people = effective.all_counted(judged).scorecard
    found = marks(judged.machine, people, judged.rulings)
    connection.execute(delete(review_marks).where(review_marks.c.scorecard_id == judged.scorecard_id))
    position: Counter[str] = Counter()
    rows = []
    for mark in found:
        rows.append(
            {
                "scorecard_id": judged.scorecard_id,
                "rule": mark.rule,
                "position": position[mark.rule],
                "call_id": call_id,
                "machine": mark.machine,
                "people": mark.people,
                "pack_id": judged.machine.pack_id,
                "pack_version": judged.machine.pack_version,
                "language": judged.machine.language,
                "lot_ppm": lot_ppm,
                "month": now.astimezone(UTC).date().replace(day=1),
            }
        )
        position[mark.rule] += 1
    if rows:
        connection.execute(insert(review_marks), rows)
