"""Agreement by rule, against figures worked out by hand and printed elsewhere."""

from __future__ import annotations

from datetime import date

import pytest

from service.scoring.gate import Gate
from service.scoring.rule_agreement import agreement, by_rule

MAY, JUNE = date(2025, 5, 1), date(2025, 6, 1)


def test_kappa_and_its_interval_of_a_published_table() -> None:
    """Fleiss, Levin and Paik, "Statistical Methods for Rates and Proportions", 3rd ed., section 18.1: diagnoses of 100 subjects by two
    raters, kappa 0.676 with a standard error of 0.088."""
    psychotic, neurotic, organic = "p", "n", "o"
    table = {
        (psychotic, psychotic): 75, (psychotic, neurotic): 1, (psychotic, organic): 4,
        (neurotic, psychotic): 5, (neurotic, neurotic): 4, (neurotic, organic): 1,
        (organic, organic): 10,
    }  # fmt: skip
    found = agreement(table)
    assert found.n == 100
    assert found.accuracy == pytest.approx(0.89)
    assert found.kappa == pytest.approx(0.676, abs=0.001)
    assert found.kappa_interval is not None
    assert found.kappa_interval[1] - found.kappa == pytest.approx(1.96 * 0.088, abs=0.002)


def test_one_and_the_same_answer_throughout_has_no_kappa() -> None:
    assert agreement({("met", "met"): 9}).kappa is None
    assert agreement({("met", "met"): 9}).accuracy == 1.0
    nothing = agreement({})
    assert (nothing.n, nothing.accuracy, nothing.accuracy_interval, nothing.kappa) == (0, None, None, None)


def test_rows_become_rules_with_months_and_what_differs_most() -> None:
    rows = [
        ("script/greeting", JUNE, "met", "met", 3),
        ("script/greeting", MAY, "met", "missed", 1),
        ("script/greeting", MAY, "missed", "met", 2),
        ("objections/price", MAY, "found", "found", 1),
    ]
    price, greeting = by_rule(rows, None)
    assert (price.rule, greeting.rule) == ("objections/price", "script/greeting")
    assert [(month.month, month.n, month.accuracy) for month in greeting.months] == [(MAY, 3, 0.0), (JUNE, 3, 1.0)]
    assert greeting.differing == (("missed", "met", 2), ("met", "missed", 1))
    assert greeting.gate is None


@pytest.mark.parametrize(
    ("right", "wrong", "status"),
    [(0, 0, "too_few"), (2, 0, "too_few"), (0, 5, "failed"), (9, 1, "too_few"), (18, 2, "passed"), (15, 5, "failed")],
)
def test_a_gate_waits_for_enough_verdicts_unless_the_interval_is_clear(right: int, wrong: int, status: str) -> None:
    found = agreement({("met", "met"): right, ("met", "missed"): wrong} if right + wrong else {})
    assert Gate(0.8, 20).status(found.accuracy, found.accuracy_interval, found.n) == status
