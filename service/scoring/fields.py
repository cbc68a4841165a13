"""Typed reading of a mapping in a rule file; whatever is wrong is noted and a default goes on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import TypeVar

from service.scoring.results import Text
from service.scoring.source import Node, Problems, RawFile

Choice = TypeVar("Choice", bound=str)
NAME = re.compile(r"[a-z][a-z0-9_]*")
#: Texts for people in every language of the product.
TEXT_LANGUAGES = ("ru", "en")
#: Longest sentence or title; longer ones are pasted by mistake.
LONGEST_TEXT = 2_000


class Fields:
    """The fields of one mapping. Reading a field twice is fine; unknown fields are noted when it is opened."""

    def __init__(self, problems: Problems, file: str, node: Node, known: Iterable[str], what: str) -> None:
        self.problems = problems
        self.file = file
        self.line = node.line
        self._what = what
        self._known = tuple(known)
        self._items: Mapping[str, Node] = {}
        if not isinstance(node.value, Mapping):
            self.problem(node, f"{what}: expected a mapping with {', '.join(self._known)}; found {node.kind}")
            return
        self._items = node.value
        for key, value in self._items.items():
            if key not in self._known:
                near = get_close_matches(key, self._known, n=1)
                hint = f"; did you mean {near[0]!r}?" if near else f"; expected one of {', '.join(self._known)}"
                self.problem(value, f"{what}: unknown key {key!r}{hint}")

    def problem(self, node: Node | None, message: str, *, blocking: bool = True) -> None:
        """Note a problem at a node (at the mapping itself for None)."""
        self.problems.add(self.file, node.line if node else self.line, message, blocking=blocking)

    def problem_at(self, line: int, message: str, *, blocking: bool = True) -> None:
        """Note a problem at a line."""
        self.problems.add(self.file, line, message, blocking=blocking)

    def __contains__(self, key: str) -> bool:
        return key in self._items

    def node(self, key: str) -> Node | None:
        """The field as it stands, None if it is missing."""
        return self._items.get(key)

    def require(self, key: str) -> Node | None:
        """The field, noting a problem if it is missing."""
        if key not in self._items:
            self.problem(None, f"{self._what}: {key!r} is missing")
        return self._items.get(key)

    def text(self, key: str, *, required: bool = False) -> str | None:
        """A non-empty text."""
        node = self.require(key) if required else self.node(key)
        return None if node is None else self.text_of(node, repr(key))

    def text_of(self, node: Node, what: str) -> str | None:
        """A node as a non-empty text."""
        if not isinstance(node.value, str) or not node.value.strip():
            self.problem(node, f"{what}: expected a text, found {node.kind if node.value != '' else 'an empty one'}")
            return None
        if len(node.value) > LONGEST_TEXT:
            self.problem(node, f"{what}: {len(node.value)} characters are too long; at most {LONGEST_TEXT}")
            return None
        return node.value

    def texts(self, key: str) -> list[tuple[str, int]]:
        """A list of texts with their lines, empty if the field is missing."""
        return [(text, item.line) for item in self.items(key) if (text := self.text_of(item, f"an entry of {key!r}"))]

    def items(self, key: str) -> tuple[Node, ...]:
        """The entries of a list, empty if the field is missing."""
        node = self.node(key)
        if node is None:
            return ()
        if not isinstance(node.value, tuple):
            self.problem(node, f"{key!r}: expected a list, found {node.kind}")
            return ()
        return node.value

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        node = self.node(key)
        if node is None:
            return default
        if not isinstance(node.value, bool):
            self.problem(node, f"{key!r}: expected true or false, found {node.found}")
            return default
        return node.value

    def number(
        self, key: str, *, default: float, least: float, most: float | None = None, required: bool = False
    ) -> float:
        """A number within limits (both inclusive)."""
        node = self.require(key) if required else self.node(key)
        if node is None:
            return default
        value = node.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.problem(node, f"{key!r}: expected a number, found {node.kind}")
            return default
        if not (least <= value and (most is None or value <= most)):
            limits = f"from {least:g} to {most:g}" if most is not None else f"of at least {least:g}"
            self.problem(node, f"{key!r}: {value:g} is out of range; expected a number {limits}")
            return default
        return float(value)

    def whole(self, key: str, *, default: int, least: int, most: int | None = None, required: bool = False) -> int:
        """A whole number within limits (both inclusive)."""
        node = self.require(key) if required else self.node(key)
        if node is not None and isinstance(node.value, float) and not node.value.is_integer():
            self.problem(node, f"{key!r}: expected a whole number, found {node.value:g}")
            return default
        return int(self.number(key, default=default, least=least, most=most))

    def one_of(self, key: str, allowed: tuple[Choice, ...], *, default: Choice, required: bool = False) -> Choice:
        """One of some words."""
        node = self.require(key) if required else self.node(key)
        return default if node is None else self.choice(node, allowed, repr(key)) or default

    def choice(self, node: Node, allowed: tuple[Choice, ...], what: str) -> Choice | None:
        """A node as one of some words."""
        for option in allowed:
            if node.value == option:
                return option
        self.problem(node, f"{what}: expected one of {', '.join(allowed)}; found {node.found}")
        return None

    def choices(self, key: str, allowed: tuple[Choice, ...]) -> tuple[Choice, ...]:
        """A list of some words, each at most once."""
        found = [choice for item in self.items(key) if (choice := self.choice(item, allowed, f"an entry of {key!r}"))]
        if len(set(found)) < len(found):
            self.problem(self.node(key), f"{key!r}: an entry stands there twice")
        return tuple(dict.fromkeys(found))

    def name(self, key: str) -> str | None:
        """A name: lower-case letters, digits and underscores."""
        node = self.require(key)
        if node is None:
            return None
        if not isinstance(node.value, str) or not NAME.fullmatch(node.value):
            self.problem(node, f"{key!r}: expected lower-case letters, digits and _, found {node.found}")
            return None
        return node.value

    def titles(self, key: str) -> Text:
        """A text in every language of the product."""
        node = self.require(key)
        if node is None:
            return {}
        texts = Fields(self.problems, self.file, node, TEXT_LANGUAGES, repr(key))
        return {language: texts.text(language, required=True) or "" for language in TEXT_LANGUAGES}

    def inside(self, key: str, known: Iterable[str]) -> Fields | None:
        """The fields of a mapping inside this one, None if it is missing."""
        node = self.node(key)
        return None if node is None else Fields(self.problems, self.file, node, known, repr(key))

    def each(self, key: str, known: Iterable[str]) -> list[Fields]:
        """The fields of every mapping in a list."""
        known = tuple(known)
        return [Fields(self.problems, self.file, item, known, f"an entry of {key!r}") for item in self.items(key)]


def open_file(problems: Problems, file: RawFile, known: Iterable[str], what: str) -> Fields | None:
    """The fields of a whole file, None where its YAML could not be read."""
    for problem in file.problems:
        problems.add(problem.file, problem.line, problem.message)
    if file.root is None:
        return None
    return Fields(problems, file.path, file.root, known, what)
