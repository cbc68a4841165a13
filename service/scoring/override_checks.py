"""Whether a decision is about something that is there, and says all that it has to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from service.scoring.errors import DecisionProblem
from service.scoring.override import Override, OverrideKind
from service.scoring.overrides_objections import place
from service.scoring.results import Scorecard
from service.scoring.rulings import Rulings

#: What a person may say of an item.
STATUSES = ("met", "partial", "missed", "not_applicable")
MOST_POINTS = 5.0


@dataclass(frozen=True, slots=True)
class Scene:
    """What decisions are checked against. `utterances` is the transcript's length, None where the text was erased."""

    machine: Scorecard
    rulings: Rulings
    utterances: int | None


Finding = tuple[str, str]


def problems_of(overrides: Sequence[Override], scene: Scene) -> tuple[DecisionProblem, ...]:
    """Everything that is wrong, in order; empty if all can be applied."""
    found: list[DecisionProblem] = []
    seen: dict[object, int] = {}
    for index, override in enumerate(overrides):
        first = seen.setdefault(override.key, index)
        if first != index:
            found.append(
                DecisionProblem(index, "target", f"decides the same point as decision {first}; send one of them")
            )
        found += [DecisionProblem(index, field, message) for field, message in _CHECKS[override.kind](override, scene)]
    return tuple(found)


def _item(override: Override, scene: Scene) -> list[Finding]:
    found: list[Finding] = []
    known = [item.id for item in scene.machine.items]
    if override.target not in known:
        found.append(("target", f"is no item of this scorecard; it has {', '.join(known) or 'none'}"))
    if override.status not in STATUSES:
        found.append(("status", f"is needed for an item: one of {', '.join(STATUSES)}"))
    if override.points is not None and not (override.status == "partial" and 0 < override.points < 1):
        found.append(("points", "may only be given with the status partial, more than 0 and less than 1"))
    return found


def _changed(override: Override, scene: Scene) -> list[Finding]:
    found = _there(override, scene)
    said = (override.type, override.steps, override.outcome, override.handled, override.points)
    if all(value is None for value in said):
        found.append(("target", "changes nothing: give type, steps, outcome, handled or points"))
    return found + _sane(override, scene)


def _removed(override: Override, scene: Scene) -> list[Finding]:
    return _there(override, scene)


def _added(override: Override, scene: Scene) -> list[Finding]:
    found: list[Finding] = []
    types = scene.rulings.types
    if types and override.target not in types:
        found.append(("target", f"is no objection type of this pack; it has {', '.join(types)}"))
    if scene.utterances is None:
        found.append(("utterance", "cannot be told: the text of this call was erased"))
    elif override.utterance is None or not 0 <= override.utterance < scene.utterances:
        found.append(("utterance", f"has to be the utterance that voices it, 0..{scene.utterances - 1}"))
    if override.outcome is None:
        found.append(("outcome", "is needed for an added objection: accepted, neutral or rejected"))
    if override.steps is None:
        found.append(("steps", "are needed for an added objection; an empty list if there was no answer"))
    if scene.rulings.policy is None and (override.handled is None or override.points is None):
        found.append(("points", "and handled are needed: the rules that scored this call are not known any more"))
    return found + _sane(override, scene)


def _violation_added(override: Override, scene: Scene) -> list[Finding]:
    known = scene.rulings.violations
    if override.target in known or any(found.id == override.target for found in scene.machine.violations):
        return []
    return [("target", f"is no violation of this pack; it has {', '.join(known) or 'none'}")]


def _violation_removed(override: Override, scene: Scene) -> list[Finding]:
    if any(found.id == override.target for found in scene.machine.violations):
        return []
    return [("target", "was not found in this call, so it cannot be removed")]


def _there(override: Override, scene: Scene) -> list[Finding]:
    places = [place(found) for found in scene.machine.objections if found.type == override.target]
    if override.utterance in places or (override.utterance is None and len(places) == 1):
        return []
    if not places:
        return [("target", "is no type of an objection that the machine found in this call")]
    where = ", ".join(str(at) for at in places)
    return [("utterance", f"has to be where the objection was voiced; the machine found this type at {where}")]


def _sane(override: Override, scene: Scene) -> list[Finding]:
    found: list[Finding] = []
    types = scene.rulings.types
    if override.type is not None and types and override.type not in types:
        found.append(("type", f"is no objection type of this pack; it has {', '.join(types)}"))
    if override.points is not None and not 0 <= override.points <= MOST_POINTS:
        found.append(("points", f"must lie between 0 and {MOST_POINTS:.0f}"))
    if override.steps is not None and len(set(override.steps)) != len(override.steps):
        found.append(("steps", "must name each step once"))
    return found


_CHECKS: dict[OverrideKind, Callable[[Override, Scene], list[Finding]]] = {
    "item": _item,
    "objection_changed": _changed,
    "objection_added": _added,
    "objection_removed": _removed,
    "violation_added": _violation_added,
    "violation_removed": _violation_removed,
}
