"""Ranks: a place only where nobody can doubt it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from service.scoring.kpi import KpiValue
from service.scoring.kpi_ranks import Rank, ranks


def value(interval: tuple[float, float] | None) -> KpiValue:
    middle = None if interval is None else sum(interval) / 2
    return KpiValue("objections_handled", middle, 10, 0.7, None, interval, None)


def test_groups_whose_intervals_touch_share_their_places() -> None:
    values = [value((0.8, 0.9)), value((0.4, 0.6)), value((0.5, 0.7)), value((0.1, 0.2)), value(None)]
    assert ranks(values, "up") == (Rank(1, 1), Rank(2, 3), Rank(2, 3), Rank(4, 4), None)
    assert ranks(values, "down") == (Rank(4, 4), Rank(2, 3), Rank(2, 3), Rank(1, 1), None)
    assert [rank.place if rank else None for rank in ranks(values, "up")] == [1, None, None, 4, None]


def test_one_alone_has_no_rank() -> None:
    assert ranks([value((0.8, 0.9)), value(None)], "up") == (None, None)
    assert ranks([], "up") == ()


@given(
    st.lists(
        st.tuples(st.floats(0, 1), st.floats(0, 1)).map(lambda pair: (min(pair), max(pair))), min_size=2, max_size=12
    )
)
def test_places_are_those_of_a_comparison_of_all_pairs(intervals: list[tuple[float, float]]) -> None:
    found = ranks([value(interval) for interval in intervals], "up")
    for interval, rank in zip(intervals, found, strict=True):
        assert rank is not None
        assert rank.best == 1 + sum(low > interval[1] for low, _ in intervals)
        assert rank.worst == len(intervals) - sum(high < interval[0] for _, high in intervals)
