"""The review queue: the worst and oldest first, nobody works on the same call, and the random sample cannot be told from the rest."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest

from service.scoring.errors import CallClaimed
from service.scoring.override import Override
from service.scoring.results import Flag
from service.store.database import Database
from service.store.records_reviews import QueueEntry, QueueFilter
from tests.fixtures.samples import NOW
from tests.integration.store.reviewing import COLLEAGUE, FLAGGED, REVIEWER, card, decided, item, reviewable, score

EVERY, NOTHING = QueueFilter(), 0.0
CLAIM_S = 600.0
LOW = (Flag("low_confidence", "low", {"ru": "тихо", "en": "quiet"}),)
SURE, UNSURE = 0.95, 0.6


def _queue(database: Database, share: float = NOTHING, wanted: QueueFilter = EVERY) -> tuple[QueueEntry, ...]:
    with database.read() as tx:
        return tx.review_queue.list(wanted, share=share, now=NOW, limit=1000)


def _ids(entries: tuple[QueueEntry, ...]) -> list[UUID]:
    return [entry.call.id for entry in entries]


def test_flagged_calls_come_by_severity_and_age_then_those_that_teach_most(database: Database) -> None:
    taught = reviewable(database, "taught", card(items=(item("greeting"),)), confidence=UNSURE)
    low = reviewable(database, "low", card(flags=LOW), now=NOW - timedelta(days=9))
    newer = reviewable(database, "newer", card(flags=FLAGGED))
    older = reviewable(database, "older", card(flags=FLAGGED), now=NOW - timedelta(days=1))
    reviewable(database, "dull", card(items=(item("greeting"),)), confidence=SURE)
    entries = _queue(database)
    assert _ids(entries) == [older, newer, low, taught]
    assert [entry.severity for entry in entries] == ["high", "high", "low", None]
    assert entries[0].reasons == (FLAGGED[0].reason,)
    assert entries[0].waiting_since == NOW - timedelta(days=1)
    with database.read() as tx:
        assert tx.review_queue.waiting(EVERY, share=NOTHING) == 4
        behind = tx.review_queue.list(EVERY, share=NOTHING, now=NOW, limit=9, after=newer)
    assert _ids(behind) == [low, taught]


def test_a_reviewed_call_leaves_the_queue_and_comes_back_when_a_decision_no_longer_fits(database: Database) -> None:
    call_id = reviewable(database, scorecard=card(flags=FLAGGED))
    decided(database, call_id, Override("item", "closing", status="met"))
    assert _queue(database) == ()
    score(database, call_id, card(version="2", items=(item("greeting"), item("closing", "missed"))))
    assert _queue(database) == ()
    score(database, call_id, card(version="3", items=(item("greeting"),)))
    back = _queue(database)
    assert _ids(back) == [call_id]
    assert "does not fit" in back[0].reasons[0]["en"]


def test_the_random_sample_looks_like_the_rest_and_is_the_same_at_any_time(database: Database) -> None:
    """A reviewer who knew which calls are the sample would look at them with other eyes."""
    dull = [reviewable(database, f"d{at}", card(items=(item("greeting"),)), confidence=SURE) for at in range(60)]
    taught = [
        reviewable(database, f"t{at}", card(items=(item("greeting"),)), confidence=0.6 + at / 1000) for at in range(20)
    ]
    assert set(_ids(_queue(database))) == set(taught)
    sample = set(_ids(_queue(database, share=0.4))) - set(taught)
    assert 5 < len(sample) < 45
    assert sample < set(_ids(_queue(database, share=0.7)))
    assert set(_ids(_queue(database, share=1.0))) == {*dull, *taught}
    entries = _queue(database, share=0.4)
    assert {(entry.severity, entry.reasons) for entry in entries} == {(None, ())}
    drawn = [entry.call.id in sample for entry in entries]
    assert drawn != sorted(drawn)
    assert drawn != sorted(drawn, reverse=True)


def test_a_claim_keeps_others_away_until_its_time_is_out(database: Database) -> None:
    first, second = (
        reviewable(database, str(at), card(flags=FLAGGED), now=NOW + timedelta(seconds=at)) for at in (1, 2)
    )

    def claim_next(reviewer: str, minutes: int = 0, after: UUID | None = None) -> UUID | None:
        with database.transaction() as tx:
            now = NOW + timedelta(minutes=minutes)
            entry = tx.review_queue.next(EVERY, reviewer=reviewer, share=NOTHING, now=now, claim_s=CLAIM_S, after=after)
        return None if entry is None else entry.call.id

    assert claim_next(REVIEWER) == first
    assert claim_next(COLLEAGUE) == second
    assert claim_next(COLLEAGUE) is None
    with database.transaction() as tx:
        with pytest.raises(CallClaimed):
            tx.review_queue.claim(first, reviewer=COLLEAGUE, now=NOW, claim_s=CLAIM_S)
        with pytest.raises(CallClaimed):
            tx.review_queue.release(first, reviewer=COLLEAGUE, now=NOW)
        assert tx.review_queue.claim(first, reviewer=REVIEWER, now=NOW, claim_s=CLAIM_S).claimed_by == REVIEWER
    assert _ids(_queue(database, wanted=QueueFilter(mine=REVIEWER))) == [first]
    with database.transaction() as tx:
        tx.review_queue.release(first, reviewer=REVIEWER, now=NOW)
    assert claim_next(COLLEAGUE) == first
    assert claim_next(REVIEWER, minutes=11) == first
    assert claim_next(REVIEWER, minutes=11, after=first) == second


def test_reviewers_who_ask_at_once_get_different_calls(database: Database) -> None:
    calls = {reviewable(database, str(at), card(flags=FLAGGED)) for at in range(12)}

    def claim_next(which: int) -> UUID | None:
        with database.transaction() as tx:
            entry = tx.review_queue.next(EVERY, reviewer=f"key:{which}", share=NOTHING, now=NOW, claim_s=CLAIM_S)
        return None if entry is None else entry.call.id

    with ThreadPoolExecutor(6) as threads:
        assert set(threads.map(claim_next, range(12))) == calls


def test_the_queue_can_be_narrowed(database: Database) -> None:
    with database.transaction() as tx:
        north = tx.teams.create("North", now=NOW)
        tx.reps.create("anna", team="North", now=NOW)
    mine = reviewable(database, "1", card(flags=FLAGGED), rep_external_id="anna")
    other = reviewable(database, "2", card(flags=FLAGGED), script="renewal")
    plain = reviewable(database, "3", card(items=(item("greeting"),)), confidence=UNSURE)
    for wanted, expected in (
        (QueueFilter(team_id=north.id), {mine}),
        (QueueFilter(team="North"), {mine}),
        (QueueFilter(script="renewal"), {other}),
        (QueueFilter(flagged=False), {plain}),
        (QueueFilter(flagged=True), {mine, other}),
        (QueueFilter(language="ru"), {mine, other, plain}),
        (QueueFilter(language="en"), set()),
    ):
        assert set(_ids(_queue(database, wanted=wanted))) == expected, wanted


def test_what_a_reviewer_holds_comes_in_the_queue_s_order_page_by_page(database: Database) -> None:
    """Claimed or assigned, flagged or not: one's own list is the queue's, with the others' calls left out."""
    flagged = [reviewable(database, f"f{at}", card(flags=FLAGGED), now=NOW + timedelta(seconds=at)) for at in range(4)]
    low = reviewable(database, "low", card(flags=LOW))
    plain = [
        reviewable(database, f"p{at}", card(items=(item("greeting"),)), confidence=0.6 + at / 100) for at in range(3)
    ]
    theirs = [flagged[0], plain[1]]
    with database.transaction() as tx:
        for call_id in (*flagged[1:], low, plain[0], plain[2]):
            tx.assignments.assign(call_id, REVIEWER, now=NOW)
        for call_id in theirs:
            tx.assignments.assign(call_id, COLLEAGUE, now=NOW)
        tx.review_queue.claim(flagged[2], reviewer=REVIEWER, now=NOW, claim_s=CLAIM_S)
    everything = [call_id for call_id in _ids(_queue(database)) if call_id not in theirs]
    own = QueueFilter(mine=REVIEWER)
    found: list[UUID] = []
    with database.read() as tx:
        while page := _ids(
            tx.review_queue.list(own, share=NOTHING, now=NOW, limit=2, after=found[-1] if found else None)
        ):
            found += page
        assert tx.review_queue.waiting(own, share=NOTHING) == len(found)
        narrowed = tx.review_queue.list(QueueFilter(mine=REVIEWER, flagged=False), share=NOTHING, now=NOW, limit=9)
    assert found == everything
    assert set(_ids(narrowed)) == {plain[0], plain[2]}
