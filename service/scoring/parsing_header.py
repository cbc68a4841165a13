"""pack.yaml: what a pack is, what its script is and how objections are judged."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from service.scoring.fields import Fields, open_file
from service.scoring.gate import Gate
from service.scoring.pack import GROUPS, OUTCOMES, SEVERITIES, Group, Odds
from service.scoring.policy import FLAG_CODES, FLAGS_WITH_LIMIT, Condition, FlagRule, PointsRow, Policy
from service.scoring.results import STEPS, Severity, Step, Text
from service.scoring.source import Problems, RawFile

_VERSION = re.compile(r"\d+\.\d+\.\d+")
#: A similarity that the example model must reach where a pack gives none.
DEFAULT_THRESHOLD = 0.5
NO_FLOOR = 0.0
#: What came before makes nothing a hundred times as likely, or as unlikely.
SMALLEST_ODDS, LARGEST_ODDS = 0.01, 100.0
MOST_POINTS = 5.0
#: Spans of a policy, in turns; a call of an hour has about 600.
LONGEST_SPAN = 1_000
#: Most words that `statement_words` may ask for; nobody answers an objection with more before they argue.
LONGEST_STATEMENT = 100
#: Verdicts of people that a gate may wait for; beyond that it would never decide.
MOST_VERDICTS = 100_000
_CONDITION_KEYS = ("all_of", "any_of", "none_of", "at_least", "outcome", "outcome_not")
_FLAG_SEVERITIES: tuple[Severity | Literal["from_violation"], ...] = (*SEVERITIES, "from_violation")


@dataclass(frozen=True, slots=True)
class Header:
    """What pack.yaml says. `script` are item names with their lines, in the order shown."""

    id: str
    version: str
    title: Text
    pass_mark: float
    critical_cap: float
    script: tuple[tuple[str, int], ...]
    thresholds: Mapping[Group, float]
    floors: Mapping[Group, float]
    odds: Mapping[Group, Odds]
    policy: Policy
    flags: tuple[FlagRule, ...]
    steps_asked: Mapping[Step, int]
    file: str
    gate: Gate | None = None


def parse_header(file: RawFile, folder: str, problems: Problems) -> Header | None:
    """Read pack.yaml; None where its YAML could not be read."""
    known = ("id", "version", "title", "pass_mark", "critical_cap", "script", "examples", "policy", "flags", "gate")
    fields = open_file(problems, file, known, "pack.yaml")
    if fields is None:
        return None
    name = fields.name("id")
    if name is not None and name != folder:
        fields.problem(fields.node("id"), f"'id': expected {folder!r}, the name of the pack's folder; found {name!r}")
    version = fields.text("version", required=True)
    if version is not None and not _VERSION.fullmatch(version):
        fields.problem(fields.node("version"), f"'version': expected three numbers such as 1.0.0, found {version!r}")
    asked: dict[Step, int] = {}
    examples = fields.inside("examples", ["thresholds", "floors", "odds"])
    return Header(
        id=folder,
        version=version or "0.0.0",
        title=fields.titles("title"),
        pass_mark=fields.number("pass_mark", default=0.75, least=0, most=1, required=True),
        critical_cap=fields.number("critical_cap", default=0.6, least=0, most=1, required=True),
        script=_script(fields),
        thresholds=_by_group(examples, "thresholds", DEFAULT_THRESHOLD),
        floors=_by_group(examples, "floors", NO_FLOOR),
        odds=_odds(examples),
        policy=_policy(fields, asked),
        flags=_flags(fields),
        steps_asked=asked,
        file=file.path,
        gate=_gate(fields),
    )


def _script(fields: Fields) -> tuple[tuple[str, int], ...]:
    fields.require("script")
    names = fields.texts("script")
    seen: set[str] = set()
    for name, line in names:
        if name in seen:
            fields.problem_at(line, f"'script': {name!r} stands there twice")
        seen.add(name)
    return tuple(names)


def _by_group(examples: Fields | None, name: str, default: float) -> dict[Group, float]:
    given = examples.inside(name, GROUPS) if examples else None
    return {group: given.number(group, default=default, least=0, most=1) if given else default for group in GROUPS}


def _odds(examples: Fields | None) -> dict[Group, Odds]:
    given = examples.inside("odds", GROUPS) if examples else None
    odds = {}
    for group in GROUPS:
        factors = given.inside(group, Odds._fields) if given else None
        odds[group] = Odds(*(_factor(factors, name) for name in Odds._fields)) if factors else Odds()
    return odds


def _factor(factors: Fields, name: str) -> float:
    return factors.number(name, default=1.0, least=SMALLEST_ODDS, most=LARGEST_ODDS)


def _policy(fields: Fields, asked: dict[Step, int]) -> Policy:
    fields.require("policy")
    policy = fields.inside("policy", ["episode_turns", "repeat_turns", "statement_words", "handled", "argumentation"])
    if policy is None:
        return Policy(1, 1, Condition(), ())
    policy.require("handled")
    handled = policy.inside("handled", _CONDITION_KEYS)
    policy.require("argumentation")
    rows = policy.each("argumentation", ("points", "reason", *_CONDITION_KEYS))
    table = tuple(
        PointsRow(
            points=row.number("points", default=0, least=0, most=MOST_POINTS, required=True),
            condition=_condition(row, asked),
            reason=row.titles("reason"),
        )
        for row in rows
    )
    for number, (row, parsed) in enumerate(zip(rows, table, strict=True)):
        last = number == len(table) - 1
        if last and parsed.condition != Condition():
            row.problem(
                None, "'argumentation': the last row must have no conditions, so that every objection gets points"
            )
        if not last and parsed.condition == Condition():
            row.problem(
                None, "'argumentation': a row without conditions before the last; no row after it is ever reached"
            )
    if not table and "argumentation" in policy:
        policy.problem(policy.node("argumentation"), "'argumentation': expected at least one row")
    return Policy(
        episode_turns=policy.whole("episode_turns", default=10, least=1, most=LONGEST_SPAN, required=True),
        repeat_turns=policy.whole("repeat_turns", default=12, least=0, most=LONGEST_SPAN, required=True),
        handled=_condition(handled, asked) if handled else Condition(),
        argumentation=table,
        statement_words=(
            policy.whole("statement_words", default=1, least=1, most=LONGEST_STATEMENT)
            if "statement_words" in policy
            else None
        ),
    )


def _condition(fields: Fields, asked: dict[Step, int]) -> Condition:
    at_least = fields.inside("at_least", ["n", "of"])
    counted: tuple[int, tuple[Step, ...]] | None = None
    if at_least:
        of = at_least.choices("of", STEPS)
        count = at_least.whole("n", default=1, least=1, most=len(STEPS), required=True)
        at_least.require("of")
        if of and count > len(of):
            at_least.problem(at_least.node("n"), f"'n': {count} of {len(of)} steps can never hold")
        counted = (count, of)
    condition = Condition(
        all_of=fields.choices("all_of", STEPS),
        any_of=fields.choices("any_of", STEPS),
        none_of=fields.choices("none_of", STEPS),
        at_least=counted,
        outcome=fields.choices("outcome", OUTCOMES),
        outcome_not=fields.choices("outcome_not", OUTCOMES),
    )
    wanted = set(condition.all_of)
    if wanted & set(condition.none_of):
        fields.problem(fields.node("none_of"), "a step is both in 'all_of' and in 'none_of': this can never hold")
    for step in (*condition.all_of, *condition.any_of, *condition.none_of, *(counted[1] if counted else ())):
        asked.setdefault(step, fields.line)
    return condition


def _gate(fields: Fields) -> Gate | None:
    gate = fields.inside("gate", ["accuracy", "minimum_n"])
    if gate is None:
        return None
    return Gate(
        accuracy=gate.number("accuracy", default=0.8, least=0, most=1, required=True),
        minimum_n=gate.whole("minimum_n", default=30, least=1, most=MOST_VERDICTS, required=True),
    )


def _flags(fields: Fields) -> tuple[FlagRule, ...]:
    flags: list[FlagRule] = []
    for entry in fields.each("flags", ("code", "severity", "below")):
        node = entry.require("code")
        code = entry.choice(node, FLAG_CODES, "'code'") if node else None
        if code is None:
            continue
        if any(flag.code == code for flag in flags):
            entry.problem(node, f"'flags': {code} stands there twice")
        severity = entry.one_of("severity", _FLAG_SEVERITIES, default="medium", required=True)
        if severity == "from_violation" and code != "violation":
            entry.problem(entry.node("severity"), "'severity': from_violation is only for the flag 'violation'")
        below: float | None = None
        if code in FLAGS_WITH_LIMIT:
            below = entry.number("below", default=0.5, least=0, most=MOST_POINTS, required=True)
        elif "below" in entry:
            entry.problem(entry.node("below"), f"'below' means nothing for {code}")
        flags.append(FlagRule(code, severity, below))
    return tuple(flags)
