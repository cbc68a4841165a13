"""The task `callscore.score`: id -> transcript and pack -> scorecard, ledger, flags and rollup in one transaction."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from celery import Celery, Task

from service.logs import get_logger, log_context
from service.queue import SCORE_TASK
from service.scoring.errors import CallStateWrong
from service.store.records import Call
from workers import delivery, maintenance, rescore, silencing, trials
from workers.attempt import attempt
from workers.judging import Process, judge
from workers.lease import Lease, LeaseLost

log = get_logger()


__all__ = ["Process", "register", "score"]


def register(app: Celery, process: Process) -> None:
    """Add the task, and the housekeeping, to a worker's application."""
    maintenance.register(app, process)
    delivery.register(app, process)
    rescore.register(app, process)
    trials.register(app, process)
    silencing.register(app, process)

    @app.task(name=SCORE_TASK, bind=True)
    def score_task(self: Task[..., None], call_id: str) -> None:
        with log_context(task_id=str(self.request.id)):
            score(process, UUID(call_id))


def score(process: Process, call_id: UUID) -> None:
    """Score the call if it waits for that."""
    attempt(process, call_id, "score", partial(_score, process))


def _score(process: Process, call: Call, lease: Lease) -> None:
    with process.database.read() as tx:
        transcript = tx.transcripts.get(call.id)
    if transcript is None:
        raise CallStateWrong("the call waits for its score but has no transcript")
    judged, now = judge(process.packs, call, transcript), datetime.now(UTC)
    scorecard = judged.scorecard
    with process.database.transaction() as tx:
        tx.rulings.keep(scorecard.pack_sha256, judged.rulings, now=now)
        if not tx.scorecards.save(call.id, scorecard, token=lease.token, now=now, confidence=judged.confidence):
            raise LeaseLost
        if tx.outbox.call_scored(call.id, now=now):
            tx.after_commit(process.queue.send_deliver)
    log.info("scored", objections=scorecard.objections_total, flags=len(scorecard.flags), pack=scorecard.pack_version)
