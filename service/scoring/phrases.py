"""Words -> the index keys that they fill, and the documents that raw token patterns run on.

A word has several likely lemmas, a spaCy token has one. So every set of lemmas that a word form has at once gets a class
name of its own (`дать+дама`), documents carry the class, and patterns list the classes that contain the lemma. Almost
every lemma is in one class only, and comparing it then costs one integer comparison. Classes are met in the texts; a
pattern is built when it is first needed and anew when a class joins one of its lemmas.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from spacy.attrs import LEMMA, POS
from spacy.matcher import Matcher
from spacy.symbols import NUM, X
from spacy.tokens import Doc
from spacy.vocab import Vocab

from service.scoring.language import Pipeline, Word
from service.scoring.morphology import CACHED_WORDS
from service.scoring.nearletters import NearLetters
from service.scoring.slots import KEY_SIGN, NUMBER_KEY, Row

CLASS_JOINT = "+"
Pattern = list[dict[str, Any]]
#: What patterns run on; named here so that no other module needs spaCy.
Document = Doc


class WordClasses:
    """What the words of a call look like to the patterns of one pack.

    `keys(word)` are the index keys a word fills; documents carry LEMMA (the word's class) and POS (NUM for numbers).
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
        self._classes: dict[str, set[str]] = {}
        self._users: dict[str, list[PhraseMatcher]] = defaultdict(list)
        self._known: dict[str, tuple[frozenset[str], int, int]] = {}

    def keys(self, word: Word) -> frozenset[str]:
        """The index keys that this word fills."""
        return self._look_up(word)[0]

    def document(self, words: list[Word]) -> Doc:
        """The words as a document that the pack's patterns run on."""
        doc = Doc(self._vocab, words=[word.text for word in words])
        attributes = np.array([self._look_up(word)[1:] for word in words], dtype=np.uint64).reshape(-1, 2)
        doc.from_array([LEMMA, POS], attributes)  # type: ignore[arg-type]  # its stub knows no unsigned numbers
        return doc

    def _look_up(self, word: Word) -> tuple[frozenset[str], int, int]:
        known = self._known.get(word.text)
        if known is None:
            if len(self._known) >= CACHED_WORDS:
                self._known.clear()
            known = self._known[word.text] = self._describe(word)
        return known

    def _describe(self, word: Word) -> tuple[frozenset[str], int, int]:
        lemmas = [lemma for lemma in word.lemmas if lemma in self._lemmas]
        name = CLASS_JOINT.join(sorted(lemmas))
        if len(lemmas) > 1:
            self._join(name, lemmas)
        near = self._near.nearest(word.text)
        number = word.text[0].isdigit()
        keys = set(lemmas)
        if word.text in self._exact:
            keys.add(KEY_SIGN["exact"] + word.text)
        if near is not None:
            keys.add(KEY_SIGN["fuzzy"] + near)
        if number:
            keys.add(NUMBER_KEY)
        return (
            frozenset(keys),
            self._vocab.strings.add(name or word.lemmas[0]),
            NUM if number else X,
        )

    def _join(self, name: str, lemmas: Iterable[str]) -> None:
        """Take in a class of several lemmas; patterns with one of them are built anew."""
        for lemma in lemmas:
            known = self._classes.setdefault(lemma, {lemma})
            if name not in known:
                known.add(name)
                for matcher in self._users[lemma]:
                    matcher.forget()

    def classes_of(self, lemmas: Iterable[str]) -> frozenset[str]:
        """Names of all classes that contain one of these lemmas."""
        return frozenset(name for lemma in lemmas for name in self._classes.get(lemma, (lemma,)))

    def raw_matcher(self, tokens: Sequence[dict[str, Any]], lemmas: Iterable[str]) -> PhraseMatcher:
        """A matcher for a raw pattern, its lemmas replaced by their classes."""
        return self._entered(PhraseMatcher(self._vocab, lambda: [self._raw_token(token) for token in tokens]), lemmas)

    def _raw_token(self, token: dict[str, Any]) -> dict[str, Any]:
        options = word_options(token.get("LEMMA"))
        return {**token, "LEMMA": _one_or_in(self.classes_of(options))} if options else token

    def _entered(self, matcher: PhraseMatcher, lemmas: Iterable[str]) -> PhraseMatcher:
        for lemma in lemmas:
            self._users[lemma].append(matcher)
        return matcher


def word_options(value: object) -> list[str]:
    """The words that a condition of a raw pattern names."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping) and isinstance(value.get("IN"), list):
        return [str(option) for option in value["IN"]]
    return []


def pattern_fault(tokens: Sequence[dict[str, Any]]) -> str | None:
    """What spaCy has against a raw pattern, by building and running it once; None if it works.

    It finds some faults only when the pattern is built, others when it runs: here, and not at a call's score.
    """
    vocab = Vocab()
    words = ["a", "5"]
    doc = Doc(vocab, words=words, lemmas=words, pos=["X", "NUM"])
    try:
        matcher = Matcher(vocab, validate=True)
        matcher.add("pattern", [list(tokens)])
        matcher(doc)
    except re.error as error:
        return f"REGEX: {error}"
    except (ValueError, TypeError, OverflowError, KeyError) as error:
        lines = [line.strip(" -") for line in str(error).splitlines() if line.strip().startswith("- [")]
        return lines[0] if lines else str(error).splitlines()[0]
    return None


class PhraseMatcher:
    """A spaCy matcher over one pattern. Built when it is first needed."""

    def __init__(self, vocab: Vocab, pattern: Callable[[], Pattern]) -> None:
        self._vocab = vocab
        self._pattern = pattern
        self._built: Matcher | None = None

    def forget(self) -> None:
        """Build the pattern anew before the next search."""
        self._built = None

    def find(self, doc: Doc) -> list[tuple[int, int]]:
        """Every match as (first token, end exclusive), each once, in order."""
        return sorted({(first, end) for _, first, end in (self._built or self._build())(doc)})

    def _build(self) -> Matcher:
        matcher = Matcher(self._vocab)
        matcher.add("pattern", [self._pattern()])
        self._built = matcher
        return matcher


def _one_or_in(options: Iterable[str]) -> Any:
    names = sorted(options)
    return names[0] if len(names) == 1 else {"IN": names}
