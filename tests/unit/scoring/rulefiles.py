"""Rule files given as text, for tests that break or bend one thing in an otherwise good pack."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from service.rule_files import parse_yaml
from service.scoring.dialogue import Dialogue
from service.scoring.errors import PackProblem
from service.scoring.hits import Hits
from service.scoring.matching import find_hits
from service.scoring.pack import Pack
from service.scoring.parsing import Parsed, parse
from service.scoring.source import RawFile
from service.scoring.transcript import Speaker, Transcript, Utterance

PACK_YAML = """\
id: trial
version: 1.0.0
title: {ru: Проба, en: Trial}
pass_mark: 0.7
critical_cap: 0.6
script: [greeting, closing]
policy:
  episode_turns: 10
  repeat_turns: 12
  handled: {all_of: [argument], any_of: [acknowledge]}
  argumentation:
    - {points: 3, all_of: [argument], reason: {ru: довод, en: argued}}
    - {points: 0, reason: {ru: ничего, en: nothing}}
flags:
  - {code: critical_missed, severity: high}
  - {code: low_adherence, severity: medium, below: 0.5}
"""
TEST_YAML = """\
match: [м один, м два, м три, м четыре, м пять, м шесть, м семь, м восемь]
no_match: [н один, н два, н три, н четыре, н пять, н шесть, н семь, н восемь]
"""


def rule_yaml(name: str, body: str) -> str:
    """A rule file with id and titles."""
    return f"id: {name}\ntitle: {{ru: {name}, en: {name}}}\n{body}\n"


def trial_files(language: str = "ru") -> dict[str, str]:
    """The texts of a small pack without problems, by path."""
    rules = {
        "script/greeting": "phrases: [добрый день, hello]",
        "script/closing": "phrases: [до свидания, goodbye]",
        "objections/price": "phrases: [дорого, too expensive]",
        "steps/acknowledge": "phrases: [понимаю, i understand]",
        "arguments/general": "phrases: [вы экономите, you save]",
        "reactions/accepted": "phrases: [давайте, let us do it]",
        "reactions/neutral": "phrases: [подумаю, i will think]",
        "reactions/rejected": "phrases: [не звоните, stop calling]\nnegation: false",
        "violations/overpromise": "phrases: [гарантирую, i guarantee]\nseverity: high",
    }
    files = {f"{language}/trial/pack.yaml": PACK_YAML}
    for rule, body in rules.items():
        files[f"{language}/trial/{rule}.yaml"] = rule_yaml(rule.partition("/")[2], body)
        files[f"{language}/trial/{rule}.test.yaml"] = TEST_YAML
    return files


def raw(files: Mapping[str, str]) -> dict[str, RawFile]:
    """Files as the pack library reads them."""
    return {path: parse_yaml(path, text, hashlib.sha256(text.encode()).hexdigest()) for path, text in files.items()}


def parse_trial(changes: Mapping[str, str | None] | None = None, language: str = "ru") -> Parsed:
    """The small pack with some files replaced, added or (None) left out; paths are within the pack or begin with `_`."""
    files = trial_files(language)
    for path, text in (changes or {}).items():
        full = f"{language}/{path}" if path.startswith("_") else f"{language}/trial/{path}"
        if text is None:
            del files[full]
        else:
            files[full] = text
    return parse(raw(files), "trial", language)


def problems_of(changes: Mapping[str, str | None]) -> tuple[PackProblem, ...]:
    """What is wrong with the small pack after some changes."""
    return parse_trial(changes).problems


def pack_with(
    body: str, *, rule: str = "signals/probe", language: str = "ru", lists: Mapping[str, str] | None = None
) -> Pack:
    """The small pack with one more rule of this body, to look at its hits alone."""
    if rule.startswith("signals/") and "speaker:" not in body:
        body = f"speaker: any\n{body}"
    changes = {f"{rule}.yaml": rule_yaml(rule.partition("/")[2], body), f"{rule}.test.yaml": TEST_YAML}
    changes.update({f"_lists/{name}.yaml": text for name, text in (lists or {}).items()})
    parsed = parse_trial(changes, language)
    assert parsed.pack is not None, parsed.problems
    return parsed.pack


def call(language: str, *said: tuple[Speaker, str]) -> Transcript:
    """A call that came as text."""
    return Transcript(language, tuple(Utterance(speaker, text) for speaker, text in said))


def hits_in(pack: Pack, *said: tuple[Speaker, str]) -> Hits:
    """The pack's hits in a short conversation."""
    return find_hits(Dialogue.of(call(pack.language, *said), pack), pack)


def fires(body: str, text: str, *, language: str = "ru", speaker: Speaker = "agent", **more: Mapping[str, str]) -> bool:
    """True if a rule of this body fires on a sentence."""
    pack = pack_with(body, language=language, lists=more.get("lists"))
    return bool(hits_in(pack, (speaker, text)).of("signals/probe"))
