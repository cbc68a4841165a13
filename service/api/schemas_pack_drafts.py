"""Drafts of rule packs, their trials, and versions that were published, as they go over the wire."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationInfo, field_validator

from service.api.queries import Day
from service.api.schemas_packs import Problem
from service.api.schemas_reviews import Reason
from service.api.validation import Name, plain
from service.scoring.pack_texts import LARGEST_TEXT_BYTES
from service.scoring.results import Text
from service.store.records_packs import (
    Draft,
    DraftState,
    PackVersionRow,
    Trial,
    TrialKind,
    TrialState,
    VersionSource,
)

#: Characters of a note.
LONGEST_NOTE = 200
#: Calls of a backtest: what one worker scores by both sides in some minutes.
MOST_CALLS = 2000
USUAL_CALLS = 500
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


class TrialInfo(BaseModel):
    """A trial: its tests, or a backtest over stored calls. `current` is false where the draft was changed since."""

    id: UUID
    kind: TrialKind
    state: TrialState
    current: bool
    version: str
    before_version: str
    date_from: date | None = Field(serialization_alias="from")
    date_to: date | None = Field(serialization_alias="to")
    most_calls: int | None
    steps_total: int = Field(description="Files of tests, or calls.")
    steps_done: int
    progress: float = Field(description="0 to 1.")
    problem: str | None = Field(description="Why it failed.")
    created_by: str
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, trial: Trial, files_sha256: str | None, **more: Any) -> TrialInfo:
        """`files_sha256` is that of the draft as it is now."""
        return cls(
            id=trial.id,
            kind=trial.choice.kind,
            state=trial.state,
            current=files_sha256 is None or trial.files_sha256 == files_sha256,
            version=trial.version,
            before_version=trial.before_version,
            date_from=trial.choice.date_from,
            date_to=trial.choice.date_to,
            most_calls=trial.choice.most_calls,
            steps_total=trial.steps_total,
            steps_done=trial.steps_done,
            progress=round(trial.progress, 4),
            problem=trial.problem,
            created_by=trial.created_by,
            created_at=trial.created_at,
            finished_at=trial.finished_at,
            **more,
        )


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


class NewTrial(BaseModel):
    """What to try. The days and `most_calls` are those of a backtest."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"kind": "backtest", "from": "2025-10-01", "most_calls": USUAL_CALLS}]},
    )

    kind: TrialKind
    date_from: Day = Field(None, alias="from", description="First day, UTC, on which the KPIs count a call.")
    date_to: Day = Field(None, alias="to", description="Last day.")
    most_calls: int = Field(USUAL_CALLS, ge=1, le=MOST_CALLS, description="At most so many calls, the newest.")

    @field_validator("date_to")
    @classmethod
    def _forwards(cls, value: date | None, info: ValidationInfo) -> date | None:
        begin = info.data.get("date_from")
        if begin and value and begin > value:
            raise ValueError("must not lie before `from`")
        return value


class TestedFile(BaseModel):
    """The tests of one rule, or ordinary talk (then `rule` is null)."""

    __test__ = False  # not a test class of pytest's

    file: str
    rule: str | None
    sentences: int
    known_misses: int
    failures: int


class FailedTest(BaseModel):
    """A sentence that went wrong: `miss`, `false_hit`, `mended` (a known miss that matches now), `baseline` (ordinary talk)."""

    rule: str
    kind: Literal["miss", "false_hit", "mended", "baseline"]
    text: str
    file: str
    line: int
    template: str | None = Field(description="What fired; null for a miss.")


class TestResult(BaseModel):
    """What `callscore rules test` says."""

    __test__ = False  # not a test class of pytest's

    sentences: int
    known_misses: int
    failed: int
    files: list[TestedFile]
    failures: list[FailedTest] = Field(description="The first 300.")


class FigureMoved(BaseModel):
    """A figure before and after. Null where there is nothing to count."""

    id: str
    before: float | None
    after: float | None
    n_before: int
    n_after: int


class GroupMoved(BaseModel):
    """A rep, or all."""

    group: str = Field(description="`all`, or a rep's external id; its own id where the rep is gone.")
    title: str
    calls: int
    calls_moved: int
    figures: list[FigureMoved]


class FindingMoved(BaseModel):
    """Something that calls say differently, and how many do. Null: not there."""

    kind: Literal["item", "objection", "outcome", "points", "violation"]
    id: str
    before: str | None
    after: str | None
    calls: int


class CallFinding(BaseModel):
    """One of them in one call."""

    kind: str
    id: str
    before: str | None
    after: str | None


class CallMoved(BaseModel):
    """A call that says something else."""

    call_id: UUID
    rep: str
    started_at: datetime | None
    adherence_before: float | None
    adherence_after: float | None
    argumentation_before: float | None
    argumentation_after: float | None
    changes: list[CallFinding]


class AgreementFigure(BaseModel):
    """How far each side agrees with people, 0..1 (kappa: -1..1)."""

    id: str
    before: float | None
    after: float | None


class AgreementMoved(BaseModel):
    """Over calls that people reviewed."""

    calls: int
    figures: list[AgreementFigure]


class BacktestResult(BaseModel):
    """What would move."""

    total: GroupMoved
    reps: list[GroupMoved] = Field(description="Those with calls that move, at most 200.")
    reps_total: int
    findings: list[FindingMoved]
    calls: list[CallMoved] = Field(description="Those that move most, at most 100.")
    calls_skipped: int = Field(description="Erased meanwhile, or not to be scored.")
    agreement: AgreementMoved | None = Field(description="Null where nobody reviewed any of the calls.")


class TrialDetails(TrialInfo):
    """A trial and, once it is done, what came of it: `tests` or `backtest`."""

    tests: TestResult | None = None
    backtest: BacktestResult | None = None


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


class CheckAnswer(BaseModel):
    """What `callscore rules check` says of a draft."""

    version: str | None
    title: Text | None
    problem_list: list[Problem]
