"""How one rep does and why, as it goes over the wire."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from service.api.schemas_kpi import KpiFigure, RulesMark, UncountedRule
from service.api.schemas_people import Rep
from service.scoring.kpi_sums import PartKind
from service.scoring.results import Text

_CALL: dict[str, Any] = {
    "call_id": "01938a4e-8f3c-7d52-9a3e-5d1c0f6b2a77",
    "day": "2025-11-20",
    "rep": "r-17",
    "rep_name": "Анна Белова",
    "points": 0.5,
}
_FINDING: dict[str, Any] = {
    "kpi": "objections_handled",
    "kind": "objection",
    "id": "price",
    "title": {"ru": "Цена", "en": "Price"},
    "value": 0.4,
    "n": 20,
    "share": 0.5,
    "interval": [0.219, 0.613],
    "lost": 0.3,
    "past": {"value": 0.6, "n": 15, "pull": -0.1, "sure": False},
    "team": {"value": 0.75, "n": 120, "pull": -0.175, "sure": True},
    "sentence": {
        "ru": "Цена: 40 % (возражений: 20), стоит 30,0 п. п. доли отработанных возражений; у команды 75 % (−17,5 п. п.).",
        "en": "Price: 40% (n = 20), costs 30.0 points of objections handled; the team 75% (−17.5 points).",
    },
    "calls": [_CALL],
    "done_well": [],
}


class FindingSide(BaseModel):
    """The same part in the period before, or with the team."""

    value: float | None = Field(description="In the figure's unit; null where they had none.")
    n: int
    pull: float = Field(
        description="What this part's difference from them adds to the figure, in its unit; negative: takes away. All pulls and "
        "the mix add up to the difference of the figures."
    )
    sure: bool = Field(description="True where the 95 % interval of the difference does not hold zero.")


class FindingCall(BaseModel):
    """A call that shows it."""

    call_id: UUID
    day: date
    rep: str = Field(description="The rep's external id.")
    rep_name: str | None
    points: float | None = Field(description="Of the item (0..1) or of the objection (0..5); null for a violation.")


class Finding(BaseModel):
    """A script item, objection type or violation, and what it does to a figure."""

    model_config = ConfigDict(json_schema_extra={"examples": [_FINDING]})

    kpi: str
    kind: PartKind
    id: str
    title: Text
    value: float = Field(
        description="How it went: items and objections as the figure counts them, violations per 100 calls."
    )
    n: int = Field(description="Objections; for items and violations calls.")
    share: float = Field(description="Its share of the figure: of all objections, or of the script's weight.")
    interval: tuple[float, float] | None
    lost: float = Field(description="What the figure would gain if this were perfect, in the figure's unit.")
    past: FindingSide | None = Field(
        description="Against the period of the same length before; null without calls then."
    )
    team: FindingSide | None = Field(description="Against those in `compared_with`; null without calls of theirs.")
    sentence: Text
    calls: list[FindingCall] = Field(description="The rep's own that show it, the worst first.")
    done_well: list[FindingCall] = Field(
        description="Colleagues' that show it done well; empty for a user of role rep, who sees its own calls only."
    )


class FigureWhy(BaseModel):
    """A figure taken apart: `by_parts` and `by_mix` add up to `own` - `other` (adherence: before the cap for missed critical items)."""

    kpi: str
    against: Literal["past", "team"]
    own: float
    other: float
    by_parts: float = Field(description="Because the same parts go better or worse.")
    by_mix: float = Field(description="Because there are other parts: harder objections, other items that apply.")


class TrendPoint(BaseModel):
    """The figures of a day, a week (from Monday) or a month."""

    begins: date
    kpis: list[KpiFigure]


class Colleagues(BaseModel):
    """Whom the rep is compared with: the others of its team, or all others where it has no team or is alone in it."""

    team: str | None
    reps: int = Field(description="Reps other than this one with calls in the period.")


class RepQuality(BaseModel):
    """One rep: figures, trend, and what pulls them down."""

    rep: Rep
    date_from: date = Field(serialization_alias="from")
    date_to: date = Field(serialization_alias="to")
    time_zone: Literal["UTC"]
    previous_from: date | None
    previous_to: date | None
    compared_with: Colleagues
    kpis: list[KpiFigure] = Field(description="Those for the rep's role first.")
    team_kpis: list[KpiFigure] = Field(description="The same figures of those in `compared_with`.")
    trend_by: Literal["day", "week", "month"]
    trend: list[TrendPoint]
    marks: list[RulesMark]
    not_counted: list[UncountedRule] = Field(description="Rules that are switched off now, and so are in no figure.")
    weakest_items: list[Finding] = Field(description="Script items, worst first; with sentences, without calls.")
    weakest_objection_types: list[Finding] = Field(description="Objection types by share handled, worst first.")
    why: list[FigureWhy]
    findings: list[Finding] = Field(
        description="For every figure that misses its target: what pulls it down, the most first, with calls to listen to."
    )
