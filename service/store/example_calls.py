"""Calls that show a finding: a rep's own where it went wrong, and colleagues' where it went well."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, exists, literal, select

from service.scoring.kpi_sums import PartKind
from service.store.models import calls, item_results, objections, reps, violation_results
from service.store.models_reviews import erasures
from service.store.records import KpiFilter
from service.store.rollup_columns import MICRO
from service.store.rollup_totals import whose

#: From how many of five points on an answer to an objection is one to learn from.
GOOD_POINTS_MICRO = 4 * MICRO
#: Rows read for each call shown: a type of objection may occur several times in a call.
ROWS_EACH = 3


@dataclass(frozen=True, slots=True)
class ExampleCall:
    """A call with the points (items 0..1, objections 0..5) that it got there, None for a violation."""

    call_id: UUID
    day: date
    rep: str
    rep_name: str | None
    points: float | None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where to look: the table of the part's kind, its points if it has any, and how its rows are ordered."""

    table: Any
    condition: ColumnElement[bool]
    points: ColumnElement[Any] | None = None
    order: tuple[ColumnElement[Any], ...] = ()


class ExampleCalls:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def where_it_went_wrong(
        self, kind: PartKind, part_id: str, wanted: KpiFilter, limit: int
    ) -> tuple[ExampleCall, ...]:
        """The calls with the fewest points there, latest first among equals. Erased calls are left out, here and below."""
        if kind == "item":
            points = item_results.c.points_micro
            bad = and_(item_results.c.item_id == part_id, item_results.c.status.in_(["missed", "partial"]))
            return self._found(_Place(item_results, bad, points, (points.asc(),)), wanted, limit)
        if kind == "objection":
            points = objections.c.points_micro
            bad = and_(objections.c.type == part_id, ~objections.c.handled)
            return self._found(_Place(objections, bad, points, (points.asc(),)), wanted, limit)
        there = and_(violation_results.c.violation_id == part_id)
        return self._found(_Place(violation_results, there), wanted, limit)

    def where_it_went_well(
        self, kind: PartKind, part_id: str, wanted: KpiFilter, limit: int
    ) -> tuple[ExampleCall, ...]:
        """The calls with the most points there, latest first among equals; none for a violation."""
        if kind == "violation":
            return ()
        if kind == "item":
            met = and_(item_results.c.item_id == part_id, item_results.c.status == "met")
            return self._found(_Place(item_results, met, item_results.c.points_micro), wanted, limit)
        points = objections.c.points_micro
        good = and_(objections.c.type == part_id, objections.c.handled, points >= GOOD_POINTS_MICRO)
        return self._found(_Place(objections, good, points, (points.desc(),)), wanted, limit)

    def _found(self, place: _Place, wanted: KpiFilter, limit: int) -> tuple[ExampleCall, ...]:
        points: ColumnElement[Any] = literal(None) if place.points is None else place.points
        joined = place.table.join(calls, calls.c.id == place.table.c.call_id).join(reps, reps.c.id == calls.c.rep_id)
        erased = exists().where(erasures.c.call_id == calls.c.id, erasures.c.call_at.is_not(None))
        statement = (
            select(calls.c.id, calls.c.kpi_day, reps.c.external_id, reps.c.name, points.label("points"))
            .select_from(joined)
            .where(place.condition, ~erased, *_period(wanted))
            .order_by(*place.order, calls.c.kpi_day.desc(), calls.c.id.desc())
            .limit(limit * ROWS_EACH)
        )
        found: dict[UUID, ExampleCall] = {}
        for row in self._connection.execute(statement):
            shown = None if row.points is None else row.points / MICRO
            found.setdefault(row.id, ExampleCall(row.id, row.kpi_day, row.external_id, row.name, shown))
        return tuple(found.values())[:limit]


def _period(wanted: KpiFilter) -> list[ColumnElement[bool]]:
    found = [*whose(calls.c.rep_id, wanted)]
    if wanted.date_from is not None:
        found.append(calls.c.kpi_day >= wanted.date_from)
    if wanted.date_to is not None:
        found.append(calls.c.kpi_day <= wanted.date_to)
    if wanted.script is not None:
        found.append(calls.c.script == wanted.script)
    return found
