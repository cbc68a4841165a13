"""`callscore evaluate`: can its figures be believed?"""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from service.scoring.evaluation import Judged, evaluation, nearest_turn, same_utterance
from service.scoring.labels import LabelledCall, LabelledObjection
from service.scoring.results import (
    STEPS,
    Conversation,
    Evidence,
    ItemResult,
    ItemStatus,
    ObjectionResult,
    Outcome,
    Scorecard,
    Step,
    StepResult,
    ViolationResult,
)
from service.scoring.transcript import Transcript

NOTHING = {"ru": "", "en": ""}


def at(utterance: int, start_s: float | None = None, end_s: float | None = None) -> Evidence:
    return Evidence(utterance, start_s, end_s, "", "", "")


def machine(
    kind: str,
    turn: int,
    *,
    points: float = 3,
    steps: Sequence[Step] = (),
    outcome: Outcome = "accepted",
    handled: bool = True,
) -> ObjectionResult:
    taken = tuple(StepResult(step, ()) for step in steps)
    return ObjectionResult("", kind, NOTHING, (at(turn),), (), taken, outcome, (), handled, points, NOTHING)


def people(
    kind: str,
    turn: int,
    *,
    points: float = 3,
    steps: Sequence[Step] = (),
    outcome: Outcome = "accepted",
    handled: bool = True,
) -> LabelledObjection:
    return LabelledObjection("", kind, turn, frozenset(steps), outcome, handled, points)


def judged(
    found: Sequence[ObjectionResult] = (),
    marked: Sequence[LabelledObjection] = (),
    *,
    statuses: dict[str, ItemStatus] | None = None,
    labels: dict[str, bool | None] | None = None,
    violations: tuple[Sequence[str], Sequence[str]] = ((), ()),
) -> Judged:
    items = tuple(
        ItemResult(name, NOTHING, status, None if status.startswith("not") else 1.0, 1.0, False, NOTHING, ())
        for name, status in (statuses or {}).items()
    )
    card = Scorecard(
        pack_id="", pack_version="", pack_sha256="", engine_version="", transcript_sha256="", language="ru",
        speaker_source="given", no_speech=False, adherence=None, adherence_points=0, adherence_weight=0, passed=None,
        items=items, objections=tuple(found), objections_total=len(found),
        objections_handled=sum(o.handled for o in found), argumentation=None,
        violations=tuple(ViolationResult(name, NOTHING, "low", NOTHING, ()) for name in violations[0]),
        conversation=Conversation(), flags=(),
    )  # fmt: skip
    call = LabelledCall(
        "c", "b2b_sales", None, None, Transcript("ru", ()), labels or {}, tuple(marked), frozenset(violations[1])
    )
    return Judged(call, card, same_utterance)


def test_the_report_has_exactly_the_documented_shape() -> None:
    report = evaluation(
        [judged([machine("price", 3)], [people("price", 3)], statuses={"greeting": "met"}, labels={"greeting": True})]
    )
    assert {key: sorted(value) if isinstance(value, dict) else value for key, value in report.items()} == {
        "calls": 1,
        "items": ["accuracy", "f1", "kappa", "per_item"],
        "objections": ["by_type", "f1", "precision", "recall"],
        "steps": ["f1", "per_step"],
        "outcome": ["accuracy"],
        "handled": ["agreement"],
        "argumentation": ["exact", "mae", "within_one"],
        "violations": ["f1", "precision", "recall"],
        "kpi": ["argumentation", "objections_handled"],
    }
    assert report["kpi"] == {
        "argumentation": {"machine": 3, "people": 3},
        "objections_handled": {"machine": 1, "people": 1},
    }
    json.dumps(report, allow_nan=False)


def test_an_objection_is_found_up_to_two_turns_away_and_only_with_its_type() -> None:
    report = evaluation(
        [
            judged([machine("price", 5), machine("terms", 9)], [people("price", 7), people("trust", 9)]),
            judged([machine("price", 3)], [people("price", 6)]),
        ]
    )
    assert (report["objections"]["precision"], report["objections"]["recall"]) == (1 / 3, 1 / 3)
    assert report["objections"]["by_type"]["price"] == {
        "precision": 0.5,
        "recall": 0.5,
        "f1": 0.5,
        "found": 2,
        "marked": 2,
    }
    assert report["objections"]["by_type"]["trust"]["precision"] is None


def test_two_finds_of_one_label_are_one_right_and_one_extra() -> None:
    report = evaluation([judged([machine("price", 5), machine("price", 6)], [people("price", 5)])])
    assert (report["objections"]["precision"], report["objections"]["recall"]) == (0.5, 1.0)


def test_steps_outcome_handled_and_points_compare_found_objections_only() -> None:
    report = evaluation(
        [
            judged(
                [
                    machine("price", 5, steps=["argument", "clarify"], points=3.5, outcome="neutral"),
                    machine("trust", 1),
                ],
                [
                    people("price", 5, steps=["argument", "evidence"], points=4, handled=False),
                    people("terms", 9, points=0),
                ],
            )
        ]
    )
    assert report["steps"]["f1"] == pytest.approx(0.5)
    assert report["steps"]["per_step"]["argument"]["f1"] == 1.0
    assert set(report["steps"]["per_step"]) == set(STEPS)
    assert (report["outcome"]["accuracy"], report["handled"]["agreement"]) == (0.0, 0.0)
    assert report["argumentation"] == {"exact": 1.0, "within_one": 1.0, "mae": 0.0}
    assert report["kpi"]["argumentation"] == {"machine": 3.25, "people": 2.0}


@pytest.mark.parametrize(("points", "label", "off"), [(2.5, 3, 0), (2.4, 3, 1), (0.5, 1, 0), (5, 3, 2)])
def test_points_are_rounded_to_the_nearest_whole_number(points: float, label: float, off: int) -> None:
    report = evaluation([judged([machine("price", 1, points=points)], [people("price", 1, points=label)])])
    assert report["argumentation"]["mae"] == off
    assert report["argumentation"]["exact"] == (off == 0)
    assert report["argumentation"]["within_one"] == (off <= 1)


def test_items_partly_done_are_not_met_and_agreed_absence_counts_for_nothing() -> None:
    report = evaluation(
        [
            judged(
                statuses={"a": "met", "b": "partial", "c": "not_applicable", "d": "not_applicable", "e": "missed"},
                labels={"a": True, "b": False, "c": None, "d": True, "e": None},
            )
        ]
    )
    assert report["items"]["accuracy"] == 2 / 4
    assert set(report["items"]["per_item"]) == {"a", "b", "d", "e"}


def test_violations_compare_call_by_call() -> None:
    report = evaluation(
        [
            judged(violations=(["overpromise"], ["overpromise", "confrontation"])),
            judged(violations=(["uncertainty"], [])),
        ]
    )
    assert report["violations"] == {"precision": 0.5, "recall": 0.5, "f1": 0.5}


def test_no_calls_and_no_objections_are_no_figures() -> None:
    report = evaluation([judged()])
    assert report["objections"] == {"precision": None, "recall": None, "f1": None, "by_type": {}}
    assert report["argumentation"] == {"exact": None, "within_one": None, "mae": None}
    assert report["kpi"]["argumentation"] == {"machine": None, "people": None}


def test_recordings_are_matched_by_time() -> None:
    turn_of = nearest_turn([(0.0, 4.0), (4.5, 9.0), (9.2, 15.0)])
    assert [turn_of(at(7, start, end)) for start, end in ((1.0, 2.0), (3.8, 6.0), (9.0, 9.1), (40.0, 41.0))] == [
        0,
        1,
        1,
        2,
    ]
