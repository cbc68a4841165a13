"""Template tree -> flat rows of slots: every way in which the template can be said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Literal

from service.scoring.language import Pipeline, Word
from service.scoring.lexemes import TemplateError
from service.scoring.morphology import fold
from service.scoring.templates import Choice, Fuzzy, Gap, Item, ListName, Sequence, Words

#: A template that can be said in more ways than this is an error: it would cost time at every call.
MOST_ROWS = 500
#: Optional words in one way to say a template; more could be left out in too many ways.
MOST_OPTIONAL = 8
#: Lists that every pack has: any number, and exactly one word whatever it is.
BUILT_IN_LISTS = ("number", "word")

SlotKind = Literal["lemma", "exact", "fuzzy", "number", "word", "gap"]


@dataclass(frozen=True, slots=True)
class Slot:
    """One position of a row. `options`: lemmas, exact words or fuzzy words, any of which fills it. `gap` counts words."""

    kind: SlotKind
    options: frozenset[str] = frozenset()
    optional: bool = False
    gap: int = 0

    @property
    def required(self) -> bool:
        """True if some particular word must stand here."""
        return not self.optional and self.kind not in {"gap", "word"}

    @property
    def keys(self) -> frozenset[str]:
        """The index keys of the words that fill this slot."""
        if self.kind == "number":
            return frozenset({NUMBER_KEY})
        return frozenset(KEY_SIGN[self.kind] + option for option in self.options)


Row = tuple[Slot, ...]
NUMBER_KEY = "#"
#: First character of an index key, by the kind of slot; lemmas need none.
KEY_SIGN: Mapping[SlotKind, str] = {"lemma": "", "exact": "=", "fuzzy": "~"}


class Expander:
    """Expands templates of one language against its shared lists."""

    def __init__(self, pipeline: Pipeline, lists: Mapping[str, tuple[Sequence, ...]]) -> None:
        self._pipeline = pipeline
        self._lists = lists
        self._expanding: list[str] = []

    def rows(self, tree: Sequence) -> tuple[Row, ...]:
        """All rows of a template, without doubles.

        Raises:
            TemplateError: it matches the empty string or nothing, has too many rows, or names an unknown list.
        """
        rows = tuple(dict.fromkeys(part for row in self._sequence(tree) for part in _without_loose_gaps(row)))
        if not rows or not all(any(slot.required for slot in row) for row in rows):
            raise TemplateError(
                "the template matches the empty string; at least one word must be required", tree.column
            )
        return rows

    def _sequence(self, sequence: Sequence) -> list[Row]:
        rows: list[Row] = [()]
        for item in sequence.items:
            ways = self._item(item)
            if len(rows) * len(ways) > MOST_ROWS:
                raise TemplateError(f"the template can be said in more than {MOST_ROWS} ways; split it up", item.column)
            rows = [row + way for row in rows for way in ways]
        return rows

    def _item(self, item: Item) -> list[Row]:
        if isinstance(item, Words):
            return [self._words(item)]
        if isinstance(item, Fuzzy):
            return [(Slot("fuzzy", frozenset({fold(item.word)})),)]
        if isinstance(item, Gap):
            return [(Slot("gap", gap=item.most),)]
        if isinstance(item, ListName):
            return self._list(item)
        return self._choice(item)

    def _words(self, item: Words) -> Row:
        words: list[Word] = self._pipeline.words(item.text)
        if not words:
            raise TemplateError("this holds no word", item.column)
        if item.exact:
            return tuple(Slot("exact", frozenset({word.text})) for word in words)
        return tuple(Slot("lemma", self._meant(word)) for word in words)

    def _meant(self, word: Word) -> frozenset[str]:
        """The lemmas that a template word stands for.

        Where a language has many chance homographs, a word written in its base form means that one alone: "evening" is no
        form of "even". «Дорого» goes on meaning «дорогой» too.
        """
        if self._pipeline.lexicon.base_form_alone and word.text in word.lemmas:
            return frozenset({word.text})
        return frozenset(word.lemmas)

    def _list(self, item: ListName) -> list[Row]:
        if item.name in BUILT_IN_LISTS:
            return [(Slot("number") if item.name == "number" else Slot("word"),)]
        if item.name not in self._lists:
            known = ", ".join(sorted([*self._lists, *BUILT_IN_LISTS]))
            raise TemplateError(f"unknown list <{item.name}>; there are: {known}", item.column)
        if item.name in self._expanding:
            raise TemplateError(f"list <{item.name}> contains itself", item.column)
        self._expanding.append(item.name)
        try:
            return self._choice(Choice(self._lists[item.name], False, item.column))
        finally:
            self._expanding.pop()

    def _choice(self, item: Choice) -> list[Row]:
        ways = list(dict.fromkeys(chain.from_iterable(self._sequence(option) for option in item.options)))
        ways = _merged(ways)
        if item.optional:
            ways = [(replace(way[0], optional=True),) if _can_be_optional(way) else way for way in ways]
            if not (len(ways) == 1 and len(ways[0]) == 1 and ways[0][0].optional):
                ways.append(())
        if len(ways) > MOST_ROWS:
            raise TemplateError(f"the template can be said in more than {MOST_ROWS} ways; split it up", item.column)
        return ways


def _can_be_optional(way: Row) -> bool:
    return len(way) == 1 and way[0].kind != "gap" and not way[0].optional


def _merged(ways: list[Row]) -> list[Row]:
    """Ways that are a single word of the same kind become one way with all the words: "(a|b|c)" is one slot."""
    merged: dict[tuple[SlotKind, bool], Slot] = {}
    others: list[Row] = []
    for way in ways:
        if len(way) == 1 and way[0].kind in KEY_SIGN:
            slot = way[0]
            key = (slot.kind, slot.optional)
            before = merged.get(key)
            merged[key] = replace(slot, options=slot.options | before.options) if before else slot
        else:
            others.append(way)
    return [*((slot,) for slot in merged.values()), *others]


def _without_loose_gaps(row: Row) -> list[Row]:
    """The row with gaps only between words that must be there: a gap at an edge says nothing.

    Where optional words follow a loose gap ("a ... [b]") that makes several rows: without them, and with each.
    """
    joined = _with_joined_gaps(row)
    anchors = [index for index, slot in enumerate(joined) if slot.kind != "gap" and not slot.optional]
    gaps = [index for index, slot in enumerate(joined) if slot.kind == "gap"]
    if not anchors or not gaps:
        return [tuple(slot for slot in joined if slot.kind != "gap")]
    if gaps[0] < anchors[0]:
        edge, outside, inside = gaps[0], range(gaps[0]), joined[gaps[0] + 1 :]
    elif gaps[-1] > anchors[-1]:
        edge, outside, inside = gaps[-1], range(gaps[-1] + 1, len(joined)), joined[: gaps[-1]]
    else:
        return [joined]
    rows = _without_loose_gaps(inside)
    for place in outside:
        fixed = tuple(replace(slot, optional=False) if i == place else slot for i, slot in enumerate(joined))
        rows += _without_loose_gaps(fixed[place:] if place < edge else fixed[: place + 1])
    return list(dict.fromkeys(rows))


def _with_joined_gaps(row: Row) -> Row:
    """Neighbouring gaps as one; an optional word that may be any word is a gap of one."""
    slots: list[Slot] = []
    for given in row:
        slot = Slot("gap", gap=1) if given.kind == "word" and given.optional else given
        if slot.kind == "gap" and slots and slots[-1].kind == "gap":
            slots[-1] = replace(slot, gap=slots[-1].gap + slot.gap)
        else:
            slots.append(slot)
    return tuple(slots)
