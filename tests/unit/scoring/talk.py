"""Builders for tests: a dialogue written down line by line, with the places where rules fire marked in it.

    talk = Talk("agent: Добрый день! <script/greeting>", "customer: Дорого. <objections/price>")

A mark stands behind the sentence that it belongs to. No rule runs: what is tested is what is made of hits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import get_args

from service.scoring.dialogue import Dialogue, Sentence, Turn
from service.scoring.hits import Hit, Hits
from service.scoring.language import Word
from service.scoring.pack import AppliesWhen, Group, ObjectionType, Pack, Rule, ScriptItem, ViolationRule
from service.scoring.policy import Condition, FlagRule, PointsRow, Policy
from service.scoring.results import Evidence, Outcome, Step
from service.scoring.transcript import SPEAKERS, Speaker, Transcript, Utterance

MARK = re.compile(r"\s*<([^>]+)>")
SENTENCE = re.compile(r"[^.!?…]+[.!?…]*\s*")
OBJECTION_TYPES = (
    "price", "timing", "authority", "incumbent", "no_need", "send_info", "trust", "bad_experience", "complexity", "terms",
)  # fmt: skip


def rule(group: Group, name: str, **more: object) -> Rule:
    speaker = "customer" if group in ("objections", "reactions") else "agent"
    values: dict[str, object] = {
        "id": f"{group}/{name}",
        "group": group,
        "name": name,
        "title": {"ru": f"ру {name}", "en": f"en {name}"},
        "speaker": speaker,
        "file": f"{group}/{name}.yaml",
        "line": 1,
    }
    return Rule(**(values | more))  # type: ignore[arg-type]


def row(points: float, reason: str, **condition: object) -> PointsRow:
    return PointsRow(points, Condition(**condition), {"ru": reason, "en": reason})  # type: ignore[arg-type]


POLICY = Policy(
    episode_turns=10,
    repeat_turns=12,
    handled=Condition(all_of=("argument",), any_of=("acknowledge", "clarify"), outcome_not=("rejected",)),
    argumentation=(
        row(5, "exemplary", all_of=get_args(Step), outcome=("accepted",)),
        row(4, "good", all_of=("argument",), any_of=("acknowledge", "clarify"), at_least=(1, ("evidence", "confirm"))),
        row(3, "fair", all_of=("argument",), any_of=("acknowledge", "clarify")),
        row(2, "one sound element", all_of=("argument",)),
        row(1, "a bare reply", at_least=(1, ("acknowledge", "clarify", "evidence", "confirm"))),
        row(0, "no answer"),
    ),
)

SCRIPT = (
    ScriptItem(rule("script", "greeting")),
    ScriptItem(rule("script", "company"), critical=True),
    ScriptItem(rule("script", "permission"), applies_when=AppliesWhen(direction=("outbound",))),
    ScriptItem(rule("script", "next_step"), weight=2.0),
    ScriptItem(rule("script", "next_step_dated")),
    ScriptItem(rule("script", "contact_confirmation")),
)


def pack(**more: object) -> Pack:
    """A small pack with the stock types, steps and policy; keyword arguments replace its fields."""
    arguments = {name: rule("arguments", name) for name in (*OBJECTION_TYPES, "general")}
    objections = tuple(
        ObjectionType(rule("objections", name), (f"arguments/{name}", "arguments/general")) for name in OBJECTION_TYPES
    )
    steps: Mapping[Step, Rule] = {step: rule("steps", step) for step in get_args(Step) if step != "argument"}
    reactions: Mapping[Outcome, Rule] = {name: rule("reactions", name) for name in get_args(Outcome)}
    values: dict[str, object] = {
        "id": "test",
        "version": "1.0.0",
        "language": "ru",
        "title": {"ru": "Проба", "en": "Test"},
        "sha256": "0" * 64,
        "pass_mark": 0.75,
        "critical_cap": 0.6,
        "rules": {item.rule.id: item.rule for item in SCRIPT},
        "script": SCRIPT,
        "objections": objections,
        "steps": steps,
        "arguments": arguments,
        "reactions": reactions,
        "violations": (ViolationRule(rule("violations", "overpromise"), "high"),),
        "policy": POLICY,
        "flags": (FlagRule("objection_unresolved", "medium"),),
        "matcher": None,
    }
    return Pack(**(values | more))  # type: ignore[arg-type]


def _words(text: str, start: int) -> tuple[Word, ...]:
    """The words of a text from a place on, uninflected: enough for quoting and counting."""
    return tuple(
        Word(
            found.group().lower(),
            (found.group().lower(),),
            found.start(),
            found.end(),
            pause=False,
            ends=False,
            asks=False,
        )
        for found in re.finditer(r"[\w-]+", text)
        if found.start() >= start
    )


class Talk:
    """A dialogue and its hits. Each line is one turn: `speaker: sentence <rule> sentence <rule> <rule>`."""

    def __init__(self, *lines: str) -> None:
        self.turns: list[Turn] = []
        self.sentences: list[Sentence] = []
        self.utterances: list[Utterance] = []
        self.by_rule: dict[str, list[Hit]] = {}
        for line in lines:
            speaker, text = line.split(":", 1)
            assert speaker in SPEAKERS
            self._turn(speaker, text.strip())

    @property
    def transcript(self) -> Transcript:
        return Transcript("ru", tuple(self.utterances))

    @property
    def dialogue(self) -> Dialogue:
        return Dialogue(self.transcript, tuple(self.turns), tuple(self.sentences))

    @property
    def hits(self) -> Hits:
        return Hits({rule_id: tuple(found) for rule_id, found in self.by_rule.items()})

    def _turn(self, speaker: Speaker, marked: str) -> None:
        index, first = len(self.turns), len(self.sentences)
        plain = ""
        for part in re.split(r"((?:\s*<[^>]+>)+)", marked):
            if part.lstrip().startswith("<"):
                for rule_id in MARK.findall(part):
                    self._fire(rule_id, self.sentences[-1])
                continue
            for sentence in SENTENCE.findall(part):
                start, plain = len(plain), plain + sentence
                text = sentence.strip()
                self.sentences.append(
                    Sentence(
                        index=len(self.sentences),
                        utterance=index,
                        turn=index,
                        speaker=speaker,
                        first_char=start,
                        last_char=len(plain),
                        text=text,
                        question=text.endswith("?"),
                        may_ask=text.endswith("?"),
                        words=_words(plain, start),
                        fillers=frozenset(),
                        starts=(),
                    )
                )
        ordinal = sum(turn.speaker == speaker for turn in self.turns)
        self.utterances.append(Utterance(speaker, plain.strip()))
        self.turns.append(
            Turn(index, ordinal, speaker, index, index + 1, first, len(self.sentences), start_s=None, end_s=None)
        )

    def _fire(self, rule_id: str, sentence: Sentence) -> None:
        name, _, similarity = rule_id.partition("=")
        evidence = Evidence(sentence.utterance, None, None, sentence.text, name, sentence.text)
        hit = Hit(
            rule=name,
            utterance=sentence.utterance,
            turn=sentence.turn,
            sentence=sentence.index,
            first_char=sentence.first_char,
            last_char=sentence.last_char,
            cite=lambda: evidence,
            similarity=float(similarity) if similarity else None,
        )
        self.by_rule.setdefault(name, []).append(hit)
