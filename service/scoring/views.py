"""A sentence as patterns see it: its words, with spoken padding and without."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from service.scoring.dialogue import Sentence
from service.scoring.phrases import Document, PhraseMatcher, WordClasses


class View:
    """Some of a sentence's words. What is costly is only worked out when a pattern wants to run."""

    def __init__(self, sentence: Sentence, places: list[int], classes: WordClasses) -> None:
        """`places` are the indices of the words in the sentence."""
        self.places = places
        self.words = [sentence.words[place] for place in places]
        self._classes = classes
        self._matches: dict[PhraseMatcher, list[tuple[int, int]]] = {}

    @cached_property
    def doc(self) -> Document:
        """The words as a spaCy document."""
        return self._classes.document(self.words)

    @cached_property
    def positions(self) -> dict[str, list[int]]:
        """Index key -> where in this view the words stand that fill it."""
        positions: dict[str, list[int]] = {}
        for position, word in enumerate(self.words):
            for key in self._classes.keys(word):
                positions.setdefault(key, []).append(position)
        return positions

    def matches(self, matcher: PhraseMatcher) -> list[tuple[int, int]]:
        """Where a pattern matches; many ways to say a template share their pieces, and each is searched once."""
        found = self._matches.get(matcher)
        if found is None:
            found = self._matches[matcher] = matcher.find(self.doc)
        return found

    def span(self, first: int, end: int) -> tuple[int, int]:
        """A span of this view (end exclusive) as a span of the sentence, padding inside included."""
        return self.places[first], self.places[end - 1] + 1


class SentenceViews:
    """All views of a sentence, and the index keys of its words."""

    def __init__(self, sentence: Sentence, classes: WordClasses) -> None:
        self.sentence = sentence
        #: Rules of which a phrase was said here and negated.
        self.denied: set[str] = set()
        #: Needs that the speaker's matcher has compared with `keys`, by their numbers.
        self.met: dict[int, bool] = {}
        self._classes = classes
        word_keys = [classes.keys(word) for word in sentence.words]
        self.keys: frozenset[str] = frozenset().union(*word_keys)
        self._said_as_filler: frozenset[str] = frozenset().union(*(word_keys[place] for place in sentence.fillers))

    @cached_property
    def _plain(self) -> View:
        fillers = self.sentence.fillers
        places = [place for place in range(len(self.sentence.words)) if place not in fillers]
        return View(self.sentence, places, self._classes)

    @cached_property
    def _full(self) -> View:
        return View(self.sentence, list(range(len(self.sentence.words))), self._classes)

    def for_pattern(self, mentions: frozenset[str]) -> Iterator[View]:
        """The views to run a pattern on: without fillers, and with them if it mentions one that was said."""
        fillers = self.sentence.fillers
        if len(fillers) < len(self.sentence.words):
            yield self._plain
        if fillers and not mentions.isdisjoint(self._said_as_filler):
            yield self._full
