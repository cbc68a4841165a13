"""Reading the rollup: sums by any combination of dimensions. The cost grows with reps x days, never with calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    FromClause,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
)

from service.scoring.kpi_sums import KpiSums
from service.store.models import reps, teams
from service.store.models_rollup import rep_day_parts, rep_days, rep_weeks
from service.store.records import GroupBy, KpiFilter, KpiTotals, RulesSpan
from service.store.rollup_columns import MICRO, SUMS, UNSCORED
from service.store.rollup_weeks import Stretch, stretches

#: Dimensions that belong to the rep, as it is registered now, not to the row.
OF_REP: dict[GroupBy, ColumnElement[str]] = {
    "rep": reps.c.external_id,
    "team": func.coalesce(teams.c.name, ""),
    "role": func.coalesce(reps.c.role, ""),
}


#: The sums of each table, made once.
_SUMS_OF = {table: [func.sum(table.c[name]).label(name) for name in SUMS] for table in (rep_days, rep_weeks)}
#: Dimensions that tell days apart.
TIMES: frozenset[GroupBy] = frozenset({"day", "week", "month"})
#: Columns that KpiSums knows by another name.
FIELDS = {
    "argumentation_micro": "argumentation_sum",
    "argumentation_sq_micro": "argumentation_sum_sq",
    "adherence_points_micro": "adherence_points",
    "adherence_weight_micro": "adherence_weight",
    "talk_micro": "talk_share_sum",
    "talk_sq_micro": "talk_share_sum_sq",
    "wait_s": "wait_sum_s",
    "wait_sq_s": "wait_sum_sq_s",
}


def totals(
    connection: Connection, group_by: Sequence[GroupBy], wanted: KpiFilter, *, limit: int | None = None
) -> tuple[KpiTotals, ...]:
    """Sums by group, ordered by the groups' keys in the order asked for; groups without a call in the period are left out.

    Reps without a team form the group "", reps without a role likewise. "all" alone is always exactly one group, of zeros if need
    be. `limit` bounds the groups read, in no order. By objection type there are only the sums that objections have, and `calls_scored` are the calls with such an objection.
    """
    of_parts = "objection_type" in group_by or wanted.objection_type is not None
    rows = _part_sums(connection, group_by, wanted) if of_parts else _row_sums(connection, group_by, wanted)
    summed = rows.subquery()
    names = [column.name for column in summed.columns if column.name not in (*group_by, "rep_id")]
    joined: FromClause = summed
    if set(group_by) & set(OF_REP):
        joined = summed.join(reps, reps.c.id == summed.c.rep_id).outerjoin(teams, teams.c.id == reps.c.team_id)
    keys = {by: OF_REP[by] if by in OF_REP else summed.c[by] for by in group_by if by != "all"}
    columns = [key.label(f"key_{by}") for by, key in keys.items()]
    by = list(keys.values())
    if "rep" in keys:
        columns.append(reps.c.name.label("rep_name"))
        by.append(reps.c.name)
    sums = [func.sum(summed.c[name]).label(name) for name in names]
    statement = select(*columns, *sums).select_from(joined).group_by(*by).limit(limit)
    read = _reader([column.name for column in columns], group_by, names)
    found = [read(row) for row in connection.execute(statement)]
    return tuple(sorted(found, key=lambda group: tuple(group.keys.values())))


def spans(connection: Connection, wanted: KpiFilter) -> tuple[RulesSpan, ...]:
    """Which versions of the rules scored the calls of a period, by script and rules."""
    statement = (
        select(
            rep_days.c.script,
            rep_days.c.rules,
            func.min(rep_days.c.day).label("first_day"),
            func.max(rep_days.c.day).label("last_day"),
            func.sum(rep_days.c.calls_scored).label("calls"),
        )
        .where(rep_days.c.rules != UNSCORED, *row_conditions(rep_days, wanted), *rules_condition(rep_days, wanted))
        .group_by(rep_days.c.script, rep_days.c.rules)
        .order_by(rep_days.c.script, rep_days.c.rules)
    )
    return tuple(RulesSpan(**row._mapping) for row in connection.execute(statement))


def row_conditions(table: Any, wanted: KpiFilter) -> list[ColumnElement[bool]]:
    """Which rows of `rep_days` or `rep_day_parts` count, but for their rules."""
    found = _between(table.c.day, wanted.date_from, wanted.date_to) + whose(table.c.rep_id, wanted)
    return found if wanted.script is None else [*found, table.c.script == wanted.script]


def _between(day: ColumnElement[date], begin: date | None, end: date | None) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if begin is not None:
        found.append(day >= begin)
    if end is not None:
        found.append(day <= end)
    return found


def whose(rep_id: ColumnElement[UUID], wanted: KpiFilter) -> list[ColumnElement[bool]]:
    """Which reps count, by the column that has their ids."""
    found: list[ColumnElement[bool]] = []
    if wanted.rep_id is not None:
        found.append(rep_id == wanted.rep_id)
    if wanted.not_rep_id is not None:
        found.append(rep_id != wanted.not_rep_id)
    if wanted.rep_ids is not None:
        found.append(rep_id.in_(wanted.rep_ids))
    of_rep = (
        (teams.c.name, wanted.team),
        (reps.c.external_id, wanted.rep),
        (reps.c.role, wanted.role),
        (reps.c.team_id, wanted.team_id),
    )
    if chosen := [column == value for column, value in of_rep if value is not None]:
        who = select(reps.c.id).select_from(reps.outerjoin(teams, teams.c.id == reps.c.team_id)).where(*chosen)
        found.append(rep_id.in_(who))
    return found


def rules_condition(table: Any, wanted: KpiFilter) -> list[ColumnElement[bool]]:
    if wanted.rules is None:
        return []
    return [_by_rules(table, wanted.rules)]


def _by_rules(table: Any, rules: frozenset[tuple[str, str]]) -> ColumnElement[bool]:
    return or_(literal(False), *(and_(table.c.script == s, table.c.rules == r) for s, r in sorted(rules)))


def _row_sums(connection: Connection, group_by: Sequence[GroupBy], wanted: KpiFilter) -> Any:
    """Sums of `rep_days` by rep and by the dimensions that a row has, before reps are put together.

    Whole weeks are read as such, unless their days are told apart: a seventh of the rows.
    """
    days = [Stretch(wanted.date_from, wanted.date_to, weeks=False)]
    found = days if TIMES & set(group_by) - {"week"} else stretches(wanted.date_from, wanted.date_to)
    pieces = [_stretch_sums(connection, group_by, wanted, stretch) for stretch in found]
    return pieces[0] if len(pieces) == 1 else union_all(*pieces)


def _stretch_sums(connection: Connection, group_by: Sequence[GroupBy], wanted: KpiFilter, stretch: Stretch) -> Any:
    table = rep_weeks if stretch.weeks else rep_days
    sums: Sequence[ColumnElement[Any]] = _SUMS_OF[table]
    if wanted.rules is not None:
        sums = [_of_rules(table, name, wanted.rules).label(name) for name in SUMS]
    counted = _between(_day(table), stretch.begin, stretch.end)
    if wanted.script is not None:
        counted.append(table.c.script == wanted.script)
    if TIMES & set(group_by):
        return _grouped(connection, table, group_by, sums).where(*counted, *whose(table.c.rep_id, wanted))
    # Rep by rep, each a range of the primary key, and nothing is sorted. An outer join is not turned round.
    rows = reps.outerjoin(table, and_(table.c.rep_id == reps.c.id, *counted))
    keys = [table.c.script] if "script" in group_by else []
    return (
        select(*keys, reps.c.id.label("rep_id"), *sums)
        .select_from(rows)
        .where(*whose(reps.c.id, wanted))
        .group_by(reps.c.id, *keys)
        .having(func.count(table.c.rep_id) > 0)
    )


def _of_rules(table: Any, name: str, rules: frozenset[tuple[str, str]]) -> ColumnElement[Any]:
    """A sum over what these versions scored; calls that arrived count all the same."""
    if name == "calls_received":
        return func.sum(table.c[name])
    return func.sum(case((_by_rules(table, rules), table.c[name]), else_=0))


def _day(table: Any) -> ColumnElement[date]:
    """The day of a row, or that with which its week begins."""
    found: ColumnElement[date] = table.c.week if table is rep_weeks else table.c.day
    return found


def _part_sums(connection: Connection, group_by: Sequence[GroupBy], wanted: KpiFilter) -> Any:
    """The same of `rep_day_parts`, under the names that the sums have in `rep_days`."""
    names = {
        "calls_scored": "calls",
        "objections": "n",
        "objections_handled": "good",
        "argumentation_micro": "points_micro",
        "argumentation_sq_micro": "points_sq_micro",
    }
    sums = [func.sum(rep_day_parts.c[column]).label(name) for name, column in names.items()]
    conditions = [rep_day_parts.c.kind == "objection", *row_conditions(rep_day_parts, wanted)]
    if wanted.objection_type is not None:
        conditions.append(rep_day_parts.c.id == wanted.objection_type)
    conditions += rules_condition(rep_day_parts, wanted)
    return _grouped(connection, rep_day_parts, group_by, sums).where(*conditions)


def _grouped(connection: Connection, table: Any, group_by: Sequence[GroupBy], sums: Sequence[Any]) -> Any:
    keys = [_dimension(connection, table, by).label(by) for by in group_by if by not in OF_REP and by != "all"]
    if set(group_by) & set(OF_REP):
        keys.append(table.c.rep_id)
    return select(*keys, *sums).group_by(*(key.element if hasattr(key, "element") else key for key in keys))


def _dimension(connection: Connection, table: Any, by: GroupBy) -> ColumnElement[str]:
    if by == "script":
        return table.c.script  # type: ignore[no-any-return]
    if by == "objection_type":
        return table.c.id  # type: ignore[no-any-return]
    day, dialect = _day(table), connection.dialect.name
    if dialect == "postgresql":
        return func.to_char(day if by == "day" else func.date_trunc(literal_text(by), day), literal_text("YYYY-MM-DD"))
    # SQLite keeps days as text.
    if by == "week":
        return monday_of(day, dialect)
    return func.date(day, *([literal_text("start of month")] if by == "month" else []))


def monday_of(day: ColumnElement[date], dialect: str) -> ColumnElement[Any]:
    """The Monday of a day's week, as ISO 8601 counts weeks."""
    if dialect == "postgresql":
        return cast(func.date_trunc(literal_text("week"), day), Date)
    # Six days back, then on to the next Monday.
    return func.date(day, literal_text("-6 days"), literal_text("weekday 1"))


def literal_text(value: str) -> ColumnElement[str]:
    """A constant in the statement itself: PostgreSQL groups by an expression only if its parameters are the same one."""
    return literal(value, Text, literal_execute=True)


def _reader(
    keyed: Sequence[str], group_by: Sequence[GroupBy], names: Sequence[str]
) -> Callable[[Sequence[Any]], KpiTotals]:
    """Makes a group of a row that begins with the columns `keyed` and goes on with the sums `names`.

    What does not depend on the row is worked out once: there are thousands of rows.
    """
    places = [(by, keyed.index(f"key_{by}")) for by in group_by if by != "all"]
    title = keyed.index("rep_name") if "rep_name" in keyed else None
    first, fields = len(keyed), [FIELDS.get(name, name) for name in names]
    in_millionths = [at for at, name in enumerate(names) if name.endswith("_micro")]

    def read(row: Sequence[Any]) -> KpiTotals:
        keys: dict[GroupBy, str] = {by: row[at] for by, at in places} or {"all": "all"}
        titles: dict[GroupBy, str] = {} if title is None or row[title] is None else {"rep": row[title]}
        # No row at all has sums that are null.
        values: list[Any] = [int(value or 0) for value in row[first:]]
        for at in in_millionths:
            values[at] /= MICRO
        return KpiTotals(keys=keys, titles=titles, sums=KpiSums(**dict(zip(fields, values, strict=True))))

    return read
