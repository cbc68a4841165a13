"""The task `callscore.rescore`: scores a portion of a job's stored calls again, for a while, one transaction a call.

A message names a job and no call. Whoever gets it takes up a free portion, works until the portion or the time is over, gives it
back, and sends the message on if there is more: so jobs share the workers with calls that have just come in. A worker that
is killed leaves its portion behind the last stored call; when its lease has run out another goes on there. The same work
is done without a queue by `callscore rescore start --here`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from time import monotonic
from uuid import UUID, uuid4

from celery import Celery, Task

from service.logs import get_logger, log_context
from service.queue import RESCORE_TASK
from service.scoring.errors import CallNotFound, CallscoreError, PackError, StoreUnavailable
from service.store.records_rescore import RescorePart, RescoreResult
from workers.attempt import pack_problems
from workers.judging import Judgement, Process, judge
from workers.process import WorkerProcess

#: A worker gives way to calls that have just come in after so long.
SLICE_S = 5.0

log = get_logger()


class _RulesBroken(Exception):
    """A pack has errors, and no good version of it is known here: nothing can be scored until somebody mends it."""


class _Stopped(Exception):
    """The job was paused or cancelled, or the portion is someone else's: what was worked out does not count."""


def register(app: Celery, process: Process) -> None:
    """Add the task to a worker's application."""

    @app.task(name=RESCORE_TASK, bind=True)
    def rescore_task(self: Task[..., None], job_id: str) -> None:
        with log_context(task_id=str(self.request.id), job_id=job_id):
            if rescore(process, UUID(job_id), for_s=SLICE_S):
                process.queue.send_rescore(UUID(job_id))


def rescore(process: Process, job_id: UUID, *, for_s: float) -> bool:
    """Work on one portion of the job for `for_s` seconds at most. True if there is more that nobody works on.

    Raises:
        SystemExit: the worker was told to stop; the portion is given back.
        StoreUnavailable: the database is away; the portion's lease runs out, and the sweeper finds it.
    """
    lease_s = process.settings.lease_s
    with process.database.transaction() as tx:
        part = tx.rescore.claim(job_id, token=uuid4().hex, now=datetime.now(UTC), lease_s=lease_s)
    if part is None:
        return False
    finished, until = False, monotonic() + for_s
    counted = 0
    try:
        for call_id in _calls(process, part):
            if call_id is None:
                finished = True
            elif counted and monotonic() >= until:
                break
            else:
                with log_context(call_id=str(call_id)):
                    _one(process, part, call_id, crashed=not counted and part.attempts > process.settings.max_attempts)
                counted += 1
    except _Stopped:
        log.info("portion laid down", number=part.number, calls=counted)
    except _RulesBroken as broken:
        with process.database.transaction() as tx:
            tx.rescore.stop(job_id, f"{broken}; then resume the job")
        log.warning("job paused: a rule pack has errors", problem=str(broken))
    finally:
        more = _give_back(process, part, finished=finished)
    log.info("portion worked on", number=part.number, calls=counted, finished=finished)
    return more


def announce(process: WorkerProcess) -> None:
    """Tell the queue of jobs that run and that nobody works on; for the sweeper.

    Raises:
        StoreUnavailable: the database is away; the next sweep finds the same.
    """
    queued = process.queue.queued_rescores()
    if queued is None:
        return
    with process.database.transaction() as tx:
        waiting = tx.rescore.waiting(now=datetime.now(UTC), again_after_s=process.settings.sweep_every_s)
    for job_id, portions in waiting:
        for _ in range(portions - queued[job_id]):
            process.queue.send_rescore(job_id)


def _calls(process: Process, part: RescorePart) -> Iterator[UUID | None]:
    """The calls of the portion, one read after another; None at the end."""
    after = part.after
    while True:
        with process.database.read() as tx:
            call_id = tx.rescore.next_call(part, after)
        yield call_id
        if call_id is None:
            return
        after = call_id


def _one(process: Process, part: RescorePart, call_id: UUID, *, crashed: bool) -> None:
    """Score one call again and move the portion on, in one transaction. `crashed`: it has cost too many workers."""
    if crashed:
        _note(process, part, call_id, "failed", "the worker stopped without a word each time it scored this call")
        return
    try:
        judged = _judged(process, call_id)
    except (_RulesBroken, StoreUnavailable):
        raise
    except CallscoreError as error:
        log.warning("not scored again", code=error.code, problem=str(error))
        _note(process, part, call_id, "failed", str(error))
    except Exception as error:
        log.exception("unforeseen error")
        _note(process, part, call_id, "failed", f"unforeseen {type(error).__name__}; the worker's log has the details")
    else:
        _store(process, part, call_id, judged)


def _judged(process: Process, call_id: UUID) -> Judgement | None:
    """None if there is nothing to score: the call was erased."""
    with process.database.read() as tx:
        try:
            call, transcript = tx.calls.get(call_id), tx.transcripts.get(call_id)
        except CallNotFound:
            return None
    try:
        return None if transcript is None else judge(process.packs, call, transcript)
    except PackError as error:
        raise _RulesBroken(pack_problems(call.script, error)) from None


def _store(process: Process, part: RescorePart, call_id: UUID, judged: Judgement | None) -> None:
    if judged is None:
        _note(process, part, call_id, "skipped")
        return
    now = datetime.now(UTC)
    with process.database.transaction() as tx:
        tx.rulings.keep(judged.scorecard.pack_sha256, judged.rulings, now=now)
        changed = tx.scorecards.replace(call_id, judged.scorecard, now=now, confidence=judged.confidence)
        result: RescoreResult = "skipped" if changed is None else "changed" if changed else "same"
        if not tx.rescore.advance(part, call_id, result, now=now, lease_s=process.settings.lease_s):
            raise _Stopped


def _note(
    process: Process, part: RescorePart, call_id: UUID, result: RescoreResult, problem: str | None = None
) -> None:
    """Move the portion on without a scorecard."""
    now, lease_s = datetime.now(UTC), process.settings.lease_s
    with process.database.transaction() as tx:
        if not tx.rescore.advance(part, call_id, result, now=now, lease_s=lease_s, problem=problem):
            raise _Stopped


def _give_back(process: Process, part: RescorePart, *, finished: bool) -> bool:
    try:
        with process.database.transaction() as tx:
            return tx.rescore.release(part, finished=finished, now=datetime.now(UTC))
    except StoreUnavailable:
        log.warning("portion not given back; its lease will run out")
        return False
