"""The compiled templates of one speaker: an index by the words that must occur, and the hits in a sentence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from service.scoring.phrases import WordClasses
from service.scoring.views import SentenceViews
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


class _Needs:
    """Numbers for the sets of words that ways need, so that the same set is compared with a sentence once."""

    def __init__(self) -> None:
        self._numbers: dict[frozenset[str], int] = {}
        self.keys: list[frozenset[str]] = []

    def of(self, keys: frozenset[str]) -> int:
        """The number of a need."""
        number = self._numbers.setdefault(keys, len(self.keys))
        if number == len(self.keys):
            self.keys.append(keys)
        return number


class _WayIndex:
    """Finds the ways of which every needed word occurs, by the rarest of those words.

    The other needs are compared only where the rarest occurs: to find out all needs that a sentence meets cost more than a
    quarter of scoring, for common words are in thousands of them.
    """

    def __init__(self, ways: Iterable[Way], needs: _Needs, frequency: Mapping[str, int]) -> None:
        self._needs = needs.keys
        self._always: list[Way] = []
        grouped: dict[int, dict[tuple[int, ...], list[Way]]] = defaultdict(lambda: defaultdict(list))
        for way in ways:
            if not way.needs:
                self._always.append(way)
                continue
            needed = [need.keys for need in way.needs]
            rarest = min(needed, key=lambda keys: (sum(frequency.get(key, 0) + 1 for key in keys), sorted(keys)))
            others = {needs.of(keys) for keys in needed if keys != rarest}
            grouped[needs.of(rarest)][tuple(sorted(others))].append(way)
        self._by_rarest = {number: tuple(found.items()) for number, found in grouped.items()}
        rarest_of: dict[str, list[int]] = defaultdict(list)
        for number in self._by_rarest:
            for key in self._needs[number]:
                rarest_of[key].append(number)
        self._rarest_of = {key: tuple(numbers) for key, numbers in rarest_of.items()}

    def possible(self, views: SentenceViews) -> list[Way]:
        """The ways that can match in the sentence, in an order that does not depend on hashing."""
        keys, met, needs = views.keys, views.met, self._needs
        rarest: set[int] = set()
        for key in keys:
            if (numbers := self._rarest_of.get(key)) is not None:
                rarest.update(numbers)
        candidates = list(self._always)
        for number in sorted(rarest):
            for others, ways in self._by_rarest[number]:
                for other in others:
                    holds = met.get(other)
                    if holds is None:
                        holds = met[other] = not needs[other].isdisjoint(keys)
                    if not holds:
                        break
                else:
                    candidates += ways
        return candidates


@dataclass(frozen=True, slots=True)
class RuleSwitches:
    """What of a rule the matching of single sentences must know."""

    negation: bool
    question: bool


class SentenceMatcher:
    """Runs the templates of one speaker's rules over sentences."""

    def __init__(
        self,
        classes: WordClasses,
        ways: Iterable[Way],
        unless: Mapping[str, Sequence[Way]],
        switches: Mapping[str, RuleSwitches],
        frequency: Mapping[str, int],
    ) -> None:
        """`frequency` tells of index keys how common they are; ways are indexed under the rarest word that they need."""
        self._classes = classes
        needs = _Needs()
        self._unless = {rule: _WayIndex(ways, needs, frequency) for rule, ways in unless.items()}
        self._switches = switches
        self._index = _WayIndex(ways, needs, frequency)

    def find(self, views: SentenceViews) -> list[Found]:
        """Hits of all rules in this sentence: not negated, not excepted, at most a few for each rule."""
        found: dict[str, list[Found]] = defaultdict(list)
        for way in self.possible(views):
            switches = self._switches[way.rule]
            if switches.question and not views.sentence.may_ask:
                continue
            for view in views.for_pattern(way.mentions):
                for first, end, negator in matches(way, view, self._classes.language):
                    if negator is not None and switches.negation:
                        views.denied.add(way.rule)
                    else:
                        found[way.rule].append(Found(way.rule, way.template, *view.span(first, end)))
        hits: list[Found] = []
        for rule in sorted(found):
            exceptions = self.exceptions(rule, views) if found[rule] else []
            allowed = [hit for hit in found[rule] if not any(exception.overlaps(hit) for exception in exceptions)]
            hits += _leftmost(allowed)
        return hits

    def possible(self, views: SentenceViews) -> list[Way]:
        """The ways of which every needed word occurs in the sentence."""
        return self._index.possible(views)

    def exceptions(self, rule: str, views: SentenceViews) -> list[Found]:
        """The rule's exceptions that stand in the sentence."""
        if rule not in self._unless:
            return []
        return [
            Found(rule, way.template, *view.span(match.first, match.end))
            for way in self._unless[rule].possible(views)
            for view in views.for_pattern(way.mentions)
            for match in find_way(way, view)
        ]


def _leftmost(found: list[Found]) -> list[Found]:
    """The hits that begin first, of those the shortest, none overlapping another."""
    kept: list[Found] = []
    for hit in sorted(set(found), key=lambda hit: (hit.first, hit.end, hit.template)):
        if len(kept) < MOST_HITS_IN_A_SENTENCE and (not kept or hit.first >= kept[-1].end):
            kept.append(hit)
    return kept
