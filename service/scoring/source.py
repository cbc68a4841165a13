"""Rule files as plain data with line numbers, so that every problem can say where it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from service.scoring.errors import PackProblem

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a YAML file and its 1-based line. Mappings have string keys; lists are tuples."""

    value: Scalar | tuple[Node, ...] | Mapping[str, Node]
    line: int

    @property
    def kind(self) -> str:
        """What the value is, in words for messages."""
        value = self.value
        if value is None:
            return "nothing"
        if isinstance(value, bool):
            return "true or false"
        if isinstance(value, int | float):
            return "a number"
        if isinstance(value, str):
            return "a text"
        return "a list" if isinstance(value, tuple) else "a mapping"

    @property
    def found(self) -> str:
        """The value as messages quote it; of a list or a mapping only that it is one."""
        return self.kind if isinstance(self.value, tuple | Mapping) else repr(self.value)

    def plain(self) -> object:
        """The value without lines."""
        if isinstance(self.value, tuple):
            return [item.plain() for item in self.value]
        if isinstance(self.value, Mapping):
            return {key: item.plain() for key, item in self.value.items()}
        return self.value


@dataclass(frozen=True, slots=True)
class RawFile:
    """One file of the rules folder. `path` is relative to it, `root` None where the YAML could not be read.

    `problems` are the reader's: bad YAML, bad encoding, a key given twice.
    """

    path: str
    root: Node | None
    sha256: str
    problems: tuple[PackProblem, ...] = ()


class Problems:
    """Collects what is wrong with a pack. `blocking` problems leave no pack; the others leave one that may be tried out."""

    def __init__(self) -> None:
        self._found: dict[PackProblem, bool] = {}

    def add(self, file: str, line: int, message: str, *, blocking: bool = True) -> None:
        """Note a problem; the same one twice counts once."""
        problem = PackProblem(file, line, message)
        self._found[problem] = self._found.get(problem, False) or blocking

    @property
    def all(self) -> tuple[PackProblem, ...]:
        """Everything, sorted by file and line."""
        return tuple(sorted(self._found))

    @property
    def blocking(self) -> bool:
        """True if no pack can be built."""
        return any(self._found.values())


def texts_at(root: Node | None, key: str) -> dict[str, str] | None:
    """The texts by language under a key of a file, None where there is no such mapping."""
    node = root.value.get(key) if root is not None and isinstance(root.value, Mapping) else None
    if node is None or not isinstance(node.value, Mapping):
        return None
    return {language: str(value.value) for language, value in node.value.items()}
