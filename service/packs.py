"""Reads scripts_rules/ and hands it to `scoring.parsing`; keeps the last good version of every pack."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import RLock

from service.model_cache import ModelCache, default_cache_dir
from service.rule_files import RuleFolder, read_rule_file
from service.scoring.errors import LanguageUnsupported, PackError, PackProblem
from service.scoring.kpi import KpiDefinition
from service.scoring.lexicon import LANGUAGES
from service.scoring.pack import Pack
from service.scoring.parsing import PACK_FILE, Parsed, pack_sha256, parse
from service.scoring.parsing_kpi import parse_kpis
from service.scoring.source import Problems, RawFile

KPI_FILE = "kpi.yaml"
#: Problems of a pack that a log line names; `callscore rules check` and `GET /v1/packs/{id}` show all.
PROBLEMS_LOGGED = 3

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PackState:
    """A pack in one language as this process knows it. `pack` is the version in use, None if there never was a good one.

    `problems` are those of the version on disk; while there are any, it is not the one in use.
    """

    pack_id: str
    language: str
    pack: Pack | None
    problems: tuple[PackProblem, ...]


class PackLibrary:
    """The packs of a rules folder. A pack with problems never replaces a good one that was loaded before."""

    def __init__(self, rules_dir: Path, *, cache_dir: Path | None = None) -> None:
        """`cache_dir` keeps trained example models from one start to the next."""
        self._rules_dir = rules_dir
        self._models = ModelCache(cache_dir or default_cache_dir())
        self._folders: dict[str, RuleFolder] = {}
        self._judged: dict[tuple[str, str], Mapping[str, RawFile]] = {}
        self._good: dict[tuple[str, str], Pack] = {}
        self._problems: dict[tuple[str, str], tuple[PackProblem, ...]] = {}
        self._lock = RLock()

    @contextmanager
    def alone(self) -> Iterator[PackLibrary]:
        """For processes with threads: a pack remembers what it has worked out, so one thread at a time may use it."""
        with self._lock:
            yield self

    def ids(self) -> tuple[str, ...]:
        """Ids of all packs, in any language."""
        return tuple(sorted({folder.name for language in self._languages() for folder in self._packs_in(language)}))

    def languages(self, pack_id: str) -> tuple[str, ...]:
        """Languages that a pack exists in."""
        return tuple(
            language for language in self._languages() if any(f.name == pack_id for f in self._packs_in(language))
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
        if self._judged.get(key) is not files:
            self._judge(key, files)
            self._judged[key] = files
        if key not in self._good:
            raise PackError(self._problems[key])
        return self._good[key]

    def _judge(self, key: tuple[str, str], files: Mapping[str, RawFile]) -> None:
        """Take the version on disk into use if it is good."""
        good = self._good.get(key)
        if good is not None and good.sha256 == pack_sha256(files, *key):
            self._problems[key] = ()
            return
        parsed = self._parse(files, *key)
        self._problems[key] = parsed.problems
        if parsed.pack is not None and not parsed.problems:
            self._good[key] = parsed.pack
            log.info("rule pack %s (%s): version %s is in use", *key, parsed.pack.version)
            return
        kept = "it cannot be used" if good is None else f"version {good.version} stays in use"
        first = "; ".join(str(problem) for problem in parsed.problems[:PROBLEMS_LOGGED])
        log.error("rule pack %s (%s) has %d problems, %s: %s", *key, len(parsed.problems), kept, first)

    def problems(self, pack_id: str, language: str) -> tuple[PackProblem, ...]:
        """What is wrong with the version on disk, as of the last `load`; empty if it is the one in use."""
        return self._problems.get((pack_id, language), ())

    def state(self, pack_id: str, language: str) -> PackState:
        """The pack as it is in use, and what is wrong with the version on disk. Raises LanguageUnsupported."""
        try:
            pack = self.load(pack_id, language)
        except PackError:
            pack = None
        return PackState(pack_id, language, pack, self.problems(pack_id, language))

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
        if language not in self._folders:
            self._folders[language] = RuleFolder(self._rules_dir / language, self._rules_dir)
        return self._folders[language].files()

    def _languages(self) -> tuple[str, ...]:
        return tuple(language for language in LANGUAGES if (self._rules_dir / language).is_dir())

    def _packs_in(self, language: str) -> list[Path]:
        return sorted(f for f in (self._rules_dir / language).iterdir() if (f / PACK_FILE).is_file())
