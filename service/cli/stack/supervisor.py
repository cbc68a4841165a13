"""Keeps a set of programs running: starts them in stages, restarts what ends by itself, stops them in order."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path

from service.cli.stack.child import QUICK_CRASHES, Child, Program
from service.scoring.errors import CallscoreError

LOOK_EVERY_S = 0.1
#: Assembling the speech model at the first start and loading a large one take a minute; nothing takes five.
READY_WITHIN_S = 300.0

Report = Callable[[str], None]


class StackFailed(CallscoreError):
    """The stack could not start, or a process of it keeps crashing; the message says which and why."""

    code = "stack_failed"


class Supervisor:
    """Runs the programs of `stages`: each stage is started together, and ready before the next one starts.

    All methods but `stop` and `hurry` belong to one thread, which must live until `end` has returned: the kernel takes the
    end of the thread that started a process for the death of its parent.
    """

    def __init__(
        self,
        stages: Sequence[Sequence[Program]],
        logs: Path,
        *,
        report: Report,
        echo: Report | None = None,
        ready_within_s: float = READY_WITHIN_S,
    ) -> None:
        self._stages = [[Child(program, logs, echo=echo) for program in stage] for stage in stages]
        self._report = report
        self._ready_within_s = ready_within_s
        self._stopping = threading.Event()
        self._hurry = threading.Event()

    def stop(self) -> None:
        """Let `start` and `keep_running` return soon."""
        self._stopping.set()

    def hurry(self) -> None:
        """Let `end` wait for nobody."""
        self._stopping.set()
        self._hurry.set()

    def start(self) -> None:
        """Start all stages. Raises StackFailed: what fails before it was ever ready would fail again."""
        for stage in self._stages:
            for child in stage:
                child.start()
            deadline = time.monotonic() + self._ready_within_s
            waiting = list(stage)
            while waiting and not self._stopping.wait(LOOK_EVERY_S):
                waiting = [child for child in waiting if not self._is_ready(child, deadline)]
            if self._stopping.is_set():
                return

    def keep_running(self) -> None:
        """Until stopped. Raises StackFailed if a process crashes again and again."""
        children = [child for stage in self._stages for child in stage if not child.program.once]
        while not self._stopping.wait(LOOK_EVERY_S):
            for child in children:
                if child.start_again_at is None:
                    self._restart_if_ended(child)
                elif time.monotonic() >= child.start_again_at:
                    child.start()

    def end(self) -> None:
        """Stop everything: those with a lower `stop_rank` first, those of the same rank together."""
        children = sorted((child for stage in self._stages for child in stage), key=_rank)
        for _, group in groupby(children, key=_rank):
            together = list(group)
            for child in together:
                child.terminate()
            deadlines = [(child, time.monotonic() + child.program.stop_within_s) for child in together]
            for child, deadline in deadlines:
                while child.running and time.monotonic() < deadline and not self._hurry.wait(LOOK_EVERY_S):
                    pass
                if child.running:
                    self._report(f"the {child.program.title} did not stop in time and is killed")
                child.kill()

    def _is_ready(self, child: Child, deadline: float) -> bool:
        program, code = child.program, child.exit_code
        if code is not None and not (program.once and code == 0):
            raise StackFailed(f"the {program.title} did not start: {child.last_words()} (log: {child.log})")
        if time.monotonic() > deadline:
            raise StackFailed(
                f"the {program.title} was not ready within {self._ready_within_s:.0f} s: {child.last_words()} (log: {child.log})"
            )
        ready = code == 0 if program.once else program.ready()
        if ready:
            self._report(f"{program.title} is ready")
        return ready

    def _restart_if_ended(self, child: Child) -> None:
        code = child.exit_code
        if code is None:
            return
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        delay_s = child.crashed()
        title, log = child.program.title, child.log
        if child.hopeless:
            raise StackFailed(
                f"the {title} crashed {QUICK_CRASHES} times in a row, last with {how}: {child.last_words()} (log: {log})"
            )
        self._report(f"the {title} ended ({how}); starting it again in {delay_s:.0f} s (log: {log})")


def _rank(child: Child) -> int:
    return child.program.stop_rank
