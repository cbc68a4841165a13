"""What a piece of work cost, by the clock and in processor time."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds by the clock, and of the processors: of the servers, the database's, and, with `own`, of this process."""

    wall_s: float
    cpu_s: float

    @classmethod
    def so_far(cls, *, own: bool) -> Cost:
        this = psutil.Process()
        cpu = 0.0
        for process in ([this] if own else []) + this.children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                cpu += times.user + times.system
        return cls(time.perf_counter(), cpu)

    def since(self, before: Cost, each: int) -> Cost:
        return Cost((self.wall_s - before.wall_s) / each, (self.cpu_s - before.cpu_s) / each)


def check(condition: bool, what: str) -> None:
    """End the run if what is measured is not what is meant."""
    if not condition:
        raise SystemExit(f"not so: {what}")
