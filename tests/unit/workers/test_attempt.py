"""What becomes of a call when an attempt at it ends, in every way that it can end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep
from uuid import UUID

import pytest
from celery.exceptions import SoftTimeLimitExceeded

from service.scoring.errors import (
    AudioMissing,
    AudioTooLong,
    AudioUnreadable,
    LanguageUnsupported,
    ModelUnavailable,
    PackError,
    PackProblem,
    StoredTextDamaged,
    StoreUnavailable,
    TranscriptInvalid,
)
from service.settings import Settings
from service.store.database import Database
from service.store.records import Call
from tests.fixtures.samples import sample_call, sample_transcript
from workers.attempt import attempt
from workers.lease import Lease, claim
from workers.process import WorkerProcess

LEASE_S = 0.3


@pytest.fixture
def process(sqlite_url: str, tmp_path: Path) -> WorkerProcess:
    return WorkerProcess(Settings(data_dir=tmp_path, database_url=sqlite_url, lease_s=LEASE_S, max_attempts=3))


@pytest.fixture
def call_id(sqlite_database: Database) -> UUID:
    with sqlite_database.transaction() as tx:
        return tx.calls.create(sample_call(), now=datetime.now(UTC), allow_unknown_rep=True)[0].id


def get(database: Database, call_id: UUID) -> Call:
    with database.read() as tx:
        return tx.calls.get(call_id)


def claimable(database: Database, call_id: UUID) -> bool:
    return claim(database, call_id, "transcribe", lease_s=0.0) is not None


def raising(error: BaseException) -> Callable[[Call, Lease], None]:
    def work(_call: Call, _lease: Lease) -> None:
        raise error

    return work


def test_a_call_in_work_elsewhere_is_left_alone(
    process: WorkerProcess, sqlite_database: Database, call_id: UUID
) -> None:
    assert claim(sqlite_database, call_id, "transcribe", lease_s=60) is not None
    attempt(process, call_id, "transcribe", raising(AssertionError("must not be worked on")))
    assert get(sqlite_database, call_id).attempts == 1


def test_a_step_that_the_call_does_not_wait_for_is_left_alone(
    process: WorkerProcess, sqlite_database: Database, call_id: UUID
) -> None:
    attempt(process, call_id, "score", raising(AssertionError("must not be worked on")))
    assert get(sqlite_database, call_id).attempts == 0


def test_a_message_for_a_call_that_was_erased_is_harmless(process: WorkerProcess) -> None:
    attempt(process, UUID(int=1), "transcribe", raising(AssertionError("must not be worked on")))


def test_a_worker_that_stops_gives_the_call_back_free_for_the_next(
    process: WorkerProcess, sqlite_database: Database, call_id: UUID
) -> None:
    with pytest.raises(SystemExit):
        attempt(process, call_id, "transcribe", raising(SystemExit(-241)))
    call = get(sqlite_database, call_id)
    assert (call.status, call.attempts) == ("received", 0)
    assert claimable(sqlite_database, call_id)


@pytest.mark.parametrize("error", [StoreUnavailable("disk full"), ModelUnavailable("no model")])
def test_a_fault_around_the_call_costs_it_no_attempt_however_often(
    process: WorkerProcess, sqlite_database: Database, call_id: UUID, error: Exception
) -> None:
    for _ in range(5):
        attempt(process, call_id, "transcribe", raising(error))
    call = get(sqlite_database, call_id)
    assert (call.status, call.attempts, call.error_code) == ("received", 0, None)


@pytest.mark.parametrize(
    "error",
    [
        AudioUnreadable("a picture (PNG), no audio; send the recording itself"),
        AudioTooLong("5 h, longer than the limit of 4 h"),
        LanguageUnsupported("there is no pack for 'de'"),
        TranscriptInvalid("no times"),
        StoredTextDamaged("its bytes do not match their hash"),
    ],
)
def test_a_fault_of_the_call_itself_ends_it_at_once_with_the_reason(
    process: WorkerProcess, sqlite_database: Database, call_id: UUID, error: AudioUnreadable
) -> None:
    attempt(process, call_id, "transcribe", raising(error))
    call = get(sqlite_database, call_id)
    assert (call.status, call.error_code, call.error_message) == ("failed", error.code, str(error))


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (AudioMissing("the audio store holds no recording 'x'"), ("audio_missing", "holds no recording")),
        (SoftTimeLimitExceeded(), ("time_limit", "recording of 2 s took longer than its time limit")),
        (KeyError("мой телефон"), ("internal", "an unforeseen KeyError")),
        (
            PackError(tuple(PackProblem("ru/x.yaml", line, "a typo") for line in range(1, 9))),
            ("pack_invalid", "has 8 problems: ru/x.yaml:1: a typo; ru/x.yaml:2: a typo; ru/x.yaml:3: a typo. Mend it"),
        ),
    ],
)
def test_any_other_fault_is_tried_again_until_the_attempts_are_used_up(
    process: WorkerProcess, sqlite_database: Database, call_id: UUID, error: Exception, expected: tuple[str, str]
) -> None:
    for attempts in (1, 2):
        attempt(process, call_id, "transcribe", raising(error))
        call = get(sqlite_database, call_id)
        assert (call.status, call.attempts) == ("received", attempts)
    attempt(process, call_id, "transcribe", raising(error))
    call = get(sqlite_database, call_id)
    code, words = expected
    assert (call.status, call.error_code) == ("failed", code)
    assert words in (call.error_message or "")
    assert "телефон" not in (call.error_message or "")


def test_a_long_call_stays_with_its_worker_and_shows_its_progress(
    process: WorkerProcess, sqlite_database: Database, call_id: UUID
) -> None:
    seen: list[float | None] = []

    def work(_call: Call, lease: Lease) -> None:
        until = monotonic() + 4 * LEASE_S
        while monotonic() < until:
            lease.report(0.5)
            sleep(0.02)
            assert not claimable(sqlite_database, call_id)
        seen.append(get(sqlite_database, call_id).progress)

    attempt(process, call_id, "transcribe", work)
    assert seen == [0.5]


def test_a_worker_whose_call_went_to_another_one_stops_and_changes_nothing(
    process: WorkerProcess, sqlite_database: Database, call_id: UUID
) -> None:
    def work(_call: Call, lease: Lease) -> None:
        # The machine slept: the lease ran out, and another worker took the call.
        with sqlite_database.transaction() as tx:
            later = datetime.now(UTC) + timedelta(seconds=60)
            assert tx.calls.claim(call_id, "transcribe", token="another", now=later, lease_s=60) is not None
        until = monotonic() + 10 * LEASE_S
        while monotonic() < until:
            lease.report(0.1)
            sleep(0.02)
        raise AssertionError("the worker must notice")

    attempt(process, call_id, "transcribe", work)
    call = get(sqlite_database, call_id)
    assert (call.status, call.error_code) == ("transcribing", None)
    with sqlite_database.transaction() as tx:
        assert tx.transcripts.save(call_id, sample_transcript(), token="another", now=datetime.now(UTC))
