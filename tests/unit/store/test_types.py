"""Times and texts at rest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.dialects import postgresql, sqlite

from service.scoring.errors import StoredTextDamaged
from service.store import content
from service.store.types import UtcDateTime, new_id

TOKYO = timezone(timedelta(hours=9))
MORNING_IN_TOKYO = datetime(2025, 11, 3, 8, 0, tzinfo=TOKYO)
SQLITE = sqlite.dialect()
POSTGRES = postgresql.dialect()


@pytest.mark.parametrize("dialect", [SQLITE, POSTGRES], ids=["sqlite", "postgres"])
def test_a_moment_stays_the_same_moment_and_comes_back_in_utc(dialect: object) -> None:
    column = UtcDateTime()
    stored = column.process_bind_param(MORNING_IN_TOKYO, dialect)  # type: ignore[arg-type]
    back = column.process_result_value(stored, dialect)  # type: ignore[arg-type]
    assert back == MORNING_IN_TOKYO
    assert back is not None
    assert back.tzinfo is UTC
    assert column.process_bind_param(None, dialect) is None  # type: ignore[arg-type]
    assert column.process_result_value(None, dialect) is None  # type: ignore[arg-type]


def test_a_time_in_the_sessions_zone_comes_back_in_utc() -> None:
    assert UtcDateTime().process_result_value(MORNING_IN_TOKYO, POSTGRES) == datetime(2025, 11, 2, 23, 0, tzinfo=UTC)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        UtcDateTime().process_bind_param(datetime(2025, 11, 3), SQLITE)  # noqa: DTZ001 - that is the point


def test_ids_sort_by_the_time_they_were_made() -> None:
    """New rows land at the end of an index, and lists by id are lists by age."""
    ids = [new_id() for _ in range(1000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 1000
    assert {made.version for made in ids} == {7}


def test_a_stored_text_comes_back_as_it_was_and_takes_little_room() -> None:
    words = '{"words":[' + ",".join('{"text":"дорого"}' for _ in range(1000)) + "]}"
    sha256, packed = content.pack(words.encode())
    assert content.unpack(sha256, packed) == {"words": [{"text": "дорого"}] * 1000}
    assert len(packed) < len(words) / 10


@pytest.mark.parametrize("damage", [b"", b"no zlib at all", None], ids=["lost", "overwritten", "cut"])
def test_a_damaged_text_is_named_not_believed(damage: bytes | None) -> None:
    sha256, packed = content.pack(b'{"a":1}')
    with pytest.raises(StoredTextDamaged, match="damaged"):
        content.unpack(sha256, packed[:-3] if damage is None else damage)
    with pytest.raises(StoredTextDamaged, match="damaged"):
        content.unpack("0" * 64, packed)
