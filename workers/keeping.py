"""The tasks `callscore.maintenance.retention`, which forgets what has been kept long enough, and `callscore.maintenance.recount`, which
counts stored calls anew after a rule was switched off or on.
"""

from __future__ import annotations

from datetime import UTC, datetime
from time import monotonic

from celery import Celery, Task

from service.logs import get_logger, log_context
from service.queue import RECOUNT_TASK, RETENTION_TASK
from service.store.forgetting import apply_retention
from service.store.recounting import recount
from workers.process import WorkerProcess

#: Seconds of one run: this process has calls to score, and the next run goes on.
RECOUNT_LIMIT_S = 20.0

log = get_logger()


def register(app: Celery, process: WorkerProcess) -> None:
    """Add the tasks to a worker's application."""

    @app.task(name=RETENTION_TASK, bind=True)
    def retention_task(self: Task[..., None]) -> None:
        with log_context(task_id=str(self.request.id)):
            forget_old(process)

    @app.task(name=RECOUNT_TASK, bind=True)
    def recount_task(self: Task[..., None]) -> None:
        with log_context(task_id=str(self.request.id)):
            count_anew(process)


def forget_old(process: WorkerProcess) -> None:
    """Forget recordings and texts whose time is over. Raises StoreUnavailable; the next round finds the same."""
    done = apply_retention(process.database, process.audio, now=datetime.now(UTC))
    if done.audio or done.text:
        log.info("retention", recordings=done.audio, texts=done.text)


def count_anew(process: WorkerProcess) -> None:
    """Go on counting. Raises StoreUnavailable; the next round goes on."""
    end = monotonic() + RECOUNT_LIMIT_S
    counted = recount(process.database, now=lambda: datetime.now(UTC), go_on=lambda: monotonic() < end)
    if counted:
        log.info("counted anew", calls=counted)
