"""The scheduler process: sends the sweeper on its way, at its start and then every so often."""

from __future__ import annotations

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
    if alive_file is not None:
        alive_file.parent.mkdir(parents=True, exist_ok=True)
        alive_file.unlink(missing_ok=True)
    app = beat_app(settings)
    scheduler: Any = SweepScheduler
    app.Beat(scheduler_cls=scheduler, quiet=True, loglevel=settings.log_level).run()
