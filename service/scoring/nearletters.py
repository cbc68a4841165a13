"""Words that differ from a known one by a wrong letter or two, as recognizers mishear them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from itertools import combinations

#: From this length on a word may have two wrong letters, below it one.
LONG_WORD = 8


def tolerated(word: str) -> int:
    """How many wrong letters a fuzzy word of this length tolerates."""
    return 2 if len(word) >= LONG_WORD else 1


class NearLetters:
    """Finds the fuzzy word that a heard word is close to, by the letters that both have when some are dropped.

    Takes each fuzzy word with all its inflected forms.
    """

    def __init__(self, forms: Mapping[str, frozenset[str]]) -> None:
        self._by_stump: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for word in sorted(forms):
            for form in sorted(forms[word]):
                for stump in _stumps(form, tolerated(word)):
                    self._by_stump[stump].append((form, word))
        self._most = max((tolerated(word) for word in forms), default=0)
        self._longest = max((len(form) for known in forms.values() for form in known), default=0) + self._most

    def nearest(self, heard: str) -> str | None:
        """The closest fuzzy word within its tolerance, ties broken alphabetically; None if there is none."""
        if not self._by_stump or len(heard) > self._longest:
            return None
        best: tuple[int, str] | None = None
        for stump in _stumps(heard, self._most):
            for form, word in self._by_stump.get(stump, ()):
                distance = letters_apart(heard, form)
                if distance <= tolerated(word) and (best is None or (distance, word) < best):
                    best = (distance, word)
        return best[1] if best else None


def _stumps(word: str, most: int) -> set[str]:
    """The word with up to `most` letters left out."""
    letters = range(len(word))
    return {
        "".join(word[i] for i in letters if i not in dropped)
        for count in range(min(most, max(len(word) - 1, 0)) + 1)
        for dropped in combinations(letters, count)
    }


def letters_apart(first: str, second: str) -> int:
    """Letters to insert, drop, replace or swap with their neighbour to turn one word into the other."""
    rows = [list(range(len(second) + 1))]
    for i, a in enumerate(first, start=1):
        row = [i]
        for j, b in enumerate(second, start=1):
            cost = min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + (a != b))
            if i > 1 and j > 1 and a == second[j - 2] and first[i - 2] == b:
                cost = min(cost, rows[i - 2][j - 2] + 1)
            row.append(cost)
        rows.append(row)
    return rows[-1][-1]
