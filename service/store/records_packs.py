"""Rule packs in the database, as the store hands them out: versions that were published, drafts, and trials of drafts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, get_args
from uuid import UUID

#: Where a version came from: the rules folder as it stood when the first draft was published, a draft, or an earlier version
#: that was put to use again.
VersionSource = Literal["folder", "draft", "earlier"]
VERSION_SOURCES: tuple[VersionSource, ...] = get_args(VersionSource)
DraftState = Literal["open", "published"]
DRAFT_STATES: tuple[DraftState, ...] = get_args(DraftState)
TrialKind = Literal["test", "backtest"]
TRIAL_KINDS: tuple[TrialKind, ...] = get_args(TrialKind)
TrialState = Literal["running", "done", "failed", "cancelled"]
TRIAL_STATES: tuple[TrialState, ...] = get_args(TrialState)


@dataclass(frozen=True, slots=True)
class PackVersionRow:
    """A version of a pack in one language; the last one published is in use.

    `number` counts 1, 2, 3 ... for each pack and language. `pack_sha256` is what scorecards name, `files_sha256` is taken of
    all files, tests too. `published_by` names the actor as in the audit log; "folder" for the version that lay in the folder.
    """

    id: UUID
    pack_id: str
    language: str
    number: int
    version: str
    pack_sha256: str
    files_sha256: str
    source: VersionSource
    reason: str
    published_by: str
    published_at: datetime
    draft_id: UUID | None


@dataclass(frozen=True, slots=True)
class NewVersion:
    """What is to be published. `texts` are all files by path."""

    pack_id: str
    language: str
    version: str
    pack_sha256: str
    files_sha256: str
    source: VersionSource
    reason: str
    draft_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft of a pack. `base_version` and `base_sha256` (of all files) are what it was made from.

    `revision` goes up with every change of a file. `published_version` is set once it was published; it is read-only then.
    """

    id: UUID
    pack_id: str
    language: str
    note: str
    base_version: str
    base_sha256: str
    revision: int
    state: DraftState
    created_by: str
    created_at: datetime
    changed_by: str
    changed_at: datetime
    published_version: str | None


@dataclass(frozen=True, slots=True)
class TrialChoice:
    """What a trial is of. Days (both included, by `kpi_day`) and the most calls are those of a backtest."""

    kind: TrialKind
    date_from: date | None = None
    date_to: date | None = None
    most_calls: int | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """A trial of a draft: its own tests, or a backtest over stored calls.

    `files_sha256` says which state of the draft, `before_sha256` and `before_version` which version in use it is compared with.
    A trial is worked on step by step: a file of tests each, or a call each. `result` is there once it is done.
    """

    id: UUID
    draft_id: UUID
    pack_id: str
    language: str
    version: str
    files_sha256: str
    before_version: str
    before_sha256: str
    choice: TrialChoice
    state: TrialState
    steps_total: int
    steps_done: int
    result: dict[str, Any] | None
    problem: str | None
    created_by: str
    created_at: datetime
    finished_at: datetime | None

    @property
    def progress(self) -> float:
        """0 to 1."""
        return 1.0 if not self.steps_total else self.steps_done / self.steps_total


@dataclass(frozen=True, slots=True)
class TrialWork:
    """A trial that a worker has taken up. `attempts` counts how often since a step of it was last finished."""

    trial: Trial
    token: str
    attempts: int
