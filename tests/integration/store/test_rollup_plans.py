"""How SQLite sums up a period: rep by rep along the key of the weeks, no row of another period is looked at."""

from __future__ import annotations

from datetime import date

import pytest

from service.store.database import Database
from service.store.records import GroupBy, KpiFilter
from tests.fixtures.plans import plans_of

YEAR = KpiFilter(date(2025, 1, 2), date(2025, 12, 30))
#: The dimensions, and the tables with the ranges that are read.
BY_KEY = {
    "rep_weeks USING PRIMARY KEY (rep_id=? AND week>? AND week<?)",
    "rep_days USING INDEX sqlite_autoindex_rep_days_1 (rep_id=? AND day>? AND day<?)",
}
BY_TIME = {
    "rep_weeks USING INDEX ix_rep_weeks_week (week>? AND week<?)",
    "rep_days USING INDEX ix_rep_days_day (day>? AND day<?)",
}


@pytest.mark.parametrize(
    ("group_by", "ranges"),
    [
        (("rep", "team"), BY_KEY),
        (("team",), BY_KEY),
        (("all",), BY_KEY),
        (("rep", "script"), BY_KEY),
        (("week",), BY_TIME),
    ],
)
def test_a_period_is_read_as_ranges_of_its_weeks_and_of_the_days_at_its_ends(
    sqlite_database: Database, group_by: tuple[GroupBy, ...], ranges: set[str]
) -> None:
    with plans_of(sqlite_database, "rep_days", "rep_weeks") as steps, sqlite_database.read() as tx:
        tx.rollup.totals(group_by, YEAR)
    read = {step.partition(" ")[2] for step in steps if "rep_weeks" in step or "rep_days" in step}
    assert {step.removesuffix(" LEFT-JOIN") for step in read} == ranges, steps
