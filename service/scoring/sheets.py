"""What reviewers are asked about a call in a calibration, and what the machine answers to the same questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from service.scoring.marks import ABSENT, FOUND
from service.scoring.raters import Verdict
from service.scoring.results import Scorecard, Text
from service.scoring.rulings import Rulings
from service.scoring.wording import both

ITEM_ANSWERS = ("met", "partial", "missed", "not_applicable")
PRESENCE = (FOUND, ABSENT)
ARGUMENTATION = "argumentation"
MOST_POINTS = 5.0


@dataclass(frozen=True, slots=True)
class Asked:
    """One question; without `answers` it asks for points 0..5."""

    rule: str
    title: Text
    answers: tuple[str, ...]


def questions(machine: Scorecard, rulings: Rulings) -> tuple[Asked, ...]:
    """Every item of the script, every objection type and violation of the pack, and how objections were answered."""
    violations = {name: title for name, (title, _) in rulings.violations.items()}
    types = dict(rulings.types) | {found.type: found.title for found in machine.objections}
    violations |= {found.id: found.title for found in machine.violations}
    return (
        *(Asked(f"script/{item.id}", item.title, ITEM_ANSWERS) for item in machine.items),
        *(Asked(f"objections/{name}", title, PRESENCE) for name, title in types.items()),
        *(Asked(f"violations/{name}", title, PRESENCE) for name, title in violations.items()),
        Asked(ARGUMENTATION, both("Аргументация по возражениям, 0-5", "Argumentation over the objections, 0-5"), ()),
    )


def wrong(verdicts: Mapping[str, Verdict | None], asked: tuple[Asked, ...]) -> list[tuple[str, str]]:
    """(rule, what it may be) for every answer to no question, or that is none."""
    known = {question.rule: question for question in asked}
    found: list[tuple[str, str]] = []
    for rule, verdict in verdicts.items():
        question = known.get(rule)
        if question is None:
            found.append((rule, "is not asked about this call"))
        elif question.answers and verdict not in question.answers:
            found.append((rule, f"must be one of {', '.join(question.answers)}"))
        elif not question.answers and not _points(verdict):
            found.append((rule, "must be points between 0 and 5, or null without objections"))
    return found


def machines_sheet(machine: Scorecard, rulings: Rulings) -> dict[str, Verdict]:
    """The machine's answers; what it could not assess is left out."""
    types = {found.type for found in machine.objections}
    broken = {found.id for found in machine.violations}
    answers: dict[str, Verdict] = {
        f"script/{item.id}": item.status for item in machine.items if item.status in ITEM_ANSWERS
    }
    for question in questions(machine, rulings):
        group, _, name = question.rule.partition("/")
        if group == "objections":
            answers[question.rule] = FOUND if name in types else ABSENT
        elif group == "violations":
            answers[question.rule] = FOUND if name in broken else ABSENT
    if machine.argumentation is not None:
        answers[ARGUMENTATION] = machine.argumentation
    return answers


def _points(verdict: Verdict | None) -> bool:
    return verdict is None or (isinstance(verdict, int | float) and 0 <= verdict <= MOST_POINTS)
