"""Key figures, as they go over the wire."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from service.scoring.kpi import KpiDirection, KpiRole, KpiStatus, KpiUnit
from service.scoring.results import Text
from service.store.records import GroupBy

_FIGURE: dict[str, Any] = {
    "id": "objections_handled",
    "title": {"ru": "Отработано возражений", "en": "Objections handled"},
    "unit": "share",
    "value": 0.75,
    "n": 40,
    "target": 0.7,
    "direction": "up",
    "status": "met",
    "interval": [0.598, 0.858],
    "previous": 0.71,
    "rank": None,
    "rank_between": [1, 3],
    "roles": ["sdr", "sales_manager", "account_manager", "head_of_sales"],
}
_SPAN: dict[str, Any] = {
    "script": "b2b_sales",
    "language": "ru",
    "version": "1.0.0",
    "first_day": "2025-11-01",
    "last_day": "2025-11-30",
    "calls": 119,
    "present": True,
}
_ANSWER: dict[str, Any] = {
    "group_by": "rep",
    "dimensions": ["rep"],
    "from": "2025-11-01",
    "to": "2025-11-30",
    "time_zone": "UTC",
    "previous_from": "2025-10-02",
    "previous_to": "2025-10-31",
    "rules": "as_scored",
    "rules_spans": [],
    "marks": [],
    "not_counted": [],
    "groups": [
        {
            "group": "r-17",
            "title": "Анна Белова",
            "keys": {"rep": "r-17"},
            "titles": {"rep": {"ru": "Анна Белова", "en": "Анна Белова"}},
            "calls": {"received": 120, "scored": 119},
            "kpis": [_FIGURE],
        },
    ],
}


class KpiFigure(BaseModel):
    """One figure of one group. Null where there is no data: never 0 % of nothing."""

    model_config = ConfigDict(json_schema_extra={"examples": [_FIGURE]})

    id: str
    title: Text = Field(description="By language.")
    unit: KpiUnit = Field(description="share: 0..1; points: 0..5; count: per call, or per 100; seconds.")
    value: float | None
    n: int = Field(description="What the value rests on: objections, or calls.")
    target: float | None
    direction: KpiDirection = Field(description="Which side of the target is good.")
    status: KpiStatus | None = Field(description="too_few: the interval crosses the target and n is below the minimum.")
    interval: tuple[float, float] | None = Field(description="95 %: Wilson's for shares, Student's t for means.")
    previous: float | None = Field(
        description="The value in the period of the same length before `from`; null in series by day, week or month."
    )
    rank: int | None = Field(
        description="Place among the reps (or teams) of the answer, 1 is best; null unless the intervals leave no doubt."
    )
    rank_between: tuple[int, int] | None = Field(description="The best and the worst place that the intervals allow.")
    roles: list[KpiRole] = Field(description="For whom it is one of the few figures to be steered by.")


class KpiCalls(BaseModel):
    """How many calls the figures come from."""

    received: int | None = Field(description="Null by objection type: what arrives has no objections yet.")
    scored: int = Field(description="By objection type: calls with such an objection.")


class KpiGroup(BaseModel):
    """A rep, a team, all, or one of any combination of dimensions."""

    group: str = Field(
        description="The rep's external id, the team's name (empty: no team), the first day, `all`; keys joined by `/`."
    )
    title: str
    keys: dict[GroupBy, str] = Field(description="The group's key in each dimension.")
    titles: dict[GroupBy, Text] = Field(description="The keys for people, by language.")
    calls: KpiCalls
    kpis: list[KpiFigure]


class RulesSpan(BaseModel):
    """Days whose calls a version of the rules scored."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SPAN]})

    script: str
    language: str
    version: str
    first_day: date
    last_day: date
    calls: int
    present: bool = Field(description="True for the version that scores calls today.")


class RulesMark(BaseModel):
    """Where a series changes its rules: from this day on a version scored calls that others scored before."""

    day: date
    script: str
    language: str
    version: str


class UncountedRule(BaseModel):
    """A rule that somebody switched off, because it agreed too little with reviewers: what it found is in no figure."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "script": "b2b_sales",
                    "rule": "script/need",
                    "title": {"ru": "Выявил потребность", "en": "Asked for the need"},
                    "kpis": ["script_adherence"],
                    "since": "2025-11-20T09:15:00Z",
                    "recounted": True,
                }
            ]
        }
    )

    script: str
    rule: str = Field(description="`script/...`, `objections/...` or `violations/...`, as in `GET /v1/rule-switches`.")
    title: Text
    kpis: list[str] = Field(description="Ids of the figures that it would count in.")
    since: datetime
    recounted: bool = Field(description="False while calls scored before are still being counted without it.")


class KpiAnswer(BaseModel):
    """Figures by group, ordered by the groups' keys."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ANSWER]})

    group_by: str = Field(description="The dimensions with commas between.")
    dimensions: list[GroupBy]
    date_from: date | None = Field(serialization_alias="from", description="First day, null: from the first call on.")
    date_to: date | None = Field(serialization_alias="to", description="Last day, null: until today.")
    time_zone: Literal["UTC"] = Field(description="Days, weeks (from Monday) and months are those of this time zone.")
    previous_from: date | None
    previous_to: date | None
    rules: Literal["as_scored", "today"]
    rules_spans: list[RulesSpan] = Field(
        description="By day, week or month: which versions of the rules scored the calls."
    )
    marks: list[RulesMark] = Field(description="By day, week or month: where the rules change.")
    not_counted: list[UncountedRule] = Field(description="Rules that are switched off now, and so are in no figure.")
    groups: list[KpiGroup]
