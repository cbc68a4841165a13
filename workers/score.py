"""The task `callscore.score`: id -> transcript and pack -> scorecard, ledger, flags and rollup in one transaction."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property, partial
from uuid import UUID

from celery import Celery, Task

from service.logs import get_logger, log_context
from service.packs import PackLibrary
from service.queue import SCORE_TASK
from service.scoring.errors import CallStateWrong, PackError
from service.scoring.flags import mean_confidence
from service.scoring.rulings import Rulings
from service.scoring.scorecard import CallContext
from service.scoring.scorecard import score as score_transcript
from service.store.records import Call
from workers import delivery, maintenance
from workers.attempt import attempt, pack_problems
from workers.lease import Lease, LeaseLost
from workers.process import WorkerProcess

log = get_logger()


class Process(WorkerProcess):
    """A process with the rule packs in memory."""

    @cached_property
    def packs(self) -> PackLibrary:
        return PackLibrary(self.settings.effective_rules_dir)

    def warm_up(self) -> None:
        """Build the default pack in all its languages, while the first recordings are still being transcribed."""
        script = self.settings.default_script
        for language in self.packs.languages(script):
            try:
                self.packs.load(script, language)
            except PackError as error:
                # Other packs can be used; each call with this one fails with the same words, to be retried.
                problem = pack_problems(script, error)
                log.error("the default rule pack cannot be used", language=language, problem=problem)  # noqa: TRY400


def register(app: Celery, process: Process) -> None:
    """Add the task, and the housekeeping, to a worker's application."""
    maintenance.register(app, process)
    delivery.register(app, process)

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
    pack = process.packs.load(call.script, transcript.language)
    context = CallContext(direction=call.direction, role=call.rep.role, rep_registered=call.rep.registered)
    scorecard = score_transcript(transcript, pack, context)
    now, confidence = datetime.now(UTC), mean_confidence(transcript)
    with process.database.transaction() as tx:
        tx.rulings.keep(pack.sha256, Rulings.of(pack), now=now)
        if not tx.scorecards.save(call.id, scorecard, token=lease.token, now=now, confidence=confidence):
            raise LeaseLost
        if tx.outbox.call_scored(call.id, now=now):
            tx.after_commit(process.queue.send_deliver)
    log.info("scored", objections=scorecard.objections_total, flags=len(scorecard.flags), pack=scorecard.pack_version)
