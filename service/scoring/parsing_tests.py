"""Test files, example files, baselines and shared lists: the texts beside the rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from service.scoring.fields import NAME, Fields, open_file
from service.scoring.lexemes import TemplateError
from service.scoring.source import Node, Problems, RawFile
from service.scoring.templates import Sequence, parse_template
from service.scoring.transcript import Speaker

#: Sentences of each kind that a test file must have.
FEWEST_TESTS = 8
_SPEAKERS: tuple[Speaker, ...] = ("agent", "customer")


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that somebody says in a test; None: whoever the rule listens to."""

    speaker: Speaker | None
    text: str


@dataclass(frozen=True, slots=True)
class TestCase:
    """A sentence of a test file, what was said before it, and where it stands."""

    __test__ = False  # not a test class of pytest's

    said: Said
    before: tuple[Said, ...]
    line: int


@dataclass(frozen=True, slots=True)
class RuleTests:
    """The tests of one rule (full id)."""

    rule: str
    file: str
    match: tuple[TestCase, ...]
    no_match: tuple[TestCase, ...]
    known_miss: tuple[TestCase, ...]


@dataclass(frozen=True, slots=True)
class BaselineEntry:
    """Ordinary talk in which nothing may fire but the rules in `allowed` (full ids) and script items named there."""

    speaker: Speaker
    text: str
    allowed: tuple[str, ...]
    file: str
    line: int


def parse_tests(file: RawFile, rule: str, problems: Problems) -> RuleTests | None:
    """Read a test file; None where its YAML could not be read."""
    fields = open_file(problems, file, ("match", "no_match", "known_miss"), "test file")
    if fields is None:
        return None
    tests = RuleTests(
        rule=rule,
        file=file.path,
        match=_cases(fields, "match"),
        no_match=_cases(fields, "no_match"),
        known_miss=_cases(fields, "known_miss"),
    )
    for key, cases in (("match", tests.match), ("no_match", tests.no_match)):
        if len(cases) < FEWEST_TESTS:
            message = f"{key!r}: {len(cases)} sentences; expected at least {FEWEST_TESTS}"
            fields.problem(fields.node(key), message, blocking=False)
    said: dict[tuple[Said, tuple[Said, ...]], int] = {}
    for case in (*tests.match, *tests.no_match, *tests.known_miss):
        before = said.setdefault((case.said, case.before), case.line)
        if before != case.line:
            fields.problem_at(case.line, f"the same sentence stands in line {before}", blocking=False)
    return tests


def _cases(fields: Fields, key: str) -> tuple[TestCase, ...]:
    cases: list[TestCase] = []
    for item in fields.items(key):
        if isinstance(item.value, Mapping):
            entry = Fields(fields.problems, fields.file, item, ("text", "speaker", "before"), f"an entry of {key!r}")
            said = _said(entry)
            before = tuple(_said(part) for part in entry.each("before", ("text", "speaker")))
            cases.append(TestCase(said, before, item.line))
        elif text := fields.text_of(item, f"an entry of {key!r}"):
            cases.append(TestCase(Said(None, text), (), item.line))
    return tuple(cases)


def _said(fields: Fields) -> Said:
    speaker = fields.one_of("speaker", _SPEAKERS, default="agent") if "speaker" in fields else None
    return Said(speaker, fields.text("text", required=True) or "")


def parse_examples(file: RawFile, problems: Problems) -> tuple[list[str], list[str]]:
    """Read an example file: utterances that mean the rule, and near misses that do not."""
    fields = open_file(problems, file, ("like", "unlike"), "example file")
    if fields is None:
        return [], []
    like = fields.texts("like")
    unlike = fields.texts("unlike")
    both = {text for text, _ in like} & {text for text, _ in unlike}
    for text, line in unlike:
        if text in both:
            fields.problem_at(line, "the same utterance stands in 'like' and in 'unlike'")
    return [text for text, _ in like], [text for text, _ in unlike]


def parse_baseline(file: RawFile, references: Mapping[str, str], problems: Problems) -> tuple[BaselineEntry, ...]:
    """Read a baseline; `references` gives the full id for every name that `except` may use.

    A baseline is shared by all packs of a language, so a name that this pack does not have is no problem.
    """
    fields = open_file(problems, file, _SPEAKERS, "baseline")
    if fields is None:
        return ()
    entries: list[BaselineEntry] = []
    for speaker in _SPEAKERS:
        for item in fields.items(speaker):
            allowed: list[str] = []
            text: str | None
            if isinstance(item.value, Mapping):
                entry = Fields(fields.problems, file.path, item, ("text", "except"), f"an entry of {speaker!r}")
                text = entry.text("text", required=True)
                allowed = [references.get(name, name) for name, _ in entry.texts("except")]
            else:
                text = fields.text_of(item, f"an entry of {speaker!r}")
            if text:
                entries.append(BaselineEntry(speaker, text, tuple(allowed), file.path, item.line))
    return tuple(entries)


def parse_lists(files: Mapping[str, RawFile], problems: Problems) -> dict[str, tuple[Sequence, ...]]:
    """Read the shared lists, by name. References between them are checked where they are used."""
    lists: dict[str, tuple[Sequence, ...]] = {}
    for name, file in files.items():
        if not NAME.fullmatch(name):
            problems.add(file.path, 1, f"a list's file name has lower-case letters, digits and _; found {name!r}")
        fields = open_file(problems, file, ("list",), "list")
        if fields is None:
            lists[name] = ()
            continue
        fields.require("list")
        entries = fields.items("list")
        if "list" in fields and not entries:
            fields.problem(fields.node("list"), "'list': expected at least one template")
        lists[name] = tuple(tree for item in entries if (tree := _entry(fields, item)) is not None)
    return lists


def _entry(fields: Fields, item: Node) -> Sequence | None:
    text = fields.text_of(item, "an entry of 'list'")
    if text is None:
        return None
    try:
        return parse_template(text)
    except TemplateError as error:
        fields.problem(item, f"column {error.column}: {error.message} (in {text!r})")
        return None
