"""Logs: one JSON object a line on stderr, of our own code and of the libraries, with the ids of the call and the task.

Personal data has no place in a log. What a person said, who they are and how they are reached is never passed to a
logger; `withhold` is the second line of defence, for the field that somebody passes all the same.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

#: Fields that may hold what was said, or say who somebody is.
WITHHELD = frozenset(
    {
        "text", "quote", "words", "utterances", "transcript", "scorecard", "metadata", "filename",
        "name", "rep", "customer", "customer_ref", "external_id", "phone", "email",
        "authorization", "key", "secret", "password", "token",
    }
)  # fmt: skip
WITHHELD_VALUE = "withheld"
#: Libraries that report every request, task or file at INFO; their warnings stay.
QUIET = (
    "httpx", "httpcore", "urllib3", "amqp", "kombu", "asyncio", "watchfiles", "faster_whisper", "pymorphy3",
    # The API logs its requests itself, without the addresses and search words that are in these.
    "uvicorn.access", "alembic",
    "celery.beat", "celery.worker.strategy", "celery.app.trace", "celery.worker.request",
)  # fmt: skip


def configure(level: str, *, component: str, stream: TextIO | None = None) -> None:
    """Send every log record of this process to `stream` (stderr) as JSON. Safe to call again, e.g. in a forked child.

    `component` names the process in each line (`api`, `worker-transcribe`, `beat` ...). `level` is a name such as "INFO".
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        _named(component),
        withhold,
    ]
    # Tracebacks as plain text: the structured kind would copy local variables, and with them what people said.
    rendering: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=rendering))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.captureWarnings(capture=True)
    for name in list(logging.root.manager.loggerDict):
        _hand_over(name)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


def get_logger() -> structlog.stdlib.BoundLogger:
    """A logger for keyword events: `log.info("call transcribed", call_id=..., seconds=...)`."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger("callscore")
    return logger


@contextmanager
def log_context(**ids: str) -> Iterator[None]:
    """Every log line inside carries these ids."""
    with structlog.contextvars.bound_contextvars(**ids):
        yield


def withhold(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """structlog processor: replaces the values of fields that may hold personal data or secrets."""
    for field in WITHHELD.intersection(event):
        event[field] = WITHHELD_VALUE
    return event


def _named(component: str) -> Processor:
    def name(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event["component"] = component
        return event

    return name


def _hand_over(name: str) -> None:
    """Takes a library's own handlers away, so that its records come out once, as JSON."""
    logger = logging.getLogger(name)
    logger.handlers.clear()
    logger.propagate = True
