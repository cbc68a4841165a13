"""What people decide, laid over what the machine found: points by the pack's own policy, and every decision accounted for."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from service.packs import PackLibrary
from service.scoring.override import Override, override_from_dict
from service.scoring.overrides import effective
from service.scoring.results import Flag, Scorecard
from service.scoring.rulings import UNKNOWN, Rulings, rulings_from_dict
from service.scoring.scorecard import CallContext, score
from service.scoring.stored_scorecard import scorecard_from_dict, without_words
from service.scoring.transcript import Transcript, Utterance
from tests.integration.store.reviewing import RULINGS, card, item, objection
from tests.unit.scoring.minipack import write_minipack


def _statuses(scorecard: Scorecard) -> list[str]:
    return [one.status for one in scorecard.items]


def test_without_a_decision_the_machines_verdicts_count_as_they_are() -> None:
    found = effective(card(), (), RULINGS).scorecard
    assert (found.items, found.objections, found.adherence) == (card().items, card().objections, card().adherence)
    assert [flag.code for flag in found.flags] == ["critical_missed"]
    assert effective(card(), (), UNKNOWN).scorecard.items == card().items


def test_a_critical_item_that_was_said_after_all_lifts_the_cap_and_the_flag() -> None:
    machine = card(items=(item("greeting"), item("next", "met"), item("company", "missed", critical=True)))
    before = effective(machine, (), RULINGS).scorecard
    after = effective(machine, (Override("item", "company", status="met"),), RULINGS).scorecard
    assert (before.adherence, [flag.code for flag in before.flags]) == (0.6, ["critical_missed"])
    assert (after.adherence, after.passed, after.flags) == (1.0, True, ())


def test_an_item_that_did_not_apply_leaves_both_sides_of_the_fraction() -> None:
    after = effective(card(), (Override("item", "company", status="not_applicable"),), RULINGS).scorecard
    assert (after.adherence_points, after.adherence_weight, after.adherence) == (1.5, 2.0, 0.75)


def test_steps_and_outcome_are_judged_by_the_packs_policy_unless_the_reviewer_says_otherwise() -> None:
    changed = Override("objection_changed", "price", 3, steps=("acknowledge", "argument"), outcome="accepted")
    by_policy = effective(card(), (changed,), RULINGS).scorecard.objections[0]
    by_word = effective(card(), (replace(changed, handled=False, points=1.5),), RULINGS).scorecard.objections[0]
    assert (by_policy.handled, by_policy.points) == (True, 4.0)
    assert (by_word.handled, by_word.points) == (False, 1.5)


def test_an_objection_of_another_type_keeps_its_place_and_takes_the_new_title() -> None:
    after = effective(card(), (Override("objection_changed", "price", 3, type="timing"),), RULINGS).scorecard
    assert [(one.id, one.type, one.title["en"]) for one in after.objections] == [
        ("o3", "timing", "Timing"),
        ("o7", "terms", "Terms"),
    ]


def test_an_added_objection_stands_where_it_was_voiced() -> None:
    added = Override("objection_added", "timing", 5, steps=(), outcome="rejected")
    after = effective(card(), (added,), RULINGS).scorecard
    assert [one.type for one in after.objections] == ["price", "timing", "terms"]
    assert (after.objections_total, after.argumentation) == (3, pytest.approx(4 / 3, abs=1e-6))


def test_of_two_objections_of_one_type_the_one_that_was_meant_is_changed() -> None:
    machine = card(ledger=(objection(3), objection(4), objection(9)))
    after = effective(machine, (Override("objection_removed", "price", 4),), RULINGS).scorecard
    assert [one.evidence[0].utterance for one in after.objections] == [3, 9]


@pytest.mark.parametrize(
    ("override", "machine", "state"),
    [
        (Override("item", "company", status="met"), card(), "applies"),
        (Override("item", "greeting", status="met"), card(), "agrees"),
        (Override("item", "weather", status="met"), card(), "lapsed"),
        (Override("objection_changed", "price", 5, outcome="accepted"), card(), "applies"),
        (Override("objection_changed", "price", 6, outcome="accepted"), card(), "lapsed"),
        (Override("objection_changed", "price", 3, outcome="neutral"), card(), "agrees"),
        (Override("objection_changed", "timing", 3, type="price"), card(), "agrees"),
        (Override("objection_removed", "price", 3), card(), "applies"),
        (Override("objection_removed", "timing", 3), card(), "agrees"),
        (Override("objection_added", "timing", 1, steps=(), outcome="neutral"), card(), "applies"),
        (Override("objection_added", "price", 3, steps=("argument",), outcome="neutral"), card(), "agrees"),
        (Override("objection_added", "weather", 1, steps=(), outcome="neutral"), card(), "lapsed"),
        (Override("violation_added", "overpromise"), card(), "applies"),
        (Override("violation_added", "overpromise"), card(violations=("overpromise",)), "agrees"),
        (Override("violation_added", "weather"), card(), "lapsed"),
        (Override("violation_removed", "overpromise"), card(violations=("overpromise",)), "applies"),
        (Override("violation_removed", "overpromise"), card(), "agrees"),
    ],
)
def test_every_decision_tells_whether_it_still_has_something_to_decide(
    override: Override, machine: Scorecard, state: str
) -> None:
    assert effective(machine, (override,), RULINGS).states == (state,)


def test_a_rule_that_does_not_count_is_left_out_and_named() -> None:
    machine = card(violations=("overpromise",))
    off = {"script/company", "objections/price", "violations/overpromise", "script/unheard_of"}
    found = effective(machine, (), RULINGS, uncounted=off)
    assert _statuses(found.scorecard) == ["met", "not_counted", "partial"]
    assert [one.type for one in found.scorecard.objections] == ["terms"]
    assert found.scorecard.violations == ()
    assert found.not_counted == ("objections/price", "script/company", "violations/overpromise")
    assert found.scorecard.adherence_weight == 2.0


def test_flags_about_the_recording_stay_whatever_people_decide() -> None:
    machine = card(flags=(Flag("low_confidence", "low", {"ru": "т", "en": "q"}),))
    after = effective(machine, (Override("item", "company", status="met"),), RULINGS).scorecard
    assert [flag.code for flag in after.flags] == ["low_confidence"]


def test_what_is_stored_comes_back_as_it_was() -> None:
    assert scorecard_from_dict(card(violations=("overpromise",)).to_dict()) == card(violations=("overpromise",))
    assert rulings_from_dict(RULINGS.to_dict()) == RULINGS
    override = Override("objection_added", "timing", 5, steps=("argument",), outcome="neutral", points=2.5)
    assert override_from_dict(override.to_dict()) == override


def test_without_its_words_a_scorecard_has_the_same_figures_and_no_quote() -> None:
    bare = without_words(card())
    assert "дорого" not in str([found.quote for one in bare.objections for found in one.evidence])
    assert (bare.adherence, bare.argumentation, _statuses(bare)) == (
        card().adherence,
        card().argumentation,
        _statuses(card()),
    )
    assert without_words(bare) == bare


@pytest.mark.parametrize(
    "said",
    [
        (
            "Добрый день! Компания Ромашка. Удобно говорить?",
            "Дорого у вас.",
            "Понимаю. Окупается за месяц.",
            "Убедили.",
        ),
        ("Слушаю.", "Дорого.", "Сто процентов гарантирую.", "Нет, спасибо.", "Не сейчас."),
        ("Добрый день!", "Здравствуйте."),
        (),
    ],
)
def test_a_real_scorecard_that_nobody_decided_about_counts_to_the_last_byte(
    tmp_path: Path, said: tuple[str, ...]
) -> None:
    """Applying nothing must change nothing: else every review would move figures that the reviewer never touched."""
    pack = PackLibrary(write_minipack(tmp_path), cache_dir=tmp_path / "cache").load("mini", "ru")
    turns = tuple(Utterance("agent" if at % 2 == 0 else "customer", text) for at, text in enumerate(said))
    machine = score(Transcript("ru", turns), pack, CallContext("outbound", None))
    stored = scorecard_from_dict(json.loads(machine.canonical_json()))
    rulings = rulings_from_dict(json.loads(json.dumps(Rulings.of(pack).to_dict())))
    assert stored == machine
    assert effective(stored, (), rulings).scorecard.canonical_json() == machine.canonical_json()
