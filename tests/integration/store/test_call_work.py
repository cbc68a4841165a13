"""Claims on calls: one worker at a time, nobody overwrites another's work, nothing is forgotten."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest

from service.scoring.errors import CallNotFound, CallStateWrong
from service.store.database import Database
from service.store.records import WorkStep
from tests.fixtures.samples import NOW, sample_call, sample_scorecard, sample_transcript
from tests.integration.store.steps import (
    AFTER_LEASE,
    LEASE_S,
    MAX_ATTEMPTS,
    claim,
    failed,
    received,
    scored,
    transcribed,
)


def test_a_claim_shows_in_the_status_and_counts_an_attempt(database: Database) -> None:
    call_id = received(database)
    call = claim(database, call_id, "a")
    assert call is not None
    assert (call.status, call.attempts, call.progress, call.transcribing_at) == ("transcribing", 1, 0.0, NOW)


def test_only_one_of_twenty_workers_gets_the_call(database: Database) -> None:
    call_id = received(database)
    gate = threading.Barrier(20)

    def attempt(number: int) -> bool:
        gate.wait()
        return claim(database, call_id, f"worker-{number}") is not None

    with ThreadPoolExecutor(20) as threads:
        assert sum(threads.map(attempt, range(20))) == 1
    with database.read() as tx:
        assert tx.calls.get(call_id).attempts == 1


def test_only_one_of_twenty_takes_over_a_lease_that_ran_out(database: Database) -> None:
    call_id = received(database)
    claim(database, call_id, "dead")
    gate = threading.Barrier(20)

    def attempt(number: int) -> bool:
        gate.wait()
        return claim(database, call_id, f"worker-{number}", now=AFTER_LEASE) is not None

    with ThreadPoolExecutor(20) as threads:
        assert sum(threads.map(attempt, range(20))) == 1


@pytest.mark.parametrize("step", ["transcribe", "score"])
def test_there_is_nothing_to_claim_in_a_finished_call(database: Database, step: WorkStep) -> None:
    """A task that is delivered twice finds the work done and stops."""
    call_id = scored(database)
    assert claim(database, call_id, "again", step=step) is None


def test_a_claim_for_another_step_than_the_call_waits_for_is_refused(database: Database) -> None:
    call_id = received(database)
    assert claim(database, call_id, "a", step="score") is None
    other = transcribed(database, "call-2")
    assert claim(database, other, "a", step="transcribe") is None


def test_a_worker_that_lost_its_lease_overwrites_nothing(database: Database) -> None:
    """A machine that slept through its lease wakes up and goes on: whatever it does, the other worker's result stands."""
    call_id = received(database)
    claim(database, call_id, "slow")
    assert claim(database, call_id, "fast", now=AFTER_LEASE) is not None
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
    claim(database, call_id, "score-slow", step="score", now=AFTER_LEASE)
    later = AFTER_LEASE + timedelta(seconds=LEASE_S + 1)
    claim(database, call_id, "score-fast", step="score", now=later)
    with database.transaction() as tx:
        assert not tx.scorecards.save(call_id, sample_scorecard((0.0,)), token="score-slow", now=later)
        assert tx.scorecards.save(call_id, sample_scorecard((5.0,)), token="score-fast", now=later)
        assert tx.calls.get(call_id).argumentation == 5.0
        assert tx.rollup.verify() == ()


def test_a_renewed_lease_holds_and_shows_progress(database: Database) -> None:
    call_id = received(database)
    claim(database, call_id, "a")
    almost = NOW + timedelta(seconds=LEASE_S - 1)
    with database.transaction() as tx:
        assert tx.calls.renew(call_id, "a", now=almost, lease_s=LEASE_S, progress=0.4)
        assert tx.calls.get(call_id).progress == 0.4
        assert tx.calls.renew(call_id, "a", now=almost, lease_s=LEASE_S, progress=7.0)
        assert tx.calls.get(call_id).progress == 1.0
    assert claim(database, call_id, "b", now=AFTER_LEASE) is None


def test_a_lease_that_ran_out_may_be_renewed_while_nobody_took_it(database: Database) -> None:
    """A short stall must not throw away an hour of transcription."""
    call_id = received(database)
    claim(database, call_id, "a")
    with database.transaction() as tx:
        assert tx.calls.renew(call_id, "a", now=AFTER_LEASE, lease_s=LEASE_S)


def test_a_call_given_back_waits_again_and_the_attempt_does_not_count(database: Database) -> None:
    """Restarting a worker for an update is no fault of the call."""
    call_id = received(database)
    claim(database, call_id, "a")
    with database.transaction() as tx:
        tx.calls.release(call_id, "a")
        call = tx.calls.get(call_id)
        assert (call.status, call.attempts, call.progress) == ("received", 0, None)
        assert [work.call_id for work in tx.calls.waiting(now=NOW, limit=10, again_after_s=600)] == [call_id]
    scoring = transcribed(database, "call-2")
    claim(database, scoring, "b", step="score")
    with database.transaction() as tx:
        tx.calls.release(scoring, "b")
        call = tx.calls.get(scoring)
        assert (call.status, call.attempts) == ("transcribed", 0)


def test_a_passing_fault_is_tried_again_until_the_attempts_are_used_up(database: Database) -> None:
    call_id = received(database)
    statuses = []
    for attempt in range(MAX_ATTEMPTS):
        assert claim(database, call_id, f"t{attempt}") is not None
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
    assert claim(database, call_id, "once more") is None


def test_a_lasting_fault_fails_at_once(database: Database) -> None:
    call = failed(database, received(database))
    assert (call.status, call.error_code, call.attempts) == ("failed", "audio_unreadable", 1)


def test_a_failed_call_can_be_retried_from_where_it_stood(database: Database) -> None:
    untranscribed = received(database, "1")
    failed(database, untranscribed)
    unscored = transcribed(database, "2")
    failed(database, unscored, "score")
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
    call_id = scored(database)
    with database.transaction() as tx:
        tx.calls.rescore(call_id, now=NOW)
        assert tx.calls.get(call_id).status == "transcribed"
        # Until the new scorecard is there, the old one counts.
        assert tx.scorecards.current(call_id) is not None
        assert tx.rollup.verify() == ()
        with pytest.raises(CallStateWrong, match="transcribed"):
            tx.calls.rescore(call_id, now=NOW)
    assert claim(database, call_id, "again", step="score") is not None
    with database.transaction() as tx:
        untranscribed, _ = tx.calls.create(sample_call("2"), now=NOW, allow_unknown_rep=True)
        with pytest.raises(CallStateWrong, match="received"):
            tx.calls.rescore(untranscribed.id, now=NOW)
        with pytest.raises(CallNotFound):
            tx.calls.rescore(UUID(int=0), now=NOW)


def set_aside(database: Database, call_id: UUID) -> bool:
    claim(database, call_id, "s", step="score")
    with database.transaction() as tx:
        return tx.unscored.set_aside(call_id, "s", code="language_unsupported", message="no rules for 'de'", now=NOW)


def test_a_call_without_rules_keeps_its_words_is_flagged_and_waits_for_no_worker(database: Database) -> None:
    call_id = transcribed(database)
    assert set_aside(database, call_id)
    with database.transaction() as tx:
        call = tx.calls.get(call_id)
        assert (call.status, call.error_code, call.attempts) == ("transcribed", "language_unsupported", 0)
        assert call.ended
        assert "no_rules" in call.flags
        assert tx.transcripts.get(call_id) is not None
        assert tx.calls.waiting(now=AFTER_LEASE, limit=10) == ()
        assert tx.calls.exhaust(now=AFTER_LEASE, max_attempts=1) == ()
        with pytest.raises(CallStateWrong, match="only a call that waits or is in work"):
            tx.calls.cancel(call_id, now=NOW)
    assert claim(database, call_id, "again", step="score") is None


def test_a_call_that_another_worker_took_is_not_set_aside(database: Database) -> None:
    call_id = transcribed(database)
    claim(database, call_id, "another", step="score")
    with database.transaction() as tx:
        assert not tx.unscored.set_aside(call_id, "s", code="language_unsupported", message="", now=NOW)
        assert tx.calls.get(call_id).error_code is None


def test_rules_that_come_later_wake_the_calls_of_their_language_only(database: Database) -> None:
    call_id = transcribed(database)
    set_aside(database, call_id)
    with database.transaction() as tx:
        call = tx.calls.get(call_id)
        assert tx.unscored.languages() == {(call.script, "ru"): 1}
        assert tx.unscored.take_up(call.script, "de") == 0
        assert tx.unscored.take_up("another script", "ru") == 0
        assert tx.unscored.take_up(call.script, "ru") == 1
        assert tx.unscored.languages() == {}
        assert [work.call_id for work in tx.calls.waiting(now=NOW, limit=10, again_after_s=60)] == [call_id]
    claim(database, call_id, "s2", step="score")
    with database.transaction() as tx:
        assert tx.scorecards.save(call_id, sample_scorecard(), token="s2", now=NOW)
        assert "no_rules" not in tx.calls.get(call_id).flags


def test_a_language_taken_wrongly_is_corrected_by_a_retry_that_hears_it_anew(database: Database) -> None:
    call_id = transcribed(database)
    set_aside(database, call_id)
    with database.transaction() as tx:
        assert tx.calls.retry(call_id, now=NOW, language="en") == "transcribe"
        call = tx.calls.get(call_id)
        assert (call.status, call.language, call.error_code) == ("received", "en", None)
        assert tx.transcripts.get(call_id) is None


def test_the_language_of_a_scorecard_stays(database: Database) -> None:
    call_id = scored(database)
    with database.transaction() as tx:
        tx.calls.rescore(call_id, now=NOW)
    failed(database, call_id, "score")
    with database.transaction() as tx, pytest.raises(CallStateWrong, match="its language stays"):
        tx.calls.retry(call_id, now=NOW, language="en")
    with database.transaction() as tx:
        assert tx.calls.retry(call_id, now=NOW) == "score"


def test_a_cancelled_call_is_nobodys_and_can_be_retried(database: Database) -> None:
    call_id = received(database)
    claim(database, call_id, "t")
    with database.transaction() as tx:
        tx.calls.cancel(call_id, now=NOW)
        call = tx.calls.get(call_id)
        assert (call.status, call.error_code, call.failed_at) == ("failed", "cancelled", NOW)
        assert not tx.calls.renew(call_id, "t", now=NOW, lease_s=LEASE_S)
        assert not tx.transcripts.save(call_id, sample_transcript(), token="t", now=NOW)
        with pytest.raises(CallStateWrong, match="this one is 'failed'"):
            tx.calls.cancel(call_id, now=NOW)
        assert tx.calls.retry(call_id, now=NOW) == "transcribe"
        assert tx.calls.get(call_id).error_code is None


def test_a_call_that_waits_to_be_scored_again_is_scored_as_before_when_cancelled(database: Database) -> None:
    call_id = scored(database)
    with database.transaction() as tx:
        tx.calls.rescore(call_id, now=NOW)
        tx.calls.cancel(call_id, now=NOW)
        call = tx.calls.get(call_id)
        assert (call.status, call.error_code, call.scored_at) == ("scored", None, NOW)
