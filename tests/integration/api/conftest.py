"""Fixtures of the API's tests: a house on SQLite, and one on each database."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.store.audio import AudioStore
from service.store.database import Database
from tests.integration.api.house import House, settings_for


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def house(sqlite_database: Database, audio_store: AudioStore, tmp_path: Path) -> House:
    return House(sqlite_database, audio_store, settings_for(tmp_path))


@pytest.fixture
def house_on_both(database: Database, audio_store: AudioStore, tmp_path: Path) -> House:
    return House(database, audio_store, settings_for(tmp_path))
