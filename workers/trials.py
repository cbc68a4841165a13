"""The task `callscore.trial`: works on a trial of a draft for a while, one step after another, each stored.

A message names a trial. Whoever gets it takes the trial up, works until it is done or the time is over, gives it back, and sends
the message on if there is more: so trials share the workers with calls that have just come in. A worker that is killed leaves its
trial behind the last stored step; when its lease has run out another goes on there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from time import monotonic
from typing import Any
from uuid import UUID, uuid4

from celery import Celery, Task

from service.logs import get_logger, log_context
from service.queue import TRIAL_TASK
from service.scoring.errors import CallscoreError, StoreUnavailable
from service.store.records_packs import Trial, TrialWork
from service.trials import BuiltPacks, result_of_backtest, result_of_tests, score_both, try_file
from workers.judging import Process
from workers.process import WorkerProcess

#: A worker gives way to calls that have just come in after so long.
SLICE_S = 5.0

Step = Callable[[str], Mapping[str, Any]]
log = get_logger()


class _Lost(Exception):
    """The trial was cancelled, or is someone else's: what was worked out does not count."""


def register(app: Celery, process: Process) -> None:
    """Add the task to a worker's application."""
    built: list[BuiltPacks] = []

    @app.task(name=TRIAL_TASK, bind=True)
    def trial_task(self: Task[..., None], trial_id: str) -> None:
        if not built:
            # In the child, on first use: connections do not survive a fork.
            built.append(BuiltPacks(process.database, process.packs))
        with log_context(task_id=str(self.request.id), trial_id=trial_id):
            if work_on(process, built[0], UUID(trial_id), for_s=SLICE_S):
                process.queue.send_trial(UUID(trial_id))


def work_on(process: Process, built: BuiltPacks, trial_id: UUID, *, for_s: float) -> bool:
    """Work on the trial for `for_s` seconds at most, one step at least. True if there is more.

    Raises:
        SystemExit: the worker was told to stop; the trial is given back.
        StoreUnavailable: the database is away; the trial's lease runs out, and the sweeper finds it.
    """
    with process.database.transaction() as tx:
        work = tx.trials.claim(trial_id, token=uuid4().hex, now=datetime.now(UTC), lease_s=process.settings.lease_s)
    if work is None:
        return False
    if work.attempts > process.settings.max_attempts:
        _fail(process, work, "the worker stopped without a word each time it worked on this; its log may say why")
        return False
    try:
        return _steps(process, built, work, until=monotonic() + for_s)
    except _Lost:
        log.info("trial laid down")
    except StoreUnavailable:
        raise
    except CallscoreError as error:
        log.warning("trial failed", code=error.code, problem=str(error))
        _fail(process, work, str(error))
    except Exception as error:
        log.exception("unforeseen error")
        _fail(process, work, f"unforeseen {type(error).__name__}; the worker's log has the details")
    finally:
        _give_back(process, work)
    return False


def announce(process: WorkerProcess) -> None:
    """Tell the queue of trials that nobody works on; for the sweeper.

    Raises:
        StoreUnavailable: the database is away; the next sweep finds the same.
    """
    queued = process.queue.queued_trials()
    if queued is None:
        return
    with process.database.transaction() as tx:
        waiting = tx.trials.waiting(now=datetime.now(UTC), again_after_s=process.settings.sweep_every_s)
    for trial_id in waiting:
        if trial_id not in queued:
            process.queue.send_trial(trial_id)


def _steps(process: Process, built: BuiltPacks, work: TrialWork, *, until: float) -> bool:
    """True if steps are left."""
    step, counted, lease_s = _step_of(process, built, work), 0, process.settings.lease_s
    while True:
        with process.database.read() as tx:
            found = tx.trials.next_step(work.trial.id)
        if found is None:
            _finish(process, work)
            return False
        if counted and monotonic() >= until:
            return True
        number, subject = found
        result = step(subject)
        with process.database.transaction() as tx:
            if not tx.trials.advance(work, number, result, now=datetime.now(UTC), lease_s=lease_s):
                raise _Lost
        counted += 1


def _step_of(process: Process, built: BuiltPacks, work: TrialWork) -> Step:
    """What is done with a step's subject. Builds the packs, which may take a while."""
    trial = work.trial
    parsed = built.get(trial.files_sha256, trial.pack_id, trial.language)
    _renew(process, work)
    if trial.choice.kind == "test":
        return lambda path: try_file(parsed, path)
    before = built.in_use(trial.before_sha256, trial.pack_id, trial.language)
    after = parsed.pack
    assert after is not None  # noqa: S101 - `BuiltPacks` hands out whole packs only
    _renew(process, work)
    return lambda call_id: score_both(process.database, UUID(call_id), before, after)


def _finish(process: Process, work: TrialWork) -> None:
    _renew(process, work)
    with process.database.read() as tx:
        steps = tx.trials.results(work.trial.id)
        result = result_of_tests(steps) if _is_test(work.trial) else result_of_backtest(steps, process.packs.kpis())
    with process.database.transaction() as tx:
        if not tx.trials.finish(work, result, now=datetime.now(UTC)):
            raise _Lost
    log.info("trial done", kind=work.trial.choice.kind, steps=work.trial.steps_total)


def _is_test(trial: Trial) -> bool:
    return trial.choice.kind == "test"


def _renew(process: Process, work: TrialWork) -> None:
    with process.database.transaction() as tx:
        if not tx.trials.renew(work, now=datetime.now(UTC), lease_s=process.settings.lease_s):
            raise _Lost


def _fail(process: Process, work: TrialWork, problem: str) -> None:
    with process.database.transaction() as tx:
        tx.trials.fail(work, problem, now=datetime.now(UTC))


def _give_back(process: Process, work: TrialWork) -> None:
    try:
        with process.database.transaction() as tx:
            tx.trials.release(work)
    except StoreUnavailable:
        log.warning("trial not given back; its lease will run out")
