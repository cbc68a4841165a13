"""A sentence as patterns see it: its words, with spoken padding and without."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from service.scoring.dialogue import Sentence
from service.scoring.phrases import Document, PhraseMatcher, WordClasses


class View:
    """Some of a sentence's words. What is costly is only worked out when a pattern wants to run."""

    def __init__(
        self, sentence: Sentence, places: Sequence[int], keys: Sequence[frozenset[str]], classes: WordClasses
    ) -> None:
        """`places` are the indices of the words in the sentence, `keys` the index keys of all words of the sentence."""
        self.places = places
        self.words = [sentence.words[place] for place in places]
        #: All words of this view as bits, see `where`.
        self.everywhere = (1 << len(places)) - 1
        self._keys = [keys[place] for place in places]
        self._classes = classes
        self._where: dict[frozenset[str], int] = {}

    @cached_property
    def doc(self) -> Document:
        """The words as a spaCy document, for raw patterns."""
        return self._classes.document(self.words)

    def where(self, keys: frozenset[str]) -> int:
        """Where words stand that fill one of these index keys: bit 0 is the first word of this view."""
        found = self._where.get(keys)
        if found is None:
            found = 0
            for position, own in enumerate(self._keys):
                if not own.isdisjoint(keys):
                    found |= 1 << position
            self._where[keys] = found
        return found

    def matches(self, matcher: PhraseMatcher) -> list[tuple[int, int]]:
        """Where a raw pattern matches."""
        return matcher.find(self.doc)

    def span(self, first: int, end: int) -> tuple[int, int]:
        """A span of this view (end exclusive) as a span of the sentence, padding inside included."""
        return self.places[first], self.places[end - 1] + 1


class SentenceViews:
    """All views of a sentence."""

    def __init__(self, sentence: Sentence, classes: WordClasses) -> None:
        self.sentence = sentence
        self._classes = classes
        self._keys = [classes.keys(word) for word in sentence.words]
        fillers = sentence.fillers
        self._said_as_filler: frozenset[str] = frozenset().union(*(self._keys[place] for place in fillers))
        self._plain = self._view([place for place in range(len(sentence.words)) if place not in fillers])

    @cached_property
    def _full(self) -> View:
        return self._view(range(len(self.sentence.words)))

    def _view(self, places: Sequence[int]) -> View:
        return View(self.sentence, places, self._keys, self._classes)

    def for_pattern(self, mentions: frozenset[str]) -> Iterator[View]:
        """The views to run a pattern on: without fillers, and with them if it mentions one that was said."""
        if self._plain.words:
            yield self._plain
        if self.sentence.fillers and not mentions.isdisjoint(self._said_as_filler):
            yield self._full
