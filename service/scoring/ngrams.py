"""Sentences -> sparse rows of character and word n-grams, weighted by TF-IDF; what the example models learn from.

Two blocks, each weighed by itself: character n-grams within words (2 to 5 letters, word edges included), and lemmas one by
one and in pairs. An n-gram weighs tf x idf / length with smoothed idf (Manning, Raghavan, Schütze, "Introduction to
Information Retrieval", 2008, 6.2-6.4) and length = sqrt(sum of tf x idf^2) over the block: repeated n-grams count as so
many different ones. On the stock examples that is as good as Euclidean length, and what a word adds no longer depends on the
words around it, so that it can be remembered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from service.scoring.language import Word

SHORTEST_NGRAM = 2
LONGEST_NGRAM = 5
#: Stand before the first and after the last word of a sentence in pairs of lemmas.
OPENING, CLOSING = "<", ">"
QUESTION = "?"
NUMBER = "0"
#: Words remembered with their n-grams.
MOST_WORDS = 30_000
Floats = npt.NDArray[np.float32]
Rows = Sequence[Sequence[Word]]
#: A scipy CSR matrix of float32; its stubs are too narrow for arithmetic.
Matrix = Any


def letter_grams(word: str) -> list[str]:
    """Character n-grams of one word, its edges marked by spaces; any number is the same word."""
    padded = f" {NUMBER if word[0].isdigit() else word} "
    grams: list[str] = []
    for length in range(SHORTEST_NGRAM, LONGEST_NGRAM + 1):
        grams += [padded[start : start + length] for start in range(max(len(padded) - length, 0) + 1)]
        if len(padded) <= length:
            break
    return grams


def lemma_of(word: Word) -> str:
    """The likeliest lemma; any number is the same word."""
    return NUMBER if word.text[0].isdigit() else word.lemmas[0]


def lemma_pairs(words: Sequence[Word]) -> Iterator[tuple[str, str]]:
    """Neighbouring lemmas, with marks for the edges of the sentence; the closing one tells whether it asks."""
    return _pairs([lemma_of(word) for word in words], words)


def _pairs(lemmas: Sequence[str], words: Sequence[Word]) -> Iterator[tuple[str, str]]:
    closing = QUESTION if words and words[-1].asks else CLOSING
    return pairwise([OPENING, *lemmas, closing])


class Vocabulary:
    """The n-grams that a model knows, and their idf.

    `grams` are character n-grams, then lemmas as `=lemma`, then pairs as `=lemma lemma`.
    """

    def __init__(self, grams: Sequence[str], idf: Floats) -> None:
        self.grams = tuple(grams)
        self.idf = idf
        self.letters: dict[str, int] = {}
        self.lemmas: dict[str, int] = {}
        self.pairs: dict[tuple[str, str], int] = {}
        self._known: dict[str, list[int]] = {}
        for column, gram in enumerate(self.grams):
            if not gram.startswith("="):
                self.letters[gram] = column
            elif " " in gram:
                first, _, second = gram[1:].partition(" ")
                self.pairs[first, second] = column
            else:
                self.lemmas[gram[1:]] = column

    @classmethod
    def of(cls, rows: Rows) -> Vocabulary:
        """Every n-gram of these sentences."""
        counts: dict[str, int] = {}
        for words in rows:
            seen = {gram for word in words for gram in letter_grams(word.text)}
            seen.update(f"={lemma_of(word)}" for word in words)
            seen.update(f"={first} {second}" for first, second in lemma_pairs(words))
            for gram in seen:
                counts[gram] = counts.get(gram, 0) + 1
        grams = sorted(counts, key=lambda gram: (gram.startswith("="), " " in gram, gram))
        frequency = np.array([counts[gram] for gram in grams], dtype=np.float64)
        idf = np.log((1 + len(rows)) / (1 + frequency)) + 1
        return cls(grams, idf.astype(np.float32))

    def __len__(self) -> int:
        return len(self.grams)

    def rarity(self, lemmas: Iterable[str]) -> float:
        """How rare the commonest of some lemmas is, 0..1; 1 is what no sentence says."""
        least = min((float(self.idf[self.lemmas[lemma]]) for lemma in lemmas if lemma in self.lemmas), default=None)
        return 1.0 if least is None else least / float(self.idf.max())

    def letter_columns(self, word: str) -> list[int]:
        """Columns of a word's known character n-grams, repeated ones repeated."""
        columns = self._known.get(word)
        if columns is None:
            if len(self._known) >= MOST_WORDS:
                self._known.clear()
            columns = [column for gram in letter_grams(word) if (column := self.letters.get(gram)) is not None]
            self._known[word] = columns
        return columns

    def lemma_columns(self, words: Sequence[Word]) -> list[int]:
        """Columns of a sentence's known lemmas and pairs, repeated ones repeated."""
        lemmas = [lemma_of(word) for word in words]
        columns = (*map(self.lemmas.get, lemmas), *map(self.pairs.get, _pairs(lemmas, words)))
        return [column for column in columns if column is not None]

    def matrix(self, rows: Rows) -> Matrix:
        """One weighted row for each sentence; unknown n-grams are left out."""
        columns: list[int] = []
        starts = [0]
        for words in rows:
            for word in words:
                columns += self.letter_columns(word.text)
            columns += self.lemma_columns(words)
            starts.append(len(columns))
        ones = np.ones(len(columns), dtype=np.float32)
        found: Any = sparse.csr_matrix((ones, np.array(columns, dtype=np.int32), starts), shape=(len(rows), len(self)))
        found.sum_duplicates()
        worth = found.data * self.idf[found.indices]
        block, blocks = self._blocks(found)
        length = np.sqrt(np.bincount(block, weights=worth * self.idf[found.indices], minlength=blocks))
        found.data = (worth / length[block]).astype(np.float32) if len(worth) else found.data
        return found

    def without_unseen(self, matrix: Matrix, training: Matrix) -> Matrix:
        """The rows as they would be if the vocabulary knew only the n-grams of the training rows."""
        seen = np.zeros(len(self), dtype=bool)
        seen[training.indices] = True
        kept: Any = matrix.copy()
        block, blocks = self._blocks(kept)
        squares = kept.data * self.idf[kept.indices]
        before = np.bincount(block, weights=squares, minlength=blocks)
        after = np.bincount(block, weights=np.where(seen[kept.indices], squares, 0), minlength=blocks)
        scale = np.sqrt(before / np.maximum(after, np.finfo(np.float32).tiny))
        kept.data = np.where(seen[kept.indices], kept.data * scale[block], 0).astype(np.float32)
        kept.eliminate_zeros()
        return kept

    def _blocks(self, matrix: Matrix) -> tuple[npt.NDArray[np.int64], int]:
        """For each stored value the number of its block (two a row), and how many blocks there are."""
        of_row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
        return 2 * of_row + (matrix.indices >= len(self.letters)), 2 * matrix.shape[0]
