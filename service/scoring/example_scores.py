"""Scores of whole calls by a linear model, fast: what a word adds is worked out once and remembered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from service.scoring.language import Word
from service.scoring.ngrams import MOST_WORDS, Floats, Rows, Vocabulary, lemma_of, lemma_pairs

_FIRST_TABLE = 1_024
Doubles = npt.NDArray[np.float64]


class LinearScores:
    """The weights of a model (n-grams x columns) applied to sentences.

    `_worth` holds, for each n-gram, idf x weight for every column and idf^2 last; one more row of zeros stands for nothing.
    """

    def __init__(self, vocabulary: Vocabulary, weights: Floats, bias: Floats) -> None:
        self._vocabulary = vocabulary
        self._bias = bias.astype(np.float64)
        idf = vocabulary.idf[:, None]
        worth = np.concatenate([weights * idf, idf * idf], axis=1)
        self._worth = np.concatenate([worth, np.zeros((1, worth.shape[1]), dtype=np.float32)])
        self._nothing = len(vocabulary)
        self._words: dict[str, int] = {}
        self._of_word: Doubles = np.zeros((_FIRST_TABLE, worth.shape[1]))

    def of(self, rows: Rows) -> Doubles:
        """Scores of sentences: rows x columns."""
        words: list[int] = []
        word_starts: list[int] = []
        grams: list[int] = []
        gram_starts: list[int] = []
        if len(self._words) + sum(len(row) for row in rows) >= MOST_WORDS:
            self._words.clear()
        for row in rows:
            # A row of zeros first: reduceat takes no empty spans.
            word_starts.append(len(words))
            words.append(0)
            words += [self._word(word.text) for word in row]
            gram_starts.append(len(grams))
            grams.append(self._nothing)
            grams += self._vocabulary.lemma_columns(row)
        letters = np.add.reduceat(self._of_word[words], word_starts)
        lemmas = np.add.reduceat(self._worth[grams], gram_starts, dtype=np.float64)
        return _per_length(letters) + _per_length(lemmas) + self._bias

    def shares(self, words: Sequence[Word], column: int, minus: int | None) -> list[float]:
        """How much each word of a sentence adds to a column's score (over that of column `minus`)."""
        lemmas = [lemma_of(word) for word in words]
        places = [self._word(word.text) for word in words]
        known, pairs = self._vocabulary.lemmas, self._vocabulary.pairs
        grams = [known.get(lemma, self._nothing) for lemma in lemmas]
        grams += [pairs.get(pair, self._nothing) for pair in lemma_pairs(words)]
        of_letters = _worth_of(self._of_word, places, column, minus)
        of_grams = _worth_of(self._worth, grams, column, minus)
        # A pair belongs to both its words in halves; at the edges of the sentence there is only one.
        of_pairs = of_grams[len(words) :]
        halves = [worth / 2 for worth in of_pairs[1:-1]]
        before = [of_pairs[0], *halves]
        after = [*halves, of_pairs[-1]]
        return [sum(parts) for parts in zip(of_letters, of_grams, before, after, strict=False)]

    def _word(self, word: str) -> int:
        """Row of `_of_word` for a word; row 0 is nothing."""
        place = self._words.get(word)
        if place is None:
            place = len(self._words) + 1
            if place >= len(self._of_word):
                self._of_word = np.concatenate([self._of_word, np.zeros_like(self._of_word)])
            self._of_word[place] = self._worth[self._vocabulary.letter_columns(word)].sum(axis=0, dtype=np.float64)
            self._words[word] = place
        return place


def _worth_of(table: npt.NDArray[Any], rows: list[int], column: int, minus: int | None) -> list[float]:
    """One column (less column `minus`) of some rows of a table, divided by their length."""
    told = table.take(rows, axis=0)
    worth = told[:, column] if minus is None else told[:, column] - told[:, minus]
    found: list[float] = (worth / (np.sqrt(told[:, -1].sum()) or 1.0)).tolist()
    return found


def _per_length(sums: Doubles) -> Doubles:
    """Sums of idf x weight, each row divided by the length of its block."""
    length = np.sqrt(sums[:, -1:])
    return sums[:, :-1] / np.where(length > 0, length, 1.0)
