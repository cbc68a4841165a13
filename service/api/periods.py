"""Periods as they are asked for: `from` and `to`, days or moments; `to` never before `from`."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from service.api.upload_fields import Wrong, moment_of

#: Years of calls that one answer may span; more is a typing error.
MAX_PERIOD_DAYS = 3660
#: No call was recorded by this product's systems before; also keeps arithmetic on dates within the calendar.
EARLIEST_DAY = date(2000, 1, 1)
LATEST_DAY = date(2999, 12, 31)


def begin_of(value: datetime | date | None) -> datetime | None:
    """A moment as it is; of a day, the midnight (UTC) it begins with."""
    return _midnight(value, days_on=0)


def end_of(value: datetime | date | None) -> datetime | None:
    """A moment as it is; of a day, the midnight (UTC) it ends with."""
    return _midnight(value, days_on=1)


def after(first: str) -> AfterValidator:
    """The end of a period of moments that the field `first` (`from` over the wire) begins."""

    def forwards(value: datetime | date | None, info: ValidationInfo) -> datetime | date | None:
        begin, end = begin_of(info.data.get(first)), end_of(value)
        if begin and end and begin >= end:
            raise ValueError("must lie after `from`")
        return value

    return AfterValidator(forwards)


def _midnight(value: datetime | date | None, *, days_on: int) -> datetime | None:
    if value is None or isinstance(value, datetime):
        return value
    return datetime.combine(value + timedelta(days=days_on), time(), UTC)


def _moment(value: object) -> datetime | date:
    """A day, or a time with its offset."""
    text = str(value)
    try:
        if len(text) == len("2025-11-23"):
            return _day(text)
        return moment_of(text)
    except Wrong as wrong:
        raise ValueError(f"must be a day like 2025-11-23 or a time like 2025-11-23T10:15:00Z: {wrong}") from None


def _day(value: object) -> date:
    try:
        day = date.fromisoformat(str(value))
    except ValueError:
        raise ValueError("must be a day like 2025-11-23") from None
    if not EARLIEST_DAY <= day <= LATEST_DAY:
        raise ValueError(f"must lie between {EARLIEST_DAY} and {LATEST_DAY}")
    return day


def _not_before_the_first(value: date | None, info: ValidationInfo) -> date | None:
    begin = info.data.get("date_from")
    if begin and value and begin > value:
        raise ValueError("must not lie before `from`")
    return value


Day = Annotated[date | None, BeforeValidator(_day), Field(examples=["2025-11-23"])]
#: The last day of a period whose first one is the field `date_from`, declared before it.
LastDay = Annotated[Day, AfterValidator(_not_before_the_first)]
Moment = Annotated[
    datetime | date | None,
    BeforeValidator(_moment),
    Field(examples=["2025-11-23", "2025-11-23T10:15:00+03:00"], json_schema_extra={"type": "string"}),
]
