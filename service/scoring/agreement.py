"""How far verdicts agree: accuracy, precision, recall and F1, Cohen's kappa, and the best pairing of marks on a line.

A figure without data is None, never 0 or 1.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

Pair = tuple[Hashable, Hashable]


@dataclass(frozen=True, slots=True)
class Detection:
    """Counts of found things: right ones, ones that people did not mark, ones that were missed."""

    right: int = 0
    extra: int = 0
    missed: int = 0

    def __add__(self, other: Detection) -> Detection:
        return Detection(self.right + other.right, self.extra + other.extra, self.missed + other.missed)

    @property
    def precision(self) -> float | None:
        return _ratio(self.right, self.right + self.extra)

    @property
    def recall(self) -> float | None:
        return _ratio(self.right, self.right + self.missed)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall; None where nothing was marked and nothing found."""
        return _ratio(2 * self.right, 2 * self.right + self.extra + self.missed)


def detection(found: Iterable[Hashable], marked: Iterable[Hashable]) -> Detection:
    """Compare two sets of things of one call."""
    found, marked = set(found), set(marked)
    return Detection(len(found & marked), len(found - marked), len(marked - found))


def accuracy(pairs: Sequence[Pair]) -> float | None:
    """Share of pairs (machine, people) that are equal."""
    return _ratio(sum(machine == people for machine, people in pairs), len(pairs))


def cohen_kappa(pairs: Sequence[Pair]) -> float | None:
    """Agreement beyond chance, -1..1 (Cohen, Educational and Psychological Measurement 20, 1960).

    None where chance alone explains everything: both sides always gave one and the same answer.
    """
    n = len(pairs)
    if n == 0:
        return None
    machine, people = Counter(pair[0] for pair in pairs), Counter(pair[1] for pair in pairs)
    observed = sum(a == b for a, b in pairs) / n
    by_chance = sum(count * people[answer] for answer, count in machine.items()) / (n * n)
    return None if math.isclose(by_chance, 1.0) else (observed - by_chance) / (1 - by_chance)


def pair_up(first: Sequence[int], second: Sequence[int], *, reach: int) -> list[tuple[int, int]]:
    """One-to-one pairs (index in `first`, index in `second`) of places on a line at most `reach` apart.

    As many pairs as possible, among those the ones with the least distance in sum. On a line a best pairing never
    crosses, so it is found by dynamic programming over both lists in order of place.
    """
    a = sorted(range(len(first)), key=lambda i: (first[i], i))
    b = sorted(range(len(second)), key=lambda j: (second[j], j))
    best: list[list[tuple[int, int, tuple[tuple[int, int], ...]]]] = [[(0, 0, ())] * (len(b) + 1)]
    for i in a:
        above = best[-1]
        row = [above[0]]
        for column, j in enumerate(b):
            choices = [above[column + 1], row[column]]
            distance = abs(first[i] - second[j])
            if distance <= reach:
                count, cost, pairs = above[column]
                choices.append((count + 1, cost - distance, (*pairs, (i, j))))
            row.append(max(choices, key=lambda choice: choice[:2]))
        best.append(row)
    return list(best[-1][-1][2])


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None
