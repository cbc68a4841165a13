"""The task `callscore.silence`: a copy of a recording without what only some may hear, beside it in the audio store.

Asked for by whoever wants to listen, as often as they ask; a copy that is there already is not made again.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from typing import BinaryIO
from uuid import UUID

from celery import Celery, Task

from service.logs import get_logger, log_context
from service.queue import SILENCE_TASK
from service.scoring.errors import AudioMissing, AudioTooLong, AudioUnreadable, CallNotFound
from service.scoring.redaction import hidden_seconds
from service.store.audio import silenced_key
from service.store.silenced_audio import keep_silenced, made_of, silenced_bytes
from workers.process import WorkerProcess
from workers.speech.audio import decode
from workers.speech.silenced import write_silenced

#: A copy up to this size (two hours) is held in memory until it is stored; the rest goes to a nameless file.
_IN_MEMORY_BYTES = 64 * 1024 * 1024
_CHUNK_BYTES = 1024 * 1024

log = get_logger()


def register(app: Celery, process: WorkerProcess) -> None:
    """Add the task to a worker's application."""

    @app.task(name=SILENCE_TASK, bind=True)
    def silence_task(self: Task[..., None], call_id: str) -> None:
        with log_context(task_id=str(self.request.id), call_id=call_id):
            silence(process, UUID(call_id))


def silence(process: WorkerProcess, call_id: UUID) -> None:
    """Make the copy, if the call needs one and has none of its present marks. Raises StoreUnavailable."""
    try:
        with process.database.read() as tx:
            call = tx.calls.get(call_id)
            transcript = tx.transcripts.redacted(call_id)
    except CallNotFound:
        return
    hidden = hidden_seconds(transcript) if transcript is not None else None
    if not hidden or call.audio_erased_at is not None:
        return
    key, wanted = call.audio.key, made_of(call.audio.sha256, hidden)
    if silenced_bytes(process.audio, key, wanted) is not None:
        return
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES) as copy:
        try:
            with (
                process.audio.open(key) as audio,
                decode(
                    audio, max_duration_s=process.settings.max_duration_s, channels=process.settings.speech_channel_pair
                ) as recording,
            ):
                write_silenced(recording, hidden, copy)  # type: ignore[arg-type]
        except AudioMissing:
            return
        except (AudioUnreadable, AudioTooLong) as error:
            log.warning("no silenced copy can be made; the recording is withheld", reason=str(error))
            copy.seek(0)
            copy.truncate()
        copy.seek(0)
        try:
            asyncio.run(keep_silenced(process.audio, key, wanted, _chunks(copy)))  # type: ignore[arg-type]
        except ValueError:
            log.info("another worker has just stored this copy")
            return
    _forget_if_erased(process, call_id, key)
    log.info("silenced copy stored", stretches=len(hidden))


async def _chunks(file: BinaryIO) -> AsyncIterator[bytes]:
    while chunk := file.read(_CHUNK_BYTES):
        yield chunk


def _forget_if_erased(process: WorkerProcess, call_id: UUID, key: str) -> None:
    """A recording that was erased meanwhile took along what lay beside it then, not what was stored after."""
    try:
        with process.database.read() as tx:
            kept = tx.calls.get(call_id).audio.key == key
    except CallNotFound:
        kept = False
    if not kept:
        process.audio.delete(silenced_key(key))
