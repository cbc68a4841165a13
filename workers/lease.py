"""A call in work: claimed in the database, renewed by a thread, given back or failed at the end.

Whoever works on a call holds a lease on it. A worker that dies stops renewing, and the sweeper hands its call to the
next one; a worker that was only slow finds its lease gone and throws its result away. So it does not matter how often a
message is delivered.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from time import monotonic
from types import TracebackType
from typing import Self
from uuid import UUID, uuid4

from service.logs import get_logger
from service.scoring.errors import CallNotFound, StoreUnavailable
from service.store.database import Database
from service.store.records import Call, WorkStep

#: A lease outlives two renewals that fail, because the database restarts or the machine is busy.
RENEWALS_PER_LEASE = 3
#: People look at the progress of a long call every few seconds.
PROGRESS_EVERY_S = 2.0

log = get_logger()


class LeaseLost(Exception):
    """The call went to another worker, or was erased. What this worker found out no longer counts."""


def claim(database: Database, call_id: UUID, step: WorkStep, *, lease_s: float) -> tuple[Call, Lease] | None:
    """Take a call for `step`. None if it is somebody's already, or waits for something else.

    Raises:
        StoreUnavailable: the database takes no write now.
    """
    token = uuid4().hex
    with database.transaction() as tx:
        call = tx.calls.claim(call_id, step, token=token, now=datetime.now(UTC), lease_s=lease_s)
    return None if call is None else (call, Lease(database, call_id, token=token, lease_s=lease_s))


class Lease:
    """A claim on a call that renews itself while it is entered. `token` goes with every change to the call."""

    def __init__(self, database: Database, call_id: UUID, *, token: str, lease_s: float) -> None:
        self.call_id = call_id
        self.token = token
        self._database = database
        self._lease_s = lease_s
        self._progress: float | None = None
        self._lost = False
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._renew_until_done, name="lease", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def report(self, progress: float) -> None:
        """Note how far the work is (0..1); stored with the next renewal.

        Raises:
            LeaseLost: stop, the work is someone else's now.
        """
        self._progress = progress
        if self._lost:
            raise LeaseLost

    def release(self) -> None:
        """Give the call back undone; the attempt does not count. If the database is away the lease runs out instead."""
        try:
            with self._database.transaction() as tx:
                tx.calls.release(self.call_id, self.token)
        except StoreUnavailable:
            log.warning("call not released; its lease will run out")

    def set_aside(self, *, code: str, message: str) -> None:
        """End the attempt at scoring a call that there are no rules for; it is flagged, and its words are kept.

        If the database is away the lease runs out instead.
        """
        try:
            now = datetime.now(UTC)
            with self._database.transaction() as tx:
                if tx.unscored.set_aside(self.call_id, self.token, code=code, message=message, now=now):
                    tx.outbox.call_set_aside(self.call_id, now=now)
        except StoreUnavailable:
            log.warning("call not set aside; it will be tried again", code=code, problem=message)
        else:
            log.warning("call set aside", code=code, problem=message)

    def fail(self, *, code: str, message: str, permanent: bool, max_attempts: int) -> None:
        """End the attempt with an error that people can act on. If the database is away the lease runs out instead."""
        try:
            now = datetime.now(UTC)
            with self._database.transaction() as tx:
                call = tx.calls.fail(
                    self.call_id,
                    self.token,
                    code=code,
                    message=message,
                    now=now,
                    max_attempts=max_attempts,
                    permanent=permanent,
                )
                if call.status == "failed" and call.failed_at == now:
                    tx.outbox.call_failed(self.call_id, now=now)
        except StoreUnavailable:
            log.warning("failure not stored; the call will be tried again", code=code, problem=message)
        except CallNotFound:
            log.info("the call was erased while it was in work")
        else:
            log.warning("attempt failed", code=code, problem=message, attempts=call.attempts, status=call.status)

    def _renew_until_done(self) -> None:
        every_s = self._lease_s / RENEWALS_PER_LEASE
        renewed_at, stored = monotonic(), self._progress
        while not self._done.wait(min(every_s / 2, PROGRESS_EVERY_S)):
            progress = self._progress
            if progress == stored and monotonic() - renewed_at < every_s / 2:
                continue
            try:
                with self._database.transaction() as tx:
                    held = tx.calls.renew(
                        self.call_id, self.token, now=datetime.now(UTC), lease_s=self._lease_s, progress=progress
                    )
            except StoreUnavailable:
                continue  # The lease is ours until someone else claims the call; the next renewal may work.
            if not held:
                self._lost = True
                return
            renewed_at, stored = monotonic(), progress
