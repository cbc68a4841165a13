"""Agreement by rule and switched-off rules, as they go over the wire."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from service.api.schemas_reviews import Reason
from service.api.validation import Name
from service.scoring import rule_agreement
from service.scoring.gate import GateStatus

#: Full ids of rules that can be told to stop counting: what KPIs are made of.
RULE_PATTERN = r"^(script|objections|violations)/[a-z][a-z0-9_]*$"


class MonthOfRule(BaseModel):
    """One month of reviews."""

    month: date = Field(description="Its first day, UTC.")
    n: int
    accuracy: float | None
    interval: tuple[float, float] | None


class DifferingVerdicts(BaseModel):
    """How often the machine said one thing and people another."""

    machine: str
    people: str
    n: int


class RuleAgreement(BaseModel):
    """One rule."""

    rule: str = Field(
        examples=[
            "script/greeting",
            "objections/price",
            "steps/argument",
            "violations/overpromise",
            "outcome",
            "points",
        ]
    )
    n: int
    accuracy: float | None = Field(description="Share of equal verdicts, 0..1.")
    accuracy_interval: tuple[float, float] | None = Field(description="95 %, Wilson's.")
    kappa: float | None = Field(description="Cohen's; null where both sides always say the same one thing.")
    kappa_interval: tuple[float, float] | None = Field(description="95 %, by the large-sample standard error.")
    gate: GateStatus | None = Field(description="Against the pack's gate; null where the pack has none.")
    counted: bool = Field(description="False while the rule is switched off.")
    months: list[MonthOfRule]
    differing: list[DifferingVerdicts] = Field(description="Most frequent first.")

    @classmethod
    def of(cls, found: rule_agreement.RuleAgreement, *, counted: bool) -> RuleAgreement:
        figures = found.agreement
        return cls(
            rule=found.rule,
            n=figures.n,
            accuracy=figures.accuracy,
            accuracy_interval=figures.accuracy_interval,
            kappa=figures.kappa,
            kappa_interval=figures.kappa_interval,
            gate=found.gate,
            counted=counted,
            months=[MonthOfRule.model_validate(month, from_attributes=True) for month in found.months],
            differing=[DifferingVerdicts(machine=m, people=p, n=n) for m, p, n in found.differing],
        )


class GateOfPack(BaseModel):
    """How far a rule has to agree with people to count."""

    accuracy: float
    minimum_n: int


class AgreementAnswer(BaseModel):
    """Machine against reviewers, by rule."""

    pack_id: str
    sample_only: bool
    gate: GateOfPack | None
    rules: list[RuleAgreement]


class SwitchChange(BaseModel):
    """A rule, and why it shall stop or start to count."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"pack_id": "b2b_sales", "rule": "violations/overpromise", "reason": "23 of 40 were wrong in May"}
            ]
        },
    )

    pack_id: Name
    rule: str = Field(pattern=RULE_PATTERN, max_length=200)
    reason: Reason


class RuleSwitch(BaseModel):
    """A rule that does not count, or did not for a while."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    pack_id: str
    rule: str
    reason: str
    stopped_by: str
    stopped_at: AwareDatetime
    ended_by: str | None
    ended_at: AwareDatetime | None
    end_reason: str | None
    recounted: bool = Field(description="False while stored calls are still being counted anew.")


class RuleSwitchList(BaseModel):
    """Switches, newest first, ended ones too."""

    items: list[RuleSwitch]
