"""Times of a form come without offset and are meant in the visitor's zone; those of the API carry theirs."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from service.api.upload_fields import Scripts, UploadFields, check_fields

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SCRIPTS = Scripts({"b2b_sales": ("ru", "en")}, "b2b_sales")
BERLIN = ZoneInfo("Europe/Berlin")


def began(text: str, zone: ZoneInfo | None = BERLIN) -> datetime | str | None:
    values = {"source": b"web", "external_id": b"1", "rep": b"r-1", "started_at": text.encode()}
    found = check_fields(values, SCRIPTS, NOW, zone)
    return found.started_at if isinstance(found, UploadFields) else found[0].message


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-19T10:15", datetime(2026, 11, 19, 9, 15, tzinfo=UTC)),
        ("2026-07-19T10:15:30", datetime(2026, 7, 19, 8, 15, 30, tzinfo=UTC)),
        # The hour that comes twice when clocks are put back: the first.
        ("2026-10-25T02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("", None),
    ],
)
def test_a_time_of_the_visitor_s_zone_is_kept_in_utc(text: str, moment: datetime | None) -> None:
    assert began(text) == moment


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2026-03-29T02:30", "clocks were put forward"),
        ("2026-13-01T10:15", "must be a day and a time, like 2025-11-23T10:15"),
        ("2026-11-19T10:15+01:00", "must be a day and a time"),
        ("tomorrow", "must be a day and a time"),
        ("0001-01-01T00:00", "must"),
        ("1999-12-31T23:00", "must not lie before 2000-01-01"),
        ("2026-11-22T10:15", "more than a day in the future"),
    ],
)
def test_what_is_wrong_with_a_time_is_said(text: str, words: str) -> None:
    assert words in str(began(text))


def test_the_api_takes_no_time_without_its_offset() -> None:
    assert "with its offset" in str(began("2026-11-19T10:15", None))
    assert began("2026-11-19T10:15:00+01:00", None) == datetime(2026, 11, 19, 9, 15, tzinfo=UTC)
