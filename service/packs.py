"""Reads scripts_rules/ and hands it to `scoring.parsing`; keeps the last good version of every pack."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import yaml

from service.model_cache import ModelCache, default_cache_dir
from service.scoring.errors import LanguageUnsupported, PackError, PackProblem
from service.scoring.kpi import KpiDefinition
from service.scoring.lexicon import LANGUAGES
from service.scoring.pack import Pack
from service.scoring.parsing import PACK_FILE, Parsed, pack_sha256, parse
from service.scoring.parsing_kpi import parse_kpis
from service.scoring.source import Node, Problems, RawFile

#: libyaml's loader where PyYAML was built with it: ten times faster.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: Largest rule file; the longest example list of the stock packs has 60 kB.
LARGEST_FILE_BYTES = 2 * 1024 * 1024
KPI_FILE = "kpi.yaml"


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


def parse_yaml(name: str, text: str, sha256: str) -> RawFile:
    """YAML text as plain data with line numbers; `name` is the path shown in problems."""
    problems: list[PackProblem] = []
    try:
        root = yaml.compose(text, Loader=_Loader)
        node = _node(root, name, problems) if root is not None else None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return RawFile(name, None, sha256, (PackProblem(name, line, f"this is not YAML: {error.problem}"),))
    except (yaml.YAMLError, RecursionError) as error:
        return RawFile(name, None, sha256, (PackProblem(name, 1, f"this is not YAML: {error}"),))
    if node is None:
        problems.append(PackProblem(name, 1, "the file is empty"))
    return RawFile(name, node, sha256, tuple(problems))


def _node(node: yaml.Node, name: str, problems: list[PackProblem]) -> Node:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        items: dict[str, Node] = {}
        for key_node, value_node in node.value:
            key_line = key_node.start_mark.line + 1
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
            if key is None:
                problems.append(PackProblem(name, key_line, "a key must be a word"))
                continue
            if key in items:
                problems.append(PackProblem(name, key_line, f"the key {key!r} stands there twice"))
                continue
            items[key] = _node(value_node, name, problems)
        return Node(items, line)
    if isinstance(node, yaml.SequenceNode):
        return Node(tuple(_node(item, name, problems) for item in node.value), line)
    return Node(_scalar(node), line)


def _scalar(node: yaml.Node) -> str | int | float | bool | None:
    """Plain YAML scalars; dates and the like stay the text that stands in the file."""
    if node.tag in {
        "tag:yaml.org,2002:int",
        "tag:yaml.org,2002:float",
        "tag:yaml.org,2002:bool",
        "tag:yaml.org,2002:null",
    }:
        try:
            value: str | int | float | bool | None = yaml.SafeLoader("").construct_object(node)
        except (ValueError, yaml.YAMLError):
            return str(node.value)
        return value
    return str(node.value)


class PackLibrary:
    """The packs of a rules folder. A pack with problems never replaces a good one that was loaded before."""

    def __init__(self, rules_dir: Path, *, cache_dir: Path | None = None) -> None:
        """`cache_dir` keeps trained example models from one start to the next."""
        self._rules_dir = rules_dir
        self._models = ModelCache(cache_dir or default_cache_dir())
        self._good: dict[tuple[str, str], Pack] = {}
        self._problems: dict[tuple[str, str], tuple[PackProblem, ...]] = {}

    def ids(self) -> tuple[str, ...]:
        """Ids of all packs, in any language."""
        return tuple(sorted({folder.name for language in self._languages() for folder in self._folders(language)}))

    def languages(self, pack_id: str) -> tuple[str, ...]:
        """Languages that a pack exists in."""
        return tuple(
            language for language in self._languages() if any(f.name == pack_id for f in self._folders(language))
        )

    def load(self, pack_id: str, language: str) -> Pack:
        """The pack as it stands on disk, or its last good version while it has problems (see `problems`).

        Raises:
            PackError: the pack has problems and no good version was loaded before; it carries all problems.
            LanguageUnsupported: the pack does not exist in this language.
        """
        key = (pack_id, language)
        if language not in self.languages(pack_id):
            known = ", ".join(self.languages(pack_id)) or "no language"
            raise LanguageUnsupported(f"there is no pack {pack_id!r} for language {language!r}; it exists in {known}")
        files = self.read(language)
        good = self._good.get(key)
        if good is not None and good.sha256 == pack_sha256(files, pack_id, language):
            self._problems[key] = ()
            return good
        parsed = self._parse(files, pack_id, language)
        self._problems[key] = parsed.problems
        if parsed.pack is not None and not parsed.problems:
            self._good[key] = parsed.pack
        if key not in self._good:
            raise PackError(parsed.problems)
        return self._good[key]

    def problems(self, pack_id: str, language: str) -> tuple[PackProblem, ...]:
        """What is wrong with the version on disk, as of the last `load`; empty if it is the one in use."""
        return self._problems.get((pack_id, language), ())

    def kpis(self) -> tuple[KpiDefinition, ...]:
        """The KPI definitions of kpi.yaml, in its order.

        Raises:
            PackError: the file has problems; it carries all of them.
        """
        problems = Problems()
        definitions = parse_kpis(read_rule_file(self._rules_dir / KPI_FILE, self._rules_dir), problems)
        if problems.all:
            raise PackError(problems.all)
        return definitions

    def inspect(self, pack_id: str, language: str) -> Parsed:
        """Everything that a pack's files give: pack, problems, tests, baselines."""
        return self._parse(self.read(language), pack_id, language)

    def _parse(self, files: Mapping[str, RawFile], pack_id: str, language: str) -> Parsed:
        sha256 = pack_sha256(files, pack_id, language)
        kept = self._models.load(sha256)
        parsed = parse(files, pack_id, language, models=kept)
        if kept is None and parsed.pack is not None:
            self._models.save(sha256, parsed.pack.matcher.models)
        return parsed

    def read(self, language: str) -> Mapping[str, RawFile]:
        """All rule files of a language by path."""
        folder = self._rules_dir / language
        return {
            path.relative_to(self._rules_dir).as_posix(): read_rule_file(path, self._rules_dir)
            for path in sorted(folder.rglob("*.yaml"))
        }

    def _languages(self) -> tuple[str, ...]:
        return tuple(language for language in LANGUAGES if (self._rules_dir / language).is_dir())

    def _folders(self, language: str) -> list[Path]:
        return sorted(f for f in (self._rules_dir / language).iterdir() if (f / PACK_FILE).is_file())
