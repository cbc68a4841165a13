"""Labelled calls: a dialogue with what a careful QA lead marked in it, as plain data -> transcript and labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, get_args

from service.scoring.errors import LabelsInvalid
from service.scoring.results import STEPS, Outcome, Step
from service.scoring.transcript import Speaker, Transcript, Utterance

Choice = TypeVar("Choice")
Direction = Literal["inbound", "outbound"]
#: Keys of a turn that voice an objection; two may come in one turn, under keys of their own or as a list under the first.
OBJECTION_KEYS = ("objection", "objection2", "objection3")
#: The speakers a labelled call may name.
LABELLED_SPEAKERS: tuple[Speaker, ...] = ("agent", "customer")


@dataclass(frozen=True, slots=True)
class LabelledObjection:
    """An objection as people marked it: `turn` is the 0-based turn that voices it first, `points` 0..5."""

    id: str
    type: str
    turn: int
    steps: frozenset[Step]
    outcome: Outcome
    handled: bool
    points: float


@dataclass(frozen=True, slots=True)
class LabelledCall:
    """A call with its labels. `items` holds None where an item does not apply; `role` is the rep's."""

    id: str
    pack_id: str
    direction: Direction | None
    role: str | None
    transcript: Transcript
    items: dict[str, bool | None]
    objections: tuple[LabelledObjection, ...]
    violations: frozenset[str]


def labelled_call(data: Mapping[str, Any]) -> LabelledCall:
    """Read one labelled call from plain data; each turn becomes one utterance without times.

    Raises:
        LabelsInvalid: a field is missing or wrong; the message names the field.
    """
    call_id = _text(data, "id", "call")
    turns = _list(data, "turns", call_id)
    utterances = tuple(_utterance(turn, f"{call_id}: turns[{i}]") for i, turn in enumerate(turns))
    expected = _mapping(data, "expected", call_id)
    direction, role = data.get("direction"), data.get("role")
    return LabelledCall(
        id=call_id,
        pack_id=_text(data, "script", call_id),
        direction=None if direction is None else _one_of(direction, get_args(Direction), f"{call_id}: direction"),
        role=None if role is None else str(role),
        transcript=Transcript(_text(data, "language", call_id), utterances),
        items=_items(_mapping(expected, "items", f"{call_id}: expected"), f"{call_id}: expected.items"),
        objections=_objections(_list(data, "objections", call_id), _voiced(turns, call_id), call_id),
        violations=frozenset(str(name) for name in _list(expected, "violations", f"{call_id}: expected")),
    )


def _utterance(turn: Any, where: str) -> Utterance:
    if not isinstance(turn, Mapping):
        raise LabelsInvalid(f"{where}: expected a mapping with speaker and text, found {turn!r}")
    speaker = _one_of(turn.get("speaker"), LABELLED_SPEAKERS, f"{where}.speaker")
    return Utterance(speaker=speaker, text=_text(turn, "text", where))


def _voiced(turns: Sequence[Mapping[str, Any]], call_id: str) -> dict[str, int]:
    """Objection id -> the first turn that voices it."""
    voiced: dict[str, int] = {}
    for index, turn in enumerate(turns):
        for key in OBJECTION_KEYS:
            if key not in turn:
                continue
            for objection in turn[key] if isinstance(turn[key], list) else [turn[key]]:
                if not isinstance(objection, Mapping):
                    raise LabelsInvalid(f"{call_id}: turns[{index}].{key}: expected a mapping with an id and a type")
                voiced.setdefault(str(objection.get("id")), index)
    return voiced


def _objections(rows: Sequence[Any], voiced: Mapping[str, int], call_id: str) -> tuple[LabelledObjection, ...]:
    return tuple(_objection(row, voiced, f"{call_id}: objections[{i}]") for i, row in enumerate(rows))


def _objection(row: Any, voiced: Mapping[str, int], where: str) -> LabelledObjection:
    if not isinstance(row, Mapping):
        raise LabelsInvalid(f"{where}: expected a mapping, found {row!r}")
    objection_id = _text(row, "id", where)
    if objection_id not in voiced:
        raise LabelsInvalid(f"{where}: no turn voices {objection_id!r}; mark one with an `objection` of that id")
    points, handled = row.get("argumentation"), row.get("handled")
    if not isinstance(points, int | float) or not isinstance(handled, bool):
        raise LabelsInvalid(f"{where}: expected a number `argumentation` and true or false `handled`")
    return LabelledObjection(
        id=objection_id,
        type=_text(row, "type", where),
        turn=voiced[objection_id],
        steps=frozenset(_one_of(step, STEPS, f"{where}.steps") for step in _list(row, "steps", where)),
        outcome=_one_of(row.get("outcome"), get_args(Outcome), f"{where}.outcome"),
        handled=handled,
        points=float(points),
    )


def _items(rows: Mapping[str, Any], where: str) -> dict[str, bool | None]:
    for item, met in rows.items():
        if met is not None and not isinstance(met, bool):
            raise LabelsInvalid(f"{where}.{item}: expected true, false or null, found {met!r}")
    return dict(rows)


def _text(data: Mapping[str, Any], key: str, where: str) -> str:
    if not isinstance(data, Mapping) or not isinstance(data.get(key), str):
        raise LabelsInvalid(f"{where}: expected a text `{key}`")
    return str(data[key])


def _list(data: Mapping[str, Any], key: str, where: str) -> Sequence[Any]:
    if not isinstance(data.get(key), list):
        raise LabelsInvalid(f"{where}: expected a list `{key}`")
    return list(data[key])


def _mapping(data: Mapping[str, Any], key: str, where: str) -> Mapping[str, Any]:
    if not isinstance(data.get(key), Mapping):
        raise LabelsInvalid(f"{where}: expected a mapping `{key}`")
    return dict(data[key])


def _one_of(value: Any, allowed: Sequence[Choice], where: str) -> Choice:
    if value not in allowed:
        raise LabelsInvalid(f"{where}: expected one of {', '.join(map(str, allowed))}, found {value!r}")
    return allowed[allowed.index(value)]
