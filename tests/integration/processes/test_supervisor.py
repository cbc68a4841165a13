"""The supervisor of the embedded stack, on small programs that behave badly."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from service.cli.stack import child
from service.cli.stack.child import Program
from service.cli.stack.supervisor import StackFailed, Supervisor

pytestmark = pytest.mark.processes
WITHIN_S = 20.0


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not condition():
        assert time.monotonic() < deadline, f"not within {WITHIN_S:.0f} s: {what}"
        time.sleep(0.02)


def program(name: str, code: str, folder: Path, **changes: object) -> Program:
    """A Python program that is ready once it has made the file `NAME.ready`; `tell(line)` appends to the common diary."""
    prelude = f"""
        import os, pathlib, signal, subprocess, sys, time
        folder = pathlib.Path({str(folder)!r})
        def tell(line):
            with (folder / "diary").open("a") as diary:
                diary.write(line + "\\n")
        def ready():
            (folder / "{name}.ready").touch()
    """
    source = textwrap.dedent(prelude) + textwrap.dedent(code)
    values: dict[str, object] = {
        "name": name,
        "title": f"test program {name}",
        "command": (sys.executable, "-c", source),
        "environment": dict(os.environ),
        "ready": (folder / f"{name}.ready").exists,
        "stop_within_s": 5.0,
    }
    return Program(**(values | changes))  # type: ignore[arg-type]


def diary(folder: Path) -> list[str]:
    path = folder / "diary"
    return path.read_text().splitlines() if path.exists() else []


@contextmanager
def supervised(supervisor: Supervisor) -> Iterator[list[BaseException]]:
    """Starts, keeps running in a thread of its own, ends. Yields what the thread raised."""
    raised: list[BaseException] = []
    started = threading.Event()

    def run() -> None:
        try:
            supervisor.start()
            started.set()
            supervisor.keep_running()
        except StackFailed as error:
            raised.append(error)
            started.set()
        finally:
            supervisor.end()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert started.wait(WITHIN_S)
        yield raised
    finally:
        supervisor.stop()
        thread.join()


STAYS = "tell(f'up {os.getpid()}'); ready(); time.sleep(60)"


def test_a_process_that_dies_is_started_again_and_people_are_told(tmp_path: Path) -> None:
    said: list[str] = []
    with supervised(Supervisor([[program("one", STAYS, tmp_path)]], tmp_path, report=said.append)):
        first = diary(tmp_path)[0].split()[1]
        os.kill(int(first), signal.SIGKILL)
        until(lambda: len(diary(tmp_path)) == 2, "a second process")
    assert said[0] == "test program one is ready"
    assert "the test program one ended (signal 9); starting it again in 1 s" in said[1]
    assert str(tmp_path / "one.log") in said[1]


def test_a_process_that_keeps_crashing_ends_the_stack_with_its_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "FIRST_DELAY_S", 0.01)
    crashes = "ready(); time.sleep(0.3); sys.exit('the disk is on fire')"
    with supervised(Supervisor([[program("one", crashes, tmp_path)]], tmp_path, report=lambda _: None)) as raised:
        until(lambda: bool(raised), "giving up")
    assert "crashed 5 times in a row, last with exit code 1: the disk is on fire" in str(raised[0])


def test_a_process_that_fails_at_its_start_is_not_tried_again(tmp_path: Path) -> None:
    fails = "tell('tried'); print('callscore: the model is missing'); sys.exit(1)"
    supervisor = Supervisor([[program("one", fails, tmp_path)]], tmp_path, report=lambda _: None)
    try:
        with pytest.raises(StackFailed, match="test program one did not start: the model is missing"):
            supervisor.start()
    finally:
        supervisor.end()
    assert diary(tmp_path) == ["tried"]


def test_a_process_that_is_never_ready_is_given_up(tmp_path: Path) -> None:
    supervisor = Supervisor(
        [[program("one", "time.sleep(60)", tmp_path)]], tmp_path, report=lambda _: None, ready_within_s=0.5
    )
    try:
        with pytest.raises(StackFailed, match="was not ready within 0 s"):
            supervisor.start()
    finally:
        supervisor.end()


def test_stages_start_one_after_the_other_and_stop_by_rank(tmp_path: Path) -> None:
    polite = """
        def stop(*_):
            tell("NAME stopped")
            sys.exit()
        signal.signal(signal.SIGTERM, stop)
        tell("NAME started"); ready(); time.sleep(60)
    """
    stages = [
        [program("store", polite.replace("NAME", "store"), tmp_path, stop_rank=2)],
        [program("prepare", "time.sleep(0.3); tell('prepared')", tmp_path, once=True)],
        [
            program("api", polite.replace("NAME", "api"), tmp_path, stop_rank=1),
            program("worker", polite.replace("NAME", "worker"), tmp_path),
        ],
    ]
    with supervised(Supervisor(stages, tmp_path, report=lambda _: None)) as raised:
        pass
    assert not raised
    lines = diary(tmp_path)
    assert lines[:2] == ["store started", "prepared"]
    assert sorted(lines[2:4]) == ["api started", "worker started"]
    assert lines[4:] == ["worker stopped", "api stopped", "store stopped"]


def test_what_does_not_stop_in_time_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    stubborn = """
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        other = subprocess.Popen([sys.executable, "-c", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"])
        tell(str(os.getpid())); tell(str(other.pid)); ready(); time.sleep(60)
    """
    said: list[str] = []
    stages = [[program("one", stubborn, tmp_path, stop_within_s=0.3)]]
    with supervised(Supervisor(stages, tmp_path, report=said.append)):
        pids = [int(line) for line in diary(tmp_path)]
    assert said[-1] == "the test program one did not stop in time and is killed"
    until(lambda: not any(_runs(pid) for pid in pids), "both processes are gone")


def test_no_process_outlives_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "supervise.py"
    script.write_text(
        textwrap.dedent(f"""
        import os, pathlib, sys
        from service.cli.stack.child import Program
        from service.cli.stack.supervisor import Supervisor
        folder = pathlib.Path({str(tmp_path)!r})
        code = "import os, pathlib, time; pathlib.Path({str(tmp_path)!r}, 'pid').write_text(str(os.getpid())); time.sleep(60)"
        one = Program("one", "one", (sys.executable, "-c", code), dict(os.environ), (folder / "pid").exists, 5.0)
        supervisor = Supervisor([[one]], folder, report=print)
        supervisor.start()
        supervisor.keep_running()
        """)
    )
    supervisor = subprocess.Popen([sys.executable, str(script)], cwd=Path(__file__).parents[3])
    try:
        pid_file = tmp_path / "pid"
        until(lambda: pid_file.exists() and bool(pid_file.read_text()), "the program runs")
    finally:
        supervisor.kill()
        supervisor.wait()
    pid = int(pid_file.read_text())
    until(lambda: not _runs(pid), "the program is gone")


def _runs(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
