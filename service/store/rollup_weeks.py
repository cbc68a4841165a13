"""Weeks of the rollup: what lies within a period as whole weeks is read from them, only the days at its ends one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days of a period, both ends included, None for an open end. `weeks`: these are Mondays, each for its whole week."""

    begin: date | None
    end: date | None
    weeks: bool


def monday(day: date) -> date:
    """The first day of its week, as ISO 8601 counts weeks."""
    return day - day.weekday() * DAY


def stretches(begin: date | None, end: date | None) -> Sequence[Stretch]:
    """The period as days up to its first Monday, whole weeks, and days after the last Sunday, as far as it has them."""
    first = None if begin is None else monday(begin + 6 * DAY)
    # The Monday on which the weeks are over.
    over = None if end is None else monday(end + DAY)
    if first is not None and over is not None and first >= over:
        return (Stretch(begin, end, weeks=False),)
    found = [Stretch(first, None if over is None else over - WEEK, weeks=True)]
    if begin is not None and first is not None and begin < first:
        found.append(Stretch(begin, first - DAY, weeks=False))
    if end is not None and over is not None and over <= end:
        found.append(Stretch(over, end, weeks=False))
    return found
