"""Calls brought to where a test begins."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from service.store.database import Database
from service.store.records import Call, WorkStep
from tests.fixtures.samples import NOW, sample_call, sample_scorecard, sample_transcript

LEASE_S = 60.0
AFTER_LEASE = NOW + timedelta(seconds=LEASE_S + 1)
MAX_ATTEMPTS = 3


def received(database: Database, external_id: str = "call-1", *, now: datetime = NOW) -> UUID:
    """An uploaded call."""
    with database.transaction() as tx:
        return tx.calls.create(sample_call(external_id), now=now, allow_unknown_rep=True)[0].id


def claim(
    database: Database, call_id: UUID, token: str, *, step: WorkStep = "transcribe", now: datetime = NOW
) -> Call | None:
    """Claim the call in a transaction of its own."""
    with database.transaction() as tx:
        return tx.calls.claim(call_id, step, token=token, now=now, lease_s=LEASE_S)


def transcribed(database: Database, external_id: str = "call-1") -> UUID:
    """A call that waits for scoring."""
    call_id = received(database, external_id)
    claim(database, call_id, "t")
    with database.transaction() as tx:
        assert tx.transcripts.save(call_id, sample_transcript(), token="t", now=NOW)
    return call_id


def scored(database: Database) -> UUID:
    """A scored call."""
    call_id = transcribed(database)
    claim(database, call_id, "s", step="score")
    with database.transaction() as tx:
        assert tx.scorecards.save(call_id, sample_scorecard(), token="s", now=NOW)
    return call_id


def failed(database: Database, call_id: UUID, step: WorkStep = "transcribe") -> Call:
    """Let the call fail for good at this step."""
    claim(database, call_id, "f", step=step)
    with database.transaction() as tx:
        return tx.calls.fail(
            call_id,
            "f",
            code="audio_unreadable",
            message="no sound in it",
            now=NOW,
            max_attempts=MAX_ATTEMPTS,
            permanent=True,
        )
