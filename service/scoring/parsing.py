"""Rule files -> Pack. Collects every problem of every file before it gives up.

files    {path: RawFile}: everything under the language's folder
parse    -> Parsed: the pack if one can be built, all problems, the tests and the baselines
check    -> Checked: its outline, all problems, without the seconds that building costs
parse_pack -> Pack, or PackError with all problems
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from service.scoring.assembly import Assembly
from service.scoring.errors import PackError, PackProblem
from service.scoring.examples import TrainedModels
from service.scoring.fields import NAME
from service.scoring.pack import GENERAL_ARGUMENT, GROUPS, OUTCOMES, Group, Outline, Pack
from service.scoring.parsing_header import Header, parse_header
from service.scoring.parsing_rules import RuleDraft, parse_rule
from service.scoring.parsing_tests import (
    BaselineEntry,
    RuleTests,
    parse_baseline,
    parse_examples,
    parse_lists,
    parse_tests,
)
from service.scoring.references import References
from service.scoring.results import STEPS
from service.scoring.source import Problems, RawFile

LISTS_FOLDER = "_lists"
BASELINE_FOLDER = "_baseline"
PACK_FILE = "pack.yaml"
TEST_SUFFIX = ".test.yaml"
EXAMPLES_SUFFIX = ".examples.yaml"
RULE_SUFFIX = ".yaml"


@dataclass(frozen=True, slots=True)
class Parsed:
    """What the files of a pack give. `pack` is None if problems leave none that could even be tried out."""

    pack: Pack | None
    problems: tuple[PackProblem, ...]
    tests: tuple[RuleTests, ...]
    baseline: tuple[BaselineEntry, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """What a pack's files say. `outline` is None if problems leave nothing that could be built."""

    outline: Outline | None
    problems: tuple[PackProblem, ...]


def pack_sha256(files: Mapping[str, RawFile], pack_id: str, language: str) -> str:
    """Hex SHA-256 over every file that can change a score: not tests, and no other pack."""
    digest = hashlib.sha256()
    for path in sorted(_concerning(files, pack_id, language)):
        if not path.endswith(TEST_SUFFIX):
            digest.update(f"{path}\0{files[path].sha256}\n".encode())
    return digest.hexdigest()


def parse_pack(files: Mapping[str, RawFile], pack_id: str, language: str) -> Pack:
    """The pack.

    Raises:
        PackError: the files have problems; it carries all of them.
        LanguageUnsupported: there is no pipeline for the language.
    """
    parsed = parse(files, pack_id, language)
    if parsed.pack is None or parsed.problems:
        raise PackError(parsed.problems)
    return parsed.pack


def parse(files: Mapping[str, RawFile], pack_id: str, language: str, *, models: TrainedModels | None = None) -> Parsed:
    """Read all files of a pack in one language; never raises for what stands in them.

    `models` are the example models that were trained from the very same files before; else they are trained now.

    Raises:
        LanguageUnsupported: there is no pipeline for the language.
    """
    return _Parse({path: files[path] for path in _concerning(files, pack_id, language)}, pack_id, language).run(
        pack_sha256(files, pack_id, language), models
    )


def check(files: Mapping[str, RawFile], pack_id: str, language: str) -> Checked:
    """All problems of a pack, as `parse` finds them, and what it says about itself; never raises for what stands in the files.

    Raises:
        LanguageUnsupported: there is no pipeline for the language.
    """
    return _Parse({path: files[path] for path in _concerning(files, pack_id, language)}, pack_id, language).check(
        pack_sha256(files, pack_id, language)
    )


def _concerning(files: Mapping[str, RawFile], pack_id: str, language: str) -> list[str]:
    folders = tuple(f"{language}/{folder}/" for folder in (pack_id, LISTS_FOLDER, BASELINE_FOLDER))
    return sorted(path for path in files if path.startswith(folders))


class _Parse:
    def __init__(self, files: Mapping[str, RawFile], pack_id: str, language: str) -> None:
        self._files = files
        self._pack_id = pack_id
        self._language = language
        self._root = f"{language}/{pack_id}"
        self._problems = Problems()

    def run(self, sha256: str, models: TrainedModels | None) -> Parsed:
        assembly, tests, baseline = self._read()
        pack = assembly.pack(sha256, baseline, models) if assembly is not None else None
        return Parsed(pack, self._problems.all, tests, baseline)

    def check(self, sha256: str) -> Checked:
        assembly, _, baseline = self._read()
        outline = assembly.outline(sha256, baseline) if assembly is not None else None
        return Checked(outline, self._problems.all)

    def _read(self) -> tuple[Assembly | None, tuple[RuleTests, ...], tuple[BaselineEntry, ...]]:
        header = self._header()
        drafts = self._drafts()
        references = References(drafts, self._problems)
        tests = self._tests(drafts)
        baseline = [
            entry
            for path, file in self._in_folder(f"{self._language}/{BASELINE_FOLDER}")
            for entry in parse_baseline(file, references.full_ids, self._problems)
            if path
        ]
        lists_folder = f"{self._language}/{LISTS_FOLDER}"
        lists = parse_lists(
            {path.removesuffix(RULE_SUFFIX): file for path, file in self._in_folder(lists_folder)}, self._problems
        )
        assembly: Assembly | None = None
        if header is not None:
            self._check_whole(header, drafts)
            assembly = Assembly(
                header, drafts, references, lists=lists, language=self._language, problems=self._problems
            )
        return assembly, tuple(tests), tuple(baseline)

    def _header(self) -> Header | None:
        file = self._files.get(f"{self._root}/{PACK_FILE}")
        if file is None:
            self._problems.add(f"{self._root}/{PACK_FILE}", 1, "the file is missing: every pack has one")
            return None
        return parse_header(file, self._pack_id, self._problems)

    def _in_folder(self, folder: str) -> list[tuple[str, RawFile]]:
        """(name, file) of the files right in a folder."""
        prefix = f"{folder}/"
        return [
            (path.removeprefix(prefix), file)
            for path, file in sorted(self._files.items())
            if path.startswith(prefix) and "/" not in path.removeprefix(prefix)
        ]

    def _drafts(self) -> list[RuleDraft]:
        drafts: list[RuleDraft] = []
        for path, file in sorted(self._files.items()):
            if not path.startswith(f"{self._root}/") or path == f"{self._root}/{PACK_FILE}":
                continue
            group = self._group(path)
            if group is None or path.endswith((TEST_SUFFIX, EXAMPLES_SUFFIX)):
                continue
            name = PurePosixPath(path).name.removesuffix(RULE_SUFFIX)
            if not NAME.fullmatch(name):
                message = f"a rule's file name has lower-case letters, digits and _; found {name!r}"
                self._problems.add(path, 1, message)
                continue
            examples_file = self._files.get(path.removesuffix(RULE_SUFFIX) + EXAMPLES_SUFFIX)
            examples = parse_examples(examples_file, self._problems) if examples_file else ([], [])
            draft = parse_rule(file, group, name, examples, self._problems)
            if draft is not None:
                drafts.append(draft)
        return drafts

    def _group(self, path: str) -> Group | None:
        """The group that a file's folder says, None (and a problem) for a file in no known folder."""
        parts = path.removeprefix(f"{self._root}/").split("/")
        for group in GROUPS:
            if len(parts) == 2 and parts[0] == group:  # noqa: PLR2004 - folder and file
                return group
        self._problems.add(path, 1, f"no place for a rule: expected {self._root}/ and one of {', '.join(GROUPS)}")
        return None

    def _tests(self, drafts: list[RuleDraft]) -> list[RuleTests]:
        tests: list[RuleTests] = []
        rules = {draft.file: draft for draft in drafts}
        for draft in drafts:
            path = draft.file.removesuffix(RULE_SUFFIX) + TEST_SUFFIX
            file = self._files.get(path)
            if file is None:
                message = f"the test file {PurePosixPath(path).name} beside it is missing"
                self._problems.add(draft.file, 1, message, blocking=False)
            elif (parsed := parse_tests(file, draft.id, self._problems)) is not None:
                tests.append(parsed)
        for path in self._files:
            for suffix in (TEST_SUFFIX, EXAMPLES_SUFFIX):
                if path.startswith(self._root) and path.endswith(suffix):
                    rule = path.removesuffix(suffix) + RULE_SUFFIX
                    if rule not in rules and rule not in self._files:
                        self._problems.add(path, 1, f"there is no rule beside it: expected {PurePosixPath(rule).name}")
        return tests

    def _check_whole(self, header: Header, drafts: list[RuleDraft]) -> None:
        """What no single file can tell: items without a place in the script, objections that nobody could answer."""
        names = {group: {draft.name: draft for draft in drafts if draft.group == group} for group in GROUPS}
        listed = [name for name, _ in header.script]
        for name, line in header.script:
            if name not in names["script"]:
                self._problems.add(header.file, line, f"'script': there is no file script/{name}.yaml", blocking=False)
        for name, draft in names["script"].items():
            if name not in listed:
                message = f"the item {name!r} is not in the 'script' list of {PACK_FILE}"
                self._problems.add(draft.file, draft.line, message, blocking=False)
        fixed: tuple[tuple[Group, tuple[str, ...]], ...] = (("steps", STEPS), ("reactions", OUTCOMES))
        for group, allowed in fixed:
            for name, draft in names[group].items():
                if name not in allowed:
                    message = f"{group} are {', '.join(allowed)}; found {name!r}"
                    self._problems.add(draft.file, draft.line, message)
        for name, draft in names["arguments"].items():
            if name != GENERAL_ARGUMENT and name not in names["objections"]:
                message = f"there is no objection type {name!r} for this argument; expected one of the files in objections/, or general.yaml"
                self._problems.add(draft.file, draft.line, message)
        if names["objections"]:
            self._check_objections(header, names)

    def _check_objections(self, header: Header, names: Mapping[Group, Mapping[str, RuleDraft]]) -> None:
        for step, line in header.steps_asked.items():
            missing = step not in names["steps"] if step != "argument" else not names["arguments"]
            if missing:
                where = "arguments/general.yaml" if step == "argument" else f"steps/{step}.yaml"
                self._problems.add(
                    header.file, line, f"the policy asks for the step {step!r}, but there is no {where}", blocking=False
                )
        for outcome in OUTCOMES:
            if outcome not in names["reactions"]:
                message = f"objections need the reaction rule reactions/{outcome}.yaml"
                self._problems.add(header.file, 1, message, blocking=False)
        for name, draft in names["objections"].items():
            if GENERAL_ARGUMENT not in names["arguments"] and name not in names["arguments"] and names["arguments"]:
                message = f"no argument speaks to {name!r}: expected arguments/{name}.yaml or arguments/general.yaml"
                self._problems.add(draft.file, draft.line, message, blocking=False)
