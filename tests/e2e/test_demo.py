"""The main job as a newcomer sees it: recordings in, a table of KPIs out, twice, and nothing left running."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import httpx
import psutil
import pytest

from tests.fixtures.installation import COMMAND, until
from tests.fixtures.redis import free_port

pytestmark = [pytest.mark.processes, pytest.mark.speech, pytest.mark.timeout(600)]

SAMPLES = Path(__file__).resolve().parents[1] / "fixtures" / "samples"
RECORDINGS = ("en-dev-03.wav", "ru-dev-10.wav")


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    data = tmp_path_factory.mktemp("demo") / "data"
    own = {"CALLSCORE_DATA_DIR": str(data), "CALLSCORE_PORT": str(free_port()), "LANG": "en_US.UTF-8", "COLUMNS": "160"}
    return {name: value for name, value in os.environ.items() if name != "LC_ALL"} | own


@pytest.fixture(scope="module")
def two_samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Russian and an English sample with the metadata of all six."""
    folder = tmp_path_factory.mktemp("samples")
    for name in (*RECORDINGS, "metadata.csv"):
        shutil.copy(SAMPLES / name, folder / name)
    return folder


def running_below(data: str) -> list[psutil.Process]:
    """Processes that were started for this data folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("CALLSCORE_DATA_DIR") == data and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def test_the_demo_scores_the_samples_and_leaves_nothing_running(environment: dict[str, str], two_samples: Path) -> None:
    command = (*COMMAND, "demo", "--exit", "--samples", str(two_samples))
    first = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=500, check=False)
    assert first.returncode == 0, first.stdout + first.stderr
    assert ": transcribing" in first.stdout, "the steps of a call are shown"
    for recording in RECORDINGS:
        assert f"{recording}: scored" in first.stdout
    assert "Ирина Соколова" in first.stdout
    assert "Megan Doyle" in first.stdout
    assert "target 4.00" in first.stdout
    assert "target 70%" in first.stdout
    megan = next(line for line in first.stdout.splitlines() if "Megan Doyle" in line)
    assert re.search(r"\d\.\d\d \(n=\d+\)", megan), "an argumentation score with the number of objections behind it"
    assert running_below(environment["CALLSCORE_DATA_DIR"]) == []

    second = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert second.returncode == 0, second.stdout + second.stderr
    assert "transcribing" not in second.stdout, "the second demo re-uses what the first has scored"
    table = first.stdout[first.stdout.index("target 4.00") : first.stdout.index("callscore is running")]
    assert table in second.stdout


def test_ctrl_c_stops_the_service_and_all_its_children(environment: dict[str, str], two_samples: Path) -> None:
    port = environment["CALLSCORE_PORT"]
    command = (*COMMAND, "demo", "--samples", str(two_samples))
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def answers() -> bool:
        assert process.poll() is None, "the demo ended by itself"
        try:
            return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=2, trust_env=False).is_success
        except httpx.HTTPError:
            return False

    try:
        until(answers, "the demo's service is ready", within_s=120)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    assert "Traceback" not in said
    assert running_below(environment["CALLSCORE_DATA_DIR"]) == []
