"""Reading the rollup's parts: how each script item, objection type and violation went."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from service.scoring.kpi_sums import PartTotals
from service.store.models_rollup import rep_day_parts
from service.store.records import KpiFilter
from service.store.rollup_columns import MICRO, PART_SUMS
from service.store.rollup_totals import row_conditions, rules_condition


def parts(connection: Connection, wanted: KpiFilter) -> tuple[PartTotals, ...]:
    """Sums by kind and id, in this order."""
    table = rep_day_parts
    statement = (
        select(table.c.kind, table.c.id, *(func.sum(table.c[name]).label(name) for name in PART_SUMS))
        .where(*row_conditions(table, wanted), *rules_condition(table, wanted))
        .group_by(table.c.kind, table.c.id)
        .order_by(table.c.kind, table.c.id)
    )
    return tuple(
        PartTotals(
            kind=row.kind,
            id=row.id,
            calls=int(row.calls),
            n=int(row.n),
            good=int(row.good),
            points=int(row.points_micro) / MICRO,
            points_sq=int(row.points_sq_micro) / MICRO,
            weight=int(row.weight_micro) / MICRO,
        )
        for row in connection.execute(statement)
    )
