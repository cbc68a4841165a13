"""Key figures, as they go over the wire."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from service.scoring.kpi import KpiDirection, KpiStatus, KpiUnit
from service.scoring.results import Text

GroupBy = Literal["rep", "team", "all"]
_FIGURE = {
    "id": "objections_handled",
    "title": {"ru": "Отработанные возражения", "en": "Objections handled"},
    "unit": "share",
    "value": 0.75,
    "n": 40,
    "target": 0.7,
    "direction": "up",
    "status": "met",
    "interval": [0.598, 0.858],
    "previous": 0.71,
}
_ANSWER: dict[str, Any] = {
    "group_by": "rep",
    "from": "2025-11-01",
    "to": "2025-11-30",
    "previous_from": "2025-10-02",
    "previous_to": "2025-10-31",
    "groups": [
        {"group": "r-17", "title": "Анна Белова", "calls": {"received": 120, "scored": 119}, "kpis": [_FIGURE]},
    ],
}


class KpiFigure(BaseModel):
    """One figure of one group. Null where there is no data: never 0 % of nothing."""

    id: str
    title: Text = Field(description="By language.")
    unit: KpiUnit
    value: float | None
    n: int = Field(description="What the value rests on: objections, or calls.")
    target: float | None
    direction: KpiDirection = Field(description="Which side of the target is good.")
    status: KpiStatus | None = Field(description="too_few: the interval crosses the target and n is below the minimum.")
    interval: tuple[float, float] | None = Field(description="95 %: Wilson's for shares, Student's t for means.")
    previous: float | None = Field(description="The value in the period of the same length before `from`.")


class KpiCalls(BaseModel):
    """How many calls the figures come from."""

    received: int
    scored: int


class KpiGroup(BaseModel):
    """A rep, a team, or all."""

    group: str = Field(description="The rep's external id, the team's name (empty: no team), or `all`.")
    title: str
    calls: KpiCalls
    kpis: list[KpiFigure]


class KpiAnswer(BaseModel):
    """Figures by group, ordered by group."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ANSWER]})

    group_by: GroupBy
    date_from: date | None = Field(
        serialization_alias="from", description="First day (UTC), null: from the first call on."
    )
    date_to: date | None = Field(serialization_alias="to", description="Last day (UTC), null: until today.")
    previous_from: date | None
    previous_to: date | None
    groups: list[KpiGroup]
