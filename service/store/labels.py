"""Reviewed calls as labelled calls: a customer's own verdicts, by which rules can be measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, exists, select

from service.scoring.errors import LabelsInvalid
from service.scoring.label_export import labelled
from service.store import effective
from service.store.models import calls, reps, scorecards, transcripts
from service.store.models_reviews import review_marks, review_queue
from service.store.queue_rows import MILLION
from service.store.transcripts import TranscriptRepository


@dataclass(frozen=True, slots=True)
class Labelled:
    """One reviewed call; `data` is None where it cannot be labelled, and `why_not` says why."""

    call_id: UUID
    data: dict[str, Any] | None
    why_not: str | None = None


class LabelRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def page(
        self,
        *,
        script: str | None = None,
        team_id: UUID | None = None,
        sample_share: float | None = None,
        limit: int,
        after: UUID | None = None,
    ) -> tuple[Labelled, ...]:
        """Calls whose current scorecard was reviewed as a whole and whose text is there, by id, behind the call `after`.

        `sample_share` (0..1) leaves only the random sample. Raises StoredTextDamaged.
        """
        reviewed = exists().where(review_marks.c.scorecard_id == scorecards.c.id)
        statement = (
            select(calls.c.id, calls.c.direction, calls.c.script, reps.c.role)
            .join(scorecards, (scorecards.c.call_id == calls.c.id) & scorecards.c.current)
            .join(transcripts, transcripts.c.call_id == calls.c.id)
            .join(review_queue, review_queue.c.call_id == calls.c.id)
            .join(reps, reps.c.id == calls.c.rep_id)
            .where(reviewed)
            .order_by(calls.c.id)
            .limit(limit)
        )
        columns = ((calls.c.script, script), (reps.c.team_id, team_id))
        statement = statement.where(*(column == value for column, value in columns if value is not None))
        if sample_share is not None:
            statement = statement.where(review_queue.c.lot_ppm < round(sample_share * MILLION))
        if after is not None:
            statement = statement.where(calls.c.id > after)
        return tuple(self._labelled(row) for row in self._connection.execute(statement).all())

    def _labelled(self, row: Any) -> Labelled:
        judged = effective.current(self._connection, row.id)
        transcript = TranscriptRepository(self._connection).get(row.id)
        if judged is None or transcript is None:
            return Labelled(row.id, None, "the text is not there any more")
        people = effective.all_counted(judged).scorecard
        try:
            data = labelled(
                transcript, people, call_id=str(row.id), script=row.script, direction=row.direction, role=row.role
            )
        except LabelsInvalid as error:
            return Labelled(row.id, None, str(error))
        return Labelled(row.id, data)
