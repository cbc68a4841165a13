"""Why a person should look at a call: the pack's flag rules, each with its reason in words. One flag a code."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import get_args

from service.scoring.policy import FlagCode, FlagRule
from service.scoring.results import Flag, ItemResult, ObjectionResult, Severity, Text, ViolationResult
from service.scoring.transcript import Transcript
from service.scoring.wording import NO_SPEECH, both, listed, number, percent

SEVERITY_ORDER: tuple[Severity, ...] = get_args(Severity)


@dataclass(frozen=True, slots=True)
class Findings:
    """What flags look at. `adherence` 0..1, `argumentation` 0..5, `confidence` 0..1; None where there is none."""

    items: tuple[ItemResult, ...]
    objections: tuple[ObjectionResult, ...]
    violations: tuple[ViolationResult, ...]
    adherence: float | None
    argumentation: float | None
    confidence: float | None
    no_speech: bool
    rep_registered: bool


def flags(rules: Iterable[FlagRule], findings: Findings) -> tuple[Flag, ...]:
    """The flags of a call, in the pack's order."""
    raised = []
    for rule in rules:
        reason = _REASONS[rule.code](rule, findings)
        if reason is not None:
            severity = _worst(findings.violations) if rule.severity == "from_violation" else rule.severity
            raised.append(Flag(rule.code, severity, reason))
    return tuple(raised)


def mean_confidence(transcript: Transcript) -> float | None:
    """Mean word probability over the call (0..1), utterances weighted by their words; None where nothing measured it."""
    weighted = [(u.confidence, len(u.text.split())) for u in transcript.utterances if u.confidence is not None]
    words = sum(count for _, count in weighted)
    return sum(confidence * count for confidence, count in weighted) / words if words else None


def _critical_missed(_: FlagRule, findings: Findings) -> Text | None:
    missed = [item.title for item in findings.items if item.critical and item.status == "missed"]
    titles = listed(missed)
    return both(f"Пропущено важное: {titles['ru']}.", f"Critical item missed: {titles['en']}.") if missed else None


def _violation(_: FlagRule, findings: Findings) -> Text | None:
    if not findings.violations:
        return None
    told = [violation.reason for violation in findings.violations]
    return both(" ".join(text["ru"] for text in told), " ".join(text["en"] for text in told))


def _objection_unresolved(_: FlagRule, findings: Findings) -> Text | None:
    """Refused to the end, or left open without being handled; an objection that the customer dropped is resolved."""
    open_ones = [
        objection.title
        for objection in findings.objections
        if objection.outcome == "rejected" or (objection.outcome == "neutral" and not objection.handled)
    ]
    titles = listed(open_ones)
    return (
        both(f"Возражение не снято: {titles['ru']}.", f"Objection unresolved: {titles['en']}.") if open_ones else None
    )


def _low_adherence(rule: FlagRule, findings: Findings) -> Text | None:
    if findings.adherence is None or rule.below is None or findings.adherence >= rule.below:
        return None
    value, limit = percent(findings.adherence), percent(rule.below)
    return both(f"Скрипт выполнен на {value}, порог {limit}.", f"Script adherence is {value}, below {limit}.")


def _low_argumentation(rule: FlagRule, findings: Findings) -> Text | None:
    value, limit = findings.argumentation, rule.below
    if value is None or limit is None or value >= limit:
        return None
    return both(
        f"Аргументация {number(value, 'ru')} из 5, порог {number(limit, 'ru')}.",
        f"Argumentation is {number(value, 'en')} of 5, below {number(limit, 'en')}.",
    )


def _low_confidence(rule: FlagRule, findings: Findings) -> Text | None:
    if findings.confidence is None or rule.below is None or findings.confidence >= rule.below:
        return None
    value, limit = percent(findings.confidence), percent(rule.below)
    return both(
        f"Речь распознана неуверенно ({value}, порог {limit}): оценка может быть неверной, послушайте запись.",
        f"The speech was recognized with low confidence ({value}, below {limit}): the scores may be wrong, listen to the call.",
    )


def _no_speech(_: FlagRule, findings: Findings) -> Text | None:
    return NO_SPEECH if findings.no_speech else None


def _unknown_rep(_: FlagRule, findings: Findings) -> Text | None:
    text = both(
        "Менеджер не заведён в системе: укажите имя, роль и отдел.",
        "The rep is not registered: add a name, a role and a team.",
    )
    return None if findings.rep_registered else text


def _worst(violations: Iterable[ViolationResult]) -> Severity:
    return max((violation.severity for violation in violations), key=SEVERITY_ORDER.index)


_REASONS: dict[FlagCode, Callable[[FlagRule, Findings], Text | None]] = {
    "critical_missed": _critical_missed,
    "violation": _violation,
    "objection_unresolved": _objection_unresolved,
    "low_adherence": _low_adherence,
    "low_argumentation": _low_argumentation,
    "low_confidence": _low_confidence,
    "no_speech": _no_speech,
    "unknown_rep": _unknown_rep,
}
