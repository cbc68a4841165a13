"""Counts of the machine's verdicts beside people's, for `service.scoring.rule_agreement`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Connection, func, select

from service.store.models import calls, reps
from service.store.models_reviews import review_marks
from service.store.queue_rows import MILLION


@dataclass(frozen=True, slots=True)
class AgreementFilter:
    """`month_from` and `month_to` are first days of months of reviews, both inclusive. `sample_share` (0..1) leaves only calls
    that are in the random sample of that share, whatever else they were reviewed for: the unbiased ones.
    """

    pack_id: str
    language: str | None = None
    pack_version: str | None = None
    month_from: date | None = None
    month_to: date | None = None
    sample_share: float | None = None
    team_id: UUID | None = None


class AgreementCounts:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def counts(self, wanted: AgreementFilter) -> tuple[tuple[str, date, str, str, int], ...]:
        """(rule, month, machine, people, number); the cost grows with reviews, not with calls."""
        marks = review_marks.c
        statement = select(marks.rule, marks.month, marks.machine, marks.people, func.count())
        statement = statement.where(marks.pack_id == wanted.pack_id)
        if wanted.language is not None:
            statement = statement.where(marks.language == wanted.language)
        if wanted.pack_version is not None:
            statement = statement.where(marks.pack_version == wanted.pack_version)
        if wanted.month_from is not None:
            statement = statement.where(marks.month >= wanted.month_from)
        if wanted.month_to is not None:
            statement = statement.where(marks.month <= wanted.month_to)
        if wanted.sample_share is not None:
            statement = statement.where(marks.lot_ppm < round(wanted.sample_share * MILLION))
        if wanted.team_id is not None:
            statement = statement.join(calls, calls.c.id == marks.call_id).join(reps, reps.c.id == calls.c.rep_id)
            statement = statement.where(reps.c.team_id == wanted.team_id)
        grouped = statement.group_by(marks.rule, marks.month, marks.machine, marks.people)
        rows = self._connection.execute(grouped)
        return tuple((rule, month, machine, people, number) for rule, month, machine, people, number in rows)

    def packs(self) -> tuple[str, ...]:
        """Ids of the packs that people reviewed."""
        statement = select(review_marks.c.pack_id).distinct().order_by(review_marks.c.pack_id)
        return tuple(self._connection.execute(statement).scalars())
