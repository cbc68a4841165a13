"""Agreement figures: can a QA lead believe "machine and people agree to 0.85"?"""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.scoring.agreement import Detection, accuracy, cohen_kappa, detection, pair_up


def test_kappa_agrees_with_the_textbook() -> None:
    """Two readers of fifty grant applications: 20 both yes, 15 both no, 5 and 10 split; kappa is 0.4."""
    pairs = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    assert accuracy(pairs) == 0.7
    assert cohen_kappa(pairs) == pytest.approx(0.4)


def test_kappa_of_one_and_the_same_answer_says_nothing() -> None:
    assert cohen_kappa([(True, True)] * 9) is None
    assert cohen_kappa([]) is None
    assert accuracy([]) is None


def test_constant_machine_agrees_no_better_than_chance() -> None:
    assert cohen_kappa([(True, True)] * 9 + [(True, False)]) == pytest.approx(0.0)


def test_precision_recall_and_f1() -> None:
    counts = detection({"price", "timing", "trust"}, {"price", "terms"}) + Detection(right=1)
    assert (counts.precision, counts.recall, counts.f1) == (2 / 4, 2 / 3, pytest.approx(4 / 7))


def test_nothing_marked_and_nothing_found_is_no_figure() -> None:
    assert (Detection().precision, Detection().recall, Detection().f1) == (None, None, None)
    assert Detection(missed=2).f1 == 0.0


def test_pairing_prefers_more_pairs_over_nearer_ones() -> None:
    """Greedy would give 4 to 5 and leave 7 alone."""
    assert sorted(pair_up([4, 6], [5, 3], reach=2)) == [(0, 1), (1, 0)]
    assert pair_up([10], [13], reach=2) == []
    assert sorted(pair_up([7], [5, 8], reach=2)) == [(0, 1)]


places = st.lists(st.integers(0, 12), max_size=4)


@given(places, places)
def test_pairing_is_the_best_of_all_pairings(first: list[int], second: list[int]) -> None:
    def worth(pairs: list[tuple[int, int]]) -> tuple[int, int]:
        return len(pairs), -sum(abs(first[i] - second[j]) for i, j in pairs)

    swapped = len(first) > len(second)
    small, large = (second, first) if swapped else (first, second)
    best = max(
        worth([((j, i) if swapped else (i, j)) for i, j in enumerate(chosen) if abs(small[i] - large[j]) <= 2])
        for chosen in permutations(range(len(large)), len(small))
    )
    pairs = pair_up(first, second, reach=2)
    assert worth(pairs) == best
    assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)
