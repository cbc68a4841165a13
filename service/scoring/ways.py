"""One way to say a template: pieces of words, gaps between them, and where a sentence says it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from service.scoring.language import Pipeline, Word
from service.scoring.negation import negator_before, negator_within
from service.scoring.phrases import PhraseMatcher, WordClasses
from service.scoring.slots import Row, Slot
from service.scoring.views import View


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
        places = sorted({place for key in self.keys.intersection(view.positions) for place in view.positions[key]})
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
        positions = view.positions
        for number, need in enumerate(self.needs):
            # A list of names has hundreds of keys, a sentence a dozen: go through those of the sentence.
            here = [p for key in need.keys.intersection(positions) for p in positions[key]]
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


def matches(way: Way, view: View, language: Pipeline) -> Iterator[tuple[int, int, Word | None]]:
    """Every match as (first word, end exclusive, the word that negates it or None)."""
    for match in find_way(way, view):
        negator = negator_before(view.words, match.first, language)
        for gap in match.gaps:
            negator = negator or negator_within(view.words, gap, language)
        yield match.first, match.end, negator
