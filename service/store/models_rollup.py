"""The tables of the rollup: what each call counts for, and the sums by rep, day, script and rules that KPIs are read from.

See `service.store.models` for the other tables and for what holds for all.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Index, Integer, Table, Text, Uuid

from service.store.models import metadata
from service.store.types import one_of


def _sums() -> list[Column[int]]:
    """What one scored call adds to its row of the rollup, or the sums of such calls. Waits are whole seconds."""
    small = ("calls_assessed", "objections", "objections_handled")
    micro = ("argumentation_micro", "argumentation_sq_micro", "adherence_points_micro", "adherence_weight_micro")
    counted = ("violations", "violations_sq", "talk_calls")
    talk = ("talk_micro", "talk_sq_micro")
    events = ("pause_calls", "pauses", "pauses_sq", "next_step_calls", "next_step_dated", "wait_calls")
    waits = ("wait_s", "wait_sq_s")
    columns = [*_columns(Integer, small), *_columns(BigInteger, micro), *_columns(Integer, counted)]
    return [*columns, *_columns(BigInteger, talk), *_columns(Integer, events), *_columns(BigInteger, waits)]


def _columns(kind: type[Integer], names: tuple[str, ...]) -> list[Column[int]]:
    return [Column(name, kind, nullable=False) for name in names]


# What a call's effective scorecard adds to the rollup: the machine's verdicts with people's overrides over them.
call_figures = Table(
    "call_figures",
    metadata,
    Column("call_id", Uuid, ForeignKey("calls.id"), primary_key=True),
    # Language and version of the pack that scored the call, like ru/1.2.0.
    Column("rules", Text, nullable=False),
    *_sums(),
)

# A call counts in the row of the rules it is scored by; until it is scored, in the row whose rules are "".
rep_days = Table(
    "rep_days",
    metadata,
    Column("rep_id", Uuid, ForeignKey("reps.id"), primary_key=True),
    Column("day", Date, primary_key=True, index=True),
    Column("script", Text, primary_key=True),
    Column("rules", Text, primary_key=True),
    Column("calls_received", Integer, nullable=False),
    Column("calls_scored", Integer, nullable=False),
    *_sums(),
)

# The same by weeks, each under its Monday: a year of a rep is 52 rows instead of 365. Sums of `rep_days`, moved with them.
rep_weeks = Table(
    "rep_weeks",
    metadata,
    Column("rep_id", Uuid, ForeignKey("reps.id"), primary_key=True),
    Column("week", Date, primary_key=True, index=True),
    Column("script", Text, primary_key=True),
    Column("rules", Text, primary_key=True),
    Column("calls_received", Integer, nullable=False),
    Column("calls_scored", Integer, nullable=False),
    *_sums(),
    # SQLite keeps its rows in the order of the key: a rep's year lies together.
    sqlite_with_rowid=False,
)

# Days by script item, objection type and violation.
rep_day_parts = Table(
    "rep_day_parts",
    metadata,
    Column("rep_id", Uuid, ForeignKey("reps.id"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("script", Text, primary_key=True),
    Column("rules", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    # Calls in which it occurs, or, for items, could be assessed.
    Column("calls", Integer, nullable=False),
    # Objections, violations; for items again calls.
    Column("n", Integer, nullable=False),
    # Objections handled, items met.
    Column("good", Integer, nullable=False),
    # Objections: points. Items: weight x points.
    Column("points_micro", BigInteger, nullable=False),
    Column("points_sq_micro", BigInteger, nullable=False),
    Column("weight_micro", BigInteger, nullable=False),
    one_of("kind", ("item", "objection", "violation")),
    Index(None, "kind", "day"),
)
