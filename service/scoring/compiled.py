"""The compiled templates of one speaker: the hits in a sentence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from service.scoring.dialogue import Sentence
from service.scoring.phrases import WordClasses
from service.scoring.views import SentenceViews
from service.scoring.way_index import WayIndex
from service.scoring.ways import Way, find_way, matches

#: At most this many hits of one rule in one sentence; more say nothing new.
MOST_HITS_IN_A_SENTENCE = 3


class Found(NamedTuple):
    """A template that matched in a sentence: words `first`..`end` (end exclusive) of the sentence, padding included."""

    rule: str
    template: str
    first: int
    end: int

    def overlaps(self, other: Found) -> bool:
        """True if the two share a word."""
        return self.first < other.end and other.first < self.end


@dataclass(frozen=True, slots=True)
class RuleSwitches:
    """What of a rule the matching of single sentences must know."""

    negation: bool
    question: bool


class Candidates:
    """What may have been said in a sentence: the ways of which every needed word occurs, by hits and exceptions."""

    def __init__(self, sentence: Sentence, ways: Iterable[Way], classes: WordClasses) -> None:
        self.sentence = sentence
        self.views = SentenceViews(sentence, classes)
        #: Rules of which a phrase was said here and negated.
        self.denied: set[str] = set()
        self.ways: list[Way] = []
        self._exceptions: dict[str, list[Way]] = {}
        for way in ways:
            (self._exceptions.setdefault(way.rule, []) if way.excepts else self.ways).append(way)

    def exceptions(self, rule: str) -> list[Found]:
        """The rule's exceptions that stand in the sentence."""
        return [
            Found(rule, way.template, *view.span(match.first, match.end))
            for way in self._exceptions.get(rule, ())
            for view in self.views.for_pattern(way.mentions)
            for match in find_way(way, view)
        ]


class SentenceMatcher:
    """Runs the templates of one speaker's rules over sentences."""

    def __init__(
        self,
        classes: WordClasses,
        ways: Iterable[Way],
        switches: Mapping[str, RuleSwitches],
        frequency: Mapping[str, int],
    ) -> None:
        """`ways` are those of the exceptions, too; see `WayIndex` for `frequency`."""
        self._classes = classes
        self._switches = switches
        self._index = WayIndex(ways, classes, frequency)

    def candidates(self, sentences: Sequence[Sentence]) -> list[Candidates]:
        """Those sentences in which a template or an exception may have been said."""
        possible = zip(sentences, self._index.possible(sentences), strict=True)
        return [Candidates(sentence, ways, self._classes) for sentence, ways in possible if ways]

    def find(self, candidates: Candidates) -> list[Found]:
        """Hits of all rules in this sentence: not negated, not excepted, at most a few for each rule."""
        found: dict[str, list[Found]] = defaultdict(list)
        for way in candidates.ways:
            switches = self._switches[way.rule]
            if switches.question and not candidates.sentence.may_ask:
                continue
            for view in candidates.views.for_pattern(way.mentions):
                for first, end, negator in matches(way, view, self._classes.language):
                    if negator is not None and switches.negation:
                        candidates.denied.add(way.rule)
                    else:
                        found[way.rule].append(Found(way.rule, way.template, *view.span(first, end)))
        hits: list[Found] = []
        for rule in sorted(found):
            exceptions = candidates.exceptions(rule)
            allowed = [hit for hit in found[rule] if not any(exception.overlaps(hit) for exception in exceptions)]
            hits += _leftmost(allowed)
        return hits


def _leftmost(found: list[Found]) -> list[Found]:
    """The hits that begin first, of those the shortest, none overlapping another."""
    kept: list[Found] = []
    for hit in sorted(set(found), key=lambda hit: (hit.first, hit.end, hit.template)):
        if len(kept) < MOST_HITS_IN_A_SENTENCE and (not kept or hit.first >= kept[-1].end):
            kept.append(hit)
    return kept
