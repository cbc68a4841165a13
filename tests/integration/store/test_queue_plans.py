"""How SQLite goes about the review queue: a page and a count read what waits, or what somebody holds, never all calls."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.store.database import Database
from service.store.records_reviews import QueueFilter
from tests.fixtures.plans import plans_of
from tests.fixtures.samples import NOW
from tests.integration.store.reviewing import COLLEAGUE, FLAGGED, REVIEWER, card, item, reviewable

SHARE = 0.5
#: What each kind of page may sort: the calls without a flag that wait, and what one person holds. All others come in order.
KINDS: list[tuple[QueueFilter, set[str]]] = [
    (QueueFilter(), {"teaches_ppm", "lot_ppm"}),
    (QueueFilter(flagged=True), set()),
    (QueueFilter(flagged=False), {"teaches_ppm", "lot_ppm"}),
    (QueueFilter(free_at=NOW), {"teaches_ppm", "lot_ppm"}),
    (QueueFilter(mine=REVIEWER), {"claimed_by", "assigned_to"}),
    (QueueFilter(mine=REVIEWER, flagged=True), {"claimed_by", "assigned_to"}),
]


def _filled(database: Database) -> None:
    for number in range(12):
        scorecard = card(flags=FLAGGED) if number % 3 == 0 else card(items=(item("greeting"),))
        call_id = reviewable(database, str(number), scorecard, now=NOW + timedelta(seconds=number), confidence=0.6)
        with database.transaction() as tx:
            if number % 2:
                tx.assignments.assign(call_id, REVIEWER if number % 4 == 1 else COLLEAGUE, now=NOW)


@pytest.mark.parametrize(("wanted", "sorted_from"), KINDS)
def test_a_page_of_the_queue_reads_what_waits_not_all_calls(
    sqlite_url: str, wanted: QueueFilter, sorted_from: set[str]
) -> None:
    """A million calls that wait for nobody make no page slower, whatever it is narrowed to."""
    database = Database(sqlite_url)
    _filled(database)
    with plans_of(database, "FROM review_queue") as steps, database.read() as tx:
        first = tx.review_queue.list(wanted, share=SHARE, now=NOW, limit=1)
        tx.review_queue.list(wanted, share=SHARE, now=NOW, limit=9, after=first[0].call.id)
    database.close()
    assert [step for step in steps if step.startswith("SCAN") and not step.startswith("SCAN CONSTANT")] == []
    used = {part.partition(" ")[0] for step in steps for part in step.split("ix_review_queue_")[1:]}
    assert sorted_from <= used <= sorted_from | {"severity"}
    if not sorted_from:
        assert [step for step in steps if "TEMP B-TREE" in step] == []


def test_how_many_wait_is_counted_from_three_ranges_of_indexes(sqlite_url: str) -> None:
    """The count stands on two pages that are open all day; it must not read a row for each call that was ever scored."""
    database = Database(sqlite_url)
    _filled(database)
    with plans_of(database, "review_queue") as steps, database.read() as tx:
        assert tx.review_queue.waiting(QueueFilter(), share=SHARE) > 4
    database.close()
    searched = [step.partition("USING ")[2].partition(" (")[0] for step in steps if "review_queue" in step]
    assert searched == [f"INDEX ix_review_queue_{name}" for name in ("severity", "teaches_ppm", "lot_ppm")], steps


def test_reviews_since_midnight_are_counted_from_an_index(sqlite_url: str) -> None:
    """The log holds every change of years; the page that tells today's reviews must not read it."""
    database = Database(sqlite_url)
    with plans_of(database, "audit_log") as steps, database.read() as tx:
        tx.audit.counts("call.review", at_from=NOW)
    database.close()
    assert any("COVERING INDEX ix_audit_log_action_at_actor" in step for step in steps), steps
