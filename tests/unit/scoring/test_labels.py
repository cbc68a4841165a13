"""Labelled calls: read as they are, or refused with the field that is wrong."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from service.scoring.errors import LabelsInvalid
from service.scoring.labels import LabelledCall, labelled_call

CALL: dict[str, Any] = {
    "id": "ru-1",
    "language": "ru",
    "direction": "outbound",
    "role": "sdr",
    "script": "b2b_sales",
    "turns": [
        {"speaker": "agent", "text": "Добрый день.", "items": ["greeting"]},
        {
            "speaker": "customer",
            "text": "Дорого. И поздно.",
            "objection": {"id": "o1", "type": "price"},
            "objection2": {"id": "o2", "type": "timing"},
        },
        {"speaker": "customer", "text": "Дорого же.", "objection": {"id": "o1", "type": "price"}},
    ],
    "objections": [
        {"id": "o1", "type": "price", "steps": ["argument"], "outcome": "accepted", "handled": False, "argumentation": 2},
        {"id": "o2", "type": "timing", "steps": [], "outcome": "neutral", "handled": False, "argumentation": 0},
    ],
    "expected": {"items": {"greeting": True, "company": False, "permission": None}, "violations": ["overpromise"]},
}  # fmt: skip


def changed(path: str, value: object) -> dict[str, Any]:
    data = copy.deepcopy(CALL)
    *parents, last = path.split(".")
    target: Any = data
    for key in parents:
        target = target[int(key) if key.isdigit() else key]
    if value is ...:
        del target[last]
    else:
        target[int(last) if last.isdigit() else last] = value
    return data


def test_a_labelled_call_becomes_a_text_transcript_with_labels() -> None:
    call = labelled_call(CALL)
    assert isinstance(call, LabelledCall)
    first = call.transcript.utterances[0]
    assert (first.speaker, first.text) == ("agent", "Добрый день.")
    assert (call.transcript.speaker_source, call.transcript.timed) == ("given", False)
    assert [(o.type, o.turn, o.points) for o in call.objections] == [("price", 1, 2.0), ("timing", 1, 0.0)]
    assert call.items == {"greeting": True, "company": False, "permission": None}
    assert call.violations == {"overpromise"}


def test_two_objections_of_a_turn_may_come_as_a_list() -> None:
    data = changed("turns.1.objection", [{"id": "o1", "type": "price"}, {"id": "o2", "type": "timing"}])
    del data["turns"][1]["objection2"]
    assert labelled_call(data) == labelled_call(CALL)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("id", ..., "expected a text `id`"),
        ("turns", "x", "ru-1: expected a list `turns`"),
        ("turns.1", "Дорого", r"turns\[1\]: expected a mapping"),
        ("turns.0.speaker", "robot", r"turns\[0\].speaker: expected one of agent, customer, found 'robot'"),
        ("turns.0.text", 7, r"turns\[0\]: expected a text `text`"),
        ("turns.1.objection2", ..., "no turn voices 'o2'"),
        ("turns.1.objection", ["price"], r"turns\[1\].objection: expected a mapping with an id"),
        ("turns.1.objection", "price", r"turns\[1\].objection: expected a mapping with an id"),
        ("objections.0", 5, r"objections\[0\]: expected a mapping"),
        ("objections.0.steps", ["shout"], r"objections\[0\].steps: expected one of acknowledge"),
        ("objections.0.outcome", "won", r"objections\[0\].outcome: expected one of accepted"),
        ("objections.0.argumentation", "2", "expected a number `argumentation`"),
        ("objections.0.handled", 1, "true or false `handled`"),
        ("expected", [], "expected a mapping `expected`"),
        ("expected.items", ..., "expected a mapping `items`"),
        ("expected.items.greeting", "yes", "expected.items.greeting: expected true, false or null"),
        ("expected.violations", ..., "expected a list `violations`"),
        ("direction", "sideways", "direction: expected one of inbound, outbound"),
        ("language", ..., "expected a text `language`"),
        ("script", None, "expected a text `script`"),
    ],
)
def test_a_broken_label_is_refused_with_the_field(path: str, value: object, message: str) -> None:
    with pytest.raises(LabelsInvalid, match=message):
        labelled_call(changed(path, value))


@pytest.mark.parametrize("data", [[], "text", None, 3])
def test_anything_but_a_mapping_is_refused(data: Any) -> None:
    with pytest.raises(LabelsInvalid):
        labelled_call(data)
