"""The housekeeping tasks: `callscore.maintenance.sweep` and `callscore.maintenance.orphans`.

The sweeper makes the queue a hint and nothing more. Whatever became of the messages, a call that waits and that nobody
works on is announced again; one whose workers vanished too often ends in `failed`, where people see it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice

from celery import Celery, Task

from service.logs import get_logger, log_context
from service.queue import ORPHANS_TASK, SWEEP_TASK
from workers import keeping, rescore, trials, unscored
from workers.judging import Process
from workers.process import WorkerProcess

#: Calls announced by one sweep at most. Behind so many the others can wait for a later sweep: the workers have enough to do.
ANNOUNCED_AT_ONCE = 10_000
#: Recordings without a call are left alone so long: an upload writes the recording first, the call afterwards.
ORPHAN_AFTER = timedelta(hours=24)
#: Recordings whose calls are looked up in one query.
LOOKED_UP_AT_ONCE = 500

log = get_logger()


def register(app: Celery, process: Process) -> None:
    """Add the tasks to a worker's application."""
    keeping.register(app, process)

    @app.task(name=SWEEP_TASK, bind=True)
    def sweep_task(self: Task[..., None]) -> None:
        with log_context(task_id=str(self.request.id)):
            unscored.take_up(process)
            sweep(process)

    @app.task(name=ORPHANS_TASK, bind=True)
    def orphans_task(self: Task[..., None]) -> None:
        with log_context(task_id=str(self.request.id)):
            delete_expired(process)
            delete_orphans(process)


def sweep(process: WorkerProcess) -> None:
    """Announce the calls that wait and are in no queue; fail those that cost too many workers.

    A backlog is not announced again at each sweep: what Redis already holds is left out. Two sweeps at the same time can
    announce a call twice, which changes nothing but the log.

    Raises:
        StoreUnavailable: the database is away; the next sweep finds the same.
    """
    settings, now = process.settings, datetime.now(UTC)
    with process.database.transaction() as tx:
        lost = tx.calls.exhaust(now=now, max_attempts=settings.max_attempts)
        for call_id in lost:
            tx.outbox.call_failed(call_id, now=now)
    for call_id in lost:
        log.error("call failed: its workers stopped without a word", call_id=str(call_id), code="worker_lost")
    _announce_deliveries(process, now)
    rescore.announce(process)
    trials.announce(process)
    transcribing, scoring = process.queue.queued("transcribe"), process.queue.queued("score")
    if transcribing is None or scoring is None:
        log.warning("swept without announcing: Redis does not answer")
        return
    with process.database.transaction() as tx:
        waiting = tx.calls.waiting(now=now, limit=ANNOUNCED_AT_ONCE, again_after_s=settings.sweep_every_s)
    sent = 0
    for work in waiting:
        if work.step == "transcribe" and work.call_id not in transcribing:
            process.queue.send_transcribe(work.call_id, work.duration_s)
        elif work.step == "score" and work.call_id not in scoring:
            process.queue.send_score(work.call_id)
        else:
            continue
        sent += 1
    if sent or lost:
        log.info("swept", waiting=len(waiting), announced=sent, failed=len(lost))


def _announce_deliveries(process: WorkerProcess, now: datetime) -> None:
    with process.database.read() as tx:
        due = tx.deliveries.due_webhooks(now, limit=1)
    if due:
        process.queue.send_deliver()


def delete_expired(process: WorkerProcess) -> None:
    """Delete sessions that ended, tries to log in that count no more, answers kept for repeated requests, old deliveries.

    Raises:
        StoreUnavailable: the database is away; the next round finds the same.
    """
    now = datetime.now(UTC)
    with process.database.transaction() as tx:
        deleted = {
            "sessions": tx.sessions.delete_expired(now),
            "login_tries": tx.login_tries.delete_old(now),
            "deliveries": tx.deliveries.delete_old(now),
            "repeated_requests": tx.repeated_requests.delete_old(now),
        }
    if any(deleted.values()):
        log.info("expired rows deleted", **deleted)


def delete_orphans(process: WorkerProcess) -> None:
    """Delete recordings that belong to no call, left by an upload that broke off at the worst moment.

    Raises:
        StoreUnavailable: the database or the audio store is away; the next round finds the same.
    """
    deleted = 0
    old = iter(process.audio.keys(datetime.now(UTC) - ORPHAN_AFTER))
    while keys := tuple(islice(old, LOOKED_UP_AT_ONCE)):
        with process.database.read() as tx:
            known = tx.calls.audio_keys(keys)
        for key in set(keys) - known:
            process.audio.delete(key)
            deleted += 1
    if deleted:
        log.warning("recordings without a call deleted", count=deleted)
