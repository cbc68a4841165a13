"""Why a figure is what it is: the parts add up, and nothing is claimed that few calls cannot show."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.scoring.kpi_findings import Side, compare, findings, rates
from service.scoring.kpi_intervals import difference_interval, wilson_interval
from service.scoring.kpi_sentences import sentence
from service.scoring.kpi_sums import PartTotals

TYPES = ("price", "timing", "trust", "terms")


def objections(**handled_of: tuple[int, int]) -> Side:
    parts = [
        PartTotals("objection", kind, of, of, handled, 5.0 * handled, 25.0 * handled, 0.0)
        for kind, (handled, of) in handled_of.items()
    ]
    return Side(parts, 10)


def violations(calls: int, **found: int) -> Side:
    return Side([PartTotals("violation", name, n, n, 0, 0.0, 0.0, 0.0) for name, n in found.items()], calls)


@st.composite
def sides(draw: st.DrawFn) -> Side:
    found = {}
    for kind in draw(st.sets(st.sampled_from(TYPES), min_size=1)):
        number = draw(st.integers(1, 50))
        found[kind] = (draw(st.integers(0, number)), number)
    return objections(**found)


@given(sides(), sides(), st.sampled_from(["objections_handled", "argumentation"]))
def test_rates_and_mix_add_up_to_the_whole_difference(own: Side, other: Side, kpi: str) -> None:
    """Also where one of them never met an objection of some type."""
    compared = compare(kpi, own, other)
    assert compared is not None
    assert compared.rates + compared.mix == pytest.approx(compared.own - compared.other, abs=1e-9)
    pulls = sum(part.team.pull for part in findings(kpi, own, None, other) if part.team is not None)
    assert pulls == pytest.approx(compared.rates, abs=1e-9)
    lost = sum(part.lost for part in findings(kpi, own, None, other))
    best = 5.0 if kpi == "argumentation" else 1.0
    assert best - compared.own == pytest.approx(lost, abs=1e-9)


def test_against_oneself_nothing_pulls() -> None:
    own = objections(price=(6, 20), timing=(9, 10))
    assert all(part.team is not None and part.team.pull == 0 for part in findings("objections_handled", own, None, own))


def test_a_difference_of_two_calls_is_not_sure() -> None:
    (few,) = findings("objections_handled", objections(price=(0, 2)), None, objections(price=(7, 10)))
    (many,) = findings("objections_handled", objections(price=(0, 20)), None, objections(price=(70, 100)))
    assert few.team is not None
    assert many.team is not None
    assert (few.team.sure, many.team.sure) == (False, True)
    assert few.team.pull == many.team.pull == pytest.approx(-0.7)


def test_a_part_that_the_others_never_met_is_compared_with_their_whole_figure_and_not_sure() -> None:
    own, other = objections(price=(0, 30)), objections(timing=(8, 10))
    (part,) = findings("objections_handled", own, None, other)
    assert part.team is not None
    assert (part.team.other, part.team.sure) == (None, False)
    assert part.team.pull == pytest.approx(-0.8)


def test_violations_are_counted_against_calls_and_none_is_a_rate_too() -> None:
    own, team = violations(20, overpromise=10), violations(200, confrontation=2)
    (part,) = findings("violations_per_100", own, None, team)
    assert part.own.value == pytest.approx(50)
    assert part.lost == pytest.approx(50)
    assert part.team is not None
    assert part.team.other is not None
    assert (part.team.other.value, part.team.other.n, part.team.sure) == (0.0, 200, True)
    assert part.worst_pull == pytest.approx(-50)


def test_items_without_weight_and_sides_without_calls_say_nothing() -> None:
    assert rates("script_adherence", Side([PartTotals("item", "x", 3, 3, 0, 0.0, 0.0, 0.0)], 3)) == {}
    assert findings("violations_per_100", violations(0, x=1), None, None) == ()
    assert compare("objections_handled", objections(price=(1, 2)), Side([], 0)) is None


def test_the_interval_of_a_difference_agrees_with_published_values() -> None:
    """Newcombe 1998, table II, method 10: 56/70 - 48/80 is 0.0524..0.3339; 9/10 - 3/10 is 0.1705..0.8090."""
    for (a, m), (b, n), low, high in (((56, 70), (48, 80), 0.0524, 0.3339), ((9, 10), (3, 10), 0.1705, 0.8090)):
        interval = difference_interval(a / m, wilson_interval(a, m), b / n, wilson_interval(b, n))
        assert interval == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))
    assert difference_interval(0.5, None, 0.5, (0.4, 0.6)) is None


def test_sentences_have_the_numbers_in_the_way_of_their_language() -> None:
    own = objections(price=(6, 20), timing=(9, 10))
    part = findings("argumentation", own, objections(price=(8, 10)), None)[0]
    text = sentence(part, {"ru": "Цена", "en": "Price"}, "points")
    assert text["en"] == "Price: 1.50 (n = 20), costs 2.33 of argumentation; before 4.00 (−1.67)."
    assert text["ru"] == "Цена: 1,50 (возражений: 20), стоит 2,33 аргументации; раньше 4,00 (−1,67)."
    part = findings("violations_per_100", violations(20, x=1), violations(20, x=1), None)[0]
    text = sentence(part, {"ru": "Обещание", "en": "Overpromise"}, "count")
    assert text["en"] == "Overpromise: 5.0 per 100 calls; before 5.0, which may be chance."
    assert math.isclose(part.own.value, 5.0)
