"""Which templates can match in which sentences: those of which every needed word occurs, found for many sentences at once.

A set of words of which a way needs one is a *need*. Every word met has a row of bits, one for each need that it meets; a
sentence meets what its words meet. Ways are looked up by the rarest of their needs, and only there the others are compared:
common words meet thousands of needs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from threading import Lock

import numpy as np
import numpy.typing as npt

from service.scoring.dialogue import Sentence
from service.scoring.ngrams import MOST_WORDS
from service.scoring.phrases import WordClasses
from service.scoring.ways import Way

#: Sentences compared at once; bounds the memory that a long call takes.
_AT_ONCE = 512
_FIRST_TABLE = 1_024
_Keys = frozenset[str]
_Ints = npt.NDArray[np.intp]


class WayIndex:
    """Ways by their needs, in groups of ways with the same ones; every other need stands in `_others`, one row a rank."""

    def __init__(self, ways: Iterable[Way], classes: WordClasses, frequency: Mapping[str, int]) -> None:
        """`frequency` tells of index keys how many ways know them: a word that many know is frequent in speech, too."""
        self._classes = classes
        self._always: list[Way] = []
        grouped: dict[_Keys, dict[tuple[_Keys, ...], list[Way]]] = defaultdict(lambda: defaultdict(list))
        rank = _Rarity(frequency)
        for way in ways:
            if not way.needs:
                self._always.append(way)
                continue
            rarest, *others = sorted({need.keys for need in way.needs}, key=rank)
            grouped[rarest][tuple(others)].append(way)
        groups = [(needs, tuple(found)) for by_needs in grouped.values() for needs, found in by_needs.items()]
        numbers = {keys: number for number, keys in enumerate(grouped)}
        for needs, _ in groups:
            for keys in needs:
                numbers.setdefault(keys, len(numbers))
        self._groups = [found for _, found in groups]
        self._first_group: _Ints = np.cumsum([0, *(len(by_needs) for by_needs in grouped.values())])
        #: The bit after the last need: every word has it, and groups with few needs ask for it.
        self._met_by_all = len(numbers)
        most = max((len(needs) for needs, _ in groups), default=0)
        self._others: _Ints = np.full((most, len(groups)), self._met_by_all, dtype=np.intp)
        for group, (needs, _) in enumerate(groups):
            self._others[: len(needs), group] = [numbers[keys] for keys in needs]
        self._needs_met: dict[str, list[int]] = defaultdict(list)
        for keys, number in numbers.items():
            for key in keys:
                self._needs_met[key].append(number)
        #: Held while words get rows of bits and these are read: calls are scored in several threads at a time.
        self._lock = Lock()
        self._places: dict[str, int] = {}
        self._bits = np.zeros((_FIRST_TABLE, self._met_by_all // 8 + 1), dtype=np.uint8)

    def possible(self, sentences: Sequence[Sentence]) -> list[list[Way]]:
        """For each sentence the ways that can match in it, in an order that does not depend on hashing."""
        found = [list(self._always) for _ in sentences]
        for start in range(0, len(sentences), _AT_ONCE):
            for place, group in self._met(sentences[start : start + _AT_ONCE]):
                found[start + place] += self._groups[group]
        return found

    def _met(self, sentences: Sequence[Sentence]) -> Iterator[tuple[int, int]]:
        """(sentence, group) wherever a sentence meets all needs of a group."""
        starts = [0, *accumulate(len(sentence.words) for sentence in sentences)]
        with self._lock:
            rows = self._rows(sentences)  # first of all: new words can move the table
            bits = np.bitwise_or.reduceat(self._bits[rows], starts[:-1])
        met = np.unpackbits(bits, axis=1, count=self._met_by_all + 1, bitorder="little").view(np.bool_)
        place, rarest = met[:, : len(self._first_group) - 1].nonzero()
        first = self._first_group[rarest]
        count = self._first_group[rarest + 1] - first
        # Every group of every rarest need that was met: 0, 1 ... for the groups of each, counted from its first.
        group = np.arange(count.sum()) + (first + count - count.cumsum()).repeat(count)
        place = place.repeat(count)
        for others in self._others:
            holds = met[place, others[group]].nonzero()[0]
            place, group = place[holds], group[holds]
        return zip(place.tolist(), group.tolist(), strict=True)

    def _rows(self, sentences: Sequence[Sentence]) -> list[int]:
        """The row of bits of each word."""
        texts = [word.text for sentence in sentences for word in sentence.words]
        if len(self._places) + len(texts) > MOST_WORDS:
            self._places.clear()
        if not self._places.keys() >= set(texts):
            for word in (word for sentence in sentences for word in sentence.words):
                if word.text not in self._places:
                    self._places[word.text] = self._learn(self._classes.keys(word))
        return [self._places[text] for text in texts]

    def _learn(self, keys: _Keys) -> int:
        place = len(self._places)
        if place >= len(self._bits):
            self._bits = np.concatenate([self._bits, np.zeros_like(self._bits)])
        needs = [number for key in keys for number in self._needs_met.get(key, ())]
        met = np.zeros(self._met_by_all + 1, dtype=np.bool_)
        met[[*needs, self._met_by_all]] = True
        self._bits[place] = np.packbits(met, bitorder="little")
        return place


class _Rarity:
    """Sort key for needs: how frequent its words are, then the words themselves; worked out once for each."""

    def __init__(self, frequency: Mapping[str, int]) -> None:
        self._frequency = frequency
        self._known: dict[_Keys, tuple[int, list[str]]] = {}

    def __call__(self, keys: _Keys) -> tuple[int, list[str]]:
        if keys not in self._known:
            self._known[keys] = (sum(self._frequency.get(key, 0) + 1 for key in keys), sorted(keys))
        return self._known[keys]
