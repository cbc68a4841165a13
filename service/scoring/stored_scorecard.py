"""A stored scorecard -> the Scorecard that was stored, and the same without a word of the call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Any

from service.scoring.results import (
    Conversation,
    Evidence,
    Flag,
    ItemResult,
    NearMiss,
    ObjectionResult,
    Scorecard,
    StepResult,
    Text,
    ViolationResult,
)

#: What stands where a reason quoted the call.
ERASED: Text = {"ru": "Текст разговора удалён.", "en": "The words of the call were erased."}


def scorecard_from_dict(data: Mapping[str, Any]) -> Scorecard:
    """Rebuild a scorecard from `Scorecard.to_dict()` data, also of an earlier engine that knew fewer fields.

    Raises TypeError or KeyError where a field without a default is missing.
    """
    plain = {field.name: data[field.name] for field in fields(Scorecard) if field.name in data}
    return Scorecard(
        **plain
        | {
            "items": tuple(
                ItemResult(
                    **item
                    | {
                        "evidence": _evidence(item["evidence"]),
                        "near_misses": tuple(NearMiss(**near) for near in item.get("near_misses", ())),
                    }
                )
                for item in data["items"]
            ),
            "objections": tuple(_objection(found) for found in data["objections"]),
            "violations": tuple(
                ViolationResult(**found | {"evidence": _evidence(found["evidence"])}) for found in data["violations"]
            ),
            "conversation": Conversation(**data["conversation"]),
            "flags": tuple(Flag(**flag) for flag in data["flags"]),
            "notes": tuple(data.get("notes", ())),
        }
    )


def without_words(scorecard: Scorecard) -> Scorecard:
    """What is left when a call's text is erased: statuses, points and places, no quote and no reason that quotes."""
    return replace(
        scorecard,
        transcript_sha256="",
        items=tuple(
            replace(item, reason=ERASED, evidence=_wordless(item.evidence), near_misses=()) for item in scorecard.items
        ),
        objections=tuple(
            replace(
                found,
                evidence=_wordless(found.evidence),
                repeats=_wordless(found.repeats),
                steps=tuple(replace(step, evidence=_wordless(step.evidence)) for step in found.steps),
                outcome_evidence=_wordless(found.outcome_evidence),
                reason=ERASED,
            )
            for found in scorecard.objections
        ),
        violations=tuple(
            replace(found, reason=ERASED, evidence=_wordless(found.evidence)) for found in scorecard.violations
        ),
        flags=tuple(replace(flag, reason=ERASED) for flag in scorecard.flags),
    )


def _wordless(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    return tuple(replace(found, quote="", fragments=()) for found in evidence)


def _objection(data: Mapping[str, Any]) -> ObjectionResult:
    return ObjectionResult(
        **dict(data)
        | {
            "evidence": _evidence(data["evidence"]),
            "repeats": _evidence(data["repeats"]),
            "steps": tuple(StepResult(step["step"], _evidence(step["evidence"])) for step in data["steps"]),
            "outcome_evidence": _evidence(data["outcome_evidence"]),
        }
    )


def _evidence(rows: Iterable[Mapping[str, Any]]) -> tuple[Evidence, ...]:
    return tuple(Evidence(**dict(row) | {"fragments": tuple(row.get("fragments", ()))}) for row in rows)
