"""Rows of slots -> spaCy token patterns, and words -> the documents those patterns run on.

A word has several likely lemmas, a spaCy token has one. So every set of lemmas that a single word form can have at once
gets a class name of its own (`деть+дело`), documents carry the class, and patterns list the classes that contain the
lemma. Almost every word is in one class only, and comparing a lemma then costs one integer comparison.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from spacy.attrs import LEMMA, POS, TAG
from spacy.matcher import Matcher
from spacy.symbols import NUM, X
from spacy.tokens import Doc
from spacy.vocab import Vocab

from service.scoring.language import Pipeline, Word
from service.scoring.morphology import CACHED_WORDS
from service.scoring.nearletters import NearLetters
from service.scoring.slots import KEY_SIGN, NUMBER_KEY, Row, Slot

CLASS_JOINT = "+"
#: spaCy refuses patterns over an attribute that no token of a document has, so every token gets one.
NO_FUZZY_WORD = "-"
Pattern = list[dict[str, Any]]


class WordClasses:
    """What the words of a call look like to the patterns of one pack.

    `keys(word)` are the index keys a word fills; documents carry LEMMA (the word's class), TAG (its fuzzy word) and POS
    (NUM for numbers).
    """

    def __init__(
        self, language: Pipeline, rows: Iterable[Row], *, lemmas: Iterable[str] = (), exact: Iterable[str] = ()
    ) -> None:
        """Take in the words of all rows, and the lemmas and exact words of raw patterns."""
        self.language = language
        self._vocab = language.nlp.vocab
        lemmas = set(lemmas)
        self._exact = set(exact)
        fuzzy: set[str] = set()
        named = {"lemma": lemmas, "exact": self._exact, "fuzzy": fuzzy}
        for row in rows:
            for slot in row:
                named.get(slot.kind, set()).update(slot.options)
        self._lemmas = frozenset(lemmas)
        self._near = NearLetters({word: language.morphology.forms(word) for word in sorted(fuzzy)})
        self._classes_of = self._classes()
        self._names = {name for names in self._classes_of.values() for name in names}
        self._known: dict[str, tuple[frozenset[str], int, int, int]] = {}

    def _classes(self) -> Mapping[str, tuple[str, ...]]:
        """Lemma -> names of the classes that contain it, its own first."""
        morphology = self.language.morphology
        owners: dict[str, set[str]] = defaultdict(set)
        for lemma in sorted(self._lemmas):
            for form in morphology.forms(lemma):
                owners[form].add(lemma)
        shared = {form for form, lemmas in owners.items() if len(lemmas) > 1}
        names: dict[str, set[str]] = {lemma: {lemma} for lemma in self._lemmas}
        for form in shared | self._lemmas:
            together = self._lemmas.intersection(morphology.lemmas(form))
            if len(together) > 1:
                for lemma in together:
                    names[lemma].add(CLASS_JOINT.join(sorted(together)))
        return {lemma: tuple(sorted(found, key=lambda name: (name != lemma, name))) for lemma, found in names.items()}

    def keys(self, word: Word) -> frozenset[str]:
        """The index keys that this word fills."""
        return self._look_up(word)[0]

    def document(self, words: list[Word]) -> Doc:
        """The words as a document that the pack's patterns run on."""
        doc = Doc(self._vocab, words=[word.text for word in words])
        attributes = np.array([self._look_up(word)[1:] for word in words], dtype=np.uint64).reshape(-1, 3)
        doc.from_array([LEMMA, TAG, POS], attributes)  # type: ignore[arg-type]  # its stub knows no unsigned numbers
        return doc

    def _look_up(self, word: Word) -> tuple[frozenset[str], int, int, int]:
        known = self._known.get(word.text)
        if known is None:
            if len(self._known) >= CACHED_WORDS:
                self._known.clear()
            known = self._known[word.text] = self._describe(word)
        return known

    def _describe(self, word: Word) -> tuple[frozenset[str], int, int, int]:
        lemmas = [lemma for lemma in word.lemmas if lemma in self._lemmas]
        name = CLASS_JOINT.join(sorted(lemmas))
        if len(lemmas) > 1 and name not in self._names:
            lemmas = lemmas[:1]
            name = lemmas[0]
        near = self._near.nearest(word.text)
        number = word.text[0].isdigit()
        keys = set(lemmas)
        if word.text in self._exact:
            keys.add(KEY_SIGN["exact"] + word.text)
        if near is not None:
            keys.add(KEY_SIGN["fuzzy"] + near)
        if number:
            keys.add(NUMBER_KEY)
        strings = self._vocab.strings
        return (
            frozenset(keys),
            strings.add(name or word.lemmas[0]),
            strings.add(near if near is not None else NO_FUZZY_WORD),
            NUM if number else X,
        )

    def pattern(self, row: Row) -> Pattern:
        """The spaCy pattern of a row."""
        return [self._token(slot) for slot in row]

    def _token(self, slot: Slot) -> dict[str, Any]:
        if slot.kind == "gap":
            return {"OP": f"{{0,{slot.gap}}}"}
        token: dict[str, Any] = {}
        if slot.kind == "lemma":
            token["LEMMA"] = _one_or_in(self.classes_of(slot.options))
        elif slot.kind == "exact":
            token["ORTH"] = _one_or_in(slot.options)
        elif slot.kind == "fuzzy":
            token["TAG"] = _one_or_in(slot.options)
        elif slot.kind == "number":
            token["POS"] = "NUM"
        if slot.optional:
            token["OP"] = "?"
        return token

    def classes_of(self, lemmas: Iterable[str]) -> frozenset[str]:
        """Names of all classes that contain one of these lemmas."""
        return frozenset(name for lemma in lemmas for name in self._classes_of.get(lemma, (lemma,)))

    def matcher(self, pattern: Pattern) -> PhraseMatcher:
        """A matcher for this pattern alone."""
        return PhraseMatcher(self._vocab, pattern)


class PhraseMatcher:
    """A spaCy matcher over one pattern, which also tells where its gaps fell. Built when it is first needed."""

    def __init__(self, vocab: Vocab, pattern: Pattern) -> None:
        self._vocab = vocab
        self._pattern = pattern
        self._gaps = frozenset(i for i, token in enumerate(pattern) if token.keys() == {"OP"})
        self._matcher: Matcher | None = None

    def find(self, doc: Doc) -> list[tuple[int, int, list[range]]]:
        """Every match as (first token, end exclusive, the ranges of tokens that fell into gaps)."""
        if self._matcher is None:
            self._matcher = Matcher(self._vocab)
            self._matcher.add("pattern", [self._pattern])
        if not self._gaps:
            return [(first, end, []) for _, first, end in self._matcher(doc)]
        aligned: Iterable[Any] = self._matcher(doc, with_alignments=True)
        return [
            (first, end, _runs([first + i for i, slot in enumerate(alignment) if slot in self._gaps]))
            for _, first, end, alignment in aligned
        ]


def _runs(tokens: list[int]) -> list[range]:
    """Neighbouring tokens as ranges."""
    runs: list[range] = []
    for token in tokens:
        if runs and runs[-1].stop == token:
            runs[-1] = range(runs[-1].start, token + 1)
        else:
            runs.append(range(token, token + 1))
    return runs


def _one_or_in(options: Iterable[str]) -> Any:
    names = sorted(options)
    return names[0] if len(names) == 1 else {"IN": names}
