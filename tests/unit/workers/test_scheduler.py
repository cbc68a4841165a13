"""The scheduler ends when it is told to, wherever it happens to be."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

#: A scheduler whose every visit swallows what Celery's own handler of signals raises.
SWALLOWS = """
import sys, time
from pathlib import Path
from celery.beat import Scheduler
from service.settings import Settings
from workers.scheduler import run_beat

def tick(self, *args, **kwargs):
    while True:
        try:
            print("ready", flush=True)
            time.sleep(60)
        except BaseException:
            pass

Scheduler.tick = tick
run_beat(Settings(data_dir=Path(sys.argv[1])))
"""


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_is_obeyed_in_the_middle_of_foreign_code(tmp_path: Path, told: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", SWALLOWS, str(tmp_path)], stdout=subprocess.PIPE) as beat:
        try:
            assert beat.stdout is not None
            assert beat.stdout.readline() == b"ready\n"
            beat.send_signal(told)
            assert beat.wait(60) == 0
        finally:
            beat.kill()
