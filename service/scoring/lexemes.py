"""Template text -> lexemes: words, brackets, quotes, gaps and list names, each with its column."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

#: A gap written `...` holds up to this many words.
DEFAULT_GAP = 4
_GAP = re.compile(r"\.\.\.|…|\.\.(\d{1,3})\.\.")
_WORD = re.compile(r"(?:(?!\.\.)[^\s()\[\]|<>\"{}~…])+~?")
#: What may stand after or between words without meaning anything.
_PUNCTUATION = frozenset(",.!?:;—–-«»")


class TemplateError(Exception):
    """A template that cannot be used. `column` is 1-based."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.message = message
        self.column = column


Kind = Literal["open", "close", "bar", "list", "exact", "gap", "word"]
_KIND_OF: dict[str, Kind] = {"(": "open", "[": "open", ")": "close", "]": "close", "|": "bar"}
_QUOTING = {'"': '"', "<": ">"}
#: Signs that are spoken as words.
_SIGNS = frozenset("%$€£₽")
_WORDLIKE = frozenset({"word", "exact", "list"})


@dataclass(frozen=True, slots=True)
class Lexeme:
    kind: Kind
    text: str
    column: int
    end: int


def _check_glue(before: Lexeme, here: Lexeme) -> None:
    """Words and brackets must not touch: half words have no lemma."""
    into = before.kind in _WORDLIKE and (here.kind in _WORDLIKE or here.kind == "open")
    if into or (before.kind == "close" and here.kind in _WORDLIKE):
        raise TemplateError("expected a space here: a template is made of whole words", here.column)


def _unexpected(char: str, column: int) -> TemplateError:
    if char in "{}":
        return TemplateError("{N,M} is not part of templates; write ..N.. for a gap", column)
    if char == "~":
        return TemplateError("~ must follow a word without a space", column)
    return TemplateError(f"unexpected {char!r}; expected a word, ( [ < or a quote", column)


def cut(text: str) -> list[Lexeme]:
    """The lexemes of a template in order; punctuation between words is left out.

    Raises:
        TemplateError: something stands where no lexeme can.
    """
    lexemes: list[Lexeme] = []
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        lexeme, end = _lexeme(text, position)
        if lexeme is not None:
            if lexemes and lexemes[-1].end == position:
                _check_glue(lexemes[-1], lexeme)
            lexemes.append(lexeme)
        position = end
    return lexemes


def _lexeme(text: str, position: int) -> tuple[Lexeme | None, int]:
    """The lexeme at a position, None for punctuation, and where it ends."""
    char = text[position]
    column = position + 1
    if char in _KIND_OF:
        return Lexeme(_KIND_OF[char], char, column, position + 1), position + 1
    if char in _QUOTING:
        end = text.find(_QUOTING[char], position + 1)
        if end < 0:
            what = "list name" if char == "<" else "quote"
            raise TemplateError(f"the {what} is never closed; expected {_QUOTING[char]}", column)
        kind: Kind = "list" if char == "<" else "exact"
        return Lexeme(kind, text[position + 1 : end], column, end + 1), end + 1
    if gap := _GAP.match(text, position):
        size = int(gap.group(1)) if gap.group(1) else DEFAULT_GAP
        return Lexeme("gap", str(size), column, gap.end()), gap.end()
    word = _WORD.match(text, position)
    if word is None:
        raise _unexpected(char, column)
    bare = word.group().rstrip("".join(_PUNCTUATION))
    if "." in bare and text[position + len(bare) : position + len(bare) + 1] == ".":
        bare += "."
    if bare and not any(sign.isalnum() or sign in _SIGNS for sign in bare):
        raise _unexpected(char, column)
    return (Lexeme("word", bare, column, word.end()) if bare else None), word.end()
