"""Transcripts, one a call."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, and_, func, select, update

from service.scoring.redaction import REDACTED
from service.scoring.transcript import Transcript, transcript_from_dict
from service.store import call_search, content
from service.store.models import calls, transcripts
from service.store.upsert import insert_or_replace

#: As the canonical JSON of a transcript has it.
_REDACTED = f'"reason":"{REDACTED}"'.encode()


class TranscriptRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def save(self, call_id: UUID, transcript: Transcript, *, token: str, now: datetime) -> bool:
        """Store the transcript and let the call wait for scoring. False, and nothing stored, if the lease is not ours any more."""
        ours = and_(calls.c.id == call_id, calls.c.lease_token == token, calls.c.status == "transcribing")
        done = {
            "status": "transcribed",
            "transcribed_at": now,
            "detected_language": transcript.language,
            # A header may promise anything; this was heard.
            "audio_duration_s": func.coalesce(transcript.duration_s, calls.c.audio_duration_s),
            "attempts": 0,
            "progress": None,
            "lease_token": None,
            "lease_until": None,
            "hinted_at": now,
        }
        if self._connection.execute(update(calls).where(ours).values(done)).rowcount != 1:
            return False
        sha256, packed = content.pack(transcript.canonical_json())
        values = {
            "sha256": sha256,
            "language": transcript.language,
            "recognizer": transcript.recognizer,
            "content": packed,
            "created_at": now,
        }
        insert_or_replace(self._connection, transcripts, {"call_id": call_id}, values)
        call_search.write(self._connection, call_id, transcript)
        return True

    def redacted(self, call_id: UUID) -> Transcript | None:
        """The transcript if spans of it are redacted, else None. Raises StoredTextDamaged."""
        statement = select(transcripts.c.content).where(transcripts.c.call_id == call_id)
        row = self._connection.execute(statement).one_or_none()
        return self.get(call_id) if row is not None and content.holds(row.content, _REDACTED) else None

    def get(self, call_id: UUID) -> Transcript | None:
        """Raises StoredTextDamaged."""
        statement = select(transcripts.c.sha256, transcripts.c.content).where(transcripts.c.call_id == call_id)
        row = self._connection.execute(statement).one_or_none()
        return None if row is None else transcript_from_dict(content.unpack(row.sha256, row.content))
