"""A job that scores stored calls again, worked on by processes of this machine without a queue: one a core."""

from __future__ import annotations

import multiprocessing
from uuid import UUID

from service.scoring.errors import CallscoreError
from service.settings import Settings
from workers.judging import Process
from workers.rescore import SLICE_S, rescore


def work_here(settings: Settings, job_id: UUID, processes: int) -> None:
    """Work until nothing is free any more, with this many processes. The job's row tells how far it got.

    Raises:
        CallscoreError: a process ended with an error; what was stored stays, and the job can be gone on with.
    """
    # Spawned, not forked: database connections and threads do not survive a fork.
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_work, args=(settings, job_id)) for _ in range(processes)]
    for worker in workers:
        worker.start()
    try:
        for worker in workers:
            worker.join()
    except KeyboardInterrupt:
        for worker in workers:
            worker.terminate()
        raise
    failed = [worker for worker in workers if worker.exitcode]
    if failed:
        raise CallscoreError(
            f"{len(failed)} of {processes} processes ended with an error; the same command goes on where they stopped"
        )


def _work(settings: Settings, job_id: UUID) -> None:
    process = Process(settings)
    try:
        while rescore(process, job_id, for_s=SLICE_S):
            pass
    finally:
        process.close()
