"""Forgetting: of a call its recording, its text, or all but its numbers; of a customer all calls; of a rep who it was.

What is erased is overwritten in place, so that neither a table nor an index holds it any more. Numbers stay: the call's row
with its rep, day, script and times, the statuses and points of its scorecards, and with them every KPI of the past. Recordings
are deleted after the commit (`unfinished`, `finished`): a crash in between leaves a key that the next round finds.

What this does not do: reach backups, PostgreSQL's dead rows before the next VACUUM, or what was exported or sent before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, select, update

from service.scoring.errors import CallNotFound
from service.scoring.stored_scorecard import ERASED, scorecard_from_dict, without_words
from service.store import call_search, content, kept_answers, queue_rows
from service.store.models import calls, flags, scorecards, transcripts
from service.store.models_reviews import calibration_sheets, disputes, erasures, overrides, reviews
from service.store.outbox import Outbox
from service.store.transcripts import TranscriptRepository
from service.store.upsert import insert_or_replace

#: What stands for a telephony system's name where there was one.
NOWHERE = "erased"
#: Code of a call that was erased before it was scored: no worker takes it up again.
CODE = "call_erased"
#: Recordings deleted at a time.
BATCH = 500


@dataclass(frozen=True, slots=True)
class Erased:
    """What was forgotten of a call; each None while it is there. `call_at`: all but the numbers, nobody can look at it."""

    audio_at: datetime | None
    text_at: datetime | None
    call_at: datetime | None


class Erasure:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, call_id: UUID) -> Erased:
        """What is forgotten of this call so far."""
        row = self._connection.execute(select(erasures).where(erasures.c.call_id == call_id)).one_or_none()
        return Erased(None, None, None) if row is None else Erased(row.audio_at, row.text_at, row.call_at)

    def erase_audio(self, call_id: UUID, *, now: datetime) -> None:
        """Let go of the recording; the text and the scorecard stay. Twice is fine. Raises CallNotFound."""
        row = self._locked(call_id)
        if self.of(call_id).audio_at is not None:
            return
        self._note(call_id, {"audio_at": now, "audio_key": row.audio_key})
        gone = {"audio_key": f"{NOWHERE}/{call_id.hex}", "audio_sha256": ""}
        self._connection.execute(update(calls).where(calls.c.id == call_id).values(gone))

    def erase_text(self, call_id: UUID, *, now: datetime) -> None:
        """Forget what was said, and what people wrote about it; verdicts and points stay. Of a call with redacted
        words the recording goes too. Twice is fine. Raises CallNotFound."""
        self._locked(call_id)
        if TranscriptRepository(self._connection).redacted(call_id) is not None:
            # Only the text tells which seconds some may not hear.
            self.erase_audio(call_id, now=now)
        call_search.forget(self._connection, call_id)
        self._connection.execute(delete(transcripts).where(transcripts.c.call_id == call_id))
        self._strip_scorecards(call_id)
        for table, blank in (
            (flags, {"reason": ERASED}),
            (reviews, {"comment": ""}),
            (overrides, {"reason": ""}),
            (disputes, {"argument": ""}),
            (calibration_sheets, {"comment": ""}),
        ):
            self._connection.execute(update(table).where(table.c.call_id == call_id).values(blank))
        answered = (disputes.c.call_id == call_id) & disputes.c.answer.is_not(None)
        self._connection.execute(update(disputes).where(answered).values(answer=""))
        Outbox(self._connection).forget_call(call_id)
        kept_answers.forget(self._connection, [str(call_id)])
        self._note(call_id, {"text_at": now})

    def erase_call(self, call_id: UUID, *, now: datetime) -> None:
        """Forget all but the anonymous numbers; from now on no call has this id. Raises CallNotFound."""
        row = self._locked(call_id)
        if self.of(call_id).call_at is not None:
            raise CallNotFound(f"no call has the id {call_id}")
        self.erase_audio(call_id, now=now)
        self.erase_text(call_id, now=now)
        said = (row.external_id, row.customer_ref)
        kept_answers.forget(self._connection, [text for text in said if text])
        values: dict[str, Any] = {
            "source": NOWHERE,
            "external_id": str(call_id),
            "started_at": None,
            "customer_ref": None,
            "metadata": {},
            "idempotency_key": None,
            "error_message": None,
            "progress": None,
            "lease_token": None,
            "lease_until": None,
        }
        # A worker that is at it finds its lease gone and stores nothing.
        values |= {"status": "scored"} if row.scored_at else {"status": "failed", "failed_at": now, "error_code": CODE}
        self._connection.execute(update(calls).where(calls.c.id == call_id).values(values))
        queue_rows.leave(self._connection, call_id)
        self._note(call_id, {"call_at": now})

    def calls_of_customer(self, customer_ref: str) -> tuple[UUID, ...]:
        """All calls with this customer, oldest first."""
        statement = select(calls.c.id).where(calls.c.customer_ref == customer_ref).order_by(calls.c.id)
        return tuple(self._connection.execute(statement).scalars())

    def calls_of_rep(self, rep_id: UUID) -> tuple[UUID, ...]:
        """All calls of this rep that are not erased, oldest first."""
        gone = select(erasures.c.call_id).where(erasures.c.call_at.is_not(None))
        statement = select(calls.c.id).where(calls.c.rep_id == rep_id, calls.c.id.not_in(gone)).order_by(calls.c.id)
        return tuple(self._connection.execute(statement).scalars())

    def unfinished(self, *, limit: int = BATCH) -> tuple[tuple[UUID, str], ...]:
        """(call, audio key) of recordings that nobody needs any more and that are still to be deleted."""
        statement = (
            select(erasures.c.call_id, erasures.c.audio_key).where(erasures.c.audio_key.is_not(None)).limit(limit)
        )
        return tuple((row.call_id, row.audio_key) for row in self._connection.execute(statement))

    def finished(self, call_ids: Sequence[UUID]) -> None:
        """The recordings of these calls are deleted."""
        done = update(erasures).where(erasures.c.call_id.in_(list(call_ids))).values(audio_key=None)
        self._connection.execute(done)

    def _locked(self, call_id: UUID) -> Any:
        columns = (calls.c[name] for name in ("audio_key", "external_id", "customer_ref", "scored_at"))
        statement = select(*columns).where(calls.c.id == call_id).with_for_update()
        row = self._connection.execute(statement).one_or_none()
        if row is None:
            raise CallNotFound(f"no call has the id {call_id}")
        return row

    def _strip_scorecards(self, call_id: UUID) -> None:
        statement = select(scorecards.c.id, scorecards.c.sha256, scorecards.c.content)
        for row in self._connection.execute(statement.where(scorecards.c.call_id == call_id)).all():
            machine = scorecard_from_dict(content.unpack(row.sha256, row.content))
            sha256, packed = content.pack(without_words(machine).canonical_json())
            values = {"sha256": sha256, "content": packed, "transcript_sha256": ""}
            self._connection.execute(update(scorecards).where(scorecards.c.id == row.id).values(values))
        blank = update(overrides).where(overrides.c.call_id == call_id).values(transcript_sha256="")
        self._connection.execute(blank)

    def _note(self, call_id: UUID, values: dict[str, Any]) -> None:
        insert_or_replace(self._connection, erasures, {"call_id": call_id}, values)
