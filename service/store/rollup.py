"""The rollup that KPIs are read from: one row of sums for each rep, UTC day and script.

A call is counted as received when it is created. A scorecard adds its sums while it is the current one of its call; one
that replaces it adds the difference. All sums are whole numbers (points in millionths), so nothing drifts.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    Subquery,
    cast,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    union_all,
)

from service.store.models import calls, objections, rep_days, reps, scorecards, teams
from service.store.records import KpiFilter, KpiTotals
from service.store.upsert import insert_or_add

MICRO = 1_000_000
#: The summed columns of a rollup row.
SUMS = (
    "calls_received",
    "calls_scored",
    "objections",
    "objections_handled",
    "argumentation_micro",
    "argumentation_sq_micro",
    "adherence_points_micro",
    "adherence_weight_micro",
    "violations",
)


def micro(value: float) -> int:
    """`value` in whole millionths."""
    return round(value * MICRO)


class Rollup:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, rep_id: UUID, day: date, script: str, amounts: dict[str, int]) -> None:
        """Add `amounts` (by SUMS names, negative ones subtract) to a row, which is made if there is none."""
        all_amounts = {name: amounts.get(name, 0) for name in SUMS}
        insert_or_add(self._connection, rep_days, {"rep_id": rep_id, "day": day, "script": script}, all_amounts)

    def totals(self, group_by: Literal["rep", "team", "all"], wanted: KpiFilter) -> tuple[KpiTotals, ...]:
        """Sums by group, ordered by group key; groups without a call in the period are left out.

        Reps without a team form the group "" with an empty title. "all" is always exactly one group, of zeros if need be.
        """
        sums = [func.coalesce(func.sum(rep_days.c[name]), 0).label(name) for name in SUMS]
        joined = rep_days.join(reps, reps.c.id == rep_days.c.rep_id).outerjoin(teams, teams.c.id == reps.c.team_id)
        key: tuple[ColumnElement[Any], ...]
        if group_by == "rep":
            key = (reps.c.external_id, func.coalesce(reps.c.name, reps.c.external_id))
        elif group_by == "team":
            key = (func.coalesce(teams.c.name, literal("")), func.coalesce(teams.c.name, literal("")))
        else:
            key = (literal("all"), literal("all"))
        statement = (
            select(key[0].label("key"), key[1].label("title"), *sums).select_from(joined).where(*_conditions(wanted))
        )
        if group_by == "rep":
            statement = statement.group_by(reps.c.external_id, reps.c.name)
        elif group_by == "team":
            statement = statement.group_by(teams.c.name)
        rows = self._connection.execute(statement).all()
        return tuple(sorted((_totals(row._mapping) for row in rows), key=lambda totals: totals.group))

    def verify(self) -> tuple[str, ...]:
        """Differences between the rollup and what calls and current scorecards say, one sentence each; empty if it is right.

        One statement, so it sees one moment of the data also while workers write.
        """
        stored = select(rep_days.c.rep_id, rep_days.c.day, rep_days.c.script, *(rep_days.c[name] for name in SUMS))
        true = _recomputed().subquery()
        negative = select(true.c.rep_id, true.c.day, true.c.script, *((-true.c[name]).label(name) for name in SUMS))
        both = union_all(stored, negative).subquery()
        sums = {name: func.sum(both.c[name]) for name in SUMS}
        differing = (
            select(both.c.rep_id, both.c.day, both.c.script, *(total.label(name) for name, total in sums.items()))
            .group_by(both.c.rep_id, both.c.day, both.c.script)
            .having(or_(*(total != 0 for total in sums.values())))
            .order_by(both.c.day, both.c.rep_id, both.c.script)
        )
        return tuple(_difference(row._mapping) for row in self._connection.execute(differing))

    def rebuild(self) -> None:
        """Compute the rollup anew from calls and scorecards."""
        if self._connection.dialect.name == "postgresql":
            # Waits for every transaction that has changed a row and keeps others from doing so until this one ends.
            self._connection.execute(text("LOCK TABLE rep_days IN EXCLUSIVE MODE"))
        self._connection.execute(delete(rep_days))
        self._connection.execute(insert(rep_days).from_select(["rep_id", "day", "script", *SUMS], _recomputed()))


def _conditions(wanted: KpiFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.date_from is not None:
        found.append(rep_days.c.day >= wanted.date_from)
    if wanted.date_to is not None:
        found.append(rep_days.c.day <= wanted.date_to)
    columns = (
        (teams.c.name, wanted.team),
        (reps.c.external_id, wanted.rep),
        (reps.c.role, wanted.role),
        (reps.c.team_id, wanted.team_id),
    )
    return found + [column == value for column, value in columns if value is not None]


def _recomputed() -> Select[tuple[Any, ...]]:
    """What the rollup must hold. Objections are summed from the ledger, not from the sums kept with the scorecard."""
    ledger = _ledger()
    scored = scorecards.c.id.is_not(None)
    sums = {
        "calls_received": func.count(),
        "calls_scored": func.count(scorecards.c.id),
        "objections": func.sum(func.coalesce(ledger.c.objections, 0)),
        "objections_handled": func.sum(func.coalesce(ledger.c.handled, 0)),
        "argumentation_micro": func.sum(func.coalesce(ledger.c.points, 0)),
        "argumentation_sq_micro": func.sum(func.coalesce(ledger.c.points_sq, 0)),
        "adherence_points_micro": func.sum(func.coalesce(scorecards.c.adherence_points_micro, 0)),
        "adherence_weight_micro": func.sum(func.coalesce(scorecards.c.adherence_weight_micro, 0)),
        "violations": func.sum(func.coalesce(scorecards.c.violations, 0)),
    }
    current = (scorecards.c.call_id == calls.c.id) & scorecards.c.current
    joined = calls.outerjoin(scorecards, current).outerjoin(ledger, (ledger.c.call_id == calls.c.id) & scored)
    return (
        select(calls.c.rep_id, calls.c.kpi_day.label("day"), calls.c.script, *(sums[name].label(name) for name in SUMS))
        .select_from(joined)
        .group_by(calls.c.rep_id, calls.c.kpi_day, calls.c.script)
    )


def _ledger() -> Subquery:
    handled = func.sum(cast(objections.c.handled, Integer))
    return (
        select(
            objections.c.call_id,
            func.count().label("objections"),
            handled.label("handled"),
            func.sum(objections.c.points_micro).label("points"),
            func.sum(objections.c.points_sq_micro).label("points_sq"),
        )
        .group_by(objections.c.call_id)
        .subquery()
    )


def _difference(row: Any) -> str:
    off = ", ".join(f"{name} {int(row[name]):+d}" for name in SUMS if row[name])
    return (
        f"rep {row['rep_id']}, {row['day']}, script {row['script']!r}: the rollup differs from the scorecards by {off}"
    )


def _totals(row: Any) -> KpiTotals:
    return KpiTotals(
        group=row["key"],
        title=row["title"],
        calls_received=int(row["calls_received"]),
        calls_scored=int(row["calls_scored"]),
        objections=int(row["objections"]),
        objections_handled=int(row["objections_handled"]),
        argumentation_sum=int(row["argumentation_micro"]) / MICRO,
        argumentation_sum_sq=int(row["argumentation_sq_micro"]) / MICRO,
        adherence_points=int(row["adherence_points_micro"]) / MICRO,
        adherence_weight=int(row["adherence_weight_micro"]) / MICRO,
    )
