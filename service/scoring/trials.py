"""A pack's own tests: do its rules fire on what their authors say they must, and on nothing in ordinary talk?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from service.scoring.dialogue import Dialogue
from service.scoring.hits import Hit
from service.scoring.matching import find_hits
from service.scoring.pack import Pack, Rule
from service.scoring.parsing_tests import BaselineEntry, RuleTests, Said, TestCase
from service.scoring.transcript import Speaker, Transcript, Utterance

#: Groups whose rules may fire in ordinary talk: people react and give signals all the time.
_ORDINARY_GROUPS = ("signals/", "reactions/")
FailureKind = Literal["miss", "false_hit", "mended", "baseline"]


@dataclass(frozen=True, slots=True)
class Failure:
    """A test that went wrong.

    `miss`: a `match` sentence fired nothing; `false_hit`: a `no_match` sentence fired; `mended`: a `known_miss` fires now
    and belongs among `match`; `baseline`: ordinary talk fired. `template` is what fired, None for a miss.
    """

    rule: str
    kind: FailureKind
    text: str
    file: str
    line: int
    template: str | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """The outcome of all tests of a pack."""

    sentences: int
    failures: tuple[Failure, ...]
    known_misses: int


def try_pack(pack: Pack, tests: Iterable[RuleTests], baseline: Iterable[BaselineEntry]) -> Trial:
    """Run every test sentence and every baseline sentence."""
    failures: list[Failure] = []
    sentences = 0
    known_misses = 0
    for rule_tests in tests:
        rule = pack.rules.get(rule_tests.rule)
        if rule is None:
            continue
        sentences += len(rule_tests.match) + len(rule_tests.no_match) + len(rule_tests.known_miss)
        known_misses += len(rule_tests.known_miss)
        failures += _try_rule(pack, rule, rule_tests)
    for entry in baseline:
        sentences += 1
        hits = hits_on(pack, [Said(entry.speaker, entry.text)], entry.speaker)
        failures += [
            Failure(hit.rule, "baseline", entry.text, entry.file, entry.line, hit.evidence.template)
            for hit in _first_of_each(hits)
            if hit.rule not in entry.allowed and not hit.rule.startswith(_ORDINARY_GROUPS)
        ]
    return Trial(sentences, tuple(sorted(failures, key=lambda f: (f.rule, f.file, f.line, f.kind))), known_misses)


def _try_rule(pack: Pack, rule: Rule, tests: RuleTests) -> Iterable[Failure]:
    def fired(case: TestCase) -> Hit | None:
        said = [*case.before, case.said]
        hits = hits_on(pack, said, "agent" if rule.speaker == "any" else rule.speaker)
        return next((hit for hit in hits if hit.rule == rule.id and hit.utterance == len(said) - 1), None)

    for case in tests.match:
        if fired(case) is None:
            yield Failure(rule.id, "miss", case.said.text, tests.file, case.line)
    for case in tests.no_match:
        if (hit := fired(case)) is not None:
            yield Failure(rule.id, "false_hit", case.said.text, tests.file, case.line, hit.evidence.template)
    for case in tests.known_miss:
        if (hit := fired(case)) is not None:
            yield Failure(rule.id, "mended", case.said.text, tests.file, case.line, hit.evidence.template)


def hits_on(pack: Pack, said: Sequence[Said], speaker: Speaker) -> list[Hit]:
    """Hits in a conversation of a few sentences; `speaker` says those that name none."""
    utterances = tuple(Utterance(part.speaker or speaker, part.text) for part in said)
    return list(find_hits(Dialogue.of(Transcript(pack.language, utterances), pack), pack))


def _first_of_each(hits: Iterable[Hit]) -> list[Hit]:
    first: dict[str, Hit] = {}
    for hit in hits:
        first.setdefault(hit.rule, hit)
    return [first[name] for name in sorted(first)]
