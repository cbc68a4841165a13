"""The example that a sentence is nearest to: what a person is shown as the reason for a similarity."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from service.scoring.language import Word
from service.scoring.ngrams import Rows, Vocabulary

#: Decimals that decide which example is nearer.
ROUNDED = 6


class NearestExample:
    """Compares a sentence with the examples of one rule: by shared lemmas and pairs, by letters where it shares none."""

    def __init__(self, vocabulary: Vocabulary, examples: Rows) -> None:
        self._vocabulary = vocabulary
        self._by_lemma = self._postings([vocabulary.lemma_columns(words) for words in examples])
        self._by_letters = self._postings([self._letters(words) for words in examples])

    def to(self, words: Sequence[Word]) -> int:
        """Index of the nearest example, the first of several equally near."""
        found = self._nearest(self._by_lemma, self._vocabulary.lemma_columns(words))
        return found if found is not None else self._nearest(self._by_letters, self._letters(words)) or 0

    def _letters(self, words: Sequence[Word]) -> list[int]:
        return [column for word in words for column in self._vocabulary.letter_columns(word.text)]

    def _postings(self, rows: list[list[int]]) -> dict[int, list[tuple[int, float]]]:
        """Column -> (example, weight) of the examples that have it."""
        postings: dict[int, list[tuple[int, float]]] = defaultdict(list)
        for example, columns in enumerate(rows):
            idf = self._vocabulary.idf[columns].astype(np.float64)
            length = float(np.sqrt((idf * idf).sum())) or 1.0
            for column, weight in zip(columns, idf.tolist(), strict=True):
                postings[column].append((example, weight * weight / length))
        return dict(postings)

    @staticmethod
    def _nearest(postings: dict[int, list[tuple[int, float]]], columns: list[int]) -> int | None:
        closeness: dict[int, float] = {}
        for column in columns:
            for example, weight in postings.get(column, ()):
                closeness[example] = closeness.get(example, 0.0) + weight
        return min(closeness, key=lambda example: (-round(closeness[example], ROUNDED), example), default=None)
