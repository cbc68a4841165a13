"""Spoken padding inside a sentence ("ну", "you know"): words that a phrase may be interrupted by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from service.scoring.language import Word

_NONE: frozenset[int] = frozenset()


class FillerFinder:
    """Finds fillers of one or more words, the longest first."""

    def __init__(self, fillers: Iterable[tuple[str, ...]]) -> None:
        self._by_first: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        for filler in sorted(fillers, key=lambda words: (-len(words), words)):
            self._by_first[filler[0]].append(filler)

    def find(self, words: Sequence[Word]) -> frozenset[int]:
        """Indices of the words that are padding."""
        texts = [word.text for word in words]
        if self._by_first.keys().isdisjoint(texts):
            return _NONE
        found: set[int] = set()
        after = 0
        for index, first in enumerate(texts):
            if index < after:
                continue
            for filler in self._by_first.get(first, ()):
                if tuple(texts[index : index + len(filler)]) == filler:
                    after = index + len(filler)
                    found.update(range(index, after))
                    break
        return frozenset(found)
