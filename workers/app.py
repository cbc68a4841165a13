"""Celery: every setting of the workers and the scheduler, each with its reason. What senders share is in service.queue."""

from __future__ import annotations

from typing import Literal

from celery import Celery

from service.queue import (
    HARD_LIMIT_AFTER_S,
    MAINTENANCE_LIMIT_S,
    ORPHANS_TASK,
    RECOUNT_TASK,
    RETENTION_TASK,
    SWEEP_TASK,
    celery_app,
)
from service.settings import Settings

WorkerKind = Literal["transcribe", "score"]
#: Housekeeping takes seconds, so it shares the scoring worker; behind transcriptions it could wait for hours.
QUEUES: dict[WorkerKind, tuple[str, ...]] = {"transcribe": ("transcribe",), "score": ("score", "maintenance")}

#: Loading a large model from a cold disk takes minutes; Celery's default of 4 s would kill the process before it is up.
PROCESS_START_LIMIT_S = 600.0
ORPHANS_EVERY_S = 3600.0
RETENTION_EVERY_S = 3600.0
#: Beat looks at the clock, and shows that it is alive, at least so often.
BEAT_TICK_S = 5.0
KIBIBYTE = 1024


def worker_app(settings: Settings) -> Celery:
    """The Celery application of a worker, without its tasks."""
    app = celery_app(settings)
    app.conf.update(
        # A message is acknowledged when its work is done: whoever dies in between leaves it for another worker.
        task_acks_late=True,
        # A child killed in the middle (out of memory, kill -9) gives its message back at once. The call's lease and count of
        # attempts keep a recording that kills every worker from going round for ever.
        task_reject_on_worker_lost=True,
        # One call in work, none put aside: a second one would wait behind an hour of audio while other workers are idle.
        worker_prefetch_multiplier=1,
        # One process a worker: the model uses all the threads it is given, and its memory is needed once. More by replicas.
        worker_concurrency=1,
        # The child is forked from a parent that has loaded no model and touched no GPU: the model is loaded in the child when
        # it starts (worker_process_init), because neither CUDA nor OpenMP threads survive a fork.
        worker_pool="prefork",
        worker_proc_alive_timeout=PROCESS_START_LIMIT_S,
        # Transcription grows in memory over many calls. A process above the limit is replaced after its call, never in it.
        worker_max_memory_per_child=max(1, settings.worker_max_rss_bytes // KIBIBYTE),
        # Celery's own soft shutdown always waits for the whole time, also when the call is done after a second; the grace
        # is kept by workers/running.py instead.
        worker_soft_shutdown_timeout=0.0,
        # A call goes on while Redis restarts: the lease in the database says whose it is, not the connection.
        worker_cancel_long_running_tasks_on_connection_loss=False,
        # Redis may start after the worker, and may be away for as long as it likes.
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        # Nobody asks workers questions through Redis, and nobody should be able to give them orders that way.
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        # service.logs owns the log of the process.
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
    )
    app.conf.broker_transport_options |= {
        # A connection that a firewall has forgotten is noticed instead of waited on.
        "socket_keepalive": True,
        "health_check_interval": 25,
    }
    return app


def beat_app(settings: Settings) -> Celery:
    """The Celery application of the scheduler. Two schedulers are harmless: sweeping twice changes nothing."""
    app = celery_app(settings)
    limits = {"soft_time_limit": MAINTENANCE_LIMIT_S, "time_limit": MAINTENANCE_LIMIT_S + HARD_LIMIT_AFTER_S}
    app.conf.update(
        beat_schedule={
            "sweep": {
                "task": SWEEP_TASK,
                "schedule": settings.sweep_every_s,
                # While no worker runs, sweeps do not pile up: one that waited for the next one's turn is dropped.
                "options": {"expires": settings.sweep_every_s} | limits,
            },
            "orphans": {
                "task": ORPHANS_TASK,
                "schedule": ORPHANS_EVERY_S,
                "options": {"expires": ORPHANS_EVERY_S} | limits,
            },
            "retention": {
                "task": RETENTION_TASK,
                "schedule": RETENTION_EVERY_S,
                "options": {"expires": RETENTION_EVERY_S} | limits,
            },
            "recount": {
                "task": RECOUNT_TASK,
                "schedule": settings.sweep_every_s,
                "options": {"expires": settings.sweep_every_s} | limits,
            },
        },
        beat_max_loop_interval=min(BEAT_TICK_S, settings.sweep_every_s),
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        worker_hijack_root_logger=False,
    )
    return app
