"""Scorecards against people's labels: one report for a whole folder of labelled calls."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from service.scoring.agreement import Detection, Pair, accuracy, cohen_kappa, detection, pair_up
from service.scoring.labels import LabelledCall, LabelledObjection
from service.scoring.results import STEPS, Evidence, ItemResult, ObjectionResult, Scorecard

#: An objection counts as found up to this many turns from where people marked it.
TURNS_REACH = 2
#: Points that round to the label, and points one off.
EXACT, ONE_OFF = 0, 1

Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Judged:
    """One call, judged by both sides. `turn_of` gives the 0-based labelled turn in which an evidence was said."""

    call: LabelledCall
    scorecard: Scorecard
    turn_of: Callable[[Evidence], int]


@dataclass(frozen=True, slots=True)
class _Found:
    """An objection that both sides see at the same place."""

    machine: ObjectionResult
    people: LabelledObjection


def same_utterance(evidence: Evidence) -> int:
    """`Judged.turn_of` of a call scored from its labelled text: each turn is one utterance."""
    return evidence.utterance


def nearest_turn(spans: Sequence[tuple[float, float]]) -> Callable[[Evidence], int]:
    """`Judged.turn_of` of a call scored from its recording: the turn that holds the evidence's middle, or the nearest.

    `spans` holds the start and end of every labelled turn, in seconds.
    """

    def turn_of(evidence: Evidence) -> int:
        start_s = evidence.start_s or 0.0
        middle_s = (start_s + (start_s if evidence.end_s is None else evidence.end_s)) / 2
        return min(range(len(spans)), key=lambda i: max(spans[i][0] - middle_s, middle_s - spans[i][1], 0.0))

    return turn_of


def evaluation(judged: Sequence[Judged]) -> Figures:
    """The report of `callscore evaluate --json`: plain data, None where a figure has no data."""
    found = [pair for one in judged for pair in _found(one)]
    violations = sum(
        (detection((v.id for v in one.scorecard.violations), one.call.violations) for one in judged), Detection()
    )
    return {
        "calls": len(judged),
        "items": _items(judged),
        "objections": _objections(judged),
        "steps": _steps(found),
        "outcome": {"accuracy": accuracy([(pair.machine.outcome, pair.people.outcome) for pair in found])},
        "handled": {"agreement": accuracy([(pair.machine.handled, pair.people.handled) for pair in found])},
        "argumentation": _argumentation(found),
        "violations": _rates(violations),
        "kpi": _kpi(judged),
    }


def _items(judged: Iterable[Judged]) -> Figures:
    """Items by verdict: met, not met, not applicable. Where both sides say "not applicable" there is nothing to compare."""
    by_item: dict[str, list[Pair]] = {}
    for one in judged:
        verdicts = {item.id: _verdict(item) for item in one.scorecard.items}
        for item, met in one.call.items.items():
            pair = (verdicts.get(item), met)
            if pair != (None, None):
                by_item.setdefault(item, []).append(pair)
    every = [pair for pairs in by_item.values() for pair in pairs]
    per_item = {item: {"n": len(pairs), **_verdicts(pairs)} for item, pairs in by_item.items()}
    return {**_verdicts(every), "per_item": per_item}


def _verdict(item: ItemResult) -> bool | None:
    """People say met or not; half a point is not met."""
    return None if item.points is None else item.status == "met"


def _verdicts(pairs: Sequence[Pair]) -> Figures:
    met = Detection(
        right=sum(machine is True and people is True for machine, people in pairs),
        extra=sum(machine is True and people is not True for machine, people in pairs),
        missed=sum(machine is not True and people is True for machine, people in pairs),
    )
    return {"accuracy": accuracy(pairs), "kappa": cohen_kappa(pairs), "f1": met.f1}


def _found(one: Judged) -> list[_Found]:
    """Objections of the same type at most `TURNS_REACH` turns apart, one to one, the best pairing."""
    found = []
    for kind in {objection.type for objection in one.call.objections}:
        machine = [objection for objection in one.scorecard.objections if objection.type == kind]
        people = [objection for objection in one.call.objections if objection.type == kind]
        places = [one.turn_of(objection.evidence[0]) for objection in machine]
        pairs = pair_up(places, [objection.turn for objection in people], reach=TURNS_REACH)
        found += [_Found(machine[i], people[j]) for i, j in pairs]
    return found


def _objections(judged: Sequence[Judged]) -> Figures:
    by_type: dict[str, Detection] = {}
    for one in judged:
        right = [pair.people.type for pair in _found(one)]
        machine = [objection.type for objection in one.scorecard.objections]
        people = [objection.type for objection in one.call.objections]
        for kind in {*machine, *people}:
            matched = right.count(kind)
            counts = Detection(matched, machine.count(kind) - matched, people.count(kind) - matched)
            by_type[kind] = by_type.get(kind, Detection()) + counts
    return {
        **_rates(sum(by_type.values(), Detection())),
        "by_type": {kind: _detected(by_type[kind]) for kind in sorted(by_type)},
    }


def _steps(found: Sequence[_Found]) -> Figures:
    by_step = {
        step: sum(
            (detection({step} & {s.step for s in p.machine.steps}, {step} & p.people.steps) for p in found),
            Detection(),
        )
        for step in STEPS
    }
    return {
        "f1": sum(by_step.values(), Detection()).f1,
        "per_step": {step: _detected(counts) for step, counts in by_step.items()},
    }


def _argumentation(found: Sequence[_Found]) -> Figures:
    """Machine's points rounded to the nearest whole number (halves up) against the label's."""
    off = [abs(math.floor(pair.machine.points + 0.5) - pair.people.points) for pair in found]
    n = len(off)
    return {
        "exact": sum(distance <= EXACT for distance in off) / n if n else None,
        "within_one": sum(distance <= ONE_OFF for distance in off) / n if n else None,
        "mae": sum(off) / n if n else None,
    }


def _kpi(judged: Sequence[Judged]) -> Figures:
    machine = [objection for one in judged for objection in one.scorecard.objections]
    people = [objection for one in judged for objection in one.call.objections]
    return {
        "argumentation": {
            "machine": _mean([objection.points for objection in machine]),
            "people": _mean([objection.points for objection in people]),
        },
        "objections_handled": {
            "machine": _mean([float(objection.handled) for objection in machine]),
            "people": _mean([float(objection.handled) for objection in people]),
        },
    }


def _rates(counts: Detection) -> Figures:
    return {"precision": counts.precision, "recall": counts.recall, "f1": counts.f1}


def _detected(counts: Detection) -> Figures:
    """Rates with the counts behind them: how many the machine found, how many people marked."""
    return {**_rates(counts), "found": counts.right + counts.extra, "marked": counts.right + counts.missed}


def _mean(values: Sequence[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None
