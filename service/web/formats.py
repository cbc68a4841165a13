"""Numbers, shares, days and times as a reader of a language and a time zone expects them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_decimal, format_percent

from service.web.language import Language

#: Shown where there is no value: never 0 for nothing.
NOTHING = "–"
_SECONDS_A_MINUTE = 60
_MINUTES_AN_HOUR = 60
_LONGEST_ZONE_NAME = 64
#: Numbers that are kept as they were written last.
KEPT = 4096


def zone_named(*names: str | None) -> tzinfo:
    """The zone of the first of these that is an IANA name (`Europe/Moscow`); UTC if none is."""
    for name in names:
        if name and len(name) <= _LONGEST_ZONE_NAME:
            with suppress(ZoneInfoNotFoundError, ValueError, OSError):
                return ZoneInfo(name)
    return UTC


@dataclass(frozen=True, slots=True)
class Formats:
    """All methods take None and show it as a dash."""

    language: Language
    zone: tzinfo

    def number(self, value: float | None, digits: int = 0) -> str:
        """`1 234,5` or `1,234.5`."""
        if value is None:
            return NOTHING
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return _decimal(value, pattern, self.language)

    def percent(self, share: float | None, digits: int = 0) -> str:
        """A share 0..1 as per cent."""
        if share is None:
            return NOTHING
        pattern = "#,##0" + ("." + "0" * digits if digits else "") + ("\N{NO-BREAK SPACE}%" if self._spaced else "%")
        return _percent(share, pattern, self.language)

    def measured(self, value: float | None, unit: str) -> str:
        """A KPI's value by its unit: `points` (0..5, one decimal), `share`, `seconds`, else a count."""
        if unit == "share":
            return self.percent(value)
        if unit == "seconds":
            return self.lasting(value)
        if unit == "points":
            return self.number(value, 2)
        return self.number(value, 0 if value is None or float(value).is_integer() else 1)

    def clock(self, seconds: float | None) -> str:
        """A place in a recording: `2:07`, `1:02:07`."""
        if seconds is None:
            return NOTHING
        minutes, rest = divmod(int(seconds), _SECONDS_A_MINUTE)
        hours, minutes = divmod(minutes, _MINUTES_AN_HOUR)
        return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"

    def lasting(self, seconds: float | None) -> str:
        """How long something takes: `48 s`, `3 min`, `2 h`."""
        if seconds is None:
            return NOTHING
        units = ("с", "мин", "ч", "дн.") if self.language == "ru" else ("s", "min", "h", "d")
        amount, unit = seconds, units[0]
        for size, name in ((60, units[1]), (60, units[2]), (24, units[3])):
            if amount < size:
                break
            amount, unit = amount / size, name
        return f"{self.number(amount, 1 if amount < 10 and unit != units[0] else 0)}\N{NO-BREAK SPACE}{unit}"  # noqa: PLR2004

    def moment(self, when: datetime | None) -> str:
        """Day and time in the reader's zone: `17 Nov 2026, 15:25`."""
        if when is None:
            return NOTHING
        pattern = "d MMM y, HH:mm"
        return str(format_datetime(when, pattern, tzinfo=self.zone, locale=self.language))

    def time(self, when: datetime | None) -> str:
        """`15:25` in the reader's zone."""
        return NOTHING if when is None else str(format_time(when, "HH:mm", tzinfo=self.zone, locale=self.language))

    def day(self, day: date | datetime | None) -> str:
        """`17 Nov 2026`."""
        if day is None:
            return NOTHING
        if isinstance(day, datetime):
            day = day.astimezone(self.zone).date()
        return str(format_date(day, "d MMM y", locale=self.language))

    def month(self, day: date | None) -> str:
        """`November 2026`."""
        return NOTHING if day is None else str(format_date(day, "LLLL y", locale=self.language))

    def short_day(self, day: date | datetime | None) -> str:
        """`17 Nov`."""
        if day is None:
            return NOTHING
        if isinstance(day, datetime):
            day = day.astimezone(self.zone).date()
        return str(format_date(day, "d MMM", locale=self.language))

    @property
    def _spaced(self) -> bool:
        """Whether a space parts number and per cent sign."""
        return self.language == "ru"


# A page of figures shows the same few numbers again and again.
@lru_cache(KEPT)
def _decimal(value: float, pattern: str, language: Language) -> str:
    return str(format_decimal(value, pattern, locale=language))


@lru_cache(KEPT)
def _percent(share: float, pattern: str, language: Language) -> str:
    return str(format_percent(share, pattern, locale=language))
