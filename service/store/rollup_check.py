"""The rollup against what it sums up: computed anew in the database, and compared.

Sums are taken from the details wherever a detail has them (objections from the ledger, violations from their list), not from
the figures kept for each call, so that a figure that no longer agrees with its details is found as well.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    Subquery,
    Table,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
)

from service.store.models import (
    calls,
    item_results,
    objections,
    violation_results,
)
from service.store.models_rollup import call_figures, rep_day_parts, rep_days, rep_weeks
from service.store.rollup_columns import MICRO, SUMS
from service.store.rollup_totals import monday_of

#: Columns of the rollup's tables that are its keys.
ROW_KEYS = ("rep_id", "day", "script", "rules")
PART_KEYS = (*ROW_KEYS, "kind", "id")
#: Sums of the figures that the details can tell, and the details' own column.
OF_LEDGER = {
    "objections": "objections",
    "objections_handled": "handled",
    "argumentation_micro": "points",
    "argumentation_sq_micro": "points_sq",
}


def recomputed(dialect: str) -> tuple[tuple[Table, Select[tuple[Any, ...]]], ...]:
    """The rollup's tables, each with what it must hold, columns in the table's order; weeks are what their days add up to."""
    return (rep_days, _rows()), (rep_weeks, _weeks(dialect)), (rep_day_parts, _parts())


def differences(connection: Connection) -> tuple[str, ...]:
    """One sentence for each row that is not as it must be."""
    found: list[str] = []
    for table, true in recomputed(connection.dialect.name):
        keys = tuple(column.name for column in table.primary_key)
        sums = tuple(column.name for column in table.columns if column.name not in keys)
        for row in connection.execute(_differing(table, true.subquery(), keys, sums)):
            found.append(_sentence(row._mapping, sums))  # noqa: PERF401 - a statement of its own reads better
    return tuple(found)


def _differing(table: Table, true: Subquery, keys: tuple[str, ...], sums: tuple[str, ...]) -> Select[tuple[Any, ...]]:
    stored = select(*(table.c[name] for name in (*keys, *sums)))
    negative = select(*(true.c[name] for name in keys), *((-true.c[name]).label(name) for name in sums))
    both = union_all(stored, negative).subquery()
    totals = {name: func.sum(both.c[name]) for name in sums}
    by = [both.c[name] for name in keys]
    return (
        select(*by, *(total.label(name) for name, total in totals.items()))
        .group_by(*by)
        .having(or_(*(total != 0 for total in totals.values())))
        .order_by(both.c[keys[1]], both.c.rep_id, both.c.script)
    )


def _rows() -> Select[tuple[Any, ...]]:
    ledger, broken = _ledger(), _violations()
    scored = call_figures.c.call_id.is_not(None)
    sums: dict[str, ColumnElement[Any]] = {
        "calls_received": func.count(),
        "calls_scored": func.count(call_figures.c.call_id),
    }
    for column in rep_days.columns:
        name = column.name
        if name in OF_LEDGER:
            sums[name] = func.sum(func.coalesce(ledger.c[OF_LEDGER[name]], 0))
        elif name == "violations":
            sums[name] = func.sum(func.coalesce(broken.c.occurrences, 0))
        elif name not in ROW_KEYS and name not in sums:
            sums[name] = func.sum(func.coalesce(call_figures.c[name], 0))
    rules = func.coalesce(call_figures.c.rules, "")
    joined = (
        calls.outerjoin(call_figures, call_figures.c.call_id == calls.c.id)
        .outerjoin(ledger, (ledger.c.call_id == calls.c.id) & scored)
        .outerjoin(broken, (broken.c.call_id == calls.c.id) & scored)
    )
    return (
        select(
            calls.c.rep_id,
            calls.c.kpi_day.label("day"),
            calls.c.script,
            rules.label("rules"),
            *(sums[column.name].label(column.name) for column in rep_days.columns if column.name not in ROW_KEYS),
        )
        .select_from(joined)
        .group_by(calls.c.rep_id, calls.c.kpi_day, calls.c.script, rules)
    )


def _weeks(dialect: str) -> Select[tuple[Any, ...]]:
    week = monday_of(rep_days.c.day, dialect)
    keys = (rep_days.c.rep_id, week.label("week"), rep_days.c.script, rep_days.c.rules)
    sums = (func.sum(rep_days.c[name]).label(name) for name in SUMS)
    return select(*keys, *sums).group_by(rep_days.c.rep_id, week, rep_days.c.script, rep_days.c.rules)


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


def _violations() -> Subquery:
    occurrences = func.sum(violation_results.c.occurrences).label("occurrences")
    return select(violation_results.c.call_id, occurrences).group_by(violation_results.c.call_id).subquery()


def _parts() -> Select[tuple[Any, ...]]:
    zero = literal(0)
    items = select(
        item_results.c.call_id,
        literal("item").label("kind"),
        item_results.c.item_id.label("id"),
        literal(1).label("calls"),
        literal(1).label("n"),
        case((item_results.c.status == "met", 1), else_=0).label("good"),
        # Whole numbers divide without a remainder here, as where a call's standing is computed.
        (item_results.c.points_micro * item_results.c.weight_micro).op("/")(literal(MICRO)).label("points_micro"),
        zero.label("points_sq_micro"),
        item_results.c.weight_micro.label("weight_micro"),
    ).where(item_results.c.points_micro.is_not(None))
    ledger = select(
        objections.c.call_id,
        literal("objection"),
        objections.c.type,
        literal(1),
        func.count(),
        func.sum(cast(objections.c.handled, Integer)),
        func.sum(objections.c.points_micro),
        func.sum(objections.c.points_sq_micro),
        zero,
    ).group_by(objections.c.call_id, objections.c.type)
    broken = select(
        violation_results.c.call_id,
        literal("violation"),
        violation_results.c.violation_id,
        literal(1),
        violation_results.c.occurrences,
        zero,
        zero,
        zero,
        zero,
    )
    part = union_all(items, ledger, broken).subquery()
    names = [column.name for column in rep_day_parts.columns if column.name not in PART_KEYS]
    by = (calls.c.rep_id, calls.c.kpi_day, calls.c.script, call_figures.c.rules, part.c.kind, part.c.id)
    joined = part.join(calls, calls.c.id == part.c.call_id).join(call_figures, call_figures.c.call_id == part.c.call_id)
    return (
        select(
            calls.c.rep_id,
            calls.c.kpi_day.label("day"),
            calls.c.script,
            call_figures.c.rules,
            part.c.kind,
            part.c.id,
            *(func.sum(part.c[name]).label(name) for name in names),
        )
        .select_from(joined)
        .group_by(*by)
    )


def _sentence(row: Any, sums: tuple[str, ...]) -> str:
    off = ", ".join(f"{name} {int(row[name]):+d}" for name in sums if row[name])
    part = f", {row['kind']} {row['id']!r}" if "kind" in row else ""
    when, what = (f"week of {row['week']}", "its days") if "week" in row else (row["day"], "the scorecards")
    return (
        f"rep {row['rep_id']}, {when}, script {row['script']!r}, rules {row['rules']!r}{part}: "
        f"the rollup differs from {what} by {off}"
    )
