"""Scores of whole calls by a linear model, fast: what a word adds is worked out once and remembered."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, repeat
from threading import Lock
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from service.scoring.language import Word
from service.scoring.ngrams import CLOSING, MOST_WORDS, OPENING, QUESTION, Floats, Rows, Vocabulary, lemma_of

_FIRST_TABLE = 1_024
#: What stands around a sentence; no word is spelled like them.
_EDGES = (OPENING, CLOSING, QUESTION)
Doubles = npt.NDArray[np.float64]


class _Read(NamedTuple):
    """Sentences in a row, each between its edges: places of words, columns of their lemmas and of the pair that each begins.

    `starts` tells where each sentence's opening edge stands.
    """

    words: npt.NDArray[np.intp]
    lemmas: npt.NDArray[np.intp]
    pairs: list[int]
    starts: list[int]


class LinearScores:
    """The weights of a model (n-grams x columns) applied to sentences.

    `_worth` holds, for each n-gram, idf x weight for every column and idf^2 last; one more row of zeros stands for nothing.
    A word has a place: there stand the sum of its letters' n-grams (`_letters`), its lemma and that lemma's row of `_worth`.
    """

    def __init__(self, vocabulary: Vocabulary, weights: Floats, bias: Floats) -> None:
        self._vocabulary = vocabulary
        self._bias = bias.astype(np.float64)
        idf = vocabulary.idf[:, None]
        worth = np.concatenate([weights * idf, idf * idf], axis=1)
        self._worth = np.concatenate([worth, np.zeros((1, worth.shape[1]), dtype=np.float32)])
        self._nothing = len(vocabulary)
        #: Held while words get places and their rows are read: calls are scored in several threads at a time.
        self._lock = Lock()
        self._letters: Doubles = np.zeros((_FIRST_TABLE, worth.shape[1]))
        self._lemma_columns = np.full(_FIRST_TABLE, self._nothing, dtype=np.intp)
        self._forget()

    def of(self, rows: Rows) -> Doubles:
        """Scores of sentences: rows x columns."""
        with self._lock:
            read = self._read(rows)
            letters = np.add.reduceat(self._letters[read.words], read.starts)
        lemmas = np.add.reduceat(self._worth[read.lemmas], read.starts, dtype=np.float64)
        pairs = np.add.reduceat(self._worth[read.pairs], read.starts, dtype=np.float64)
        return _per_length(letters) + _per_length(lemmas + pairs) + self._bias

    def shares(self, words: Sequence[Word], column: int, minus: int | None) -> list[float]:
        """How much each word of a sentence adds to a column's score (over that of column `minus`)."""
        with self._lock:
            read = self._read([words])
            letters = self._letters[read.words]
        of_letters = _worth_of(letters, column, minus)
        # Those of the lemmas, then those of the pairs, with an edge before and behind the words.
        of_lemmas = _worth_of(self._worth[[*read.lemmas.tolist(), *read.pairs]], column, minus)
        of_pairs = of_lemmas[len(words) + 2 :]
        # A pair belongs to both its words in halves; at the edges of the sentence there is only one.
        halves = [of_pairs[0], *(worth / 2 for worth in of_pairs[1 : len(words)]), of_pairs[len(words)]]
        places = range(1, len(words) + 1)
        return [of_letters[place] + of_lemmas[place] + halves[place - 1] + halves[place] for place in places]

    def _read(self, rows: Rows) -> _Read:
        if len(self._places) + sum(len(row) for row in rows) >= MOST_WORDS:
            self._forget()
        starts: list[int] = []
        texts: list[str] = []
        for row in rows:
            starts.append(len(texts))
            texts.append(OPENING)
            texts += [word.text for word in row]
            texts.append(QUESTION if row and row[-1].asks else CLOSING)
        if not self._places.keys() >= set(texts):
            self._learn(rows)
        places = [self._places[text] for text in texts]
        lemmas = [self._lemmas[place] for place in places]
        pairs = [*map(self._vocabulary.pairs.get, pairwise(lemmas), repeat(self._nothing)), self._nothing]
        words = np.array(places, dtype=np.intp)
        return _Read(words, self._lemma_columns[words], pairs, starts)

    def _learn(self, rows: Rows) -> None:
        """Give every new word a place."""
        for word in (word for row in rows for word in row if word.text not in self._places):
            place = self._places[word.text] = len(self._lemmas)
            if place >= len(self._letters):
                self._letters = np.concatenate([self._letters, np.zeros_like(self._letters)])
                self._lemma_columns = np.resize(self._lemma_columns, len(self._letters))
            lemma = lemma_of(word)
            self._lemmas.append(lemma)
            self._lemma_columns[place] = self._vocabulary.lemmas.get(lemma, self._nothing)
            grams = self._vocabulary.letter_columns(word.text)
            self._letters[place] = self._worth[grams].sum(axis=0, dtype=np.float64)

    def _forget(self) -> None:
        """Know no word, only edges: the first places, where every sum is nothing."""
        self._places = {edge: place for place, edge in enumerate(_EDGES)}
        self._lemmas = list(_EDGES)


def _worth_of(told: npt.NDArray[np.floating], column: int, minus: int | None) -> list[float]:
    """One column (less column `minus`) of some n-grams, divided by their length."""
    length = sum(told[:, -1].tolist()) ** 0.5 or 1.0
    worth = told[:, column] if minus is None else told[:, column] - told[:, minus]
    found: list[float] = (worth / length).tolist()
    return found


def _per_length(sums: Doubles) -> Doubles:
    """Sums of idf x weight, each row divided by the length of its block."""
    length = np.sqrt(sums[:, -1:])
    return sums[:, :-1] / np.where(length > 0, length, 1.0)
