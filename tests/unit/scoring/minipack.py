"""A complete small pack, written to a folder: what the smallest customer's own pack could look like."""

from __future__ import annotations

from pathlib import Path

PACK = """
id: mini
version: 1.2.3
title: {ru: Малый, en: Small}
pass_mark: 0.75
critical_cap: 0.6
script: [greeting, company, permission]
policy:
  episode_turns: 10
  repeat_turns: 12
  handled: {all_of: [argument], any_of: [acknowledge, clarify], outcome_not: [rejected]}
  argumentation:
    - {points: 4, all_of: [argument], any_of: [acknowledge, clarify], reason: {ru: услышано и отвечено, en: heard and answered}}
    - {points: 2, all_of: [argument], reason: {ru: один довод, en: one argument}}
    - {points: 0, reason: {ru: нет ответа, en: no answer}}
flags:
  - {code: critical_missed, severity: high}
  - {code: violation, severity: from_violation}
  - {code: objection_unresolved, severity: medium}
  - {code: low_adherence, severity: medium, below: 0.5}
  - {code: low_argumentation, severity: medium, below: 2.5}
  - {code: low_confidence, severity: low, below: 0.55}
  - {code: no_speech, severity: medium}
  - {code: unknown_rep, severity: low}
"""
RULES = {
    "script/greeting": ("agent", ["добрый день", "здравствуйте"], "within: {first_turns: 2}"),
    "script/company": ("agent", ["[это] компания ..2.."], "critical: true"),
    "script/permission": ("agent", ["удобно [сейчас] говорить"], "applies_when: {direction: [outbound]}"),
    "objections/price": ("customer", ["дорого"], ""),
    "objections/timing": ("customer", ["не сейчас"], "negation: false"),
    "steps/acknowledge": ("agent", ["понимаю"], ""),
    "steps/clarify": ("agent", ["с чем (сравнивать|сравнить)"], "question: true"),
    "steps/evidence": ("agent", ["на заводе"], ""),
    "steps/confirm": ("agent", ["согласны"], ""),
    "arguments/price": ("agent", ["окупаться"], ""),
    "arguments/timing": ("agent", ["потом будет дороже"], ""),
    "arguments/general": ("agent", ["вы сэкономить"], ""),
    "reactions/accepted": ("customer", ["убедить"], ""),
    "reactions/neutral": ("customer", ["подумать"], ""),
    "reactions/rejected": ("customer", ["нет спасибо"], "negation: false"),
    "violations/overpromise": ("agent", ["сто процентов гарантировать"], "severity: high"),
}
#: What is said in the tests of a rule of which the first phrase is no sentence.
SAID = {"steps/clarify": "с чем сравнивать?"}


def write_minipack(rules_dir: Path) -> Path:
    """Write the pack `mini` (Russian) under `rules_dir` and return that folder."""
    folder = rules_dir / "ru" / "mini"
    for rule, (speaker, phrases, more) in RULES.items():
        path = folder / f"{rule}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [
            f"id: {path.stem}",
            f"title: {{ru: ру {path.stem}, en: en {path.stem}}}",
            f"speaker: {speaker}",
            more,
            "phrases:",
        ]
        path.write_text("\n".join([*lines, *(f"  - '{phrase}'" for phrase in phrases)]) + "\n", encoding="utf-8")
        said = SAID.get(rule, phrases[0])
        tests = [f"match: {[f'{n} {said}' for n in range(8)]}", f"no_match: {[f'слово {n}' for n in range(8)]}"]
        path.with_suffix(".test.yaml").write_text("\n".join(tests) + "\n", encoding="utf-8")
    (folder / "pack.yaml").write_text(PACK, encoding="utf-8")
    return rules_dir
