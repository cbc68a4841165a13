"""A period is read as whole weeks with days at its ends: every day once, and no day that is not in it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from service.store.rollup_weeks import DAY, WEEK, Stretch, monday, stretches

#: A Monday.
BEGIN = date(2025, 11, 3)


def _days(stretch: Stretch) -> list[date]:
    assert stretch.begin is not None
    assert stretch.end is not None
    if stretch.weeks:
        assert (stretch.begin.weekday(), stretch.end.weekday()) == (0, 0)
    last = stretch.end + (WEEK - DAY if stretch.weeks else 0 * DAY)
    return [stretch.begin + at * DAY for at in range((last - stretch.begin).days + 1)]


@pytest.mark.parametrize("length", [1, 6, 7, 8, 13, 14, 28, 91])
@pytest.mark.parametrize("shift", range(7))
def test_every_day_of_a_period_is_read_once(shift: int, length: int) -> None:
    begin = BEGIN + timedelta(days=shift)
    end = begin + timedelta(days=length - 1)
    found = [day for stretch in stretches(begin, end) for day in _days(stretch)]
    assert sorted(found) == [begin + at * DAY for at in range(length)]
    assert sum(len(_days(stretch)) for stretch in stretches(begin, end) if not stretch.weeks) < 14


def test_an_open_period_is_weeks_without_an_end() -> None:
    assert list(stretches(None, None)) == [Stretch(None, None, weeks=True)]
    assert list(stretches(BEGIN, None)) == [Stretch(BEGIN, None, weeks=True)]
    assert list(stretches(None, BEGIN)) == [
        Stretch(None, BEGIN - WEEK, weeks=True),
        Stretch(BEGIN, BEGIN, weeks=False),
    ]


def test_a_week_begins_on_its_monday() -> None:
    assert [monday(BEGIN + at * DAY) for at in range(8)] == [BEGIN] * 7 + [BEGIN + WEEK]
