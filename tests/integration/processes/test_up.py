"""`callscore up`, as a newcomer runs it and as an operator treats it."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import psutil
import pytest

from tests.fixtures.installation import READY_WITHIN_S, SAMPLES, Installation, Running, cut, until

pytestmark = [pytest.mark.processes, pytest.mark.speech, pytest.mark.timeout(600)]

PROCESSES = ("queue (Redis)", "database", "API", "transcription worker", "scoring worker", "scheduler")
#: A worker's give-back and Celery's own pauses, on a machine that does other things too.
STOPPED_WITHIN_S = 60.0


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Installation]:
    """An installation without a Redis of the test's: the stack brings its own."""
    with Installation(tmp_path / "data", private_redis=False) as installation:
        yield installation


def up(here: Installation) -> Running:
    running = here.start("up")
    here.until_up(running, lambda: "callscore is running at" in running.log.read_text())
    return running


def family(running: Running) -> list[psutil.Process]:
    return psutil.Process(running.pid).children(recursive=True)


def gone(processes: list[psutil.Process]) -> bool:
    return not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes)


def test_it_starts_scores_heals_refuses_a_second_one_and_stops_without_leaving_anything(
    here: Installation, tmp_path: Path
) -> None:
    running = up(here)
    said = running.log.read_text()
    assert all(f"{process} is ready\n" in said for process in PROCESSES)
    assert f"callscore is running at {here.url}" in said
    everything = family(running)

    second = here.start("up")
    assert second.wait(READY_WITHIN_S) == 1
    assert (
        f"is running on the data folder {here.settings.data_dir} already (process {running.pid})"
        in second.log.read_text()
    )

    worker = next(process for process in psutil.Process(running.pid).children() if "transcribe" in process.cmdline())
    worker.kill()
    until(
        lambda: "the transcription worker ended (signal 9); starting it again in 1 s" in running.log.read_text(),
        "people are told",
        within_s=READY_WITHIN_S,
    )
    answer = here.upload(cut(SAMPLES / "ru-dev-10.wav", tmp_path / "a.wav", start_s=0.0, seconds=4.0), "1", here.key())
    assert answer.status_code == 202, answer.text
    call_id = UUID(answer.json()["id"])
    here.until_status([call_id], "scored", "failed", within_s=READY_WITHIN_S)
    here.assert_scored_once([call_id])

    everything += family(running)
    os.kill(running.pid, signal.SIGINT)
    assert running.wait(STOPPED_WITHIN_S) == 0
    assert running.log.read_text().endswith("stopping ...\nstopped\n")
    assert gone(everything)
    logs = here.settings.data_dir / "logs"
    assert {"redis.log", "api.log", "worker-transcribe.log", "worker-score.log", "beat.log"} <= {
        p.name for p in logs.iterdir()
    }


def test_after_a_kill_nothing_is_left_and_the_next_start_goes_on(here: Installation) -> None:
    running = up(here)
    everything = family(running)
    running.kill()
    until(lambda: gone(everything), "all processes have gone with it", within_s=30)
    again = up(here)
    os.kill(again.pid, signal.SIGTERM)
    assert again.wait(STOPPED_WITHIN_S) == 0


def test_ctrl_c_while_it_starts_stops_it_as_well(here: Installation) -> None:
    running = here.start("up")
    here.until_up(running, lambda: "database is ready" in running.log.read_text())
    everything = family(running)
    os.kill(running.pid, signal.SIGINT)
    assert running.wait(STOPPED_WITHIN_S) == 0
    assert gone(everything)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"CALLSCORE_MODEL": "/nowhere"},
            "callscore: the transcription worker did not start: The model '/nowhere' is not",
        ),
        ({"CALLSCORE_DATABASE_URL": "sqlite:////proc/nowhere/x.db"}, "callscore: the database did not start: "),
        ({"CALLSCORE_DATA_DIR": "/proc/nowhere"}, "callscore: the data folder /proc/nowhere cannot be written"),
        ({"CALLSCORE_PORT": "99999"}, "callscore: a setting is wrong: CALLSCORE_PORT: "),
    ],
)
def test_what_keeps_it_from_starting_is_a_sentence(here: Installation, changes: dict[str, str], sentence: str) -> None:
    running = here.start("up", **changes)
    assert running.wait(READY_WITHIN_S) == 1
    said = running.log.read_text()
    assert sentence in said
    assert "Traceback" not in said


def test_a_port_in_use_is_a_sentence(here: Installation) -> None:
    with socket.create_server(("127.0.0.1", here.settings.port)):
        running = here.start("up")
        assert running.wait(READY_WITHIN_S) == 1
    said = running.log.read_text()
    assert f"callscore: cannot listen on 127.0.0.1 port {here.settings.port} (Address already in use)" in said
    assert "choose another with --port or CALLSCORE_PORT" in said
