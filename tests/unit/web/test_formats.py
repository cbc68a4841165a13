"""Numbers and times read as people of the language write them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from service.web.formats import Formats, zone_named
from service.web.language import Language

RU, EN = Formats("ru", ZoneInfo("Europe/Moscow")), Formats("en", UTC)


def plain(text: str) -> str:
    """Spaces that do not break are still spaces to a reader."""
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


def test_numbers_are_written_as_in_the_language() -> None:
    assert (plain(RU.number(1234.5, 1)), EN.number(1234.5, 1)) == ("1 234,5", "1,234.5")
    assert (plain(RU.percent(0.705)), EN.percent(0.705, 1)) == ("70 %", "70.5%")


def test_times_are_those_of_the_reader() -> None:
    moment = datetime(2026, 11, 17, 22, 25, tzinfo=UTC)
    assert RU.moment(moment) == "18 нояб. 2026, 01:25"
    assert EN.moment(moment) == "17 Nov 2026, 22:25"
    assert RU.day(date(2026, 11, 17)) == "17 нояб. 2026"


@pytest.mark.parametrize("method", ["number", "percent", "clock", "lasting", "moment", "day", "time", "short_day"])
def test_nothing_is_a_dash_and_never_a_nought(method: str) -> None:
    assert getattr(EN, method)(None) == "–"


@pytest.mark.parametrize(
    ("seconds", "language", "text"),
    [(48, "en", "48 s"), (90, "en", "1.5 min"), (90, "ru", "1,5 мин"), (7200, "ru", "2,0 ч"), (864000, "en", "10 d")],
)
def test_lengths_are_told_in_the_unit_that_fits(seconds: float, language: Language, text: str) -> None:
    assert plain(Formats(language, UTC).lasting(seconds)) == text


def test_a_place_in_a_long_recording_has_hours() -> None:
    assert (EN.clock(127.9), EN.clock(3727)) == ("2:07", "1:02:07")


def test_the_first_name_that_is_a_zone_counts() -> None:
    assert zone_named("../etc/passwd", "Europe/Moscow") == ZoneInfo("Europe/Moscow")
    assert zone_named("x" * 1000, None) is UTC
