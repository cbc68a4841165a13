"""One upload's way in: stream to the audio store, check fields and header, commit the row, tell the queue.

The recording's object belongs to this upload until the row is committed: whatever goes wrong before, it is deleted.
"""

from __future__ import annotations

from datetime import tzinfo

import anyio
from fastapi import Request
from starlette.concurrency import run_in_threadpool

from service.api.asker import Asker
from service.api.deps import Services
from service.api.problems import Refused, invalid
from service.api.reception import AUDIO, Reception, StoredRecording
from service.api.repetition import idempotency_key
from service.api.upload_fields import Scripts, UploadFields, check_fields
from service.api.validation import FieldError
from service.audio_header import AudioHeader, read_audio_header
from service.store.arrivals import Taken
from service.store.records import AudioObject, NewCall


class Intake:
    """Takes in uploads of one asker."""

    def __init__(self, services: Services, asker: Asker, zone: tzinfo | None = None) -> None:
        """`zone`: the times of a form, which come without offset, are meant in it."""
        self._services = services
        self._asker = asker
        self._zone = zone

    async def take(self, request: Request) -> Taken:
        """Read the request to its end and answer with its call.

        Raises:
            Refused: the form, its fields or its size are at fault.
            CallscoreError: no sound recording, one too long, a conflict, or a store that is away.
            ClientDisconnect: the uploader went away.
        """
        key = idempotency_key(request)
        reception = Reception(self._services)
        try:
            await reception.receive(request)
        except BaseException:
            if reception.recording is not None:
                with anyio.CancelScope(shield=True):
                    await run_in_threadpool(self._services.arrivals.discard, reception.recording.key)
            raise
        # From here on the thread also cleans up: it runs to its end even if this request is cancelled.
        return await run_in_threadpool(self._record, reception, key)

    def _record(self, reception: Reception, idempotency_key: str | None) -> Taken:
        """Check what was received, commit the row, then tell the queue."""
        arrivals = self._services.arrivals
        try:
            new = self._checked(reception, idempotency_key)
        except BaseException:
            if reception.recording is not None:
                arrivals.discard(reception.recording.key)
            raise
        taken = arrivals.record(new, self._asker.team_id)
        if taken.created:
            self._services.queue.send_transcribe(taken.call.id, taken.call.audio.duration_s)
        return taken

    def _checked(self, reception: Reception, idempotency_key: str | None) -> NewCall:
        fields, recording = self._checked_fields(reception)
        header = self._checked_header(recording)
        return NewCall(
            source=fields.source,
            external_id=fields.external_id,
            rep_external_id=fields.rep,
            audio=AudioObject(
                key=recording.key,
                sha256=recording.sha256,
                size_bytes=recording.size_bytes,
                format=header.container,
                duration_s=header.duration_s,
                channels=header.channels,
            ),
            started_at=fields.started_at,
            direction=fields.direction,
            customer_ref=fields.customer_ref,
            script=fields.script,
            language=fields.language,
            agent_channel=fields.agent_channel,
            metadata=fields.metadata,
            idempotency_key=idempotency_key,
            uploaded_by=None if self._asker.key is None else self._asker.key.id,
        )

    def _checked_fields(self, reception: Reception) -> tuple[UploadFields, StoredRecording]:
        packs = self._services.packs
        scripts = Scripts({pack: packs.languages(pack) for pack in packs.ids()}, self._services.settings.default_script)
        found = check_fields(reception.values, scripts, self._services.now(), self._zone)
        errors = list(reception.errors)
        if isinstance(found, list):
            seen = {error.field for error in errors}
            errors += [error for error in found if error.field not in seen]
        recording = reception.recording
        if recording is None:
            errors.append(FieldError(AUDIO, "is required: the recording, as a file"))
        if errors or recording is None or isinstance(found, list):
            raise invalid(errors)
        return found, recording

    def _checked_header(self, recording: StoredRecording) -> AudioHeader:
        with self._services.audio.open(recording.key) as file:
            header = read_audio_header(file, recording.size_bytes)
        limit_s = self._services.settings.max_duration_s
        if header.duration_s is not None and header.duration_s > limit_s:
            text = (
                f"the recording lasts {header.duration_s:.0f} s, the limit is {limit_s:.0f} s; send it in shorter parts"
            )
            raise Refused("audio_too_long", text, errors=[FieldError(AUDIO, text, limit_s)])
        return header
