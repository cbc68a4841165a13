"""The tables of published rule packs and their drafts; see `service.store.models` for the others and for what holds for all."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, LargeBinary, Table, Text, UniqueConstraint, Uuid, text

from service.store.models import metadata
from service.store.records_packs import DRAFT_STATES, TRIAL_KINDS, TRIAL_STATES, VERSION_SOURCES
from service.store.types import UtcDateTime, one_of

__all__ = ["metadata"]

# All files of a pack at one moment, by the hash over them: canonical JSON {path: text}, zlib-compressed. Versions keep theirs for
# good, trials as long as they run.
pack_contents = Table(
    "pack_contents",
    metadata,
    Column("files_sha256", Text, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

# Never changed, only added to: the highest number of a pack in a language is in use.
pack_versions = Table(
    "pack_versions",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("pack_id", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("version", Text, nullable=False),
    Column("pack_sha256", Text, nullable=False),
    Column("files_sha256", Text, ForeignKey("pack_contents.files_sha256"), nullable=False),
    Column("source", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("published_by", Text, nullable=False),
    Column("published_at", UtcDateTime, nullable=False),
    Column("draft_id", Uuid),
    UniqueConstraint("pack_id", "language", "number"),
    one_of("source", VERSION_SOURCES),
)

pack_drafts = Table(
    "pack_drafts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("pack_id", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("base_version", Text, nullable=False),
    Column("base_sha256", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("published_version", Text),
    one_of("state", DRAFT_STATES),
    Index(None, "pack_id", "language", "state"),
)

pack_draft_files = Table(
    "pack_draft_files",
    metadata,
    Column("draft_id", Uuid, ForeignKey("pack_drafts.id"), primary_key=True),
    Column("path", Text, primary_key=True),
    Column("sha256", Text, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("text", Text, nullable=False),
)

pack_trials = Table(
    "pack_trials",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("draft_id", Uuid, ForeignKey("pack_drafts.id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("pack_id", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("files_sha256", Text, nullable=False),
    Column("before_version", Text, nullable=False),
    Column("before_sha256", Text, nullable=False),
    # Which calls a backtest takes: by the day on which the KPIs count them, both ends included; null: any.
    Column("date_from", Date),
    Column("date_to", Date),
    Column("most_calls", Integer),
    Column("state", Text, nullable=False),
    Column("steps_total", Integer, nullable=False),
    Column("steps_done", Integer, nullable=False),
    # What came of it, as zlib-compressed JSON; names no customer and quotes no call.
    Column("result", LargeBinary),
    # Why it failed; null otherwise.
    Column("problem", Text),
    Column("created_by", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    # When the queue was last told of this trial; the sweeper tells it again only after a while.
    Column("hinted_at", UtcDateTime),
    # How often a worker took it up since its last finished step: what kills every worker ends it.
    Column("attempts", Integer, nullable=False),
    Column("lease_token", Text),
    Column("lease_until", UtcDateTime),
    one_of("kind", TRIAL_KINDS),
    one_of("state", TRIAL_STATES),
)
Index(
    "uq_pack_trials_unfinished",
    pack_trials.c.draft_id,
    pack_trials.c.kind,
    unique=True,
    sqlite_where=text("finished_at IS NULL"),
    postgresql_where=text("finished_at IS NULL"),
)

# The steps of a running trial, each with its result once it is done; they go when the trial ends.
pack_trial_steps = Table(
    "pack_trial_steps",
    metadata,
    Column("trial_id", Uuid, ForeignKey("pack_trials.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    # A test file's path, or a call's id.
    Column("subject", Text, nullable=False),
    # JSON, zlib-compressed; without a word of the call.
    Column("result", LargeBinary),
)
