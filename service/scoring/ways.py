"""One way to say a template: pieces of words, gaps between them, and where a sentence says it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from service.scoring.language import Pipeline, Word
from service.scoring.negation import negator_before, negator_within
from service.scoring.phrases import PhraseMatcher
from service.scoring.slots import Row, Slot
from service.scoring.views import View


class Need(NamedTuple):
    """A word that must occur: the index keys that fill it, and how far it may stand behind the need before (1: the next word)."""

    keys: frozenset[str]
    distances: range


class Piece(NamedTuple):
    """Words of a way without a gap among them. `gap` words at most stand between it and the piece before.

    `words` are the index keys of each (None for any word at all) and whether it may be left out; a raw pattern has a matcher.
    """

    gap: int
    matcher: PhraseMatcher | None
    words: tuple[tuple[frozenset[str] | None, bool], ...] = ()

    def find(self, view: View) -> list[tuple[int, int]]:
        """Where it stands in a view: (first word, end exclusive), in order."""
        if self.matcher is not None:
            return view.matches(self.matcher)
        said = [(view.everywhere if keys is None else view.where(keys), optional) for keys, optional in self.words]
        starts = view.everywhere << 1 | 1
        for positions, optional in reversed(said):
            starts = (positions & (starts >> 1)) | (starts if optional else 0)
        return [(start, end) for start in _bits(starts) for end in _ends(start, said)]


def _ends(start: int, said: Sequence[tuple[int, bool]]) -> Iterator[int]:
    """Where words that begin at `start` can end (exclusive)."""
    ends = 1 << start
    for positions, optional in said:
        ends = ((ends & positions) << 1) | (ends if optional else 0)
    return (end for end in _bits(ends) if end > start)


def _bits(number: int) -> Iterator[int]:
    return (place for place in range(number.bit_length()) if number >> place & 1)


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """One way to say a template, in pieces. `row` is unknown (None) for a raw pattern, and then the distances of its needs are.

    `excepts`: what it finds is an exception of the rule, no hit.
    """

    rule: str
    template: str
    row: Row | None
    needs: tuple[Need, ...]
    mentions: frozenset[str]
    pieces: tuple[Piece, ...]
    excepts: bool = False

    def can_match(self, view: View) -> bool:
        """True if the needed words stand in the right order and near enough; the pieces then look closely."""
        if self.row is None:
            return True
        reached = view.where(self.needs[0].keys)
        for need in self.needs[1:]:
            near = 0
            for distance in need.distances:
                near |= reached << distance
            reached = near & view.where(need.keys)
            if not reached:
                return False
        return reached != 0


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


def pieces_of(row: Row) -> tuple[Piece, ...]:
    """A row cut at its gaps."""
    pieces: list[Piece] = []
    gap = 0
    slots: list[Slot] = []
    for slot in (*row, None):
        if slot is not None and slot.kind != "gap":
            slots.append(slot)
            continue
        words = tuple((None if part.kind == "word" else part.keys, part.optional) for part in slots)
        pieces.append(Piece(gap, None, words))
        gap = slot.gap if slot is not None else 0
        slots = []
    return tuple(pieces)


def needs_of(row: Row) -> tuple[Need, ...]:
    """The words that a row cannot do without."""
    needs: list[Need] = []
    least = most = 1
    for slot in row:
        if slot.required:
            needs.append(Need(slot.keys, range(least, most + 1)))
            least = most = 1
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
