"""The task `callscore.maintenance.deliver`: what waits in the outbox is signed and sent.

One thread for each webhook, its deliveries one after the other, so that a receiver that is slow or away keeps only its own
waiting. A failure lets the webhook rest (service/store/deliveries.py). Whatever becomes of the message, the sweeper calls
again each minute.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from time import monotonic
from uuid import UUID

import httpcore
import httpx
from celery import Celery, Task
from standardwebhooks import Webhook

from service import __version__
from service.logs import get_logger, log_context
from service.queue import DELIVER_TASK
from service.settings import Settings
from service.store.database import Database
from service.store.deliveries import Outgoing
from workers.guarded import GuardedBackend, Unreachable
from workers.process import WorkerProcess

#: Seconds that one try may take in all; Standard Webhooks proposes 15 to 30, but scoring waits meanwhile.
TRY_LIMIT_S = 10.0
#: No new try begins later in one run: this process has calls to score.
RUN_LIMIT_S = 10.0
#: Receivers that are sent to at the same time.
THREADS = 8
LONGEST_WAIT = timedelta(days=1)
GONE = 410

log = get_logger()


def register(app: Celery, process: WorkerProcess) -> None:
    """Add the task to a worker's application."""

    @app.task(name=DELIVER_TASK, bind=True)
    def deliver_task(self: Task[..., None]) -> None:
        with log_context(task_id=str(self.request.id)):
            deliver(process.database, process.settings)


def deliver(database: Database, settings: Settings) -> None:
    """Send what is due.

    Raises:
        StoreUnavailable: the database is away; the next run finds the same.
    """
    with database.read() as tx:
        due = tx.deliveries.due_webhooks(datetime.now(UTC))
    if not due:
        return
    stop_at = monotonic() + RUN_LIMIT_S
    with ThreadPoolExecutor(min(THREADS, len(due)), thread_name_prefix="deliver") as threads:
        for each in [threads.submit(_deliver_to, database, settings, webhook_id, stop_at) for webhook_id in due]:
            each.result()


def _deliver_to(database: Database, settings: Settings, webhook_id: UUID, stop_at: float) -> None:
    while monotonic() < stop_at:
        with database.transaction() as tx:
            sent = tx.deliveries.take(webhook_id, datetime.now(UTC))
        if sent is None or not _try(database, settings, sent):
            return


def _try(database: Database, settings: Settings, sent: Outgoing) -> bool:
    """Send once and note what came of it. True if the receiver has it."""
    status: int | None = None
    wait: timedelta | None = None
    try:
        status, retry_after = post(sent, settings)
        error = _complaint(status)
        wait = _wait(retry_after)
    except Unreachable as unreachable:
        error = str(unreachable)
    except httpcore.TimeoutException:
        error = f"the receiver did not answer within {TRY_LIMIT_S:.0f} s"
    except (httpcore.NetworkError, httpcore.ProtocolError, httpx.InvalidURL, OSError) as fault:
        error = f"the receiver cannot be reached: {type(fault).__name__}"
    now = datetime.now(UTC)
    with database.transaction() as tx:
        if error is None and status is not None:
            tx.deliveries.delivered(sent, http_status=status, now=now)
            return True
        state = tx.deliveries.refused(
            sent, http_status=status, error=error or "", now=now, wait=wait, gone=status == GONE
        )
    log.warning("webhook not delivered", delivery_id=str(sent.id), status=status, attempts=sent.attempts, state=state)
    return False


def post(sent: Outgoing, settings: Settings) -> tuple[int, str]:
    """One POST, signed. Returns the status and the header Retry-After.

    Raises:
        Unreachable: an address that must not be sent to.
        httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, OSError: what connections suffer from.
    """
    url = httpx.URL(sent.url)
    now = datetime.now(UTC)
    signatures = [Webhook(secret).sign(str(sent.id), now, sent.body.decode()) for secret in sent.secrets]
    headers: dict[bytes | str, bytes | str] = {
        "host": url.netloc.decode(),
        "content-type": "application/json",
        "user-agent": f"callscore/{__version__}",
        "webhook-id": str(sent.id),
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
    backend = GuardedBackend(settings.webhook_private_networks, plain=url.scheme == "http", limit_s=TRY_LIMIT_S)
    with (
        httpcore.ConnectionPool(network_backend=backend) as pool,
        pool.stream("POST", str(url), headers=headers, content=sent.body) as response,
    ):
        # The body is of no interest, and may be endless: the connection is closed with it unread.
        given = {name.lower(): value for name, value in response.headers}
        return response.status, given.get(b"retry-after", b"").decode("latin-1")


def _complaint(status: int) -> str | None:
    if 200 <= status < 300:  # noqa: PLR2004 - success
        return None
    if 300 <= status < 400:  # noqa: PLR2004 - redirects
        return f"the receiver answered {status}; redirects are not followed, so put the final URL into the webhook"
    return f"the receiver answered {status}"


def _wait(retry_after: str) -> timedelta | None:
    """What the receiver asks for, at most a day; None for nothing, or nonsense."""
    if retry_after.isdecimal():
        return min(timedelta(seconds=int(retry_after[:9])), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(retry_after)
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None:
        return None
    return min(max(moment - datetime.now(UTC), timedelta()), LONGEST_WAIT)
