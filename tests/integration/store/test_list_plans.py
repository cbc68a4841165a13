"""How SQLite goes about a page of calls: along an index, never through the whole table and never by sorting it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from service.store.database import Database
from service.store.records import CallFilter
from tests.fixtures.plans import plans_of
from tests.fixtures.samples import NOW
from tests.integration.store.test_call_search import said

FILTERS: list[dict[str, Any]] = [
    {},
    {"status": "transcribed"},
    {"rep": "rep-1"},
    {"rep": "rep-1", "status": "transcribed", "adherence_min": 0.5},
    {"team": "North"},
    {"script": "b2b_sales", "flagged": True, "reviewed": False},
    {"received_from": NOW, "received_to": NOW + timedelta(days=1)},
    {"text": "цена"},
    {"text": "цена", "rep": "rep-1", "status": "transcribed", "received_to": NOW + timedelta(days=1)},
]


@pytest.mark.parametrize("wanted", FILTERS, ids=lambda wanted: " ".join(wanted) or "all")
def test_any_page_is_read_along_an_index(sqlite_url: str, wanted: dict[str, Any]) -> None:
    """What is walked ends with the page: a million calls more make it no slower."""
    database = Database(sqlite_url)
    with database.transaction() as tx:
        tx.teams.create("North", now=NOW)
        for rep in ("a", "b"):
            tx.reps.create(rep, team="North", now=NOW)
    for number in range(6):
        said(database, str(number), "цена", minute=number, rep_external_id=("rep-1", "a", "b")[number % 3])
    with database.read() as tx:
        cursor = tx.calls.list(CallFilter(**wanted), limit=1).next_cursor
        with plans_of(database, "FROM calls", "FROM call_words") as plans:
            tx.calls.list(CallFilter(**wanted), limit=1, cursor=cursor)
    database.close()
    assert plans
    walked = [step for step in plans if step.startswith("SCAN") and "VIRTUAL TABLE" not in step and "INDEX" not in step]
    sorted_anew = [step for step in plans if "TEMP B-TREE" in step]
    assert (walked, sorted_anew) == ([], []), plans
