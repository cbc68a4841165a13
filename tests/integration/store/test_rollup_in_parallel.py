"""The promise that managers live by: whatever happens to calls, in any order and at once, the figures are those of the calls."""

from __future__ import annotations

import os

import pytest

from service.store.database import Database
from service.store.records import KpiFilter
from tests.integration.store.anything import anything

#: `CALLSCORE_TEST_OPERATIONS=10000` makes it the number that the figures in docs/performance.md were taken with.
OPERATIONS = int(os.environ.get("CALLSCORE_TEST_OPERATIONS", "1000"))


@pytest.mark.timeout(900)
def test_the_rollup_agrees_after_any_acts_at_once(database: Database) -> None:
    done = anything(database, OPERATIONS)
    assert all(done[act] for act in ("score", "override", "erase_text", "erase_call")), done
    with database.read() as tx:
        assert tx.rollup.verify() == ()
        before = tx.rollup.totals(("rep", "week"), KpiFilter()), tx.rollup.parts(KpiFilter())
    with database.transaction() as tx:
        tx.rollup.rebuild()
    with database.read() as tx:
        assert tx.rollup.verify() == ()
        assert (tx.rollup.totals(("rep", "week"), KpiFilter()), tx.rollup.parts(KpiFilter())) == before
