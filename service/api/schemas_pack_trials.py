"""Trials of drafts of rule packs, and what came of them, as they go over the wire."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from service.api.periods import Day, LastDay
from service.store.records_packs import Trial, TrialKind, TrialState

#: Calls of a backtest: what one worker scores by both sides in some minutes.
MOST_CALLS = 2000
USUAL_CALLS = 500


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


class NewTrial(BaseModel):
    """What to try. The days and `most_calls` are those of a backtest."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"kind": "backtest", "from": "2025-10-01", "most_calls": USUAL_CALLS}]},
    )

    kind: TrialKind
    date_from: Day = Field(None, alias="from", description="First day, UTC, on which the KPIs count a call.")
    date_to: LastDay = Field(None, alias="to", description="Last day.")
    most_calls: int = Field(USUAL_CALLS, ge=1, le=MOST_CALLS, description="At most so many calls, the newest.")


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
