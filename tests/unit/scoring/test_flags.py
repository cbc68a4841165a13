"""Flags: the reasons why a QA lead is asked to look at a call."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.scoring.flags import Findings, flags, mean_confidence
from service.scoring.policy import FLAG_CODES, FlagRule
from service.scoring.results import Evidence, Flag, ItemResult, ObjectionResult, Outcome, Severity, ViolationResult
from service.scoring.transcript import Transcript, Utterance

CLEAN = Findings(
    items=(), objections=(), violations=(), adherence=0.9, argumentation=4.5, confidence=0.9, no_speech=False, rep_registered=True
)  # fmt: skip
RULES = tuple(
    FlagRule(code, "from_violation" if code == "violation" else "medium", below)
    for code, below in zip(FLAG_CODES, (None, None, None, 0.5, 2.5, 0.55, None, None), strict=True)
)


def raised(**findings: object) -> dict[str, Flag]:
    return {flag.code: flag for flag in flags(RULES, replace(CLEAN, **findings))}  # type: ignore[arg-type]


def objection(outcome: Outcome, *, handled: bool) -> ObjectionResult:
    return ObjectionResult(
        "o1", "price", {"ru": "Цена", "en": "Price"}, (), (), (), outcome, (), handled, 2.0, {"ru": "", "en": ""}
    )


def violation(name: str, severity: Severity) -> ViolationResult:
    quote = Evidence(3, None, None, "сто процентов", f"violations/{name}", "")
    reason = {"ru": f"Ру {name}: «сто процентов».", "en": f"En {name}: “сто процентов”."}
    return ViolationResult(name, {"ru": f"Ру {name}", "en": f"En {name}"}, severity, reason, (quote,))


def test_a_good_call_has_no_flags() -> None:
    assert raised() == {}


def test_missed_critical_items_are_named() -> None:
    title = {"ru": "Компания", "en": "Company"}
    company = ItemResult("company", title, "missed", 0.0, 1.0, critical=True, reason=title, evidence=())
    flag = raised(items=(company, replace(company, status="not_assessable", points=None)))["critical_missed"]
    assert flag.reason == {"ru": "Пропущено важное: Компания.", "en": "Critical item missed: Company."}
    assert "critical_missed" not in raised(items=(replace(company, critical=False),))


def test_a_violation_is_as_severe_as_the_worst_of_them_and_quoted() -> None:
    flag = raised(violations=(violation("uncertainty", "low"), violation("overpromise", "high")))["violation"]
    assert flag.severity == "high"
    assert flag.reason["en"] == "En uncertainty: “сто процентов”. En overpromise: “сто процентов”."


@pytest.mark.parametrize(
    ("outcome", "handled", "open_"),
    [("rejected", False, True), ("rejected", True, True), ("neutral", False, True), ("neutral", True, False), ("accepted", False, False)],
)  # fmt: skip
def test_objections_left_open_or_refused_are_unresolved(outcome: Outcome, handled: bool, open_: bool) -> None:
    assert ("objection_unresolved" in raised(objections=(objection(outcome, handled=handled),))) is open_


def test_low_figures_are_told_with_their_limits() -> None:
    low = raised(adherence=0.42, argumentation=1.5, confidence=0.4)
    assert low["low_adherence"].reason == {
        "ru": "Скрипт выполнен на 42 %, порог 50 %.",
        "en": "Script adherence is 42 %, below 50 %.",
    }
    assert low["low_argumentation"].reason["ru"] == "Аргументация 1,5 из 5, порог 2,5."
    assert "послушайте запись" in low["low_confidence"].reason["ru"]


def test_a_figure_that_does_not_exist_is_not_low() -> None:
    assert raised(adherence=None, argumentation=None, confidence=None) == {}


def test_silence_and_unregistered_reps_are_flagged() -> None:
    assert set(raised(no_speech=True, rep_registered=False)) == {"no_speech", "unknown_rep"}


def test_only_the_packs_own_flags_are_raised() -> None:
    assert flags((FlagRule("no_speech", "low"),), replace(CLEAN, adherence=0.1)) == ()


def test_confidence_is_weighted_by_words() -> None:
    talk = Transcript(
        "ru",
        (
            Utterance("agent", "раз два три", confidence=0.9),
            Utterance("customer", "да", confidence=0.5),
            Utterance("agent", "и"),
        ),
    )
    assert mean_confidence(talk) == pytest.approx(0.8)
    assert mean_confidence(Transcript("ru", (Utterance("agent", "текст"),))) is None
