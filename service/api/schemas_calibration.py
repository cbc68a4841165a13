"""Calibration, as it goes over the wire."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from service.api.schemas_reviews import Remark
from service.api.validation import Name
from service.scoring.results import Text
from service.store import calibrations

#: Calls of one calibration: more than anybody listens to in a sitting.
MOST_CALLS = 50
#: Rules on one sheet; a pack has a few dozen.
MOST_VERDICTS = 200


class NewCalibration(BaseModel):
    """Calls that several reviewers shall judge."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"title": "November", "calls": ["01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a77"]}]},
    )

    title: Name
    calls: list[UUID] = Field(min_length=1, max_length=MOST_CALLS, description="Scored calls.")


class HandedIn(BaseModel):
    """A sheet that is there; what is on it is told once the calibration is closed."""

    call_id: UUID
    reviewer: str


class Calibration(BaseModel):
    """A calibration and who has handed in what."""

    id: UUID
    title: str
    created_by: str
    created_at: AwareDatetime
    closed_by: str | None
    closed_at: AwareDatetime | None
    calls: list[UUID]
    handed_in: list[HandedIn]

    @classmethod
    def of(cls, found: calibrations.Calibration) -> Calibration:
        return cls(
            id=found.id,
            title=found.title,
            created_by=found.created_by,
            created_at=found.created_at,
            closed_by=found.closed_by,
            closed_at=found.closed_at,
            calls=list(found.calls),
            handed_in=[HandedIn(call_id=call_id, reviewer=reviewer) for call_id, reviewer in found.handed_in],
        )


class CalibrationPage(BaseModel):
    """Calibrations, newest first."""

    items: list[Calibration]
    next_cursor: str | None = Field(description="Give it as `cursor` to get the next page; null on the last.")


class Question(BaseModel):
    """One thing to judge."""

    rule: str = Field(examples=["script/greeting", "objections/price", "violations/overpromise", "argumentation"])
    title: Text
    answers: list[str] = Field(
        description="What may be answered; empty: points 0..5, or null for a call without objections."
    )


class Sheet(BaseModel):
    """One's own verdicts about a call."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"verdicts": {"script/greeting": "met", "objections/price": "found", "argumentation": 3}}]
        },
    )

    verdicts: dict[Name, str | float | None] = Field(
        max_length=MOST_VERDICTS, description="By rule; a rule left out is not judged."
    )
    comment: Remark = ""


class CalibrationForm(BaseModel):
    """What is asked about a call, and one's own sheet so far. The machine's and others' verdicts are not here."""

    call_id: UUID
    questions: list[Question]
    own: Sheet | None


class Pair(BaseModel):
    """Two reviewers, or one and the machine."""

    first: str
    second: str
    n: int
    accuracy: float | None
    kappa: float | None = Field(description="Cohen's; null where it is not defined.")


class GroupAgreement(BaseModel):
    """Agreement over one kind of rules, or over all."""

    group: Literal["all", "script", "objections", "violations", "argumentation"]
    alpha: float | None = Field(
        description="Krippendorff's; nominal, for argumentation interval. Null where not defined."
    )
    pairs: list[Pair]


class Differing(BaseModel):
    """Where not all say the same."""

    call_id: UUID
    rule: str
    verdicts: dict[str, str | float]
    machine: str | float | None


class CalibrationAgreement(BaseModel):
    """What a closed calibration showed."""

    reviewers: list[str]
    groups: list[GroupAgreement]
    machine: list[Pair] = Field(description="Each reviewer against the machine, over all rules but argumentation.")
    differing: list[Differing]
