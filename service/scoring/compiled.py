"""The compiled rules of a pack: an index by the words that must occur, and a matcher for each way to say a template."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from service.scoring.language import Pipeline, Word
from service.scoring.negation import negator_before, negator_within
from service.scoring.phrases import PhraseMatcher, WordClasses
from service.scoring.slots import Row, Slot
from service.scoring.views import SentenceViews, View

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


class Need(NamedTuple):
    """A word that must occur: the index keys that fill it, and how many words stand between it and the need before."""

    keys: frozenset[str]
    least_between: int
    most_between: int


class Piece(NamedTuple):
    """Words of a way without a gap among them. `gap` words at most stand between it and the piece before.

    A single word needs no matcher: `keys` say which words of the index it is.
    """

    gap: int
    matcher: PhraseMatcher | None
    keys: frozenset[str] = frozenset()

    def find(self, view: View) -> list[tuple[int, int]]:
        """Where it stands in a view: (first word, end exclusive), in order."""
        if self.matcher is not None:
            return view.matches(self.matcher)
        places = sorted({place for key in self.keys & view.positions.keys() for place in view.positions[key]})
        return [(place, place + 1) for place in places]


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """One way to say a template, in pieces. `row` and the distances of its needs are unknown (None) for a raw pattern."""

    rule: str
    template: str
    row: Row | None
    needs: tuple[Need, ...]
    mentions: frozenset[str]
    pieces: tuple[Piece, ...]

    def can_match(self, view: View) -> bool:
        """True if the needed words stand in the right order and near enough; the matchers then look closely."""
        if self.row is None:
            return True
        reached: list[int] = []
        for number, need in enumerate(self.needs):
            here = [p for key in need.keys & view.positions.keys() for p in view.positions[key]]
            if number:
                least, most = need.least_between + 1, need.most_between + 1
                here = [p for p in here if any(least <= p - before <= most for before in reached)]
            if not here:
                return False
            reached = here
        return True


class Match(NamedTuple):
    """Where a way was said in a view: first word, end exclusive, and the words that fell into gaps."""

    first: int
    end: int
    gaps: tuple[range, ...] = ()


def find_way(way: Way, view: View) -> list[Match]:
    """Every place where a way was said; of those with the same edges the one with the shortest last gap.

    Pieces are searched one by one and joined: a pattern with wildcards would be matched once for every path through them.
    """
    if not way.can_match(view):
        return []
    found = [Match(first, end) for first, end in way.pieces[0].find(view)]
    for piece in way.pieces[1:]:
        if not found:
            return []
        nearest: dict[tuple[int, int], Match] = {}
        for start, end in piece.find(view):
            for before in found:
                if before.end <= start <= before.end + piece.gap:
                    key = (before.first, end)
                    if key not in nearest or before.end > nearest[key].gaps[-1].start:
                        nearest[key] = Match(before.first, end, (*before.gaps, range(before.end, start)))
        found = list(nearest.values())
    return found


def pieces_of(row: Row, classes: WordClasses) -> tuple[Piece, ...]:
    """A row cut at its gaps."""
    pieces: list[Piece] = []
    gap = 0
    slots: list[Slot] = []
    for slot in (*row, None):
        if slot is not None and slot.kind != "gap":
            slots.append(slot)
            continue
        alone = len(slots) == 1 and slots[0].required
        matcher = None if alone else classes.matcher(tuple(slots))
        pieces.append(Piece(gap, matcher, slots[0].keys if alone else frozenset()))
        gap = slot.gap if slot is not None else 0
        slots = []
    return tuple(pieces)


def needs_of(row: Row) -> tuple[Need, ...]:
    """The words that a row cannot do without."""
    needs: list[Need] = []
    least = most = 0
    for slot in row:
        if slot.required:
            needs.append(Need(slot.keys, least, most))
            least = most = 0
        else:
            least += slot.kind == "word" and not slot.optional
            most += slot.gap if slot.kind == "gap" else 1
    return tuple(needs)


class NeedNumbers:
    """Numbers for the sets of words that ways need: one lookup a word tells which needs a sentence meets."""

    def __init__(self) -> None:
        self._numbers: dict[frozenset[str], int] = {}
        self._by_key: dict[str, set[int]] = defaultdict(set)

    def of(self, keys: frozenset[str]) -> int:
        """The number of a need."""
        number = self._numbers.setdefault(keys, len(self._numbers))
        for key in keys:
            self._by_key[key].add(number)
        return number

    def met(self, keys: frozenset[str]) -> set[int]:
        """Numbers of the needs that a sentence with these keys meets."""
        return set().union(*(self._by_key[key] for key in self._by_key.keys() & keys))


class _WayIndex:
    """Finds the ways of which every needed word occurs, by the rarest of those words."""

    def __init__(self, ways: Iterable[Way], numbers: NeedNumbers, frequency: Mapping[str, int]) -> None:
        self._always: list[Way] = []
        self._by_rarest: dict[int, list[tuple[frozenset[int], Way]]] = defaultdict(list)
        for way in ways:
            if not way.needs:
                self._always.append(way)
                continue
            needed = [need.keys for need in way.needs]
            rarest = min(needed, key=lambda keys: (sum(frequency.get(key, 0) + 1 for key in keys), sorted(keys)))
            others = frozenset(numbers.of(keys) for keys in needed if keys != rarest)
            self._by_rarest[numbers.of(rarest)].append((others, way))

    def possible(self, met: set[int]) -> list[Way]:
        """The ways that can match in a sentence that meets these needs, in an order that does not depend on hashing."""
        candidates = list(self._always)
        for number in sorted(self._by_rarest.keys() & met):
            candidates += [way for others, way in self._by_rarest[number] if met.issuperset(others)]
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
        self._numbers = NeedNumbers()
        self._unless = {rule: _WayIndex(ways, self._numbers, frequency) for rule, ways in unless.items()}
        self._switches = switches
        self._index = _WayIndex(ways, self._numbers, frequency)

    def find(self, views: SentenceViews) -> list[Found]:
        """Hits of all rules in this sentence: not negated, not excepted, at most a few for each rule."""
        found: dict[str, list[Found]] = defaultdict(list)
        for way in self._index.possible(self._met(views)):
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

    def exceptions(self, rule: str, views: SentenceViews) -> list[Found]:
        """The rule's exceptions that stand in the sentence."""
        if rule not in self._unless:
            return []
        return [
            Found(rule, way.template, *view.span(match.first, match.end))
            for way in self._unless[rule].possible(self._met(views))
            for view in views.for_pattern(way.mentions)
            for match in find_way(way, view)
        ]

    def _met(self, views: SentenceViews) -> set[int]:
        if views.met is None:
            views.met = self._numbers.met(views.keys)
        return views.met


def matches(way: Way, view: View, language: Pipeline) -> Iterator[tuple[int, int, Word | None]]:
    """Every match as (first word, end exclusive, the word that negates it or None)."""
    for match in find_way(way, view):
        negator = negator_before(view.words, match.first, language)
        for gap in match.gaps:
            negator = negator or negator_within(view.words, gap, language)
        yield match.first, match.end, negator


def _leftmost(found: list[Found]) -> list[Found]:
    """The hits that begin first, of those the shortest, none overlapping another."""
    kept: list[Found] = []
    for hit in sorted(set(found), key=lambda hit: (hit.first, hit.end, hit.template)):
        if len(kept) < MOST_HITS_IN_A_SENTENCE and (not kept or hit.first >= kept[-1].end):
            kept.append(hit)
    return kept
