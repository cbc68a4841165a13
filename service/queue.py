"""The queue as the senders see it: tasks go by name, so that the API need not load what the workers load.

The database row is the truth and a message only a hint: a message that could not be sent is logged and forgotten, and
the sweeper sends it again. Hence nothing here raises, waits long, or remembers.
"""

from __future__ import annotations

import re
from collections import Counter
from math import ceil
from typing import Protocol
from uuid import UUID

from celery import Celery
from kombu import Queue as NamedQueue
from kombu.exceptions import KombuError
from redis import Redis
from redis.exceptions import RedisError

from service.logs import get_logger
from service.settings import Settings
from service.store.records import WorkStep

TRANSCRIBE_TASK = "callscore.transcribe"
SCORE_TASK = "callscore.score"
RESCORE_TASK = "callscore.rescore"
TRIAL_TASK = "callscore.trial"
SILENCE_TASK = "callscore.silence"
SWEEP_TASK = "callscore.maintenance.sweep"
ORPHANS_TASK = "callscore.maintenance.orphans"
DELIVER_TASK = "callscore.maintenance.deliver"
RETENTION_TASK = "callscore.maintenance.retention"
RECOUNT_TASK = "callscore.maintenance.recount"
ROUTES = {
    TRANSCRIBE_TASK: "transcribe",
    SCORE_TASK: "score",
    RESCORE_TASK: "score",
    TRIAL_TASK: "score",
    SILENCE_TASK: "score",
    SWEEP_TASK: "maintenance",
    ORPHANS_TASK: "maintenance",
    DELIVER_TASK: "maintenance",
    RETENTION_TASK: "maintenance",
    RECOUNT_TASK: "maintenance",
}
TASK_OF_STEP: dict[WorkStep, str] = {"transcribe": TRANSCRIBE_TASK, "score": SCORE_TASK}

#: Header of a message that names its call, so that the sweeper sees which calls are queued already.
CALL_ID_HEADER = "call_id"
_CALL_ID_IN_MESSAGE = re.compile(r'"call_id": ?"([0-9a-f-]{36})"')
#: The same for a job that scores stored calls again.
RESCORE_ID_HEADER = "rescore_id"
_RESCORE_ID_IN_MESSAGE = re.compile(r'"rescore_id": ?"([0-9a-f-]{36})"')
#: The same for a trial of a draft of a rule pack.
TRIAL_ID_HEADER = "trial_id"
_TRIAL_ID_IN_MESSAGE = re.compile(r'"trial_id": ?"([0-9a-f-]{36})"')

#: Seconds of work that a second of audio may cost before a transcription counts as stuck. Whisper base needs 0.1 on two
#: cores, large-v3 about 2; four leaves room for a loaded machine.
SLOWEST_WORK_PER_AUDIO = 4.0
#: Seconds on top for fetching, decoding and saving, whatever the length.
LIMIT_BASE_S = 600
#: Scoring takes about a second; five minutes mean that it is stuck.
SCORE_LIMIT_S = 300
#: Decoding and encoding an hour of sound takes about half a minute.
SILENCE_LIMIT_S = 1200
#: A run begins no try after ten seconds, and a try takes no more than ten.
DELIVER_LIMIT_S = 60
#: A sweep of the largest backlog takes seconds; looking through a large audio store for orphans takes minutes.
MAINTENANCE_LIMIT_S = 1800
#: From the limit that a task may still handle to the one that kills its process.
HARD_LIMIT_AFTER_S = 60
#: From the longest time limit to the moment Redis hands an unacknowledged message out again.
VISIBILITY_MARGIN_S = 600
#: A sender waits no longer than this for Redis to accept a connection, or to answer.
CONNECT_TIMEOUT_S = 1.0
ANSWER_TIMEOUT_S = 3.0
#: One more try at once, for a connection that Redis closed while it lay idle; the sweeper does the rest.
SEND_RETRIES = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}
#: Messages read at once when looking which calls are queued; about 1 kB each.
READ_AT_ONCE = 1000

log = get_logger()


def transcribe_limit_s(duration_s: float | None, settings: Settings) -> int:
    """Seconds a transcription may take: grows with the recording (seconds; None: as the longest one allowed)."""
    longest = settings.max_duration_s
    return LIMIT_BASE_S + ceil(SLOWEST_WORK_PER_AUDIO * (longest if duration_s is None else min(duration_s, longest)))


def visibility_timeout_s(settings: Settings) -> int:
    """Seconds until Redis redelivers a message that nobody acknowledged: later than any time limit, so that a long call
    is never handed to a second worker while the first still works on it. Lost workers are noticed sooner by their lease."""
    return transcribe_limit_s(None, settings) + HARD_LIMIT_AFTER_S + VISIBILITY_MARGIN_S


def celery_app(settings: Settings) -> Celery:
    """What senders and workers must agree on: the broker, the queues and the form of a message."""
    app = Celery("callscore", broker=settings.effective_redis_url, set_as_current=False)
    app.conf.update(
        # Nothing but plain data crosses the queue: whoever can write to Redis must not be able to run code by it.
        task_serializer="json",
        accept_content=["json"],
        # The database holds every result; a second copy in Redis could only disagree with it.
        result_backend=None,
        task_ignore_result=True,
        # Routes by task name: the sender needs no idea of who works on what.
        task_routes={task: {"queue": queue} for task, queue in ROUTES.items()},
        task_queues=[NamedQueue(queue) for queue in dict.fromkeys(ROUTES.values())],
        task_default_queue=ROUTES[SWEEP_TASK],
        # A misspelt queue is an error, not a list in Redis that nobody reads.
        task_create_missing_queues=False,
        enable_utc=True,
        timezone="UTC",
        broker_transport_options={"visibility_timeout": visibility_timeout_s(settings)},
    )
    return app


class Queue(Protocol):
    """Where work is announced. No method raises because the queue is away."""

    def send_transcribe(self, call_id: UUID, duration_s: float | None) -> None: ...
    def send_score(self, call_id: UUID) -> None: ...
    def send_rescore(self, job_id: UUID) -> None: ...
    def send_trial(self, trial_id: UUID) -> None: ...
    def send_silence(self, call_id: UUID) -> None: ...
    def send_deliver(self) -> None: ...
    def ready(self) -> bool: ...
    def close(self) -> None: ...


class CeleryQueue:
    """Sends through Redis. Safe to share between threads; make it after a fork, never before."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._app = celery_app(settings)
        self._app.conf.broker_transport_options |= {
            "socket_connect_timeout": CONNECT_TIMEOUT_S,
            "socket_timeout": ANSWER_TIMEOUT_S,
            **SEND_RETRIES,
        }
        # For questions that Celery has no words for; the same Redis, spelt as its client wants it.
        self._redis = Redis.from_url(
            settings.effective_redis_url.replace("redis+socket://", "unix://"),
            decode_responses=True,
            socket_timeout=ANSWER_TIMEOUT_S,
            **({} if "socket" in settings.effective_redis_url else {"socket_connect_timeout": CONNECT_TIMEOUT_S}),
        )

    def send_transcribe(self, call_id: UUID, duration_s: float | None) -> None:
        """Announce a recording of `duration_s` seconds (None: not known)."""
        self._send(TRANSCRIBE_TASK, call_id, transcribe_limit_s(duration_s, self._settings))

    def send_score(self, call_id: UUID) -> None:
        """Announce a transcript that waits for its score."""
        self._send(SCORE_TASK, call_id, SCORE_LIMIT_S)

    def send_rescore(self, job_id: UUID) -> None:
        """Announce a job that scores stored calls again: whoever gets the message takes up one portion of it."""
        self._send(RESCORE_TASK, job_id, SCORE_LIMIT_S, header=RESCORE_ID_HEADER)

    def send_trial(self, trial_id: UUID) -> None:
        """Announce a trial of a draft of a rule pack: whoever gets the message works on it for a while."""
        self._send(TRIAL_TASK, trial_id, SCORE_LIMIT_S, header=TRIAL_ID_HEADER)

    def send_silence(self, call_id: UUID) -> None:
        """Announce a recording that somebody wants to hear who may not hear all of it. Whoever asks again announces it again."""
        self._send(SILENCE_TASK, call_id, SILENCE_LIMIT_S)

    def send_deliver(self) -> None:
        """Announce that webhooks wait to be sent."""
        self._send(DELIVER_TASK, None, DELIVER_LIMIT_S)

    def queued(self, step: WorkStep) -> set[UUID] | None:
        """The calls that have a message waiting for this step; None if Redis does not answer."""
        found = self._found(ROUTES[TASK_OF_STEP[step]], _CALL_ID_IN_MESSAGE)
        return None if found is None else set(found)

    def queued_rescores(self) -> Counter[UUID] | None:
        """How many messages wait for each job that scores stored calls again; None if Redis does not answer."""
        found = self._found(ROUTES[RESCORE_TASK], _RESCORE_ID_IN_MESSAGE)
        return None if found is None else Counter(found)

    def queued_trials(self) -> set[UUID] | None:
        """The trials that have a message waiting; None if Redis does not answer."""
        found = self._found(ROUTES[TRIAL_TASK], _TRIAL_ID_IN_MESSAGE)
        return None if found is None else set(found)

    def ready(self) -> bool:
        """True if Redis answers."""
        try:
            return bool(self._redis.ping())
        except RedisError:
            return False

    def close(self) -> None:
        """Close the connections."""
        self._redis.close()
        self._app.close()

    def _found(self, queue: str, pattern: re.Pattern[str]) -> list[UUID] | None:
        """The ids in the headers of the messages that wait in a queue, one a message."""
        found: list[UUID] = []
        start = 0
        try:
            while messages := self._redis.lrange(queue, start, start + READ_AT_ONCE - 1):
                found += [UUID(match[1]) for message in messages if (match := pattern.search(str(message)))]
                start += len(messages)
        except RedisError as error:
            log.warning("queue unreadable", error=type(error).__name__)
            return None
        return found

    def _send(self, task: str, subject: UUID | None, limit_s: int, *, header: str = CALL_ID_HEADER) -> None:
        named = [] if subject is None else [str(subject)]
        try:
            self._app.send_task(
                task,
                args=named,
                headers={header: str(subject)} if named else {},
                soft_time_limit=limit_s,
                time_limit=limit_s + HARD_LIMIT_AFTER_S,
                retry=True,
                retry_policy=SEND_RETRIES,
            )
        except (KombuError, RedisError, OSError) as error:
            log.warning(
                "message not sent; the sweeper will send it",
                task=task,
                subject=str(subject) if named else None,
                error=type(error).__name__,
            )


class NullQueue:
    """Announces nothing, so that all work is left to the sweeper: for a service whose workers look for work themselves."""

    def send_transcribe(self, call_id: UUID, duration_s: float | None) -> None:
        """Nothing."""

    def send_score(self, call_id: UUID) -> None:
        """Nothing."""

    def send_rescore(self, job_id: UUID) -> None:
        """Nothing."""

    def send_trial(self, trial_id: UUID) -> None:
        """Nothing."""

    def send_silence(self, call_id: UUID) -> None:
        """Nothing."""

    def send_deliver(self) -> None:
        """Nothing."""

    def ready(self) -> bool:
        """Always true: there is nothing that could be away."""
        return True

    def close(self) -> None:
        """Nothing to close."""
