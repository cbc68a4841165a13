"""Claims on calls: one worker at a time, nobody overwrites another's work, nothing is forgotten."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from service.scoring.errors import CallNotFound, CallStateWrong
from service.store.database import Database
from service.store.records import Call, WorkStep
from tests.fixtures.samples import NOW, sample_call, sample_scorecard, sample_transcript

LEASE_S = 60.0
AFTER_LEASE = NOW + timedelta(seconds=LEASE_S + 1)
MAX_ATTEMPTS = 3


def _received(database: Database, external_id: str = "call-1", *, now: datetime = NOW) -> UUID:
    with database.transaction() as tx:
        return tx.calls.create(sample_call(external_id), now=now, allow_unknown_rep=True)[0].id


def _claim(
    database: Database, call_id: UUID, token: str, *, step: WorkStep = "transcribe", now: datetime = NOW
) -> Call | None:
    with database.transaction() as tx:
        return tx.calls.claim(call_id, step, token=token, now=now, lease_s=LEASE_S)


def _transcribed(database: Database, external_id: str = "call-1") -> UUID:
    call_id = _received(database, external_id)
    _claim(database, call_id, "t")
    with database.transaction() as tx:
        assert tx.transcripts.save(call_id, sample_transcript(), token="t", now=NOW)
    return call_id


def _scored(database: Database) -> UUID:
    call_id = _transcribed(database)
    _claim(database, call_id, "s", step="score")
    with database.transaction() as tx:
        assert tx.scorecards.save(call_id, sample_scorecard(), token="s", now=NOW)
    return call_id


def _failed(database: Database, call_id: UUID, step: WorkStep = "transcribe") -> Call:
    _claim(database, call_id, "f", step=step)
    with database.transaction() as tx:
        return tx.calls.fail(
            call_id,
            "f",
            code="audio_unreadable",
            message="no sound in it",
            now=NOW,
            max_attempts=MAX_ATTEMPTS,
            permanent=True,
        )


def test_a_claim_shows_in_the_status_and_counts_an_attempt(database: Database) -> None:
    call_id = _received(database)
    call = _claim(database, call_id, "a")
    assert call is not None
    assert (call.status, call.attempts, call.progress, call.transcribing_at) == ("transcribing", 1, 0.0, NOW)


def test_only_one_of_twenty_workers_gets_the_call(database: Database) -> None:
    call_id = _received(database)
    gate = threading.Barrier(20)

    def claim(number: int) -> bool:
        gate.wait()
        return _claim(database, call_id, f"worker-{number}") is not None

    with ThreadPoolExecutor(20) as threads:
        assert sum(threads.map(claim, range(20))) == 1
    with database.read() as tx:
        assert tx.calls.get(call_id).attempts == 1


def test_only_one_of_twenty_takes_over_a_lease_that_ran_out(database: Database) -> None:
    call_id = _received(database)
    _claim(database, call_id, "dead")
    gate = threading.Barrier(20)

    def claim(number: int) -> bool:
        gate.wait()
        return _claim(database, call_id, f"worker-{number}", now=AFTER_LEASE) is not None

    with ThreadPoolExecutor(20) as threads:
        assert sum(threads.map(claim, range(20))) == 1


@pytest.mark.parametrize("step", ["transcribe", "score"])
def test_there_is_nothing_to_claim_in_a_finished_call(database: Database, step: WorkStep) -> None:
    """A task that is delivered twice finds the work done and stops."""
    call_id = _scored(database)
    assert _claim(database, call_id, "again", step=step) is None


def test_a_claim_for_another_step_than_the_call_waits_for_is_refused(database: Database) -> None:
    call_id = _received(database)
    assert _claim(database, call_id, "a", step="score") is None
    other = _transcribed(database, "call-2")
    assert _claim(database, other, "a", step="transcribe") is None


def test_a_worker_that_lost_its_lease_overwrites_nothing(database: Database) -> None:
    """A machine that slept through its lease wakes up and goes on: whatever it does, the other worker's result stands."""
    call_id = _received(database)
    _claim(database, call_id, "slow")
    assert _claim(database, call_id, "fast", now=AFTER_LEASE) is not None
    with database.transaction() as tx:
        assert not tx.calls.renew(call_id, "slow", now=AFTER_LEASE, lease_s=LEASE_S)
        assert not tx.transcripts.save(call_id, sample_transcript("чужое"), token="slow", now=AFTER_LEASE)
        tx.calls.release(call_id, "slow")
        unchanged = tx.calls.fail(
            call_id, "slow", code="x", message="x", now=AFTER_LEASE, max_attempts=1, permanent=True
        )
        assert (unchanged.status, unchanged.attempts) == ("transcribing", 2)
        assert tx.transcripts.save(call_id, sample_transcript(), token="fast", now=AFTER_LEASE)
        assert not tx.transcripts.save(call_id, sample_transcript("чужое"), token="fast", now=AFTER_LEASE)
        assert tx.transcripts.get(call_id) == sample_transcript()
    _claim(database, call_id, "score-slow", step="score", now=AFTER_LEASE)
    later = AFTER_LEASE + timedelta(seconds=LEASE_S + 1)
    _claim(database, call_id, "score-fast", step="score", now=later)
    with database.transaction() as tx:
        assert not tx.scorecards.save(call_id, sample_scorecard((0.0,)), token="score-slow", now=later)
        assert tx.scorecards.save(call_id, sample_scorecard((5.0,)), token="score-fast", now=later)
        assert tx.calls.get(call_id).argumentation == 5.0
        assert tx.rollup.verify() == ()


def test_a_renewed_lease_holds_and_shows_progress(database: Database) -> None:
    call_id = _received(database)
    _claim(database, call_id, "a")
    almost = NOW + timedelta(seconds=LEASE_S - 1)
    with database.transaction() as tx:
        assert tx.calls.renew(call_id, "a", now=almost, lease_s=LEASE_S, progress=0.4)
        assert tx.calls.get(call_id).progress == 0.4
        assert tx.calls.renew(call_id, "a", now=almost, lease_s=LEASE_S, progress=7.0)
        assert tx.calls.get(call_id).progress == 1.0
    assert _claim(database, call_id, "b", now=AFTER_LEASE) is None


def test_a_lease_that_ran_out_may_be_renewed_while_nobody_took_it(database: Database) -> None:
    """A short stall must not throw away an hour of transcription."""
    call_id = _received(database)
    _claim(database, call_id, "a")
    with database.transaction() as tx:
        assert tx.calls.renew(call_id, "a", now=AFTER_LEASE, lease_s=LEASE_S)


def test_a_call_given_back_waits_again_and_the_attempt_does_not_count(database: Database) -> None:
    """Restarting a worker for an update is no fault of the call."""
    call_id = _received(database)
    _claim(database, call_id, "a")
    with database.transaction() as tx:
        tx.calls.release(call_id, "a")
        call = tx.calls.get(call_id)
        assert (call.status, call.attempts, call.progress) == ("received", 0, None)
        assert [work.call_id for work in tx.calls.waiting(now=NOW, limit=10, again_after_s=600)] == [call_id]
    scoring = _transcribed(database, "call-2")
    _claim(database, scoring, "b", step="score")
    with database.transaction() as tx:
        tx.calls.release(scoring, "b")
        call = tx.calls.get(scoring)
        assert (call.status, call.attempts) == ("transcribed", 0)


def test_a_passing_fault_is_tried_again_until_the_attempts_are_used_up(database: Database) -> None:
    call_id = _received(database)
    statuses = []
    for attempt in range(MAX_ATTEMPTS):
        assert _claim(database, call_id, f"t{attempt}") is not None
        with database.transaction() as tx:
            call = tx.calls.fail(
                call_id,
                f"t{attempt}",
                code="model_unavailable",
                message="the model is missing",
                now=NOW,
                max_attempts=MAX_ATTEMPTS,
                permanent=False,
            )
        statuses.append(call.status)
    assert statuses == ["received", "received", "failed"]
    assert (call.error_code, call.error_message, call.failed_at) == ("model_unavailable", "the model is missing", NOW)
    assert _claim(database, call_id, "once more") is None


def test_a_lasting_fault_fails_at_once(database: Database) -> None:
    call = _failed(database, _received(database))
    assert (call.status, call.error_code, call.attempts) == ("failed", "audio_unreadable", 1)


def test_a_failed_call_can_be_retried_from_where_it_stood(database: Database) -> None:
    untranscribed = _received(database, "1")
    _failed(database, untranscribed)
    unscored = _transcribed(database, "2")
    _failed(database, unscored, "score")
    with database.transaction() as tx:
        assert tx.calls.retry(untranscribed, now=NOW) == "transcribe"
        assert tx.calls.retry(unscored, now=NOW) == "score"
        calls = tx.calls.get(untranscribed), tx.calls.get(unscored)
        assert [(call.status, call.attempts, call.error_code, call.failed_at) for call in calls] == [
            ("received", 0, None, None),
            ("transcribed", 0, None, None),
        ]
        with pytest.raises(CallStateWrong, match="received"):
            tx.calls.retry(untranscribed, now=NOW)
        with pytest.raises(CallNotFound):
            tx.calls.retry(UUID(int=0), now=NOW)


def test_a_scored_call_can_be_scored_again_without_transcribing(database: Database) -> None:
    call_id = _scored(database)
    with database.transaction() as tx:
        tx.calls.rescore(call_id, now=NOW)
        assert tx.calls.get(call_id).status == "transcribed"
        # Until the new scorecard is there, the old one counts.
        assert tx.scorecards.current(call_id) is not None
        assert tx.rollup.verify() == ()
        with pytest.raises(CallStateWrong, match="transcribed"):
            tx.calls.rescore(call_id, now=NOW)
    assert _claim(database, call_id, "again", step="score") is not None
    with database.transaction() as tx:
        untranscribed, _ = tx.calls.create(sample_call("2"), now=NOW, allow_unknown_rep=True)
        with pytest.raises(CallStateWrong, match="received"):
            tx.calls.rescore(untranscribed.id, now=NOW)
        with pytest.raises(CallNotFound):
            tx.calls.rescore(UUID(int=0), now=NOW)


def test_the_sweep_finds_what_waits_oldest_first_and_nothing_else(database: Database) -> None:
    scored = _scored(database)
    newer = _received(database, "newer", now=NOW + timedelta(minutes=2))
    older = _received(database, "older", now=NOW + timedelta(minutes=1))
    held = _received(database, "held")
    _claim(database, held, "a")
    unscored = _transcribed(database, "unscored")
    _failed(database, _received(database, "failed"))
    with database.transaction() as tx:
        found = tx.calls.waiting(now=NOW + timedelta(seconds=1), limit=10)
    assert [(work.call_id, work.step) for work in found] == [
        (unscored, "score"),
        (older, "transcribe"),
        (newer, "transcribe"),
    ]
    assert found[0].duration_s == 2.0
    with database.transaction() as tx:
        after = tx.calls.waiting(now=AFTER_LEASE, limit=2)
    assert [work.call_id for work in after] == [held, unscored]
    assert scored not in {work.call_id for work in found}


def test_a_call_in_a_long_queue_is_not_queued_again_at_every_sweep(database: Database) -> None:
    call_id = _received(database)
    minute = timedelta(minutes=1)

    def swept(now: datetime) -> bool:
        with database.transaction() as tx:
            return bool(tx.calls.waiting(now=now, limit=10, again_after_s=150))

    assert [swept(NOW + number * minute) for number in range(1, 8)] == [False, False, True, False, False, True, False]
    with database.read() as tx:
        assert tx.calls.get(call_id).status == "received"


def test_a_call_whose_workers_vanish_every_time_ends_failed(database: Database) -> None:
    """A recording that kills the process must not be tried for ever."""
    call_id = _received(database)
    now = NOW
    for _ in range(MAX_ATTEMPTS):
        with database.transaction() as tx:
            assert tx.calls.exhaust(now=now, max_attempts=MAX_ATTEMPTS) == ()
        assert _claim(database, call_id, f"at {now}", now=now) is not None
        now += timedelta(seconds=LEASE_S + 1)
    with database.transaction() as tx:
        assert tx.calls.exhaust(now=now, max_attempts=MAX_ATTEMPTS) == (call_id,)
        assert tx.calls.exhaust(now=now, max_attempts=MAX_ATTEMPTS) == ()
        call = tx.calls.get(call_id)
        assert (call.status, call.error_code) == ("failed", "worker_lost")
        assert tx.calls.waiting(now=now, limit=10) == ()


def test_two_sweeps_at_once_share_the_calls(database: Database) -> None:
    """Neither waits for the other, and no call is handed out twice within the span."""
    ids = {_received(database, str(number)) for number in range(30)}
    later = NOW + timedelta(minutes=10)
    gate = threading.Barrier(4)

    def sweep(_: int) -> list[UUID]:
        gate.wait()
        with database.transaction() as tx:
            return [work.call_id for work in tx.calls.waiting(now=later, limit=100, again_after_s=60)]

    with ThreadPoolExecutor(4) as threads:
        found = [call_id for part in threads.map(sweep, range(4)) for call_id in part]
    assert sorted(found) == sorted(ids)


def test_counts_name_every_status(database: Database) -> None:
    _scored(database)
    _received(database, "call-2")
    with database.read() as tx:
        assert tx.calls.counts() == {"received": 1, "transcribing": 0, "transcribed": 0, "scored": 1, "failed": 0}
