"""People's decisions about the objection ledger: changed, removed and added objections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from service.scoring.override import Override
from service.scoring.results import STEPS, Evidence, ObjectionResult, Step, StepResult
from service.scoring.rulings import Rulings
from service.scoring.wording import both, number

#: An objection counts as the same one up to this many utterances from where it was when somebody decided about it. Other
#: rules may hear it a turn earlier or later.
REACH = 2
#: Where an objection without evidence stands: behind everything.
NOWHERE = 1_000_000
BY_REVIEWER = "review"
Found = list[ObjectionResult | None]


def place(objection: ObjectionResult) -> int:
    """The 0-based utterance that voices it."""
    return objection.evidence[0].utterance if objection.evidence else NOWHERE


def apply_to_ledger(
    machine: Sequence[ObjectionResult], overrides: Sequence[Override], rulings: Rulings
) -> tuple[tuple[ObjectionResult, ...], dict[int, Literal["applies", "agrees", "lapsed"]]]:
    """The ledger that counts, in order of place, and the state of each override on objections by its index."""
    ledger: Found = list(machine)
    taken: set[int] = set()
    states: dict[int, Literal["applies", "agrees", "lapsed"]] = {}
    added: list[ObjectionResult] = []
    # Exact places first, so that a neighbour of the same type never takes the place of the one that was meant.
    for reach in range(REACH + 1):
        for index, override in enumerate(overrides):
            if index in states or not override.kind.startswith("objection"):
                continue
            at = _find(ledger, override, reach, taken)
            if at is not None:
                taken.add(at)
                found = ledger[at]
                assert found is not None  # noqa: S101 - only found ones are looked at
                if override.kind == "objection_removed":
                    ledger[at] = None
                    states[index] = "applies"
                else:
                    changed = _changed(found, override, rulings)
                    same = _verdict(changed) == _verdict(found)
                    states[index] = "agrees" if same else "applies"
                    ledger[at] = found if same else changed
    for index, override in enumerate(overrides):
        if index in states or not override.kind.startswith("objection"):
            continue
        if override.kind == "objection_added" and (not rulings.types or override.target in rulings.types):
            added.append(_added(override, rulings))
            states[index] = "applies"
        elif override.kind == "objection_removed":
            states[index] = "agrees"
        else:
            states[index] = "lapsed"
    kept = [found for found in ledger if found is not None]
    return tuple(sorted((*kept, *added), key=place)), states


def _find(ledger: Found, override: Override, reach: int, taken: set[int]) -> int | None:
    """The objection that is meant: of the machine's type, or of the one that it was changed to, at this distance."""
    kinds = (override.target, override.type) if override.type else (override.target,)
    for kind in kinds:
        for at, found in enumerate(ledger):
            if found is None or at in taken or found.type != kind:
                continue
            if override.utterance is None or abs(place(found) - override.utterance) == reach:
                return at
    return None


def _changed(found: ObjectionResult, override: Override, rulings: Rulings) -> ObjectionResult:
    steps = _steps_of(found) if override.steps is None else override.steps
    outcome = override.outcome or found.outcome
    kind = override.type or (found.type if override.kind == "objection_changed" else override.target)
    handled, points, reason = found.handled, found.points, found.reason
    if set(steps) != set(_steps_of(found)) or outcome != found.outcome:
        judged = rulings.judge(steps, outcome)
        if judged is not None:
            handled, row = judged
            points = row.points
            reason = both(
                f"{number(points, 'ru')} из 5: {row.reason['ru']}.", f"{number(points, 'en')} of 5: {row.reason['en']}."
            )
    return replace(
        found,
        type=kind,
        title=rulings.types.get(kind, found.title),
        steps=_with_evidence(found, steps),
        outcome=outcome,
        handled=handled if override.handled is None else override.handled,
        points=points if override.points is None else override.points,
        reason=reason,
    )


def _added(override: Override, rulings: Rulings) -> ObjectionResult:
    steps, outcome = override.steps or (), override.outcome or "neutral"
    judged = rulings.judge(steps, outcome)
    handled, points = (False, 0.0) if judged is None else (judged[0], judged[1].points)
    at = NOWHERE if override.utterance is None else override.utterance
    kind = override.type or override.target
    return ObjectionResult(
        id=f"r{at}-{kind}",
        type=kind,
        title=rulings.types.get(kind, both(kind, kind)),
        evidence=(Evidence(at, None, None, "", BY_REVIEWER, ""),),
        repeats=(),
        steps=tuple(StepResult(step, ()) for step in STEPS if step in steps),
        outcome=outcome,
        outcome_evidence=(),
        handled=handled if override.handled is None else override.handled,
        points=points if override.points is None else override.points,
        reason=both("Добавлено проверяющим.", "Added by a reviewer."),
    )


def _steps_of(found: ObjectionResult) -> tuple[Step, ...]:
    return tuple(step.step for step in found.steps)


def _with_evidence(found: ObjectionResult, steps: Sequence[Step]) -> tuple[StepResult, ...]:
    known = {step.step: step for step in found.steps}
    return tuple(known.get(step, StepResult(step, ())) for step in STEPS if step in steps)


def _verdict(found: ObjectionResult) -> tuple[object, ...]:
    return (found.type, frozenset(_steps_of(found)), found.outcome, found.handled, found.points)
