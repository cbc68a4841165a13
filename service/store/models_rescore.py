"""The tables of jobs that score stored calls again; see `service.store.models` for the others and for what holds for all."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, Table, Text, Uuid, text

from service.store.models import metadata
from service.store.records_rescore import RESCORE_STATES
from service.store.types import UtcDateTime, one_of

__all__ = ["metadata"]

rescore_jobs = Table(
    "rescore_jobs",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("state", Text, nullable=False),
    # Which calls: by the day on which the KPIs count them, both ends included; null: any.
    Column("date_from", Date),
    Column("date_to", Date),
    Column("script", Text),
    Column("team_id", Uuid, ForeignKey("teams.id")),
    # The choice as one text: there is one unfinished job for it at most.
    Column("choice", Text, nullable=False),
    Column("calls_total", Integer, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    # When the queue was last told of this job; the sweeper tells it again only after a while.
    Column("hinted_at", UtcDateTime),
    # Why a job stopped by itself; null otherwise.
    Column("problem", Text),
    one_of("state", RESCORE_STATES),
)
Index(
    "uq_rescore_jobs_choice_unfinished",
    rescore_jobs.c.choice,
    unique=True,
    sqlite_where=text("finished_at IS NULL"),
    postgresql_where=text("finished_at IS NULL"),
)

# A job's calls in portions by their ids, so that several workers share it; each portion is one worker's at a time.
rescore_parts = Table(
    "rescore_parts",
    metadata,
    Column("job_id", Uuid, ForeignKey("rescore_jobs.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("first_id", Uuid, nullable=False),
    Column("last_id", Uuid, nullable=False),
    # The last call that is done with; moves in the transaction that stores its scorecard.
    Column("done_id", Uuid),
    Column("finished", Boolean, nullable=False),
    Column("calls_total", Integer, nullable=False),
    Column("calls_changed", Integer, nullable=False),
    Column("calls_same", Integer, nullable=False),
    Column("calls_skipped", Integer, nullable=False),
    Column("calls_failed", Integer, nullable=False),
    # How often a worker took the portion up since its last finished call: a call that kills every worker is left out.
    Column("attempts", Integer, nullable=False),
    Column("lease_token", Text),
    Column("lease_until", UtcDateTime),
    # Why the last call that failed did; holds no words of a call.
    Column("problem", Text),
)
