"""Disputes: nothing changes until a lead decides; upheld, the point counts as it was asked for; the call still waits for its review."""

from __future__ import annotations

import pytest

from service.scoring.errors import DecisionsInvalid, DisputeStateWrong, DisputeUnknown
from service.scoring.override import Override
from service.store.database import Database
from service.store.records import KpiFilter
from service.store.records_reviews import Dispute, QueueFilter
from tests.fixtures.samples import NOW
from tests.integration.store.reviewing import COLLEAGUE, FLAGGED, REVIEWER, card, item, reviewable, score

REP = "user:01938a4e-8f3c-7d52-9a3e-000000000001"
COMPANY_MET = Override("item", "company", status="met")


def _open(database: Database, call_id: object, wish: Override = COMPANY_MET) -> Dispute:
    with database.transaction() as tx:
        return tx.disputes.open(call_id, wish, argument="Я назвал компанию", by=REP, now=NOW)  # type: ignore[arg-type]


def _points(database: Database) -> float:
    with database.read() as tx:
        assert tx.rollup.verify() == ()
        return tx.rollup.totals("all", KpiFilter())[0].sums.adherence_points


def test_an_upheld_dispute_counts_from_then_on_and_a_rejected_one_never(database: Database) -> None:
    call_id = reviewable(database, scorecard=card(flags=FLAGGED))
    first, second = _open(database, call_id), _open(database, call_id, Override("item", "closing", status="met"))
    assert _points(database) == 1.5
    with database.transaction() as tx:
        upheld = tx.disputes.decide(first.id, uphold=True, answer="Слышно на 0:12", by=REVIEWER, now=NOW)
        rejected = tx.disputes.decide(second.id, uphold=False, answer="Не слышно", by=REVIEWER, now=NOW)
        reviewed = tx.reviews.get(call_id, now=NOW)
        waiting = tx.review_queue.list(QueueFilter(), share=0, now=NOW, limit=9)
    assert (upheld.state, upheld.review_id, rejected.state, rejected.review_id) == (
        "upheld", reviewed.reviews[0].id, "rejected", None,
    )  # fmt: skip
    assert [(one.override.target, one.reason) for one in reviewed.overrides] == [("company", "Слышно на 0:12")]
    assert reviewed.reviews[0].origin == "dispute"
    assert _points(database) == 2.5
    assert [entry.call.id for entry in waiting] == [call_id]


def test_a_dispute_says_nothing_about_how_often_the_rules_are_right(database: Database) -> None:
    """Reps dispute what they think is wrong: counting that as a sample would make every rule look bad."""
    call_id = reviewable(database)
    dispute = _open(database, call_id)
    with database.transaction() as tx:
        tx.disputes.decide(dispute.id, uphold=True, answer="Да", by=REVIEWER, now=NOW)
        assert tx.agreement.packs() == ()


def test_a_point_is_disputed_once_at_a_time_and_decided_once(database: Database) -> None:
    call_id = reviewable(database)
    dispute = _open(database, call_id)
    with pytest.raises(DisputeStateWrong, match="already"):
        _open(database, call_id, Override("item", "company", status="not_applicable"))
    with database.transaction() as tx:
        tx.disputes.decide(dispute.id, uphold=False, answer="Нет", by=REVIEWER, now=NOW)
    with pytest.raises(DisputeStateWrong, match="rejected"), database.transaction() as tx:
        tx.disputes.decide(dispute.id, uphold=True, answer="Да", by=COLLEAGUE, now=NOW)
    assert _open(database, call_id).state == "open"


def test_what_cannot_be_disputed_is_told(database: Database) -> None:
    call_id = reviewable(database)
    with pytest.raises(DecisionsInvalid, match="no item"):
        _open(database, call_id, Override("item", "weather", status="met"))
    with pytest.raises(DisputeUnknown), database.transaction() as tx:
        tx.disputes.get(call_id)


def test_a_dispute_about_a_point_that_new_rules_do_not_know_can_only_be_rejected(database: Database) -> None:
    call_id = reviewable(database)
    dispute = _open(database, call_id)
    score(database, call_id, card(version="2", items=(item("greeting"),)))
    with pytest.raises(DecisionsInvalid, match="no item"), database.transaction() as tx:
        tx.disputes.decide(dispute.id, uphold=True, answer="Да", by=REVIEWER, now=NOW)
    with database.transaction() as tx:
        assert (
            tx.disputes.decide(dispute.id, uphold=False, answer="Пункта больше нет", by=REVIEWER, now=NOW).state
            == "rejected"
        )


def test_disputes_are_listed_oldest_first_and_by_whom_they_concern(database: Database) -> None:
    with database.transaction() as tx:
        team = tx.teams.create("North", now=NOW)
        rep = tx.reps.create("anna", team="North", now=NOW)
    first = _open(database, reviewable(database, "1", rep_external_id="anna"))
    second = _open(database, reviewable(database, "2"))
    with database.transaction() as tx:
        tx.disputes.decide(second.id, uphold=False, answer="Нет", by=REVIEWER, now=NOW)
        assert [one.id for one in tx.disputes.list()] == [first.id, second.id]
        assert [one.id for one in tx.disputes.list(state="open")] == [first.id]
        assert [one.id for one in tx.disputes.list(team_id=team.id)] == [first.id]
        assert [one.id for one in tx.disputes.list(rep_id=rep.id)] == [first.id]
        assert [one.id for one in tx.disputes.list(after=first.id)] == [second.id]
