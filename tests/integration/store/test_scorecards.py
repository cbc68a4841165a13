"""Transcripts and scorecards: kept byte for byte, one current, history kept, scoring twice changes nothing."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import create_engine, text

from service.scoring.errors import StoredTextDamaged
from service.scoring.results import Scorecard
from service.store.database import Database
from service.store.records import KpiFilter
from tests.fixtures.samples import NOW, sample_call, sample_scorecard, sample_transcript


def _transcribed(database: Database) -> UUID:
    with database.transaction() as tx:
        call, _ = tx.calls.create(sample_call(), now=NOW, allow_unknown_rep=True)
        tx.calls.claim(call.id, "transcribe", token="t", now=NOW, lease_s=60)
        assert tx.transcripts.save(call.id, sample_transcript(), token="t", now=NOW)
    return call.id


def _score(database: Database, call_id: UUID, scorecard: Scorecard, *, minute: int = 0) -> None:
    now = NOW + timedelta(minutes=minute)
    with database.transaction() as tx:
        if tx.calls.get(call_id).status == "scored":
            tx.calls.rescore(call_id, now=now)
        assert tx.calls.claim(call_id, "score", token=f"s{minute}", now=now, lease_s=60) is not None
        assert tx.scorecards.save(call_id, scorecard, token=f"s{minute}", now=now)


def test_a_transcript_comes_back_as_it_was(database: Database) -> None:
    call_id = _transcribed(database)
    with database.read() as tx:
        transcript = tx.transcripts.get(call_id)
        call = tx.calls.get(call_id)
        assert tx.transcripts.get(UUID(int=0)) is None
    assert transcript == sample_transcript()
    assert transcript is not None
    assert transcript.canonical_json() == sample_transcript().canonical_json()
    assert (call.status, call.detected_language, call.attempts) == ("transcribed", "ru", 0)


def test_a_damaged_transcript_is_not_scored_but_named(database: Database, database_url: str) -> None:
    call_id = _transcribed(database)
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE transcripts SET content = :content"), {"content": b"not what was stored"})
    engine.dispose()
    with pytest.raises(StoredTextDamaged, match="damaged"), database.read() as tx:
        tx.transcripts.get(call_id)


def test_a_scorecard_comes_back_byte_for_byte_and_shows_on_the_call(database: Database) -> None:
    call_id = _transcribed(database)
    scorecard = sample_scorecard((4.5, 1.25), flags=("low_score", "lost", "low_score"), violations=1)
    _score(database, call_id, scorecard)
    with database.read() as tx:
        stored = tx.scorecards.current(call_id)
        call = tx.calls.get(call_id)
        assert tx.scorecards.current(UUID(int=0)) is None
    canonical = json.dumps(stored, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    assert canonical == scorecard.canonical_json()
    assert (call.status, call.scored_at, call.flags) == ("scored", NOW, ("low_score", "lost"))
    assert (call.adherence, call.argumentation, call.objections_total, call.objections_handled) == (0.75, 2.875, 2, 1)


def test_scoring_twice_changes_nothing(database: Database) -> None:
    call_id = _transcribed(database)
    _score(database, call_id, sample_scorecard((4.5,)))
    with database.read() as tx:
        before = tx.rollup.totals("all", KpiFilter()), tx.scorecards.history(call_id)
    for minute in (1, 2):
        _score(database, call_id, sample_scorecard((4.5,)), minute=minute)
    with database.read() as tx:
        assert (tx.rollup.totals("all", KpiFilter()), tx.scorecards.history(call_id)) == before
        assert tx.rollup.verify() == ()


def test_a_new_scorecard_replaces_the_old_one_and_moves_the_kpis_by_the_difference(database: Database) -> None:
    call_id = _transcribed(database)
    _score(database, call_id, sample_scorecard((1.0, 2.0, 3.0), flags=("a",), violations=2))
    _score(database, call_id, sample_scorecard((4.1,), adherence=(0.3, 0.7), pack_version="2"), minute=1)
    with database.read() as tx:
        totals = tx.rollup.totals("all", KpiFilter())[0].sums
        history = tx.scorecards.history(call_id)
        first = tx.scorecards.get(call_id, history[1]["id"])
        current = tx.scorecards.current(call_id)
        assert tx.scorecards.get(UUID(int=0), history[1]["id"]) is None
        assert tx.calls.get(call_id).flags == ()
        assert tx.rollup.verify() == ()
    assert [(entry["pack_version"], entry["current"]) for entry in history] == [("2", True), ("1", False)]
    assert first is not None
    assert current is not None
    assert (len(first["objections"]), len(current["objections"])) == (3, 1)
    assert (totals.calls_received, totals.calls_scored, totals.objections, totals.objections_handled) == (1, 1, 1, 1)
    assert (totals.argumentation_sum, totals.argumentation_sum_sq) == (4.1, 16.81)
    assert (totals.adherence_points, totals.adherence_weight) == (0.3, 0.7)


def test_a_call_without_objections_or_assessable_items_is_scored(database: Database) -> None:
    """Silence: nothing to judge, but the call is checked."""
    call_id = _transcribed(database)
    _score(database, call_id, sample_scorecard((), adherence=(0.0, 0.0)))
    with database.read() as tx:
        call = tx.calls.get(call_id)
        totals = tx.rollup.totals("all", KpiFilter())[0].sums
    assert (call.adherence, call.argumentation, call.objections_total) == (None, None, 0)
    assert (totals.calls_scored, totals.objections, totals.adherence_weight) == (1, 0, 0.0)
