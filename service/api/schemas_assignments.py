"""Calls of the queue that are given to reviewers, as they go over the wire."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

#: Calls that are given away at once: a page of the queue at its longest.
MOST_CALLS = 200
_EXAMPLE: dict[str, Any] = {
    "calls": ["01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a77", "01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a78"],
    "to": "01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a79",
}


class Assignment(BaseModel):
    """Calls, and who shall review them."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    calls: list[UUID] = Field(min_length=1, max_length=MOST_CALLS, description="Ids of calls that wait for a review.")
    to: UUID | None = Field(description="A user of `GET /v1/review/reviewers`; null: give them back to all.")


class LeftOut(BaseModel):
    """A call that was not given away, and why."""

    call_id: UUID
    code: str = Field(
        description="As in a problem: call_not_found, scorecard_not_ready, call_state_wrong, call_claimed."
    )
    detail: str


class Assigned(BaseModel):
    """What came of it."""

    assigned: list[UUID]
    left_out: list[LeftOut]


class Reviewer(BaseModel):
    """Somebody to whom calls can be given, and what they have."""

    user_id: UUID
    name: str = Field(description="The e-mail of a user without a name.")
    at_now: int = Field(description="Calls that they have claimed and not yet reviewed.")
    assigned: int = Field(description="Waiting calls that are assigned to them.")


class ReviewerList(BaseModel):
    """By name."""

    items: list[Reviewer]
