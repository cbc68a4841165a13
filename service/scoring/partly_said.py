"""Templates of which a sentence says a part: which words were said, which are missing, how close that is.

Every needed word of every way of a rule is weighed once, the rarer the heavier; what a sentence says of all ways is then one sum.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from service.scoring.dialogue import Sentence
from service.scoring.phrases import WordClasses
from service.scoring.slots import Row, Slot
from service.scoring.ways import Way

#: Share of a template's required words that must have been said to be close; rare words count more.
CLOSE_ENOUGH = 0.4
#: The rarest word that was said must be at least this rare (see `CompiledRules.rarity`): "I ... will ... be" is close to nothing.
TELLING = 0.45
#: What was said may spread over this many words more than the template has.
MOST_SPREAD = 4
#: Ways looked at closely in one sentence, the most promising first.
LOOKED_AT = 8
#: Ranks are rounded before they are compared.
DECIMALS = 6
_Ints = npt.NDArray[np.intp]
_Doubles = npt.NDArray[np.float64]


class Partly(NamedTuple):
    """A way of which a sentence says a part. `share` 0..1 of its weight; `missing` is empty where only the order is wrong."""

    share: float
    way: Way
    said: tuple[str, ...]
    missing: tuple[Slot, ...]


class PartlySaid:
    """The ways of one rule, weighed."""

    def __init__(self, ways: Sequence[Way], rarity: Callable[[frozenset[str]], float]) -> None:
        self._ways = [(way, way.row) for way in ways if way.row is not None]
        self._rarity = rarity
        numbers: dict[frozenset[str], int] = {}
        entries = [
            (numbers.setdefault(slot.keys, len(numbers)), place)
            for place, (_, row) in enumerate(self._ways)
            for slot in row
            if slot.required
        ]
        self._needs = list(numbers)
        self._worth: _Doubles = np.array([rarity(keys) for keys in self._needs], dtype=np.float64)
        self._need_of: _Ints = np.array([need for need, _ in entries], dtype=np.intp)
        self._way_of: _Ints = np.array([way for _, way in entries], dtype=np.intp)
        self._total = self._sums(np.ones(len(self._needs), dtype=bool))

    def nearest(self, sentence: Sentence, classes: WordClasses) -> Partly | None:
        """The way of which the sentence says most; None if it is close to none."""
        if not self._ways:
            return None
        keys: frozenset[str] = frozenset().union(*(classes.keys(word) for word in sentence.words))
        met = np.array([not need.isdisjoint(keys) for need in self._needs], dtype=bool)
        share = np.round(self._sums(met) / np.maximum(self._total, np.finfo(np.float64).tiny), DECIMALS)
        promising = np.argsort(-share, kind="stable")[:LOOKED_AT]
        found = [
            partly
            for place in promising.tolist()
            if share[place] >= CLOSE_ENOUGH and (partly := self._closely(place, sentence, classes)) is not None
        ]
        return max(found, key=lambda partly: partly.share, default=None)

    def _sums(self, met: npt.NDArray[np.bool_]) -> _Doubles:
        weights = np.where(met, self._worth, 0.0)[self._need_of] if len(self._need_of) else np.zeros(0)
        return np.bincount(self._way_of, weights=weights, minlength=len(self._ways)).astype(np.float64)

    def _closely(self, place: int, sentence: Sentence, classes: WordClasses) -> Partly | None:
        """The way with each of its words on a place of its own in the sentence."""
        way, row = self._ways[place]
        word_keys = [classes.keys(word) for word in sentence.words]
        said: dict[int, float] = {}
        missing: list[Slot] = []
        weight = 0.0
        for slot in (slot for slot in row if slot.required):
            worth = self._rarity(slot.keys)
            weight += worth
            fills = [i for i, keys in enumerate(word_keys) if i not in said and not slot.keys.isdisjoint(keys)]
            if not fills:
                missing.append(slot)
                continue
            # The next place behind what was said already, else the first: order is preferred, not demanded.
            said[next((i for i in fills if i > max(said, default=-1)), fills[0])] = worth
        share = round(sum(said.values()) / weight, DECIMALS) if weight else 0.0
        if share < CLOSE_ENOUGH or max(said.values()) < TELLING:
            return None
        if max(said) - min(said) >= _longest(row) + MOST_SPREAD:
            return None
        return Partly(share, way, tuple(sentence.words[i].text for i in sorted(said)), tuple(missing))


def _longest(row: Row) -> int:
    """Words that a way can span."""
    return sum(slot.gap if slot.kind == "gap" else 1 for slot in row)
