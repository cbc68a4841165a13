"""Reviews: what people decide counts at once and to the last millionth, the machine's word stays, nobody's work is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from service.scoring.errors import CallClaimed, DecisionsInvalid, ReviewConflict, ReviewOutdated, ScorecardNotReady
from service.scoring.kpi import KpiSums
from service.scoring.override import Override
from service.store.database import Database
from service.store.records import KpiFilter
from service.store.records_reviews import ReviewedCall
from tests.fixtures.samples import NOW
from tests.integration.store.reviewing import COLLEAGUE, REVIEWER, card, decided, item, objection, reviewable, score
from tests.integration.store.steps import received

COMPANY_MET = Override("item", "company", status="met")


def _totals(database: Database) -> KpiSums:
    with database.read() as tx:
        assert tx.rollup.verify() == ()
        return tx.rollup.totals("all", KpiFilter())[0].sums


def _seen(database: Database, call_id: UUID) -> ReviewedCall:
    with database.read() as tx:
        return tx.reviews.get(call_id, now=NOW)


def test_a_decision_moves_the_kpis_at_once_and_leaves_the_machines_word_to_be_seen(database: Database) -> None:
    call_id = reviewable(database)
    before = _totals(database)
    assert (before.adherence_points, before.adherence_weight) == (1.5, 3.0)
    reviewed = decided(
        database,
        call_id,
        COMPANY_MET,
        Override("objection_changed", "price", 3, steps=("acknowledge", "argument"), outcome="accepted"),
        Override("objection_removed", "terms", 7),
        Override("objection_added", "timing", 9, steps=(), outcome="rejected"),
        Override("violation_added", "overpromise", 4),
    )
    totals = _totals(database)
    assert (totals.adherence_points, totals.adherence_weight) == (2.5, 3.0)
    assert (totals.objections, totals.objections_handled, totals.argumentation_sum) == (2, 1, 4.0)
    assert [one.status for one in reviewed.effective.items] == ["met", "met", "partial"]
    assert [one.type for one in reviewed.effective.objections] == ["price", "timing"]
    assert [one.id for one in reviewed.effective.violations] == ["overpromise"]
    assert reviewed.machine == card()
    assert {one.state for one in reviewed.overrides} == {"applies"}
    assert reviewed.overrides[0].machine == {"status": "missed", "points": 0.0}
    assert (reviewed.version, reviewed.reviews[0].reviewer) == (1, REVIEWER)
    with database.read() as tx:
        call = tx.calls.get(call_id)
        assert call.adherence == pytest.approx(2.5 / 3, abs=1e-6)
        assert call.flags == ("violation",)


def test_a_later_decision_on_the_same_point_replaces_the_earlier_and_a_withdrawn_one_gives_the_machine_its_word_back(
    database: Database,
) -> None:
    call_id = reviewable(database)
    decided(database, call_id, COMPANY_MET)
    second = decided(database, call_id, Override("item", "company", status="not_applicable"), reviewer=COLLEAGUE)
    assert [(one.override.status, one.reviewer) for one in second.overrides] == [("not_applicable", COLLEAGUE)]
    assert _totals(database).adherence_weight == 2.0
    third = decided(database, call_id, verdict="corrected", withdraw=(second.overrides[0].id,))
    assert third.effective == card()
    assert third.overrides == ()
    assert [one.version for one in third.reviews] == [1, 2, 3]
    assert _totals(database).adherence_points == 1.5


def test_the_second_of_two_reviewers_is_told_and_nothing_of_theirs_is_stored(database: Database) -> None:
    call_id = reviewable(database)
    seen = _seen(database, call_id)
    decided(database, call_id, COMPANY_MET)
    with pytest.raises(ReviewConflict, match="version 1, you sent 0"):
        decided(database, call_id, Override("item", "greeting", status="missed"), version=seen.version)
    assert len(_seen(database, call_id).reviews) == 1


def test_a_review_of_a_call_that_was_scored_anew_meanwhile_is_refused(database: Database) -> None:
    call_id = reviewable(database)
    seen = _seen(database, call_id)
    score(database, call_id, card(version="2.0.0"))
    with pytest.raises(ReviewOutdated, match="scored anew"):
        decided(database, call_id, COMPANY_MET, scorecard_id=seen.scorecard_id)
    assert _seen(database, call_id).reviews == ()


def test_a_call_that_somebody_else_is_at_cannot_be_reviewed_until_their_time_is_out(database: Database) -> None:
    call_id = reviewable(database)
    with database.transaction() as tx:
        tx.review_queue.claim(call_id, reviewer=COLLEAGUE, now=NOW, claim_s=600)
    with pytest.raises(CallClaimed, match="09:40"):
        decided(database, call_id, COMPANY_MET, now=NOW + timedelta(minutes=9))
    assert decided(database, call_id, COMPANY_MET, now=NOW + timedelta(minutes=11)).claimed_by is None


def test_decisions_survive_scoring_by_other_rules_where_they_still_apply_and_are_listed_where_not(
    database: Database,
) -> None:
    call_id = reviewable(database)
    decided(
        database,
        call_id,
        COMPANY_MET,
        Override("item", "closing", status="met"),
        Override("objection_changed", "price", 3, outcome="accepted"),
        Override("objection_removed", "terms", 7),
    )
    # The new rules know no closing, hear the price a turn later, and no terms any more.
    newer = card(
        items=(item("greeting"), item("company", "missed", critical=True)), ledger=(objection(4),), version="2"
    )
    score(database, call_id, newer)
    again = _seen(database, call_id)
    states = {one.override.target: one.state for one in again.overrides}
    assert states == {"company": "applies", "closing": "lapsed", "price": "applies", "terms": "agrees"}
    assert [one.status for one in again.effective.items] == ["met", "met"]
    assert again.effective.objections[0].outcome == "accepted"
    assert again.machine == newer
    totals = _totals(database)
    assert (totals.adherence_points, totals.adherence_weight, totals.objections) == (2.0, 2.0, 1)


def test_decisions_that_are_about_nothing_or_say_too_little_are_all_named_and_none_is_stored(
    database: Database,
) -> None:
    call_id = reviewable(database)
    with pytest.raises(DecisionsInvalid) as refused:
        decided(
            database,
            call_id,
            Override("item", "nonsense", status="met"),
            Override("item", "greeting"),
            Override("item", "company", status="met", points=0.3),
            Override("objection_changed", "price", 5, outcome="accepted"),
            Override("objection_changed", "terms", 7),
            Override("objection_added", "weather", 99, points=9.0),
            Override("violation_removed", "overpromise"),
            COMPANY_MET,
        )
    found = {(one.index, one.field) for one in refused.value.problems}
    assert found == {
        (0, "target"), (1, "status"), (2, "points"), (3, "utterance"), (4, "target"), (5, "target"), (5, "utterance"),
        (5, "outcome"), (5, "steps"), (5, "points"), (6, "target"), (7, "target"),
    }  # fmt: skip
    assert _seen(database, call_id).reviews == ()


def test_a_verdict_that_contradicts_its_decisions_is_refused(database: Database) -> None:
    call_id = reviewable(database)
    for changes in ({"verdict": "corrected"}, {"withdraw": (uuid4(),), "verdict": "corrected"}):
        with pytest.raises(DecisionsInvalid):
            decided(database, call_id, **changes)
    with pytest.raises(DecisionsInvalid, match="must be 'corrected'"):
        decided(database, call_id, COMPANY_MET, verdict="confirmed")


def test_a_call_without_a_scorecard_cannot_be_reviewed(database: Database) -> None:
    with pytest.raises(ScorecardNotReady), database.read() as tx:
        tx.reviews.get(received(database), now=NOW)


def test_of_reviewers_who_send_at_the_same_moment_one_is_first_and_the_others_are_told(database: Database) -> None:
    call_id = reviewable(database)
    seen = _seen(database, call_id)

    def send(which: int) -> bool:
        try:
            decided(database, call_id, COMPANY_MET, reviewer=f"key:{which}", version=seen.version)
        except ReviewConflict:
            return False
        return True

    with ThreadPoolExecutor(6) as threads:
        assert sum(threads.map(send, range(6))) == 1
    assert len(_seen(database, call_id).reviews) == 1
    assert _totals(database).adherence_points == 2.5
