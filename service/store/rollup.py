"""The rollup that KPIs are read from: sums for each rep, UTC day, script and version of the rules, and for their parts.

    rep_days       one row a rep, day, script and rules: what the key figures are made of
    rep_weeks      the same by weeks, for periods that hold whole ones
    rep_day_parts  days by script item, objection type and violation: what explains them

A call is counted from its arrival on, in the row without rules; once scored it counts in the row of the rules that scored it.
All sums are whole numbers (points in millionths, waits in seconds), so nothing drifts however often a call is scored again.
Reading is in rollup_totals.py and rollup_parts.py, verifying in rollup_check.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Connection, Delete, Table, bindparam, delete, insert, text

from service.scoring.kpi_sums import PartTotals
from service.store import rollup_check
from service.store.models_rollup import rep_day_parts, rep_days, rep_weeks
from service.store.records import GroupBy, KpiFilter, KpiTotals, RulesSpan
from service.store.rollup_columns import UNSCORED
from service.store.rollup_parts import parts
from service.store.rollup_totals import spans, totals
from service.store.rollup_weeks import monday
from service.store.upsert import insert_or_add

if TYPE_CHECKING:
    from service.store.figures import Standing

#: A row's key, as its table orders it, and what is added to its sums.
Added = tuple[tuple[Any, ...], Mapping[str, int]]


class Rollup:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def receive(self, arrived: Mapping[tuple[UUID, date, str], int]) -> None:
        """Count calls that have just arrived, by rep, day and script."""
        rows = [((*key, UNSCORED), {"calls_received": calls}) for key, calls in sorted(arrived.items())]
        self._add_days(rows)

    def move(self, rep_id: UUID, day: date, script: str, before: Standing | None, after: Standing | None) -> None:
        """Let a call count as `after` instead of as `before`; None means that it is not scored.

        Rows are written in one order in every transaction, so that two never wait for each other.
        """
        rows: dict[str, Counter[str]] = {}
        pieces: dict[tuple[str, str, str], Counter[str]] = {}
        for standing, sign in ((before, -1), (after, 1)):
            rules = UNSCORED if standing is None else standing.rules
            row = rows.setdefault(rules, Counter())
            row["calls_received"] += sign
            if standing is None:
                continue
            row["calls_scored"] += sign
            for name, amount in standing.sums.items():
                row[name] += sign * amount
            for (kind, part_id), sums in standing.parts.items():
                piece = pieces.setdefault((rules, kind, part_id), Counter())
                for name, amount in sums.items():
                    piece[name] += sign * amount
        self._add_days([((rep_id, day, script, rules), row) for rules, row in sorted(rows.items())])
        self._add(rep_day_parts, [((rep_id, day, script, *of), piece) for of, piece in sorted(pieces.items())])

    def totals(
        self, group_by: GroupBy | tuple[GroupBy, ...], wanted: KpiFilter, *, limit: int | None = None
    ) -> tuple[KpiTotals, ...]:
        """See `rollup_totals.totals`."""
        dimensions = (group_by,) if isinstance(group_by, str) else group_by
        return totals(self._connection, dimensions, wanted, limit=limit)

    def parts(self, wanted: KpiFilter) -> tuple[PartTotals, ...]:
        """See `rollup_parts.parts`."""
        return parts(self._connection, wanted)

    def spans(self, wanted: KpiFilter) -> tuple[RulesSpan, ...]:
        """See `rollup_totals.spans`."""
        return spans(self._connection, wanted)

    def verify(self) -> tuple[str, ...]:
        """Differences between the rollup and what calls and their details say, one sentence each; empty if it is right.

        Each table is compared in one statement, so it sees one moment of the data also while workers write.
        """
        return rollup_check.differences(self._connection)

    def rebuild(self) -> None:
        """Compute the rollup anew from calls and their details."""
        if self._connection.dialect.name == "postgresql":
            # Waits for every transaction that has changed a row and keeps others from doing so until this one ends.
            self._connection.execute(text("LOCK TABLE rep_days, rep_weeks, rep_day_parts IN EXCLUSIVE MODE"))
        for table, recomputed in rollup_check.recomputed(self._connection.dialect.name):
            self._connection.execute(delete(table))
            names = [column.name for column in table.columns]
            self._connection.execute(insert(table).from_select(names, recomputed))

    def _add_days(self, rows: Sequence[Added]) -> None:
        """Add to days and to their weeks. All days before all weeks: in every transaction the same order."""
        self._add(rep_days, rows)
        weeks: dict[tuple[Any, ...], Counter[str]] = {}
        for (rep_id, day, *of), amounts in rows:
            week = weeks.setdefault((rep_id, monday(day), *of), Counter())
            for name, amount in amounts.items():
                week[name] += amount
        self._add(rep_weeks, sorted(weeks.items()))

    def _add(self, table: Table, rows: Sequence[Added]) -> None:
        """Add to rows, by their primary keys; one is made where there is none and goes when nothing counts in it any more."""
        key = tuple(column.name for column in table.primary_key)
        names = tuple(column.name for column in table.columns if column.name not in key)
        changed = [(dict(zip(key, of, strict=True)), amounts) for of, amounts in rows if any(amounts.values())]
        if not changed:
            return
        full = [of | {name: amounts.get(name, 0) for name in names} for of, amounts in changed]
        insert_or_add(self._connection, table, key, names, full)
        # The first sum counts what all others are sums over.
        if less := [of for of, amounts in changed if amounts.get(names[0], 0) < 0]:
            self._connection.execute(
                _empty(table), [{f"of_{name}": value for name, value in of.items()} for of in less]
            )


@cache
def _empty(table: Table) -> Delete:
    """Made once for each table: takes away a row in which nothing counts."""
    counted = next(column for column in table.columns if not column.primary_key)
    return delete(table).where(
        *(column == bindparam(f"of_{column.name}") for column in table.primary_key), counted == 0
    )
