"""Jobs that score stored calls again: every call once, whoever is killed, paused or started twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from service.scoring.errors import RescoreStateWrong, RescoreUnknown
from service.store import rescore
from service.store.database import Database
from service.store.records_rescore import RescoreChoice, RescoreJob, RescorePart
from tests.fixtures.samples import NOW, sample_call, sample_scorecard, sample_transcript
from tests.integration.store.steps import LEASE_S, received


def scored_call(database: Database, external_id: str, *, started_at: datetime = NOW) -> UUID:
    with database.transaction() as tx:
        new = replace(sample_call(external_id), started_at=started_at)
        call_id = tx.calls.create(new, now=NOW, allow_unknown_rep=True)[0].id
        assert tx.calls.claim(call_id, "transcribe", token="t", now=NOW, lease_s=LEASE_S)
        assert tx.transcripts.save(call_id, sample_transcript(), token="t", now=NOW)
        assert tx.calls.claim(call_id, "score", token="s", now=NOW, lease_s=LEASE_S)
        assert tx.scorecards.save(call_id, sample_scorecard(), token="s", now=NOW)
    return call_id


@pytest.fixture(autouse=True)
def small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rescore, "CALLS_OF_A_PART", 3)


def job_over(database: Database, count: int, choice: RescoreChoice | None = None) -> RescoreJob:
    for number in range(count):
        scored_call(database, f"call-{number}")
    with database.transaction() as tx:
        return tx.rescore.start(choice or RescoreChoice(), created_by="cli", now=NOW)[0]


def claimed(database: Database, job: RescoreJob, *, later_s: float = 0.0) -> RescorePart | None:
    with database.transaction() as tx:
        now = NOW + timedelta(seconds=later_s)
        return tx.rescore.claim(job.id, token=uuid4().hex, now=now, lease_s=LEASE_S)


def calls_of(database: Database, part: RescorePart) -> list[UUID]:
    found, after = [], part.after
    with database.read() as tx:
        while (call := tx.rescore.next_call(part, after)) is not None:
            found.append(call)
            after = call
    return found


def finish(database: Database, part: RescorePart) -> bool:
    for call in calls_of(database, part):
        with database.transaction() as tx:
            assert tx.rescore.advance(part, call, "changed", now=NOW, lease_s=LEASE_S)
    with database.transaction() as tx:
        return tx.rescore.release(part, finished=True, now=NOW)


def get(database: Database, job: RescoreJob) -> RescoreJob:
    with database.read() as tx:
        return tx.rescore.get(job.id)


def test_portions_hold_every_call_once_and_the_last_one_ends_the_job(database: Database) -> None:
    job = job_over(database, 7)
    assert (job.state, job.calls_total, job.calls_done) == ("running", 7, 0)
    parts = [claimed(database, job) for _ in range(4)]
    assert parts[3] is None, "three portions, each taken"
    seen = [call for part in parts if part for call in calls_of(database, part)]
    assert len(seen) == len(set(seen)) == 7
    more = [finish(database, part) for part in parts if part]
    assert more == [False, False, False], "nothing is free: the others are in work or done"
    ended = get(database, job)
    assert (ended.state, ended.calls_changed, ended.finished_at) == ("done", 7, NOW)


def test_a_killed_workers_portion_goes_on_behind_its_last_stored_call(database: Database) -> None:
    job = job_over(database, 3)
    part = claimed(database, job)
    assert part is not None
    first, *others = calls_of(database, part)
    with database.transaction() as tx:
        assert tx.rescore.advance(part, first, "same", now=NOW, lease_s=LEASE_S)
    assert claimed(database, job) is None, "its lease still holds"
    again = claimed(database, job, later_s=LEASE_S + 1)
    assert again is not None
    assert calls_of(database, again) == others
    assert again.attempts == 2
    with database.transaction() as tx:
        assert not tx.rescore.advance(part, others[0], "changed", now=NOW, lease_s=LEASE_S), "the dead do not write"


def test_a_paused_job_gives_no_work_and_takes_no_results(database: Database) -> None:
    job = job_over(database, 3)
    part = claimed(database, job)
    assert part is not None
    with database.transaction() as tx:
        assert tx.rescore.change(job.id, "paused", now=NOW).state == "paused"
        assert tx.rescore.change(job.id, "paused", now=NOW).state == "paused", "asking twice is no error"
    with database.transaction() as tx:
        assert not tx.rescore.advance(part, calls_of(database, part)[0], "changed", now=NOW, lease_s=LEASE_S)
    assert claimed(database, job, later_s=LEASE_S + 1) is None
    with database.transaction() as tx:
        tx.rescore.change(job.id, "running", now=NOW)
    assert claimed(database, job, later_s=LEASE_S + 1) is not None


def test_a_cancelled_job_has_ended(database: Database) -> None:
    job = job_over(database, 3)
    with database.transaction() as tx:
        assert tx.rescore.change(job.id, "cancelled", now=NOW).finished_at == NOW
    with pytest.raises(RescoreStateWrong, match="is cancelled"), database.transaction() as tx:
        tx.rescore.change(job.id, "running", now=NOW)
    with pytest.raises(RescoreUnknown), database.transaction() as tx:
        tx.rescore.change(uuid4(), "paused", now=NOW)


def test_the_same_choice_again_is_the_same_job_until_it_ends(database: Database) -> None:
    job = job_over(database, 2)
    with database.transaction() as tx:
        again, created = tx.rescore.start(RescoreChoice(), created_by="key:x", now=NOW)
        other, other_created = tx.rescore.start(RescoreChoice(script="b2b_sales"), created_by="cli", now=NOW)
    assert (again.id, created) == (job.id, False)
    assert (other.id != job.id, other_created) == (True, True)
    with database.transaction() as tx:
        tx.rescore.change(job.id, "cancelled", now=NOW)
        assert tx.rescore.start(RescoreChoice(), created_by="cli", now=NOW)[1]
    with database.read() as tx:
        assert [found.state for found in tx.rescore.list(limit=9)] == ["running", "running", "cancelled"]
        newest = tx.rescore.list(limit=1)
        assert len(tx.rescore.list(limit=9, after=newest[0].id)) == 2


def test_only_scored_calls_of_the_choice_are_taken(database: Database) -> None:
    scored_call(database, "yesterday", started_at=NOW - timedelta(days=1))
    today = scored_call(database, "today", started_at=NOW)
    received(database, "not scored")
    with database.transaction() as tx:
        days = RescoreChoice(date_from=NOW.date(), date_to=NOW.date())
        job, _ = tx.rescore.start(days, created_by="cli", now=NOW)
        nothing, _ = tx.rescore.start(RescoreChoice(script="other"), created_by="cli", now=NOW)
    assert job.calls_total == 1
    part = claimed(database, job)
    assert part is not None
    assert calls_of(database, part) == [today]
    assert (nothing.state, nothing.calls_total) == ("done", 0), "a job without calls has nothing to wait for"


def test_the_sweeper_finds_free_portions_once_in_a_while(database: Database) -> None:
    job = job_over(database, 7)
    with database.transaction() as tx:
        assert tx.rescore.waiting(now=NOW, again_after_s=60) == ((job.id, 3),)
    with database.transaction() as tx:
        assert tx.rescore.waiting(now=NOW, again_after_s=60) == ()
    claimed(database, job)
    with database.transaction() as tx:
        assert tx.rescore.waiting(now=NOW + timedelta(seconds=61), again_after_s=60) == ((job.id, 3),)


def test_a_scorecard_is_replaced_without_the_call_leaving_the_results(database: Database) -> None:
    call_id = scored_call(database, "one")
    better = replace(sample_scorecard(), pack_version="9.9.9")
    with database.transaction() as tx:
        assert tx.scorecards.replace(call_id, better, now=NOW + timedelta(days=1)) is True
        assert tx.scorecards.replace(call_id, better, now=NOW + timedelta(days=2)) is False
    with database.read() as tx:
        call = tx.calls.get(call_id)
        assert (call.status, call.scored_at) == ("scored", NOW + timedelta(days=1))
        assert len(tx.scorecards.history(call_id)) == 2
        assert tx.rollup.verify() == ()
    with database.transaction() as tx:
        tx.calls.rescore(call_id, now=NOW)
        assert tx.scorecards.replace(call_id, better, now=NOW) is None, "it waits for its turn anyway"
