"""Rule files on disk -> plain data with line numbers. A folder is read again only where it changed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from service.scoring.errors import PackError, PackProblem
from service.scoring.pack_texts import plain_text, text_sha256
from service.scoring.source import Node, RawFile

#: libyaml's loader where PyYAML was built with it: ten times faster.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: Lists and mappings within one another; rules need five. Far more would overflow the stack of libyaml, and end the process.
DEEPEST = 50
#: Values of a file, those that `*aliases` repeat too; the largest stock file has about 4,000.
MOST_VALUES = 100_000
#: Digits of a whole number; Python refuses to read more than 4,300.
LONGEST_NUMBER = 300
#: Largest rule file; the longest example list of the stock packs has 60 kB.
LARGEST_FILE_BYTES = 2 * 1024 * 1024


def read_rule_file(path: Path, rules_dir: Path) -> RawFile:
    """One YAML file with line numbers; whatever is wrong with it becomes its problems."""
    name = path.relative_to(rules_dir).as_posix()
    try:
        data = path.read_bytes()
    except OSError as error:
        return RawFile(name, None, "", (PackProblem(name, 1, f"the file cannot be read: {error.strerror}"),))
    sha256 = hashlib.sha256(data).hexdigest()
    if len(data) > LARGEST_FILE_BYTES:
        message = f"the file has {len(data)} bytes; at most {LARGEST_FILE_BYTES} are allowed"
        return RawFile(name, None, sha256, (PackProblem(name, 1, message),))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        return RawFile(name, None, sha256, (PackProblem(name, line, "the file is not UTF-8"),))
    return parse_yaml(name, text, sha256)


@dataclass(frozen=True, slots=True)
class PackFiles:
    """All files of a pack that is not read from a folder: as texts, and as plain data with line numbers."""

    texts: Mapping[str, str]
    files: Mapping[str, RawFile]

    @classmethod
    def of(cls, texts: Mapping[str, str]) -> PackFiles:
        return cls(texts, {path: parse_yaml(path, text, text_sha256(text)) for path, text in texts.items()})


def read_texts(rules_dir: Path, paths: Iterable[str]) -> dict[str, str]:
    """Files of a rules folder as texts, by path.

    Raises:
        PackError: some cannot be read; it carries all problems.
    """
    texts: dict[str, str] = {}
    problems: list[PackProblem] = []
    for path in paths:
        try:
            texts[path] = plain_text((rules_dir / path).read_bytes().decode("utf-8-sig"))
        except (OSError, UnicodeDecodeError):
            problems.append(PackProblem(path, 1, "the file cannot be read, or is not UTF-8"))
    if problems:
        raise PackError(tuple(problems))
    return texts


def parse_yaml(name: str, text: str, sha256: str) -> RawFile:
    """YAML text as plain data with line numbers; `name` is the path shown in problems."""
    problems: list[PackProblem] = []
    try:
        too_deep = _too_deep(text)
        if too_deep is not None:
            return RawFile(name, None, sha256, (PackProblem(name, too_deep, f"nested deeper than {DEEPEST} levels"),))
        root = yaml.compose(text, Loader=_Loader)
        node = _node(root, name, _Budget(problems)) if root is not None else None
    except _TooMuch:
        message = f"the file has more than {MOST_VALUES} values, with those that *aliases repeat"
        return RawFile(name, None, sha256, (PackProblem(name, 1, message),))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return RawFile(name, None, sha256, (PackProblem(name, line, f"this is not YAML: {error.problem}"),))
    except (yaml.YAMLError, RecursionError) as error:
        return RawFile(name, None, sha256, (PackProblem(name, 1, f"this is not YAML: {error}"),))
    if node is None:
        problems.append(PackProblem(name, 1, "the file is empty"))
    return RawFile(name, node, sha256, tuple(problems))


class _TooMuch(Exception):
    """More values than a rule file can have."""


class _Budget:
    """Counts values, and collects problems."""

    def __init__(self, problems: list[PackProblem]) -> None:
        self.problems = problems
        self._left = MOST_VALUES

    def take(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise _TooMuch


def _too_deep(text: str) -> int | None:
    """The line that is nested too deep, None if none is. Composing recurses in C, so this must be known before."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                return event.start_mark.line + 1 if event.start_mark else 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return None


def _node(node: yaml.Node, name: str, budget: _Budget) -> Node:
    budget.take()
    line = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        items: dict[str, Node] = {}
        for key_node, value_node in node.value:
            key_line = key_node.start_mark.line + 1
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
            if key is None:
                budget.problems.append(PackProblem(name, key_line, "a key must be a word"))
                continue
            if key in items:
                budget.problems.append(PackProblem(name, key_line, f"the key {key!r} stands there twice"))
                continue
            items[key] = _node(value_node, name, budget)
        return Node(items, line)
    if isinstance(node, yaml.SequenceNode):
        return Node(tuple(_node(item, name, budget) for item in node.value), line)
    return Node(_scalar(node), line)


def _scalar(node: yaml.Node) -> str | int | float | bool | None:
    """Plain YAML scalars; dates and the like stay the text that stands in the file."""
    if node.tag in {
        "tag:yaml.org,2002:int",
        "tag:yaml.org,2002:float",
        "tag:yaml.org,2002:bool",
        "tag:yaml.org,2002:null",
    }:
        if len(node.value) > LONGEST_NUMBER:
            return str(node.value)
        try:
            value: str | int | float | bool | None = yaml.SafeLoader("").construct_object(node)
        except (ValueError, yaml.YAMLError):
            return str(node.value)
        return value
    return str(node.value)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A file as it was read: when it was changed last (ns), its size in bytes, and what stood in it."""

    changed_ns: int
    size: int
    file: RawFile


class RuleFolder:
    """The rule files under one folder. Asking again costs a look at times and sizes (below a millisecond for a stock pack)."""

    def __init__(self, folder: Path, rules_dir: Path) -> None:
        """`rules_dir` is what paths are relative to."""
        self._folder = folder
        self._rules_dir = rules_dir
        self._seen: dict[str, _Seen] = {}
        self._files: Mapping[str, RawFile] = {}

    def files(self) -> Mapping[str, RawFile]:
        """All rule files by path: the same object as before if nothing changed."""
        found: dict[str, _Seen] = {}
        for path, changed_ns, size in sorted(self._walk(self._folder)):
            seen = self._seen.get(path)
            if seen is None or (seen.changed_ns, seen.size) != (changed_ns, size):
                seen = _Seen(changed_ns, size, read_rule_file(Path(path), self._rules_dir))
            found[path] = seen
        if found.keys() != self._seen.keys() or any(seen is not self._seen[path] for path, seen in found.items()):
            self._seen = found
            self._files = {seen.file.path: seen.file for seen in found.values()}
        return self._files

    def _walk(self, folder: Path | str) -> Iterator[tuple[str, int, int]]:
        """(path, time of the last change, size) of every YAML file; what vanishes meanwhile is left out."""
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.is_dir():
                        yield from self._walk(entry.path)
                    elif entry.name.endswith(".yaml"):
                        status = entry.stat()
                        yield entry.path, status.st_mtime_ns, status.st_size
        except OSError:
            return
