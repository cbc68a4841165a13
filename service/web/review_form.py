"""The form over a call's scorecard -> the review that the API takes.

Fields: `item.<id>.status`, `objection.<n>.do|type|outcome|steps` (n: place in the machine's ledger), `violation.<id>.do`,
`added.utterance|type|outcome|steps`, `broken.id` (a violation that was missed); each with a `.reason`. `withdraw` holds ids of decisions
to take back. What is left empty stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError
from starlette.datastructures import FormData

from service.api.problems import invalid
from service.api.schemas_reviews import NewReview
from service.api.validation import FieldError, from_framework
from service.scoring.overrides_objections import place
from service.scoring.results import Scorecard, Text
from service.scoring.rulings import Rulings
from service.web.language import said
from service.web.visitor import Visitor

_WHY = said("needs a reason: the rep will read it")
_WHERE = said("needs the words of the customer: select them in the conversation")
Decision = dict[str, Any]


def review_of(form: FormData, machine: Scorecard, rulings: Rulings, visitor: Visitor) -> NewReview:
    """Raises Refused, naming each row that lacks something."""
    problems: list[FieldError] = []
    decisions: list[Decision] = []
    for title, decision in _decisions(form, machine, rulings):
        if not decision["reason"].strip():
            problems.append(FieldError(visitor.text(title), _WHY))
        if decision["kind"] == "objection_added" and decision["utterance"] is None:
            problems.append(FieldError(visitor.text(title), _WHERE))
        decisions.append(decision)
    if problems:
        raise invalid(problems)
    withdraw = form.getlist("withdraw")
    verdict = _text(form, "verdict")
    if verdict != "unusable":
        verdict = "corrected" if decisions or withdraw else "confirmed"
    given: Mapping[str, Any] = {
        "scorecard_id": _text(form, "scorecard_id"),
        "version": _text(form, "version"),
        "verdict": verdict,
        "decisions": decisions,
        "withdraw": withdraw,
        "comment": _text(form, "comment"),
    }
    try:
        return NewReview.model_validate(given)
    except ValidationError as error:
        raise invalid(from_framework(error.errors())) from None


def _decisions(form: FormData, machine: Scorecard, rulings: Rulings) -> Iterator[tuple[Text, Decision]]:
    for item in machine.items:
        if status := _text(form, f"item.{item.id}.status"):
            yield item.title, _decision(form, f"item.{item.id}", "item", item.id, status=status)
    for number, objection in enumerate(machine.objections):
        name = f"objection.{number}"
        do = _text(form, f"{name}.do")
        if do == "remove":
            yield (
                objection.title,
                _decision(form, name, "objection_removed", objection.type, utterance=place(objection)),
            )
        elif do == "change":
            kind = _text(form, f"{name}.type") or objection.type
            yield (
                objection.title,
                _decision(
                    form,
                    name,
                    "objection_changed",
                    objection.type,
                    utterance=place(objection),
                    type=None if kind == objection.type else kind,
                    outcome=_text(form, f"{name}.outcome") or None,
                    steps=form.getlist(f"{name}.steps"),
                ),
            )
    for violation in machine.violations:
        if _text(form, f"violation.{violation.id}.do") == "remove":
            yield violation.title, _decision(form, f"violation.{violation.id}", "violation_removed", violation.id)
    if kind := _text(form, "added.type"):
        utterance = _text(form, "added.utterance")
        decision = _decision(
            form,
            "added",
            "objection_added",
            kind,
            utterance=int(utterance) if utterance.isascii() and utterance.isdigit() else None,
            outcome=_text(form, "added.outcome") or "neutral",
            steps=form.getlist("added.steps"),
        )
        yield rulings.types.get(kind, {"en": kind}), decision
    if broken := _text(form, "broken.id"):
        title = rulings.violations[broken][0] if broken in rulings.violations else {"en": broken}
        yield title, _decision(form, "broken", "violation_added", broken)


def _decision(form: FormData, name: str, kind: str, target: str, **more: Any) -> Decision:
    return {"kind": kind, "target": target, "reason": _text(form, f"{name}.reason"), **more}


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""
