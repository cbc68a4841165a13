"""The days that a page of figures is about, from its address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from service.api.kpi_query import PeriodQuery
from service.web.list_pages import query_of

#: Lengths offered, in days: a week, four, a quarter, a year.
PERIODS = (7, 28, 91, 364)


@dataclass(frozen=True, slots=True)
class Period:
    """Both days included. `days` is one of PERIODS if the period is that many days up to today, else None."""

    begin: date
    end: date
    days: int | None


def period_of(given: Mapping[str, str], *, today: date, usual: int) -> Period:
    """`from` and `to`, else so many `days` up to today. Raises Refused for days that are none."""
    if "from" in given or "to" in given:
        query = query_of(PeriodQuery, {name: given[name] for name in ("from", "to") if name in given})
        end = query.date_to or today
        return Period(query.date_from or end - timedelta(days=usual - 1), end, None)
    asked = given.get("days", "")
    days = int(asked) if asked.isascii() and asked.isdigit() and int(asked) in PERIODS else usual
    return Period(today - timedelta(days=days - 1), today, days)
