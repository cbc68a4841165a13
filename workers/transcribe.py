"""The task `callscore.transcribe`: id -> audio -> speech engine -> transcript -> the next task."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from functools import cached_property, partial
from time import monotonic
from typing import Any
from uuid import UUID

from celery import Celery, Task

from service.logs import get_logger, log_context
from service.queue import TRANSCRIBE_TASK
from service.scoring.errors import StoreUnavailable
from service.scoring.transcript import Transcript
from service.store.audio import outline_key
from service.store.records import Call
from workers.attempt import attempt
from workers.lease import Lease, LeaseLost
from workers.process import WorkerProcess
from workers.speech.loading import load_transcriber
from workers.speech.outline import outline
from workers.speech.recording import Recording
from workers.speech.transcriber import Transcriber

#: A transcript cost minutes; a database that restarts is back in seconds. So saving is tried again after these.
SAVE_AGAIN_AFTER_S = (1.0, 4.0, 15.0)
#: Fields of a call's metadata that hold names, one or a list of them.
NAME_KEYS = ("names", "company", "product", "customer")

log = get_logger()


class Process(WorkerProcess):
    """A process with the speech model in memory."""

    @cached_property
    def engine(self) -> Transcriber:
        """Raises ModelUnavailable."""
        return load_transcriber(self.settings)

    def prepare(self) -> None:
        """Load the model. Raises ModelUnavailable."""
        self.engine  # noqa: B018 - the first look loads it


def register(app: Celery, process: Process) -> None:
    """Add the task to a worker's application."""

    @app.task(name=TRANSCRIBE_TASK, bind=True)
    def transcribe_task(self: Task[..., None], call_id: str) -> None:
        with log_context(task_id=str(self.request.id)):
            transcribe(process, UUID(call_id))


def transcribe(process: Process, call_id: UUID) -> None:
    """Transcribe the call if it waits for that, and announce it for scoring."""
    attempt(process, call_id, "transcribe", partial(_transcribe, process))


def _transcribe(process: Process, call: Call, lease: Lease) -> None:
    started = monotonic()
    with process.audio.open(call.audio.key) as audio:
        transcript = process.engine.transcribe(
            audio,
            language=call.language,
            agent_channel=call.agent_channel,
            on_progress=lease.report,
            max_duration_s=process.settings.max_duration_s,
            names=names_of(call, process.settings.speech_name_list),
            on_recording=partial(store_outline, process, call.audio.key),
        )
    seconds = monotonic() - started
    save(process, lease, transcript)
    log.info("transcribed", seconds=round(seconds, 1), audio_s=transcript.duration_s, language=transcript.language)


def store_outline(process: WorkerProcess, key: str, recording: Recording) -> None:
    """Keep the outline of the sound beside the recording, for the waveform of its page; without it the page still works."""

    async def chunks() -> AsyncIterator[bytes]:
        yield outline(recording)

    try:
        process.audio.delete(outline_key(key))
        asyncio.run(process.audio.write(outline_key(key), chunks()))
    except (StoreUnavailable, ValueError) as error:  # ValueError: another worker has just written it
        log.warning("the outline of a recording was not stored", reason=str(error))


def names_of(call: Call, own: Sequence[str]) -> tuple[str, ...]:
    """Names that may be said: the rep's, those of the call's metadata (`names`, `company`, `product`, `customer`), our own."""
    told: list[Any] = [call.rep.name]
    for key in NAME_KEYS:
        value = call.metadata.get(key)
        told += value if isinstance(value, list) else [value]
    return (*(name for name in told if isinstance(name, str)), *own)


def save(process: WorkerProcess, lease: Lease, transcript: Transcript) -> None:
    """Store the transcript and announce the call for scoring, with patience for a database that restarts.

    Raises:
        LeaseLost: the call is someone else's; nothing is stored.
        StoreUnavailable: the database stayed away.
    """
    for wait_s in (*SAVE_AGAIN_AFTER_S, None):
        try:
            with process.database.transaction() as tx:
                if not tx.transcripts.save(lease.call_id, transcript, token=lease.token, now=datetime.now(UTC)):
                    raise LeaseLost
                tx.after_commit(partial(process.queue.send_score, lease.call_id))
            return
        except StoreUnavailable:
            if wait_s is None:
                raise
            time.sleep(wait_s)
