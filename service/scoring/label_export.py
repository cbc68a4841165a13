"""A reviewed call -> a labelled call, as `service.scoring.labels` reads it: what people decided becomes what rules are measured by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from service.scoring.errors import LabelsInvalid
from service.scoring.labels import LABELLED_SPEAKERS, OBJECTION_KEYS
from service.scoring.overrides_objections import place
from service.scoring.results import Evidence, ItemResult, ObjectionResult, Scorecard
from service.scoring.transcript import Transcript

#: Decimals of an argumentation mean.
DECIMALS = 3
Turn = dict[str, Any]


def labelled(
    transcript: Transcript, people: Scorecard, *, call_id: str, script: str, direction: str | None, role: str | None
) -> dict[str, Any]:
    """The call as plain data for JSON. `people` is the effective scorecard with every rule counted.

    Each utterance becomes a turn of the same index. "met" becomes true, half done and missed false, not applicable and not
    assessable null.

    Raises:
        LabelsInvalid: the call cannot be labelled: a speaker is unknown, or an objection stands nowhere or among too many.
    """
    turns: list[Turn] = [_turn(index, transcript) for index in range(len(transcript.utterances))]
    for item in people.items:
        for found in item.evidence:
            _add(turns, found, "items", item.id)
    for number, objection in enumerate(people.objections, 1):
        _mark(turns, objection, f"o{number}")
    data: dict[str, Any] = {"id": call_id, "language": transcript.language}
    # The format has no word for "unknown": a field left out is read as that.
    data |= {name: value for name, value in (("direction", direction), ("role", role)) if value is not None}
    return data | {
        "script": script,
        "summary": "",
        "turns": turns,
        "objections": [_objection(found, f"o{number}") for number, found in enumerate(people.objections, 1)],
        "expected": {
            "items": {item.id: _met(item) for item in people.items},
            "violations": [found.id for found in people.violations],
            "objections_total": len(people.objections),
            "objections_handled": sum(found.handled for found in people.objections),
            "argumentation": _mean(people.objections),
        },
    }


def _turn(index: int, transcript: Transcript) -> Turn:
    utterance = transcript.utterances[index]
    if utterance.speaker not in LABELLED_SPEAKERS:
        raise LabelsInvalid(f"utterance {index}: it is not known who speaks, so nobody's words can be labelled")
    return {"speaker": utterance.speaker, "text": utterance.text}


def _mark(turns: Sequence[Turn], objection: ObjectionResult, objection_id: str) -> None:
    at = place(objection)
    if at >= len(turns):
        raise LabelsInvalid(f"objection {objection_id} ({objection.type}) stands in no utterance of the transcript")
    free = next((key for key in OBJECTION_KEYS if key not in turns[at]), None)
    if free is None:
        raise LabelsInvalid(f"utterance {at}: more than {len(OBJECTION_KEYS)} objections in one utterance")
    turns[at][free] = {"id": objection_id, "type": objection.type}
    for step in objection.steps:
        for found in step.evidence:
            if found.utterance < len(turns):
                turns[found.utterance].setdefault("answers", objection_id)
                if turns[found.utterance]["answers"] == objection_id:
                    _add(turns, found, "steps", step.step)
    for found in objection.outcome_evidence:
        if found.utterance < len(turns):
            turns[found.utterance].setdefault("reaction", {})[objection_id] = objection.outcome


def _add(turns: Sequence[Turn], found: Evidence, key: str, name: str) -> None:
    if found.utterance < len(turns):
        names = turns[found.utterance].setdefault(key, [])
        if name not in names:
            names.append(name)


def _objection(found: ObjectionResult, objection_id: str) -> Mapping[str, Any]:
    return {
        "id": objection_id,
        "type": found.type,
        "steps": [step.step for step in found.steps],
        "outcome": found.outcome,
        "handled": found.handled,
        "argumentation": found.points,
    }


def _met(item: ItemResult) -> bool | None:
    return None if item.points is None else item.status == "met"


def _mean(objections: Sequence[ObjectionResult]) -> float | None:
    points = [found.points for found in objections]
    return round(sum(points) / len(points), DECIMALS) if points else None
