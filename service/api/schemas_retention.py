"""Retention and erasure, as they go over the wire."""

from __future__ import annotations

from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from service.api.schemas_people import ExternalId, TeamName
from service.api.validation import Name
from service.store import retention
from service.store.retention import FEWEST_DAYS, MOST_DAYS, What


class RetentionRule(BaseModel):
    """How long something is kept."""

    model_config = ConfigDict(from_attributes=True)

    team: str | None = Field(description="Null: for all calls whose team has no rule of its own.")
    what: What
    days: int = Field(description="Days after the call arrived.")
    changed_by: str
    changed_at: AwareDatetime


class RetentionRules(BaseModel):
    """All rules, the house's first. Without any, everything is kept."""

    items: list[RetentionRule]

    @classmethod
    def of(cls, rules: tuple[retention.RetentionRule, ...]) -> RetentionRules:
        return cls(items=[RetentionRule.model_validate(rule) for rule in rules])


class RetentionChange(BaseModel):
    """A rule to set, or to take back."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"what": "audio", "days": 90, "team": None}]}
    )

    what: What
    days: int | None = Field(ge=FEWEST_DAYS, le=MOST_DAYS, description="Null takes the rule back.")
    team: TeamName | None = None


class ErasureRequest(BaseModel):
    """Whom to forget: a customer or a rep."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"customer_ref": "crm-4711"}]})

    customer_ref: Name | None = Field(None, description="The customer's id as it was uploaded; all calls with it.")
    rep: ExternalId | None = None

    @model_validator(mode="after")
    def _one(self) -> ErasureRequest:
        if (self.customer_ref is None) == (self.rep is None):
            raise ValueError("give either customer_ref or rep")
        return self


class ErasureReceipt(BaseModel):
    """What was erased. The audit log holds the id, and not who it was about."""

    id: UUID
    calls: int
