"""The query string of key figures."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from service.api.asker import Asker
from service.api.periods import EARLIEST_DAY, MAX_PERIOD_DAYS, Day, LastDay
from service.api.queries import StrictQuery
from service.api.validation import Name
from service.store.records import GroupBy, KpiFilter, RepRole

RulesShown = Literal["as_scored", "today"]
#: Dimensions of one answer: more of them make more rows than anybody reads.
MOST_DIMENSIONS = 4
GROUPS: tuple[GroupBy, ...] = get_args(GroupBy)


def _dimensions(value: object) -> object:
    """`rep,month` and `rep` `month` given twice are the same."""
    texts = value if isinstance(value, list) else [value]
    found = [part.strip() for text in texts for part in str(text).split(",")]
    if any(part not in GROUPS for part in found):
        raise ValueError(f"must be one or more of {', '.join(GROUPS)}, with commas between")
    return found


class PeriodQuery(StrictQuery):
    """Days, both ends included."""

    date_from: Day = Field(
        None, alias="from", description="First day, UTC, by the call's own start (else its arrival)."
    )
    date_to: LastDay = Field(None, alias="to", description="Last day.")

    @field_validator("date_to")
    @classmethod
    def _sane_period(cls, value: date | None, info: ValidationInfo) -> date | None:
        begin = info.data.get("date_from")
        if begin and value and (value - begin).days >= MAX_PERIOD_DAYS:
            raise ValueError(f"must not lie more than {MAX_PERIOD_DAYS} days after `from`")
        return value


class KpiQuery(PeriodQuery):
    """Which figures."""

    group_by: Annotated[list[GroupBy], BeforeValidator(_dimensions)] = Field(
        default=["rep"],
        description="One or more dimensions, given several times or with commas between: `rep,month`. `all` stands alone.",
        examples=[["rep"], ["team", "month"]],
    )
    team: Name | None = Field(None, description="A team's name.")
    rep: Name | None = Field(None, description="A rep's external id.")
    role: RepRole | None = None
    script: Name | None = Field(None, description="A rule pack's id.")
    objection_type: Name | None = Field(None, description="Only this type of objection; only what objections have.")
    rules: RulesShown = Field(
        "as_scored",
        description="`as_scored`: each call by the rules that scored it last. `today`: only calls scored by the present version.",
    )

    @field_validator("group_by")
    @classmethod
    def _sane_groups(cls, value: list[GroupBy]) -> list[GroupBy]:
        if len(set(value)) < len(value):
            raise ValueError("names a dimension twice")
        if len(value) > MOST_DIMENSIONS:
            raise ValueError(f"may name at most {MOST_DIMENSIONS} dimensions")
        if "all" in value and len(value) > 1:
            raise ValueError("`all` stands alone; leave it away, or leave the others away")
        return value

    def filter(
        self, asker: Asker, *, begin: date | None, end: date | None, rules: frozenset[tuple[str, str]] | None
    ) -> KpiFilter:
        """What of the rollup to sum for the days `begin` to `end`: what was asked for, and of that what the asker may see."""
        return KpiFilter(
            date_from=begin,
            date_to=end,
            team=self.team,
            rep=self.rep,
            role=self.role,
            team_id=asker.team_id,
            rep_id=asker.rep_id,
            script=self.script,
            objection_type=self.objection_type,
            rules=rules,
        )


def period_before(begin: date | None, end: date) -> tuple[date, date] | None:
    """The days before `begin`, as many as from there to `end`; None where there is no begin, or no such days."""
    if begin is None or begin > end:
        return None
    days = (end - begin).days + 1
    if (begin - EARLIEST_DAY).days < days:
        return None
    return begin - timedelta(days=days), begin - timedelta(days=1)
