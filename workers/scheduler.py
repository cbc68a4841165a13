"""The scheduler process: sends the sweeper on its way, at its start and then every so often."""

from __future__ import annotations

import os
import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from celery import signals
from celery.beat import Scheduler

from service.logs import configure
from service.settings import Settings
from workers.app import beat_app

#: A last run so long ago makes every entry due at the first tick: after a start nobody waits a minute for the first sweep.
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def _end(*_: object) -> None:
    """End the process now: it holds nothing that would have to be put away.

    Celery's own handler raises SystemExit wherever the process happens to be; a callback there may swallow it, and the scheduler runs on.
    """
    os._exit(0)


def end_when_told(**_: object) -> None:
    """Put our handler in the place of Celery's, which has just been set when its signal `beat_init` calls this."""
    for told in (signal.SIGTERM, signal.SIGINT):
        signal.signal(told, _end)


def run_beat(settings: Settings, *, alive_file: Path | None = None) -> None:
    """Schedule until told to stop. `alive_file` is touched at every tick."""
    configure(settings.log_level, component="beat")

    def keep_logging(**_: object) -> None:
        """Celery sets up no logging where this signal has a receiver."""

    class SweepScheduler(Scheduler):
        """Keeps its schedule in memory: nothing on disk that a crash could spoil, and nothing to remember."""

        def setup_schedule(self) -> None:
            super().setup_schedule()
            for entry in self.schedule.values():
                entry.last_run_at = LONG_AGO

        def install_default_entries(self, data: Any) -> None:
            """Celery's own entry cleans a result backend, which we have not."""

        def tick(self, *args: Any, **kwargs: Any) -> float:
            delay_s: float = super().tick(*args, **kwargs)
            if alive_file is not None:
                alive_file.touch()
            return delay_s

    signals.setup_logging.connect(keep_logging, weak=False)
    signals.beat_init.connect(end_when_told, weak=False)
    if alive_file is not None:
        alive_file.parent.mkdir(parents=True, exist_ok=True)
        alive_file.unlink(missing_ok=True)
    app = beat_app(settings)
    scheduler: Any = SweepScheduler
    app.Beat(scheduler_cls=scheduler, quiet=True, loglevel=settings.log_level).run()
