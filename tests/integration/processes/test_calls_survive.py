"""Real processes that are killed, stopped and starved: no acknowledged call is lost, none is scored twice."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest

from service.queue import TRANSCRIBE_TASK, celery_app
from tests.fixtures.installation import SAMPLES, Installation, Running, cut, until

pytestmark = [pytest.mark.processes, pytest.mark.speech, pytest.mark.timeout(600)]

SOURCE = SAMPLES / "ru-dev-10.wav"
CALLS = 20
#: Real speech, but not much of it: two cores transcribe one in about a second.
SHORT_S = 3.0
#: Long enough to be in the middle of it for a while.
LONG_S = 90.0
#: On a machine that does other things too.
WITHIN_S = 240.0


@pytest.fixture(scope="module")
def short_recordings(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("short")
    return [cut(SOURCE, folder / f"{n}.wav", start_s=2.0 * n, seconds=SHORT_S) for n in range(CALLS)]


@pytest.fixture(scope="module")
def long_recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cut(SOURCE, tmp_path_factory.mktemp("long") / "long.wav", start_s=0.0, seconds=LONG_S)


def test_every_acknowledged_call_is_scored_once_though_redis_and_workers_die(
    tmp_path: Path, short_recordings: list[Path]
) -> None:
    with Installation(tmp_path) as here:
        assert here.redis is not None
        here.start_api()
        key = here.key()

        def upload(number: int) -> UUID:
            answer = here.upload(short_recordings[number], f"call-{number}", key)
            assert answer.status_code == 202, answer.text
            return UUID(answer.json()["id"])

        with ThreadPoolExecutor(4) as uploading:
            calls = list(uploading.map(upload, range(5)))
            here.redis.stop()
            calls += uploading.map(upload, range(5, 15))
            here.redis.start()
            calls += uploading.map(upload, range(15, CALLS))
        assert len(set(calls)) == CALLS
        for call_id in calls[:5]:
            here.queue.send_transcribe(call_id, SHORT_S)  # delivered twice

        here.start_beat()
        scoring = here.start_worker("score")
        transcribing = here.start_worker("transcribe")
        _until_some(here, "transcribing")
        for child in transcribing.children:
            child.kill()
        until(lambda: _count(here, "transcribed", "scored") >= 4, "four transcripts", within_s=WITHIN_S)
        _until_some(here, "transcribing")
        transcribing.kill()
        scoring.kill()
        here.start_worker("transcribe", ready=False)
        here.start_worker("score", ready=False)
        here.redis.stop()
        here.redis.start()
        here.until_status(calls, "scored", "failed", within_s=WITHIN_S)
        here.assert_scored_once(calls)


def test_a_worker_that_is_stopped_gives_its_call_back_to_the_next_one_at_once(
    tmp_path: Path, short_recordings: list[Path], long_recording: Path
) -> None:
    # No sweeper runs here: what the next worker gets, it gets from the first one.
    with Installation(tmp_path, lease_s=300.0) as here:
        worker = here.start_worker("transcribe", CALLSCORE_SHUTDOWN_GRACE_S="0.5")
        call = here.add_call(long_recording, "long")
        behind = here.add_call(short_recordings[0], "behind")
        here.queue.send_transcribe(call.id, LONG_S)
        here.queue.send_transcribe(behind.id, SHORT_S)
        here.until_status([call.id], "transcribing", within_s=WITHIN_S)
        worker.terminate()
        assert worker.wait(WITHIN_S) == 0
        given_back = here.call(call.id)
        assert (given_back.status, given_back.attempts) == ("received", 0)
        assert here.queue.queued("transcribe") == {call.id, behind.id}

        # The next one has the grace to finish what it works on, and it takes the call that was given back first.
        second = here.start_worker("transcribe", CALLSCORE_SHUTDOWN_GRACE_S="240")
        here.until_status([call.id], "transcribing", within_s=10)
        second.terminate()
        assert second.wait(WITHIN_S) == 0
        assert here.call(call.id).status == "transcribed"
        assert here.call(behind.id).status == "received"


def test_a_stop_in_idle_takes_seconds_not_the_grace(tmp_path: Path) -> None:
    grace_s = 240.0
    with Installation(tmp_path, shutdown_grace_s=grace_s) as here:
        workers = [here.start_worker("score"), here.start_beat()]
        started = time.monotonic()
        for worker in workers:
            worker.terminate()
        assert [worker.wait(WITHIN_S) for worker in workers] == [0, 0]
        # A machine busy with other tests needs longer than the two seconds of an idle one, but never the grace.
        assert time.monotonic() - started < grace_s / 2


def test_a_process_that_grew_too_large_is_replaced_after_its_call_not_in_it(
    tmp_path: Path, short_recordings: list[Path]
) -> None:
    with Installation(tmp_path, worker_max_rss_bytes=1) as here:
        worker = here.start_worker("transcribe")
        before = [child.pid for child in worker.children]
        call = here.add_call(short_recordings[0], "call")
        here.queue.send_transcribe(call.id, SHORT_S)
        (done,) = here.until_status([call.id], "transcribed", "failed", within_s=WITHIN_S)
        assert done.status == "transcribed"
        until(lambda: _others(worker, before), "a fresh process", within_s=WITHIN_S)


def test_what_no_worker_can_do_is_told_and_costs_the_waiting_calls_nothing(
    tmp_path: Path, short_recordings: list[Path]
) -> None:
    with Installation(tmp_path) as here:
        call = here.add_call(short_recordings[0], "waiting")
        here.queue.send_transcribe(call.id, SHORT_S)
        worker = here.start_worker("transcribe", ready=False, CALLSCORE_MODEL=str(tmp_path))
        assert worker.wait(WITHIN_S) == 1
        assert f"callscore: The model folder {tmp_path} lacks model.bin" in worker.log.read_text()
        assert (here.call(call.id).status, here.call(call.id).attempts) == ("received", 0)
        assert here.queue.queued("transcribe") == {call.id}


def test_a_call_that_takes_too_long_and_one_that_is_no_recording(tmp_path: Path, long_recording: Path) -> None:
    with Installation(tmp_path) as here:
        here.start_worker("transcribe")
        slow = here.add_call(long_recording, "slow")
        app = celery_app(here.settings)
        app.send_task(TRANSCRIBE_TASK, args=[str(slow.id)], soft_time_limit=2, time_limit=120)
        app.close()
        until(
            lambda: here.call(slow.id).attempts == 1 and here.call(slow.id).status == "received",
            "the time limit",
            within_s=WITHIN_S,
        )

        text = here.add_call(long_recording, "text")
        (tmp_path / "audio" / text.audio.key).write_text("Dear customer, " * 100)
        here.queue.send_transcribe(text.id, None)
        (failed,) = here.until_status([text.id], "failed", within_s=WITHIN_S)
        assert failed.error_code == "audio_unreadable"
        assert failed.attempts == 1


def _count(here: Installation, *statuses: str) -> int:
    with here.database.read() as tx:
        counts = tx.calls.counts()
    return sum(count for status, count in counts.items() if status in statuses)


def _others(worker: Running, before: list[int]) -> bool:
    now = [child.pid for child in worker.children]
    return bool(now) and not set(now) & set(before)


def _until_some(here: Installation, status: str) -> None:
    until(lambda: _count(here, status), f"a call is {status}", within_s=WITHIN_S)
