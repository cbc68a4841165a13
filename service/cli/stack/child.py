"""One supervised process: started, listened to, restarted when it ends by itself, stopped with all that it started."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path

LAUNCHER = Path(__file__).with_name("launch.py")
#: A log file of a process is turned over at this size, and so many old ones are kept.
LOG_BYTES = 10 * 1024 * 1024
LOGS_KEPT = 5
#: A line of a log is cut here, whatever a library prints.
LONGEST_LINE = 16 * 1024
REMEMBERED_LINES = 20
#: A process that ends sooner than this after its start has crashed quickly; after so many in a row another start is no help.
QUICK_S = 30.0
QUICK_CRASHES = 5
FIRST_DELAY_S = 1.0
LONGEST_DELAY_S = 30.0
#: What is left of a killed process group is gone within this.
KILLED_WITHIN_S = 5.0


@dataclass(frozen=True, slots=True)
class Program:
    """What to run. `name` names its log, `title` speaks of it to people; `ready` is asked until it says yes.

    One that runs `once` is ready when it has ended well. Programs with a lower `stop_rank` are stopped first, and get
    `stop_within_s` between SIGTERM and SIGKILL; `death_signal` is what they get when the supervisor dies.
    """

    name: str
    title: str
    command: tuple[str, ...]
    environment: dict[str, str]
    ready: Callable[[], bool]
    stop_within_s: float
    stop_rank: int = 0
    once: bool = False
    death_signal: signal.Signals = signal.SIGKILL
    pass_fds: tuple[int, ...] = ()


class Child:
    """A program and, while it runs, its process. `echo` also gets each line of its log."""

    def __init__(self, program: Program, logs: Path, *, echo: Callable[[str], None] | None = None) -> None:
        self.program = program
        self.log = logs / f"{program.name}.log"
        self.start_again_at: float | None = None
        self._echo = echo
        self._process: subprocess.Popen[bytes] | None = None
        self._listener: threading.Thread | None = None
        self._started_at = 0.0
        self._quick_crashes = 0
        self._lines: deque[str] = deque(maxlen=REMEMBERED_LINES)

    @property
    def exit_code(self) -> int | None:
        """None while it runs, and before it was started."""
        return None if self._process is None else self._process.poll()

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def hopeless(self) -> bool:
        """It crashed quickly again and again."""
        return self._quick_crashes >= QUICK_CRASHES

    def start(self) -> None:
        """Start the process in a process group of its own. The calling thread must live as long as the process may."""
        launcher = (sys.executable, "-I", "-S", str(LAUNCHER), str(os.getpid()), str(int(self.program.death_signal)))
        self._lines.clear()
        self._started_at, self.start_again_at = time.monotonic(), None
        self._process = subprocess.Popen(  # noqa: S603 - our own commands
            (*launcher, *self.program.command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self.program.environment,
            start_new_session=True,
            pass_fds=self.program.pass_fds,
        )
        self._listener = threading.Thread(target=self._listen, name=f"log-{self.program.name}", daemon=True)
        self._listener.start()

    def crashed(self) -> float:
        """Note that it ended by itself and plan the next start. Returns the seconds until then, more after each quick crash."""
        quick = time.monotonic() - self._started_at < QUICK_S
        self._quick_crashes = self._quick_crashes + 1 if quick else 1
        delay_s: float = min(FIRST_DELAY_S * 2 ** (self._quick_crashes - 1), LONGEST_DELAY_S)
        self.kill()
        self.start_again_at = time.monotonic() + delay_s
        return delay_s

    def terminate(self) -> None:
        """Ask the process to end."""
        if self._process is not None and self.running:
            self._process.terminate()

    def kill(self) -> None:
        """End what is left of the process and of everything that it started."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(KILLED_WITHIN_S)
        if self._listener is not None:
            self._listener.join(KILLED_WITHIN_S)

    def last_words(self) -> str:
        """The last thing it said that tells something, as a sentence."""
        if self._listener is not None and self.exit_code is not None:
            self._listener.join(KILLED_WITHIN_S)
        for line in reversed(self._lines):
            try:
                record = json.loads(line)
            except ValueError:
                return line.removeprefix("callscore: ")
            if isinstance(record, dict) and record.get("level") in {"error", "critical"}:
                return str(record.get("event"))
        return "it said nothing"

    def _listen(self) -> None:
        process = self._process
        if process is None or process.stdout is None:
            return
        handler = RotatingFileHandler(self.log, maxBytes=LOG_BYTES, backupCount=LOGS_KEPT, encoding="utf-8")
        with process.stdout as lines:
            while raw := lines.readline(LONGEST_LINE):
                line = raw.decode(errors="replace").rstrip()
                if not line:
                    continue
                self._lines.append(line)
                handler.emit(logging.makeLogRecord({"msg": line}))
                if self._echo is not None:
                    self._echo(f"{self.program.name}: {line}")
        handler.close()
