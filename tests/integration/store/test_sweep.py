"""Calls that wait, and calls whose workers vanished: nothing is forgotten, nothing goes on for ever."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import UUID

from service.store.database import Database
from tests.fixtures.samples import NOW
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


def test_the_sweep_finds_what_waits_oldest_first_and_nothing_else(database: Database) -> None:
    done = scored(database)
    newer = received(database, "newer", now=NOW + timedelta(minutes=2))
    older = received(database, "older", now=NOW + timedelta(minutes=1))
    held = received(database, "held")
    claim(database, held, "a")
    unscored = transcribed(database, "unscored")
    failed(database, received(database, "failed"))
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
    assert done not in {work.call_id for work in found}


def test_a_call_in_a_long_queue_is_not_queued_again_at_every_sweep(database: Database) -> None:
    call_id = received(database)
    minute = timedelta(minutes=1)

    def swept(now: datetime) -> bool:
        with database.transaction() as tx:
            return bool(tx.calls.waiting(now=now, limit=10, again_after_s=150))

    assert [swept(NOW + number * minute) for number in range(1, 8)] == [False, False, True, False, False, True, False]
    with database.read() as tx:
        assert tx.calls.get(call_id).status == "received"


def test_a_call_whose_workers_vanish_every_time_ends_failed(database: Database) -> None:
    """A recording that kills the process must not be tried for ever."""
    call_id = received(database)
    now = NOW
    for _ in range(MAX_ATTEMPTS):
        with database.transaction() as tx:
            assert tx.calls.exhaust(now=now, max_attempts=MAX_ATTEMPTS) == ()
        assert claim(database, call_id, f"at {now}", now=now) is not None
        now += timedelta(seconds=LEASE_S + 1)
    with database.transaction() as tx:
        assert tx.calls.exhaust(now=now, max_attempts=MAX_ATTEMPTS) == (call_id,)
        assert tx.calls.exhaust(now=now, max_attempts=MAX_ATTEMPTS) == ()
        call = tx.calls.get(call_id)
        assert (call.status, call.error_code) == ("failed", "worker_lost")
        assert tx.calls.waiting(now=now, limit=10) == ()


def test_two_sweeps_at_once_share_the_calls(database: Database) -> None:
    """Neither waits for the other, and no call is handed out twice within the span."""
    ids = {received(database, str(number)) for number in range(30)}
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
    scored(database)
    received(database, "call-2")
    with database.read() as tx:
        assert tx.calls.counts() == {"received": 1, "transcribing": 0, "transcribed": 0, "scored": 1, "failed": 0}
