"""A reviewed scorecard -> the machine's verdict beside people's, rule by rule: what agreement is counted from."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from service.scoring.overrides_objections import place
from service.scoring.results import STEPS, ItemStatus, ObjectionResult, Scorecard
from service.scoring.rulings import Rulings

FOUND, ABSENT = "found", "absent"
YES, NO = "yes", "no"
#: Statuses by which an item was judged; where both sides say another one there is nothing to compare.
JUDGED: tuple[ItemStatus, ...] = ("met", "partial", "missed")


@dataclass(frozen=True, slots=True)
class Mark:
    """`rule` is a full rule id (`script/greeting`, `objections/price`, `steps/argument`, `violations/overpromise`), or one of
    `outcome`, `handled`, `points`, which are about objections that both sides see.
    """

    rule: str
    machine: str
    people: str


def marks(machine: Scorecard, people: Scorecard, rulings: Rulings) -> tuple[Mark, ...]:
    """`people` is the effective scorecard with every rule counted."""
    return (
        *_items(machine, people),
        *_types(machine, people, rulings),
        *_answers(machine, people),
        *_violations(machine, people, rulings),
    )


def points_mark(points: float) -> str:
    """Points as agreement compares them: whole ones, halves up."""
    return str(math.floor(points + 0.5))


def _items(machine: Scorecard, people: Scorecard) -> Iterator[Mark]:
    theirs = {item.id: item.status for item in people.items}
    for item in machine.items:
        verdict = theirs.get(item.id, item.status)
        if item.status in JUDGED or verdict in JUDGED:
            yield Mark(f"script/{item.id}", item.status, verdict)


def _types(machine: Scorecard, people: Scorecard, rulings: Rulings) -> Iterator[Mark]:
    """Every objection that either side sees, by type and place; one common "absent" for a type that neither sees."""
    ours, theirs = _by_place(machine), _by_place(people)
    kinds = {*rulings.types, *(kind for kind, _ in (*ours, *theirs))}
    for kind in sorted(kinds):
        places = {at for other, at in (*ours, *theirs) if other == kind}
        rule = f"objections/{kind}"
        if not places:
            yield Mark(rule, ABSENT, ABSENT)
        for at in sorted(places):
            both, mine, people_s = _shared(ours[kind, at], theirs[kind, at])
            yield from (Mark(rule, FOUND, FOUND) for _ in range(both))
            yield from (Mark(rule, FOUND, ABSENT) for _ in range(mine))
            yield from (Mark(rule, ABSENT, FOUND) for _ in range(people_s))


def _answers(machine: Scorecard, people: Scorecard) -> Iterator[Mark]:
    theirs = {found.id: found for found in people.objections}
    for ours in machine.objections:
        other = theirs.get(ours.id)
        if other is None:
            continue
        yield Mark("outcome", ours.outcome, other.outcome)
        yield Mark("handled", _yes(ours.handled), _yes(other.handled))
        yield Mark("points", points_mark(ours.points), points_mark(other.points))
        mine, seen = _steps(ours), _steps(other)
        for step in STEPS:
            yield Mark(f"steps/{step}", FOUND if step in mine else ABSENT, FOUND if step in seen else ABSENT)


def _violations(machine: Scorecard, people: Scorecard, rulings: Rulings) -> Iterator[Mark]:
    ours, theirs = {found.id for found in machine.violations}, {found.id for found in people.violations}
    for name in sorted({*rulings.violations, *ours, *theirs}):
        yield Mark(f"violations/{name}", FOUND if name in ours else ABSENT, FOUND if name in theirs else ABSENT)


def _by_place(scorecard: Scorecard) -> Counter[tuple[str, int]]:
    return Counter((found.type, place(found)) for found in scorecard.objections)


def _shared(ours: int, theirs: int) -> tuple[int, int, int]:
    both = min(ours, theirs)
    return both, ours - both, theirs - both


def _steps(found: ObjectionResult) -> set[str]:
    return {step.step for step in found.steps}


def _yes(value: bool) -> str:
    return YES if value else NO
