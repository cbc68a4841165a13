"""What callers and logs get when the database fails: a sentence, and nobody's data."""

from __future__ import annotations

import logging
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from service.scoring.errors import CallscoreError, StoreUnavailable
from service.store.database import Database
from service.store.records import CallFilter
from tests.fixtures.postgres import PostgresServer, running_server
from tests.fixtures.samples import NOW, sample_call

PHONE = "+7 999 123-45-67"


@pytest.fixture
def own_server() -> Iterator[PostgresServer]:
    """A server that the test may stop."""
    with running_server() as server:
        yield server


def _upload_many(database: Database, *, most_pages: int) -> None:
    with database.transaction() as tx:
        tx.calls._connection.exec_driver_sql(f"PRAGMA max_page_count={most_pages}")
        for number in range(200):
            tx.calls.create(sample_call(f"more-{number}"), now=NOW, allow_unknown_rep=True)


def test_a_full_database_disk_is_named_and_loses_nothing(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as tx:
        call, _ = tx.calls.create(sample_call(), now=NOW, allow_unknown_rep=True)
        connection = tx.calls._connection
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    with pytest.raises(StoreUnavailable, match="disk of the database is full"):
        _upload_many(sqlite_database, most_pages=pages)
    with sqlite_database.read() as tx:
        assert [found.id for found in tx.calls.list(CallFilter(), limit=10).calls] == [call.id]


def test_a_disk_that_takes_no_more_bytes_is_named(sqlite_url: str) -> None:
    """The same at the level of the system: the file may not grow any further."""
    program = f"""
import resource
from service.scoring.errors import StoreUnavailable
from service.store.database import Database
from tests.fixtures.samples import NOW, sample_call
database = Database({sqlite_url!r})
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    for number in range(500):
        with database.transaction() as tx:
            tx.calls.create(sample_call(str(number)), now=NOW, allow_unknown_rep=True)
except StoreUnavailable as error:
    raise SystemExit(str(error))
"""
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=Path.cwd()
    )
    assert result.returncode == 1
    assert result.stderr.startswith("the disk of the database")


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "callscore.db"
    path.write_bytes(b"this is a shopping list, not a database; it is long enough to be looked at." * 20)
    database = Database(f"sqlite:///{path}")
    assert not database.ready()
    with pytest.raises(StoreUnavailable, match="damaged"):
        database.migrate()
    database.close()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where a folder should be")
    database = Database(f"sqlite:///{tmp_path / 'data' / 'callscore.db'}")
    with pytest.raises(StoreUnavailable, match=r"Not a directory|File exists"):
        database.migrate()
    assert not database.ready()


def test_a_lock_held_too_long_is_named(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.store.sqlite.BUSY_TIMEOUT_S", 0.05)
    database = Database(sqlite_url)
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="busy"), database.transaction() as tx:
            tx.calls.counts()
        with database.read() as tx:
            assert tx.calls.counts()["received"] == 0
    database.close()


@pytest.mark.postgres
def test_a_server_that_goes_away_and_comes_back_is_used_again(own_server: PostgresServer) -> None:
    """The API answers 503 while PostgreSQL is restarted, and works again afterwards without a restart of its own."""
    with own_server.fresh_database() as url:
        database = Database(url)
        assert database.ready()
        own_server.stop()
        assert not database.ready()
        with pytest.raises(StoreUnavailable, match=r"does not answer|shutting down"), database.transaction() as tx:
            tx.calls.counts()
        with pytest.raises(StoreUnavailable):
            database.migrate()
        own_server.start_again()
        assert database.ready()
        with database.transaction() as tx:
            tx.calls.create(sample_call(), now=NOW, allow_unknown_rep=True)
        database.close()


@pytest.mark.postgres
def test_a_standby_server_is_named_as_not_writable(postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        name = connection.execute(text("SELECT current_database()")).scalar_one()
        connection.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'))
    engine.dispose()
    database = Database(postgres_url)
    with pytest.raises(StoreUnavailable, match="cannot be written"), database.transaction() as tx:
        tx.calls.create(sample_call(), now=NOW, allow_unknown_rep=True)
    database.close()


@pytest.mark.parametrize("change", [{"direction": PHONE}, {"customer_ref": PHONE, "direction": "sideways"}])
def test_nobodys_data_gets_into_errors_or_logs(
    database: Database, caplog: pytest.LogCaptureFixture, change: dict[str, str]
) -> None:
    """A database quotes the row that it refuses; it must not end in a log file."""
    with (
        caplog.at_level(logging.DEBUG),
        pytest.raises(CallscoreError, match="refused a statement") as caught,
        database.transaction() as tx,
    ):
        tx.calls.create(sample_call(**change), now=NOW, allow_unknown_rep=True)
    assert PHONE not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert PHONE not in caplog.text
    assert database.ready()


def test_an_echoed_statement_shows_no_values(sqlite_url: str, caplog: pytest.LogCaptureFixture) -> None:
    database = Database(sqlite_url, echo=True)
    with caplog.at_level(logging.INFO), database.transaction() as tx:
        tx.calls.create(sample_call(customer_ref=PHONE), now=NOW, allow_unknown_rep=True)
    database.close()
    assert "INSERT INTO calls" in caplog.text
    assert PHONE not in caplog.text
