"""Query strings: what they may hold. A parameter that is not known is refused, for a misspelt filter would show too much."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from service.api.periods import Moment, after, begin_of, end_of
from service.api.validation import Name
from service.scoring.search_words import query_words
from service.store.records import CallFilter, CallStatus

MAX_PAGE = 200

Cursor = Annotated[str | None, Field(max_length=2000, description="`next_cursor` of the page before.")]


class StrictQuery(BaseModel):
    """A query string; unknown parameters are refused."""

    model_config = ConfigDict(extra="forbid", populate_by_name=False)


def _searchable(value: str) -> str:
    if not query_words(value):
        raise ValueError("must have a letter or a digit: it is looked for in what was said")
    return value


SearchText = Annotated[Name, AfterValidator(_searchable)]
Share = Annotated[float | None, Field(ge=0, le=1, allow_inf_nan=False)]
Points = Annotated[float | None, Field(ge=0, le=5, allow_inf_nan=False)]


class PageQuery(StrictQuery):
    """A page of a list."""

    cursor: Cursor = None
    limit: int = Field(50, ge=1, le=MAX_PAGE, description="Rows of one page.")


class RepQuery(PageQuery):
    """Reps to list."""

    team: Name | None = Field(None, description="Only this team's.")


class CallFilterQuery(StrictQuery):
    """Which calls; every filter narrows."""

    status: CallStatus | None = None
    rep: Name | None = Field(None, description="A rep's external id.")
    team: Name | None = Field(None, description="A team's name.")
    flagged: bool | None = Field(None, description="Only calls with, or without, a flag.")
    script: Name | None = Field(None, description="A rule pack's id.")
    received_from: Moment = Field(None, alias="from", description="Received at or after; a day begins at 00:00 UTC.")
    received_to: Annotated[Moment, after("received_from")] = Field(
        None, alias="to", description="Received before; with a day, on that day or before."
    )

    reviewed: bool | None = Field(None, description="Only calls that a person has, or has not, reviewed.")
    text: SearchText | None = Field(
        None,
        description="Words that were all said in the call, in any of their forms and in any order.",
        examples=["скидка"],
    )
    adherence_min: Share = Field(None, description="Script adherence of at least this, 0..1.")
    adherence_max: Share = Field(None, description="Script adherence of at most this.")
    argumentation_min: Points = Field(None, description="Mean points of the objections of at least this, 0..5.")
    argumentation_max: Points = Field(None, description="Mean points of the objections of at most this.")

    @field_validator("adherence_max", "argumentation_max")
    @classmethod
    def _upwards(cls, value: float | None, info: ValidationInfo) -> float | None:
        name = (info.field_name or "").replace("_max", "_min")
        least = info.data.get(name)
        if value is not None and least is not None and least > value:
            raise ValueError(f"must not be less than `{name}`")
        return value

    def filter(self, *, team_id: UUID | None, rep_id: UUID | None) -> CallFilter:
        return CallFilter(
            team_id=team_id,
            rep_id=rep_id,
            status=self.status,
            rep=self.rep,
            team=self.team,
            flagged=self.flagged,
            script=self.script,
            received_from=begin_of(self.received_from),
            received_to=end_of(self.received_to),
            reviewed=self.reviewed,
            text=self.text,
            adherence_min=self.adherence_min,
            adherence_max=self.adherence_max,
            argumentation_min=self.argumentation_min,
            argumentation_max=self.argumentation_max,
        )


class CallQuery(CallFilterQuery, PageQuery):
    """A page of calls."""
