"""Sentences -> sparse rows of character and word n-grams, weighted by TF-IDF; what the example models see.

Two blocks, each of length 1 by itself: character n-grams within words (2 to 5 letters, word edges included), and lemmas one
by one and in pairs. TF is sublinear (1 + ln tf), IDF smoothed: Manning, Raghavan, Schütze, "Introduction to Information
Retrieval" (2008), 6.2 and 6.4.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

from service.scoring.language import Word
from service.scoring.morphology import CACHED_WORDS

SHORTEST_NGRAM = 2
LONGEST_NGRAM = 5
#: Stand before the first and after the last word of a sentence in pairs of lemmas.
OPENING, CLOSING = "<", ">"
QUESTION = "?"
NUMBER = "0"
Floats = npt.NDArray[np.float32]
Rows = Sequence[Sequence[Word]]
#: A scipy CSR matrix of float32; its stubs are too narrow for arithmetic.
Matrix = Any


def letters(word: str) -> list[str]:
    """Character n-grams of one word, its edges marked by spaces; any number is the same word."""
    padded = f" {NUMBER if word[0].isdigit() else word} "
    grams: list[str] = []
    for length in range(SHORTEST_NGRAM, LONGEST_NGRAM + 1):
        grams += [padded[start : start + length] for start in range(max(len(padded) - length, 0) + 1)]
        if len(padded) <= length:
            break
    return grams


def lemma_grams(words: Sequence[Word]) -> list[str]:
    """Lemmas and pairs of lemmas, marked as such so that they are no character n-grams."""
    lemmas = [_lemma(word) for word in words]
    ring = [OPENING, *lemmas, QUESTION if words and words[-1].asks else CLOSING]
    return [f"={lemma}" for lemma in lemmas] + [f"={a} {b}" for a, b in pairwise(ring)]


def _lemma(word: Word) -> str:
    return NUMBER if word.text[0].isdigit() else word.lemmas[0]


class Vocabulary:
    """The n-grams that a model knows, and their weights. Columns of characters come before those of lemmas."""

    def __init__(self, grams: Sequence[str], idf: Floats) -> None:
        self.grams = tuple(grams)
        self.idf = idf
        self._columns = {gram: column for column, gram in enumerate(self.grams)}
        self._first_lemma = next((i for i, gram in enumerate(self.grams) if gram.startswith("=")), len(self.grams))
        self._letters: dict[str, npt.NDArray[np.int32]] = {}

    @classmethod
    def of(cls, rows: Rows) -> Vocabulary:
        """Every n-gram of these sentences."""
        counts: dict[str, int] = {}
        for words in rows:
            for gram in {*(gram for word in words for gram in letters(word.text)), *lemma_grams(words)}:
                counts[gram] = counts.get(gram, 0) + 1
        grams = sorted(counts, key=lambda gram: (gram.startswith("="), gram))
        frequency = np.array([counts[gram] for gram in grams], dtype=np.float64)
        idf = np.log((1 + len(rows)) / (1 + frequency)) + 1
        return cls(grams, idf.astype(np.float32))

    def __len__(self) -> int:
        return len(self.grams)

    def matrix(self, rows: Rows) -> Matrix:
        """One weighted row for each sentence; unknown n-grams are left out."""
        parts = [self._row(words) for words in rows]
        starts = np.zeros(len(parts) + 1, dtype=np.int32)
        np.cumsum([len(part) for part in parts], out=starts[1:])
        columns = np.concatenate(parts) if parts else np.zeros(0, dtype=np.int32)
        ones = np.ones(len(columns), dtype=np.float32)
        found: Any = sparse.csr_matrix((ones, columns, starts), shape=(len(parts), len(self)))
        found.sum_duplicates()
        found.data = (1 + np.log(found.data)) * self.idf[found.indices]
        return self._to_length_1(found)

    def without_unseen(self, matrix: Matrix, training: Matrix) -> Matrix:
        """The rows as they would be had the vocabulary been made from the training rows alone."""
        seen = np.zeros(len(self), dtype=bool)
        seen[training.indices] = True
        kept: Any = matrix.copy()
        kept.data[~seen[kept.indices]] = 0
        kept.eliminate_zeros()
        return self._to_length_1(kept)

    def _to_length_1(self, matrix: Matrix) -> Matrix:
        """Each row's two blocks brought to length 1, in place."""
        of_row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
        block = 2 * of_row + (matrix.indices >= self._first_lemma)
        length = np.sqrt(np.bincount(block, weights=matrix.data.astype(np.float64) ** 2, minlength=2 * matrix.shape[0]))
        matrix.data = (matrix.data / length[block]).astype(np.float32) if len(matrix.data) else matrix.data
        return matrix

    def _row(self, words: Sequence[Word]) -> npt.NDArray[np.int32]:
        known = [column for gram in lemma_grams(words) if (column := self._columns.get(gram)) is not None]
        return np.concatenate([*(self._letter_columns(word.text) for word in words), np.array(known, dtype=np.int32)])

    def _letter_columns(self, word: str) -> npt.NDArray[np.int32]:
        columns = self._letters.get(word)
        if columns is None:
            if len(self._letters) >= CACHED_WORDS:
                self._letters.clear()
            found = (self._columns.get(gram) for gram in letters(word))
            columns = self._letters[word] = np.array([c for c in found if c is not None], dtype=np.int32)
        return columns

    def by_word(self, words: Sequence[Word], row: SparseRow, weights: Floats) -> list[float]:
        """How much each word of a sentence adds to a score, given the sentence's row and one weight for each column.

        An n-gram that occurs several times is shared out evenly, a pair of lemmas in halves.
        """
        worth = dict(zip(row.columns.tolist(), (row.values * weights[row.columns]).tolist(), strict=True))
        parts: list[tuple[int, int, float]] = []
        for index, word in enumerate(words):
            parts += [(index, column, 1.0) for column in self._letter_columns(word.text).tolist()]
            for gram, part in _grams_at(words, index, word):
                column = self._columns.get(gram)
                if column is not None:
                    parts.append((index, column, part))
        total: dict[int, float] = {}
        for _, column, part in parts:
            total[column] = total.get(column, 0.0) + part
        shares = [0.0] * len(words)
        for index, column, part in parts:
            shares[index] += part * worth[column] / total[column]
        return shares


class SparseRow(NamedTuple):
    """One row of a matrix: its columns and their values."""

    columns: npt.NDArray[np.int32]
    values: Floats


def row_of(matrix: Matrix, index: int) -> SparseRow:
    """One row of a matrix."""
    span = slice(matrix.indptr[index], matrix.indptr[index + 1])
    return SparseRow(matrix.indices[span], matrix.data[span])


def closeness(examples: Matrix, row: SparseRow) -> npt.NDArray[np.float32]:
    """How close a row is to each row of a matrix: scalar products."""
    dense = np.zeros(examples.shape[1], dtype=np.float32)
    dense[row.columns] = row.values
    product: npt.NDArray[np.float32] = examples @ dense
    return product


def _grams_at(words: Sequence[Word], index: int, word: Word) -> Iterator[tuple[str, float]]:
    """The lemma n-grams that a word takes part in, and its share in each."""
    lemma = _lemma(word)
    before = _lemma(words[index - 1]) if index else OPENING
    last = index == len(words) - 1
    after = (QUESTION if word.asks else CLOSING) if last else _lemma(words[index + 1])
    yield f"={lemma}", 1.0
    yield f"={before} {lemma}", 0.5 if index else 1.0
    yield f"={lemma} {after}", 1.0 if last else 0.5
