"""The example that a sentence is nearest to: what a person is shown as the reason for a similarity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from service.scoring.language import Word
from service.scoring.ngrams import Rows, Vocabulary

#: Decimals that decide which example is nearer.
ROUNDED = 6
#: For a column, the examples that have it and what it adds to their closeness.
_Postings = Mapping[int, tuple[npt.NDArray[np.intp], npt.NDArray[np.float64]]]


class NearestExample:
    """Compares a sentence with the examples of one rule: by shared lemmas and pairs, by letters where it shares none."""

    def __init__(self, vocabulary: Vocabulary, examples: Rows) -> None:
        self._vocabulary = vocabulary
        self._count = len(examples)
        self._by_lemma = self._postings([vocabulary.lemma_columns(words) for words in examples])
        self._by_letters = self._postings([self._letters(words) for words in examples])

    def to(self, words: Sequence[Word]) -> int:
        """Index of the nearest example, the first of several equally near."""
        found = self._nearest(self._by_lemma, self._vocabulary.lemma_columns(words))
        return found if found is not None else self._nearest(self._by_letters, self._letters(words)) or 0

    def _letters(self, words: Sequence[Word]) -> list[int]:
        return [column for word in words for column in self._vocabulary.letter_columns(word.text)]

    def _postings(self, rows: list[list[int]]) -> _Postings:
        found: dict[int, tuple[list[int], list[float]]] = {}
        for example, columns in enumerate(rows):
            squares = self._vocabulary.idf[columns].astype(np.float64) ** 2
            closer = squares / (np.sqrt(squares.sum()) or 1.0)
            for column, worth in zip(columns, closer.tolist(), strict=True):
                examples, worths = found.setdefault(column, ([], []))
                examples.append(example)
                worths.append(worth)
        return {column: (np.array(examples), np.array(worths)) for column, (examples, worths) in found.items()}

    def _nearest(self, postings: _Postings, columns: list[int]) -> int | None:
        known = [posting for posting in map(postings.get, columns) if posting is not None]
        if not known:
            return None
        examples, worths = zip(*known, strict=True)
        closer = np.bincount(np.concatenate(examples), weights=np.concatenate(worths), minlength=self._count)
        return int(closer.round(ROUNDED).argmax())
