"""The embedded stack as one thing: all processes of the service while a `with` block runs.

    start   data folder locked, Redis, migrations, then API, workers and scheduler side by side
    run     a process that ends by itself is started again, after a pause that grows; one that keeps crashing ends the stack
    stop    scheduler and workers (they finish their call or give it back), API, Redis; each with a deadline

No process outlives the stack, also if the supervisor is killed with -9 (Linux).
"""

from __future__ import annotations

import socket
import threading
from types import TracebackType
from typing import Self

from service.cli.stack.folder import DataFolder
from service.cli.stack.programs import plan, service_url
from service.cli.stack.supervisor import LOOK_EVERY_S, Report, Supervisor
from service.scoring.errors import CallscoreError
from service.settings import Settings


class Stack:
    """All processes of the service while the `with` block runs; `url` is where the API answers.

    Args:
        transcribe_workers: how many calls are transcribed at the same time.
        report: gets a line for people for each thing that happens, from another thread.
        echo: gets each line of the processes' logs, which stand in `logs/` of the data folder in any case.

    Raises on entering:
        CallscoreError: it cannot start: the folder, the port, Redis, the model; a sentence for people.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        transcribe_workers: int = 1,
        report: Report = lambda _line: None,
        echo: Report | None = None,
    ) -> None:
        self.settings = settings
        self.url = service_url(settings)
        self._transcribe_workers = transcribe_workers
        self._report = report
        self._echo = echo
        self._folder = DataFolder(settings.data_dir)
        self._started = threading.Event()
        self._failure: CallscoreError | None = None

    def __enter__(self) -> Self:
        # The lock first: whoever starts the stack twice should read that, not that the port is taken.
        self._folder.__enter__()
        try:
            check_port(self.settings)
            stages = plan(self.settings, self._folder, transcribe_workers=self._transcribe_workers)
            self._supervisor = Supervisor(stages, self._folder.logs, report=self._report, echo=self._echo)
            self._thread = threading.Thread(target=self._supervise, name="supervisor")
        except BaseException:
            self._folder.__exit__(None, None, None)
            raise
        try:
            self._thread.start()
            while not self._started.wait(LOOK_EVERY_S) and self._thread.is_alive():
                pass
        except BaseException:
            self.close()
            raise
        if self._failure is not None:
            self.close()
            raise self._failure
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def wait(self) -> None:
        """Until interrupted. Raises StackFailed if a process keeps crashing."""
        while self._thread.is_alive():
            self._thread.join(LOOK_EVERY_S)
        if self._failure is not None:
            raise self._failure

    def close(self) -> None:
        """Stop everything. Ctrl-C while this takes its time kills what is left."""
        self._supervisor.stop()
        while self._thread.is_alive():
            try:
                self._thread.join()
            except KeyboardInterrupt:
                self._report("stopping at once")
                self._supervisor.hurry()
        self._folder.__exit__(None, None, None)

    def _supervise(self) -> None:
        try:
            self._supervisor.start()
            self._started.set()
            self._supervisor.keep_running()
        except CallscoreError as error:
            self._failure = error
        finally:
            self._supervisor.end()


def check_port(settings: Settings) -> None:
    """Raises CallscoreError if the API could not listen: the port is taken, or the address is not this machine's."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise CallscoreError(
                f"cannot listen on {settings.host} port {settings.port} ({error.strerror}); stop what listens there, or choose "
                "another with --port or CALLSCORE_PORT"
            ) from None
