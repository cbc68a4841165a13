"""Reads scripts_rules/ and hands it to `scoring.parsing`; keeps the last good version of every pack.

A pack that was published (`service.published`) wins over the folder of the same name. Where nothing says what was published, as on the
command line without a database, the folder is all there is.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import Protocol

from service.model_cache import ModelCache, default_cache_dir
from service.rule_files import PackFiles, RuleFolder, parse_yaml, read_rule_file, read_texts
from service.scoring.errors import LanguageUnsupported, PackError, PackProblem
from service.scoring.fields import NAME
from service.scoring.kpi import KpiDefinition
from service.scoring.lexicon import LANGUAGES
from service.scoring.pack import Outline, Pack
from service.scoring.pack_texts import concerns, header_path
from service.scoring.parsing import PACK_FILE, Checked, Parsed, check, pack_sha256, parse
from service.scoring.parsing_kpi import parse_kpis
from service.scoring.results import Text
from service.scoring.source import Problems, RawFile, texts_at

KPI_FILE = "kpi.yaml"
#: A folder of a longer name could not be made everywhere.
LONGEST_ID = 100
#: Problems of a pack that a log line names; `callscore rules check` and `GET /v1/packs/{id}` show all.
PROBLEMS_LOGGED = 3
#: Drafts of which a process remembers what is wrong with them.
DRAFTS_KEPT = 16

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PackState:
    """A pack in one language as this process knows it. `pack` is the version in use, None if there never was a good one.

    `problems` are those of the version on disk, or of the published one; while there are any, it is not the one in use.
    `published` says that it is not the folder's. `folder_version` is the one on disk, None if there is none.
    """

    pack_id: str
    language: str
    pack: Outline | Pack | None
    problems: tuple[PackProblem, ...]
    published: bool = False
    folder_version: str | None = None


@dataclass(frozen=True, slots=True)
class PackHeader:
    """What `pack.yaml` says, right or wrong, and the hash that the pack has if it is right."""

    pack_id: str
    language: str
    version: str | None
    title: Text | None
    sha256: str
    published: bool


class Published(Protocol):
    """Tells which packs were published, by id and language; the same mapping as before if nothing changed."""

    def current(self) -> Mapping[tuple[str, str], PackFiles]: ...
    def look_again(self) -> None: ...


class NothingPublished:
    """The folder is all there is."""

    def current(self) -> Mapping[tuple[str, str], PackFiles]:
        return _NOTHING

    def look_again(self) -> None:
        """Nothing can have changed."""


_NOTHING: Mapping[tuple[str, str], PackFiles] = {}


class PackLibrary:
    """The packs of a rules folder. A pack with problems never replaces a good one that was loaded before."""

    def __init__(self, rules_dir: Path, *, cache_dir: Path | None = None, published: Published | None = None) -> None:
        """`cache_dir` keeps trained example models from one start to the next."""
        self._rules_dir = rules_dir
        self._published = published or NothingPublished()
        self._merged: dict[str, tuple[object, object, Mapping[str, RawFile]]] = {}
        self._drafts: dict[tuple[str, str, str], Checked] = {}
        self._outlines: dict[tuple[str, str], Outline] = {}
        self._checked: dict[tuple[str, str], tuple[Mapping[str, RawFile], Checked]] = {}
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

    def look_again(self) -> None:
        """Something was published here: take it up at once."""
        self._published.look_again()

    def ids(self) -> tuple[str, ...]:
        """Ids of all packs, in any language."""
        on_disk = {folder.name for language in self._languages() for folder in self._packs_in(language)}
        return tuple(sorted(on_disk | {pack_id for pack_id, _ in self._published.current()}))

    def languages(self, pack_id: str) -> tuple[str, ...]:
        """Languages that a pack exists in; none for what cannot be a pack's id."""
        if not NAME.fullmatch(pack_id) or len(pack_id) > LONGEST_ID:
            return ()
        published = self._published.current()
        return tuple(
            language
            for language in LANGUAGES
            if (pack_id, language) in published or (self._rules_dir / language / pack_id / PACK_FILE).is_file()
        )

    def load(self, pack_id: str, language: str) -> Pack:
        """The pack as it was published last, or as it stands on disk; its last good version while that has problems.

        Raises:
            PackError: the pack has problems and no good version was loaded before; it carries all problems.
            LanguageUnsupported: the pack does not exist in this language.
        """
        key = (pack_id, language)
        files = self.files(pack_id, language)
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

    def check(self, pack_id: str, language: str) -> Checked:
        """What the files say, without building the pack. Raises LanguageUnsupported."""
        key = (pack_id, language)
        files = self.files(pack_id, language)
        with self._lock:
            known = self._checked.get(key)
            if known is None or known[0] is not files:
                known = self._checked[key] = files, check(files, pack_id, language)
                if known[1].outline is not None and not known[1].problems:
                    self._outlines[key] = known[1].outline
        return known[1]

    def check_draft(
        self, files_sha256: str, texts: Callable[[], Mapping[str, str]], pack_id: str, language: str
    ) -> Checked:
        """The same for files that are not in use, asked for only where these were not checked just before."""
        key = (files_sha256, pack_id, language)
        with self._lock:
            known = self._drafts.pop(key, None)
            if known is None:
                known = check(PackFiles.of(texts()).files, pack_id, language)
            self._drafts[key] = known
            while len(self._drafts) > DRAFTS_KEPT:
                self._drafts.pop(next(iter(self._drafts)))
        return known

    def state(self, pack_id: str, language: str) -> PackState:
        """The pack as it is in use, and what is wrong with its files. Builds nothing. Raises LanguageUnsupported."""
        key = (pack_id, language)
        checked = self.check(pack_id, language)
        return PackState(
            pack_id,
            language,
            self._outlines.get(key) or self._good.get(key),
            checked.problems,
            published=key in self._published.current(),
            folder_version=self._version(self._on_disk(language), pack_id, language),
        )

    def looked_at(self, pack_id: str, language: str) -> bool:
        """Whether this process knows the pack, so that asking for its state is cheap."""
        return (pack_id, language) in self._checked

    def header(self, pack_id: str, language: str) -> PackHeader:
        """What the files say about the pack at the least cost: nothing is checked. Raises LanguageUnsupported."""
        files = self.files(pack_id, language)
        top = files.get(header_path(pack_id, language))
        return PackHeader(
            pack_id,
            language,
            version=self._version(files, pack_id, language),
            title=None if top is None else texts_at(top.root, "title"),
            sha256=pack_sha256(files, pack_id, language),
            published=(pack_id, language) in self._published.current(),
        )

    @staticmethod
    def version_of(header: str | None) -> str | None:
        """The version that the text of a `pack.yaml` says, whatever it is; None without one."""
        return None if header is None else version_in(parse_yaml("pack.yaml", header, ""))

    def texts(self, pack_id: str, language: str, *, on_disk: bool = False) -> dict[str, str]:
        """All files that the pack is built from, by path, as they are in use (or `on_disk`, whatever was published).

        Raises:
            LanguageUnsupported: the pack does not exist in this language, or is not on disk.
            PackError: a file cannot be read as text; it carries all problems.
        """
        published = self._published.current().get((pack_id, language))
        if published is not None and not on_disk:
            return dict(published.texts)
        files = self._on_disk(language)
        if header_path(pack_id, language) not in files:
            raise LanguageUnsupported(f"the rules folder has no pack {pack_id!r} for language {language!r}")
        return read_texts(self._rules_dir, [path for path in files if concerns(path, pack_id, language)])

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
        """Everything that a pack's files give: pack, problems, tests, baselines. Raises LanguageUnsupported."""
        return self._parse(self.files(pack_id, language), pack_id, language)

    def inspect_files(self, files: Mapping[str, RawFile], pack_id: str, language: str) -> Parsed:
        """The same for files that are not in use."""
        return self._parse(files, pack_id, language)

    def _parse(self, files: Mapping[str, RawFile], pack_id: str, language: str) -> Parsed:
        sha256 = pack_sha256(files, pack_id, language)
        kept = self._models.load(sha256)
        parsed = parse(files, pack_id, language, models=kept)
        if kept is None and parsed.pack is not None:
            self._models.save(sha256, parsed.pack.matcher.models)
        return parsed

    def files(self, pack_id: str, language: str) -> Mapping[str, RawFile]:
        """The files that a pack is built from, by path: the same object as before if nothing changed.

        Raises:
            LanguageUnsupported: the pack does not exist in this language.
        """
        if language not in self.languages(pack_id):
            known = ", ".join(self.languages(pack_id)) or "no language"
            raise LanguageUnsupported(f"there is no pack {pack_id!r} for language {language!r}; it exists in {known}")
        published = self._published.current().get((pack_id, language))
        return self._on_disk(language) if published is None else published.files

    def read(self, language: str) -> Mapping[str, RawFile]:
        """The files of all packs of a language as they are in use, by path."""
        on_disk, published = self._on_disk(language), self._published.current()
        merged = self._merged.get(language)
        if merged is None or merged[0] is not on_disk or merged[1] is not published:
            files = dict(on_disk)
            for (pack_id, spoken), pack in published.items():
                own = f"{spoken}/{pack_id}/"
                if spoken == language:
                    files = {path: file for path, file in files.items() if not path.startswith(own)}
                    files |= {path: file for path, file in pack.files.items() if path.startswith(own)}
            merged = self._merged[language] = on_disk, published, files
        return merged[2]

    def _on_disk(self, language: str) -> Mapping[str, RawFile]:
        if language not in self._folders:
            self._folders[language] = RuleFolder(self._rules_dir / language, self._rules_dir)
        return self._folders[language].files()

    @staticmethod
    def _version(files: Mapping[str, RawFile], pack_id: str, language: str) -> str | None:
        top = files.get(header_path(pack_id, language))
        return None if top is None else version_in(top)

    def _languages(self) -> tuple[str, ...]:
        return tuple(language for language in LANGUAGES if (self._rules_dir / language).is_dir())

    def _packs_in(self, language: str) -> list[Path]:
        return sorted(f for f in (self._rules_dir / language).iterdir() if (f / PACK_FILE).is_file())


def version_in(header: RawFile) -> str | None:
    """The `version` of a `pack.yaml`, whatever it is; None without one."""
    root = header.root
    value = root.value.get("version") if root is not None and isinstance(root.value, Mapping) else None
    return None if value is None else str(value.value)
