"""Drafts of rule packs, their trials, and versions that were published, as they go over the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from service.api.schemas_pack_trials import TrialInfo
from service.api.schemas_packs import Problem
from service.api.schemas_reviews import Reason
from service.api.validation import Name, plain
from service.scoring.pack_texts import LARGEST_TEXT_BYTES
from service.store.records_packs import (
    Draft,
    DraftState,
    PackVersionRow,
    VersionSource,
)

#: Characters of a note.
LONGEST_NOTE = 200
_ID = "01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a77"
_SHA256 = "5f0c" * 16
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_NOTE), AfterValidator(plain)]
#: Hex SHA-256.
Sha256 = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
Path = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_./-]{1,200}$")]
Change = Literal["same", "added", "changed", "removed"]
BlockerCode = Literal["errors", "unchanged", "version_too_low", "not_tested", "tests_running", "tests_failed"]


class PackVersionInfo(BaseModel):
    """A version that was published. The one with the highest number is in use."""

    number: int = Field(description="1, 2, 3 ... for each pack and language.")
    version: str
    sha256: str = Field(description="As scorecards name it.")
    source: VersionSource = Field(
        description="A draft, an earlier version put to use again, or the rules folder as it was before the first draft."
    )
    reason: str
    published_by: str
    published_at: datetime
    draft_id: UUID | None
    in_use: bool

    @classmethod
    def of(cls, row: PackVersionRow, *, in_use: bool) -> PackVersionInfo:
        return cls(
            number=row.number,
            version=row.version,
            sha256=row.pack_sha256,
            source=row.source,
            reason=row.reason,
            published_by=row.published_by,
            published_at=row.published_at,
            draft_id=row.draft_id,
            in_use=in_use,
        )


class PackVersionList(BaseModel):
    """Versions of a pack in one language, the newest first; empty as long as the folder's is in use."""

    items: list[PackVersionInfo]


class Restore(BaseModel):
    """Which earlier version to put to use again, and why."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"language": "ru", "number": 1, "reason": "1.1.0 flags too many calls"}]},
    )

    language: Name
    number: int = Field(ge=1, le=1_000_000)
    reason: Reason


class NewDraft(BaseModel):
    """Which pack to draft, and from what."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"pack": "b2b_sales", "language": "ru", "note": "ways to say it is dear"}]},
    )

    pack: Name
    language: Name
    note: Note = Field("", description="What it is for.")
    start: Literal["in_use", "folder", "version"] = Field(
        "in_use", description="Begin from the version in use, the rules folder's, or a published `number`."
    )
    number: int | None = Field(None, ge=1, le=1_000_000, description="Of the published version to begin from.")


class DraftFile(BaseModel):
    """A file of a draft. `change` compares it with the version in use now."""

    path: str
    bytes: int
    sha256: str | None = Field(description="Null where the draft takes the file away.")
    change: Change


class DraftSummary(BaseModel):
    """A draft."""

    id: UUID
    pack: str
    language: str
    note: str
    base_version: str
    state: DraftState
    published_version: str | None
    revision: int = Field(description="Goes up with every change.")
    created_by: str
    created_at: datetime
    changed_by: str
    changed_at: datetime

    @classmethod
    def of(cls, draft: Draft) -> DraftSummary:
        return cls(
            id=draft.id,
            pack=draft.pack_id,
            language=draft.language,
            note=draft.note,
            base_version=draft.base_version,
            state=draft.state,
            published_version=draft.published_version,
            revision=draft.revision,
            created_by=draft.created_by,
            created_at=draft.created_at,
            changed_by=draft.changed_by,
            changed_at=draft.changed_at,
        )


class DraftList(BaseModel):
    """Drafts, the newest first."""

    items: list[DraftSummary]


class Blocker(BaseModel):
    """Something that has to be done before a draft can be published."""

    code: BlockerCode
    message: str


class DraftDetails(DraftSummary):
    """A draft with its files, what is wrong with them, its trials, and what keeps it from being published."""

    version: str | None = Field(description="As the draft's pack.yaml says.")
    files_sha256: str
    in_use_version: str
    in_use_sha256: str = Field(
        description="Of all files in use; publishing names it, so that nobody overwrites unseen."
    )
    files: list[DraftFile]
    problem_list: list[Problem]
    blockers: list[Blocker]
    trials: list[TrialInfo]


class DraftText(BaseModel):
    """A file of a draft."""

    path: str
    text: str
    sha256: str = Field(description="Send it as `seen` with your change, so that nobody else's is overwritten.")


class NewText(BaseModel):
    """A file as it shall be."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"text": "id: greeting\n", "seen": _SHA256}]},
    )

    text: str = Field(max_length=LARGEST_TEXT_BYTES)
    seen: Sha256 | None = Field(None, description="The `sha256` of the text that you began from; null for a new file.")


class Publication(BaseModel):
    """Why, and what the publisher has seen."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"reason": "knows nine more ways to call it dear", "revision": 4, "over": _SHA256}]
        },
    )

    reason: Reason
    revision: int = Field(ge=1, le=2**31 - 1, description="The draft's, as you looked at it.")
    over: Sha256 = Field(description="`in_use_sha256` of the draft, as you compared it.")
