"""The tables come from migrations, and many processes may start at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, text

from service.scoring.errors import StoreUnavailable
from service.store.database import Database
from service.store.metadata import metadata
from service.store.schema import MIGRATIONS
from tests.integration.store.together import together

PROCESSES = 6


def _migrate(url: str, _which: int) -> bool:
    database = Database(url)
    database.migrate()
    ready = database.ready()
    database.close()
    return ready


def _described(name: str | None, _kind: str, _parents: object) -> bool:
    """Not the full-text indexes: each database has its own kind, which SQLAlchemy cannot describe."""
    return name is None or not name.startswith(("call_words", "ix_call_texts_words"))


def test_models_and_migrations_describe_the_same_tables(database: Database, database_url: str) -> None:
    """A forgotten migration would break the first start after an upgrade."""
    engine = create_engine(database_url)
    with engine.connect() as connection:
        opts = {"compare_type": True, "compare_server_default": True, "include_name": _described}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_processes_that_start_at_once_all_find_a_ready_database(empty_database_url: str) -> None:
    assert together(PROCESSES, _migrate, empty_database_url) == [True] * PROCESSES


def test_a_database_without_tables_is_not_ready_and_says_so(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    assert not database.ready()
    with pytest.raises(StoreUnavailable), database.transaction() as tx:
        tx.calls.counts()
    database.migrate()
    assert database.ready()
    database.close()


def test_a_database_of_a_newer_version_is_refused_with_a_sentence(database: Database, database_url: str) -> None:
    """Rolled back to an older release: it must not work on tables that it does not know."""
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    assert not database.ready()
    with pytest.raises(StoreUnavailable, match="newer callscore"):
        database.migrate()


def test_migrations_can_be_undone(database: Database, database_url: str) -> None:
    """Going down and up again ends with the same tables."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = create_engine(database_url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    engine.dispose()
    assert not database.ready()
    database.migrate()
    assert database.ready()


def test_a_sqlite_file_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    """It holds transcripts: personal data."""
    database = Database(f"sqlite:///{tmp_path / 'data' / 'callscore.db'}")
    database.migrate()
    with database.transaction() as tx:
        tx.calls.counts()
        modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "data").iterdir()}
    database.close()
    assert set(modes.values()) == {0o600}
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
