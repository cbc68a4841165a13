"""Phrase templates: text -> tree. The syntax alone; what a word means is for `phrases`.

    template    = sequence {"|" sequence}
    sequence    = item {item}
    item        = word | word~ | "exact words" | ... | ..N.. | (template) | [template] | <list>

Punctuation between words means nothing and is skipped. Why this is not hassil's parser: docs/adr/0010-rule-templates.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from service.scoring.lexemes import TemplateError, cut

#: Longest gap that `..N..` may ask for: beyond a dozen words two phrases no longer belong together.
LONGEST_GAP = 12
#: Fuzzy words shorter than this would match half the dictionary.
SHORTEST_FUZZY = 4
#: Limits that keep a hostile template from costing time: characters, and brackets inside brackets.
LONGEST_TEMPLATE = 2_000
DEEPEST_NESTING = 12


@dataclass(frozen=True, slots=True)
class Words:
    """Words in a row; `exact` stand for themselves, others for all their inflected forms."""

    text: str
    exact: bool
    column: int


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """A word that tolerates wrong letters."""

    word: str
    column: int


@dataclass(frozen=True, slots=True)
class Gap:
    """Up to `most` arbitrary words."""

    most: int
    column: int


@dataclass(frozen=True, slots=True)
class ListName:
    """A shared list by name."""

    name: str
    column: int


@dataclass(frozen=True, slots=True)
class Sequence:
    """Items one after another."""

    items: tuple[Item, ...]
    column: int


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several sequences, or, if `optional`, none of them."""

    options: tuple[Sequence, ...]
    optional: bool
    column: int


Item = Words | Fuzzy | Gap | ListName | Choice

_LIST_NAME = re.compile(r"[a-z][a-z0-9_]*")
_CLOSING = {"(": ")", "[": "]"}


def parse_template(text: str) -> Sequence:
    """The tree of a template.

    Raises:
        TemplateError: the syntax is wrong; names the column and what was expected.
    """
    if len(text) > LONGEST_TEMPLATE:
        raise TemplateError(f"the template is {len(text)} characters long; at most {LONGEST_TEMPLATE} are allowed", 1)
    return _Parser(text).parse()


class _Parser:
    def __init__(self, text: str) -> None:
        self._lexemes = cut(text)
        self._next = 0

    def parse(self) -> Sequence:
        tree = self._choice(opened=None, column=1, depth=0)
        if len(tree.options) == 1:
            return tree.options[0]
        return Sequence((tree,), 1)

    def _choice(self, *, opened: str | None, column: int, depth: int) -> Choice:
        if depth > DEEPEST_NESTING:
            raise TemplateError(f"brackets are nested deeper than {DEEPEST_NESTING}", column)
        options: list[Sequence] = []
        items: list[Item] = []
        start = column
        while self._next < len(self._lexemes):
            lexeme = self._lexemes[self._next]
            kind, text, at = lexeme.kind, lexeme.text, lexeme.column
            self._next += 1
            if kind == "bar":
                options.append(self._sequence(items, start))
                items, start = [], at
            elif kind == "close":
                if opened is None or text != _CLOSING[opened]:
                    expected = f"expected {_CLOSING[opened]}" if opened else "nothing was opened"
                    raise TemplateError(f"unexpected {text}: {expected}", at)
                options.append(self._sequence(items, start))
                return Choice(tuple(options), opened == "[", column)
            elif kind == "open":
                items.append(self._choice(opened=text, column=at, depth=depth + 1))
            else:
                items.append(self._item(kind, text, at, items))
        if opened is not None:
            raise TemplateError(f"{opened} is never closed; expected {_CLOSING[opened]}", column)
        options.append(self._sequence(items, start))
        return Choice(tuple(options), False, column)

    @staticmethod
    def _sequence(items: list[Item], column: int) -> Sequence:
        if not items:
            raise TemplateError("nothing stands here; expected a word (an optional word is written [word])", column)
        return Sequence(tuple(items), column)

    def _item(self, kind: str, text: str, column: int, before: list[Item]) -> Item:
        if kind == "gap":
            return self._gap(text, column)
        if kind == "list":
            if not _LIST_NAME.fullmatch(text):
                raise TemplateError(f"<{text}> is no list name; expected lower-case letters, digits and _", column)
            return ListName(text, column)
        if kind == "exact":
            if not any(char.isalnum() for char in text):
                raise TemplateError("the quotes hold no word", column)
            return Words(text, True, column)
        if text.endswith("+"):
            raise TemplateError("word+ is not part of templates", column)
        if text.endswith("~"):
            word = text[:-1]
            if len(word) < SHORTEST_FUZZY or not word.isalpha():
                raise TemplateError(f"a fuzzy word needs at least {SHORTEST_FUZZY} letters and nothing else", column)
            return Fuzzy(word, column)
        if before and isinstance(last := before[-1], Words) and not last.exact:
            before.pop()
            return Words(f"{last.text} {text}", False, last.column)
        return Words(text, False, column)

    @staticmethod
    def _gap(text: str, column: int) -> Gap:
        size = int(text)
        if not 1 <= size <= LONGEST_GAP:
            raise TemplateError(f"a gap of {size} words; expected 1 to {LONGEST_GAP}", column)
        return Gap(size, column)
