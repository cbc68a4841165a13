"""Running a worker in this process: start, signs of life, and a stop that loses nothing.

A stop (SIGTERM) has two steps, both Celery's own. First the worker takes no more messages and waits for its call. When the
grace is over it sends itself SIGQUIT: its child is told to exit and gives the call's lease back, and the message
returns to the front of the queue, so that the next worker takes the call at once.
"""

from __future__ import annotations

import importlib
import os
import signal
import socket
import threading
import warnings
from pathlib import Path
from typing import Any

from celery import bootsteps, signals
from celery.exceptions import SecurityWarning

from service.logs import configure, get_logger
from service.scoring.errors import ModelUnavailable
from service.settings import Settings
from workers.app import QUEUES, WorkerKind, worker_app
from workers.process import WorkerProcess

#: Module with the tasks of each kind of worker: a `Process` class, and `register(app, process)`.
TASKS: dict[WorkerKind, str] = {"transcribe": "workers.transcribe", "score": "workers.score"}
#: The time of the sign-of-life file is set so often while the worker's event loop turns.
ALIVE_EVERY_S = 5.0
#: Longest complaint that goes through a pipe in one piece (PIPE_BUF on Linux).
COMPLAINT_BYTES = 4096

log = get_logger()


def run_worker(settings: Settings, kind: WorkerKind, *, alive_file: Path | None = None) -> int:
    """Work until told to stop; the exit code. `alive_file` appears when calls can be worked on, and is touched from then on.

    Raises:
        ModelUnavailable: the speech model cannot be loaded; the message says what to do.
    """
    component = f"worker-{kind}"
    configure(settings.log_level, component=component)
    # Only this kind's libraries are loaded: the speech libraries alone cost a second and 150 MB.
    tasks: Any = importlib.import_module(TASKS[kind])
    process: WorkerProcess = tasks.Process(settings)
    app = worker_app(settings)
    tasks.register(app, process)
    complaints, complain = os.pipe()
    os.set_blocking(complaints, False)

    def start_child(**_: object) -> None:
        try:
            process.prepare()
        except ModelUnavailable as error:
            # Another child would fail the same way, and calls must not pay for it: the whole worker ends, and says why.
            os.write(complain, str(error).encode()[:COMPLAINT_BYTES])
            os.kill(os.getppid(), signal.SIGTERM)
            return
        if alive_file is not None:
            alive_file.touch()
        process.warm_up()
        log.info("ready for calls", kind=kind)

    def stop_child(**_: object) -> None:
        process.close()

    def keep_logging(**_: object) -> None:
        """Celery sets up no logging where this signal has a receiver."""

    def end_grace(how: str, **_: object) -> None:
        if how == "Warm":
            timer = threading.Timer(settings.shutdown_grace_s, os.kill, (os.getpid(), signal.SIGQUIT))
            timer.daemon = True
            timer.start()

    signals.worker_process_init.connect(start_child, weak=False)
    signals.worker_process_shutdown.connect(stop_child, weak=False)
    signals.setup_logging.connect(keep_logging, weak=False)
    signals.worker_shutting_down.connect(end_grace, weak=False)
    if alive_file is not None:
        alive_file.parent.mkdir(parents=True, exist_ok=True)
        alive_file.unlink(missing_ok=True)
        app.steps["worker"].add(sign_of_life(alive_file))
    # Celery warns root of pickled messages, which are not accepted here.
    warnings.filterwarnings("ignore", category=SecurityWarning)
    worker = app.Worker(
        queues=list(QUEUES[kind]),
        hostname=f"{kind}-{os.getpid()}@{socket.gethostname()}",
        loglevel=settings.log_level,
        quiet=True,
        # Workers need not know of each other: who works on what stands in the database.
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    worker.start()
    if said := read_now(complaints):
        raise ModelUnavailable(said)
    return int(worker.exitcode or 0)


def sign_of_life(path: Path) -> type[bootsteps.StartStopStep]:
    """A step of a Celery worker that touches `path` while the event loop turns, once a child has made it."""

    class SignOfLife(bootsteps.StartStopStep):
        requires = ("celery.worker.components:Timer",)

        def start(self, parent: Any) -> None:
            self._timer = parent.timer.call_repeatedly(ALIVE_EVERY_S, self._touch)

        def stop(self, _parent: Any) -> None:
            self._timer.cancel()
            path.unlink(missing_ok=True)

        def _touch(self) -> None:
            if path.exists():
                path.touch()

    return SignOfLife


def read_now(descriptor: int) -> str:
    """What stands in a pipe, without waiting for more."""
    try:
        return os.read(descriptor, COMPLAINT_BYTES).decode(errors="replace")
    except BlockingIOError:
        return ""
