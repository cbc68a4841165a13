"""The queue and the sweeper on a real Redis: nothing that waits is forgotten, and nothing is announced over and over."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from service.settings import Settings
from service.store.database import Database
from tests.fixtures.redis import RedisServer, running_redis
from tests.fixtures.samples import sample_audio, sample_call, sample_transcript
from workers.maintenance import delete_orphans, sweep
from workers.process import WorkerProcess

SWEEP_EVERY_S = 60.0
#: More than the sweeper reads of the queue at once.
BACKLOG = 1_200


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    with running_redis(tmp_path) as server:
        yield server


@pytest.fixture
def process(redis: RedisServer, sqlite_url: str, tmp_path: Path) -> Iterator[WorkerProcess]:
    settings = Settings(
        data_dir=tmp_path, database_url=sqlite_url, redis_url=redis.url, sweep_every_s=SWEEP_EVERY_S, max_attempts=3
    )
    process = WorkerProcess(settings)
    yield process
    process.close()


def receive(database: Database, *, ago_s: float = 0.0, count: int = 1) -> list[UUID]:
    """Calls that arrived `ago_s` seconds ago and of which the queue knows nothing."""
    then = datetime.now(UTC) - timedelta(seconds=ago_s)
    with database.transaction() as tx:
        return [
            tx.calls.create(sample_call(uuid4().hex, sha256=uuid4().hex * 2), now=then, allow_unknown_rep=True)[0].id
            for _ in range(count)
        ]


def queued(process: WorkerProcess, queue: str = "transcribe") -> int:
    with RedisServer(process.settings.data_dir).client as client:
        return int(client.llen(queue))


def test_what_was_sent_is_seen_in_the_queue(process: WorkerProcess) -> None:
    sent = {uuid4() for _ in range(3)}
    for call_id in sent:
        process.queue.send_transcribe(call_id, 30.0)
    process.queue.send_score(other := uuid4())
    assert process.queue.queued("transcribe") == sent
    assert process.queue.queued("score") == {other}
    assert process.queue.ready()


def test_a_queue_that_is_away_costs_the_sender_no_error_and_no_time(process: WorkerProcess, redis: RedisServer) -> None:
    redis.stop()
    started = time.monotonic()
    process.queue.send_transcribe(uuid4(), 30.0)
    process.queue.send_score(uuid4())
    assert not process.queue.ready()
    assert process.queue.queued("score") is None
    assert time.monotonic() - started < 2
    redis.start()
    assert process.queue.ready()
    process.queue.send_score(call_id := uuid4())
    assert process.queue.queued("score") == {call_id}


def test_a_call_whose_message_was_lost_is_announced_again(process: WorkerProcess) -> None:
    (call_id,) = receive(process.database, ago_s=2 * SWEEP_EVERY_S)
    sweep(process)
    assert process.queue.queued("transcribe") == {call_id}


def test_a_call_that_was_received_just_now_is_left_to_its_own_message(process: WorkerProcess) -> None:
    receive(process.database)
    sweep(process)
    assert queued(process) == 0


def test_a_transcript_that_waits_is_announced_for_scoring(process: WorkerProcess) -> None:
    (call_id,) = receive(process.database, ago_s=2 * SWEEP_EVERY_S)
    then = datetime.now(UTC) - timedelta(seconds=2 * SWEEP_EVERY_S)
    with process.database.transaction() as tx:
        assert tx.calls.claim(call_id, "transcribe", token="t", now=then, lease_s=1)
        assert tx.transcripts.save(call_id, sample_transcript(), token="t", now=then)
    sweep(process)
    assert process.queue.queued("score") == {call_id}


def test_a_call_whose_worker_vanished_is_announced_again_and_fails_after_three(process: WorkerProcess) -> None:
    (call_id,) = receive(process.database, ago_s=2 * SWEEP_EVERY_S)
    then = datetime.now(UTC) - timedelta(seconds=30)
    for attempt in range(3):
        with process.database.transaction() as tx:
            assert tx.calls.claim(call_id, "transcribe", token=str(attempt), now=then, lease_s=0.0)
        with RedisServer(process.settings.data_dir).client as client:
            client.flushall()
        if attempt < 2:
            with process.database.transaction() as tx:
                assert tx.calls.renew(call_id, str(attempt), now=then, lease_s=0.0)
            then += timedelta(seconds=1)
    sweep(process)
    with process.database.read() as tx:
        call = tx.calls.get(call_id)
    assert (call.status, call.error_code) == ("failed", "worker_lost")
    assert queued(process) == 0


def test_a_large_backlog_is_announced_once_and_swept_in_seconds(process: WorkerProcess) -> None:
    calls = receive(process.database, ago_s=2 * SWEEP_EVERY_S, count=BACKLOG)
    sweep(process)
    assert queued(process) == BACKLOG
    with process.database.transaction() as tx:
        # As if a minute had gone by: all of them are due again.
        later = datetime.now(UTC) - timedelta(seconds=2 * SWEEP_EVERY_S)
        tx.calls.waiting(now=later, limit=BACKLOG)
    started = time.monotonic()
    sweep(process)
    assert time.monotonic() - started < 5
    assert queued(process) == BACKLOG
    assert process.queue.queued("transcribe") == set(calls)


def test_a_sweep_without_redis_announces_later(process: WorkerProcess, redis: RedisServer) -> None:
    (call_id,) = receive(process.database, ago_s=2 * SWEEP_EVERY_S)
    redis.stop()
    sweep(process)
    redis.start()
    sweep(process)
    assert process.queue.queued("transcribe") == {call_id}


def test_old_recordings_without_a_call_are_deleted_and_no_others(process: WorkerProcess, tmp_path: Path) -> None:
    async def one_piece() -> AsyncIterator[bytes]:
        yield b"RIFF"

    keys = {name: f"calls/{name}.wav" for name in ("old", "new", "known")}
    for key in keys.values():
        asyncio.run(process.audio.write(key, one_piece()))
    with process.database.transaction() as tx:
        audio = sample_audio(key=keys["known"])
        tx.calls.create(sample_call(audio=audio), now=datetime.now(UTC), allow_unknown_rep=True)
    yesterday = time.time() - 25 * 3600
    for name in ("old", "known"):
        os.utime(tmp_path / "audio" / keys[name], (yesterday, yesterday))
    delete_orphans(process)
    assert set(process.audio.keys(datetime.now(UTC) + timedelta(hours=1))) == {keys["new"], keys["known"]}
