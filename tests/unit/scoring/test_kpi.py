"""Key figures: what a manager reads about a rep, a team or a month."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.scoring.kpi import KpiDefinition, KpiSums, kpi_values, mean_interval, wilson_interval

HANDLED = KpiDefinition("objections_handled", {"ru": "", "en": ""}, "share", 0.70, "up", 30)
ARGUMENTATION = KpiDefinition("argumentation", {"ru": "", "en": ""}, "points", 4.0, "up", 30)
ADHERENCE = KpiDefinition("script_adherence", {"ru": "", "en": ""}, "share", 0.80, "up", 10)
COVERAGE = KpiDefinition("coverage", {"ru": "", "en": ""}, "share", 1.0, "up", 0)
ALL = (ARGUMENTATION, HANDLED, ADHERENCE, COVERAGE)


def test_no_calls_is_no_value_never_zero_percent() -> None:
    for value in kpi_values(ALL, KpiSums(), None):
        assert (value.value, value.n, value.status, value.interval, value.previous) == (None, 0, None, None, None)


def test_calls_without_objections_have_no_objection_figures() -> None:
    argumentation, handled, adherence, coverage = kpi_values(
        ALL, KpiSums(calls_received=4, calls_scored=4, calls_assessed=4, adherence_points=30, adherence_weight=40), None
    )
    assert (argumentation.value, handled.value) == (None, None)
    assert adherence.value == 0.75
    assert adherence.n == 4
    assert (coverage.value, coverage.status) == (1.0, "met")


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    # Newcombe, Statistics in Medicine 17 (1998), table I, method 3 (score interval without continuity correction).
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_interval_agrees_with_published_values(successes: int, n: int, low: float, high: float) -> None:
    interval = wilson_interval(successes, n)
    assert interval is not None
    assert interval == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_mean_interval_agrees_with_students_sleep_data() -> None:
    """Cushny and Peebles' extra hours of sleep, Student 1908: the t interval for the second drug is 0.90..3.76."""
    values = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    interval = mean_interval(sum(values), sum(v * v for v in values), len(values), lowest=-9, highest=9)
    assert interval == (pytest.approx(0.8977, abs=1e-3), pytest.approx(3.7623, abs=1e-3))


def test_two_calls_never_rank_a_rep() -> None:
    """Two perfect answers are no proof: without a spread there is no interval and the figure is uncertain."""
    (value,) = kpi_values((ARGUMENTATION,), KpiSums(objections=2, argumentation_sum=10, argumentation_sum_sq=50), None)
    assert (value.value, value.status, value.interval) == (5.0, "too_few", None)


def test_few_calls_decide_when_the_interval_is_clear_of_the_target() -> None:
    (value,) = kpi_values((HANDLED,), KpiSums(objections=12, objections_handled=1), None)
    assert value.interval is not None
    assert value.interval[1] < 0.70
    assert value.status == "missed"


def test_enough_calls_decide_even_when_the_interval_crosses_the_target() -> None:
    (below, above) = (
        kpi_values((HANDLED,), KpiSums(objections=100, objections_handled=handled), None)[0] for handled in (69, 70)
    )
    assert (below.status, above.status) == ("missed", "met")


def test_a_downward_target_is_met_from_below() -> None:
    down = KpiDefinition("objections_handled", {"ru": "", "en": ""}, "share", 0.5, "down", 5)
    (low, high) = (kpi_values((down,), KpiSums(objections=50, objections_handled=h), None)[0] for h in (25, 26))
    assert (low.status, high.status) == ("met", "missed")


def test_previous_period_is_shown_beside_the_value() -> None:
    now, before = KpiSums(objections=40, objections_handled=30), KpiSums(objections=40, objections_handled=20)
    assert kpi_values((HANDLED,), now, before)[0].previous == 0.5
    assert kpi_values((HANDLED,), now, KpiSums())[0].previous is None


def test_a_figure_without_target_has_no_status() -> None:
    free = KpiDefinition("argumentation", {"ru": "", "en": ""}, "points", None, "up", 0)
    assert (
        kpi_values((free,), KpiSums(objections=1, argumentation_sum=3, argumentation_sum_sq=9), None)[0].status is None
    )


def test_an_unknown_figure_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="unknown KPI 'smiles'; expected one of argumentation"):
        kpi_values((KpiDefinition("smiles", {}, "share", None, "up", 0),), KpiSums(), None)


@given(st.lists(st.sampled_from([0.0, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0]), max_size=60), st.data())
def test_every_interval_holds_its_value_and_stays_on_its_scale(points: list[float], data: st.DataObject) -> None:
    handled = data.draw(st.integers(0, len(points)))
    sums = KpiSums(
        objections=len(points),
        objections_handled=handled,
        argumentation_sum=math.fsum(points),
        argumentation_sum_sq=math.fsum(p * p for p in points),
    )
    for value, highest in zip(kpi_values((ARGUMENTATION, HANDLED), sums, None), (5.0, 1.0), strict=True):
        if value.value is not None and value.interval is not None:
            low, high = value.interval
            assert 0.0 <= low <= value.value + 1e-12
            assert value.value - 1e-12 <= high <= highest
