"""Transactions, and what callers and logs get when the database fails."""

from __future__ import annotations

import logging
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
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


def test_what_is_done_in_a_failed_transaction_never_happened(database: Database) -> None:
    told: list[str] = []
    with suppress(KeyboardInterrupt), database.transaction() as tx:
        tx.calls.create(sample_call(), now=NOW, allow_unknown_rep=True)
        tx.after_commit(lambda: told.append("sent"))
        raise KeyboardInterrupt
    with database.read() as tx:
        assert tx.calls.counts()["received"] == 0
        assert tx.reps.list() == ()
        assert tx.rollup.verify() == ()
    assert told == []


def test_callbacks_run_after_the_commit_in_order_and_a_failing_one_stops_nobody(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """The queue is told of a call only when a worker can see it; a broken queue does not break the upload."""
    told: list[object] = []

    def look() -> None:
        with database.read() as tx:
            told.append(tx.calls.counts()["received"])

    def break_down() -> None:
        raise ConnectionError("no queue")

    with caplog.at_level(logging.ERROR), database.transaction() as tx:
        tx.after_commit(break_down)
        tx.after_commit(look)
        tx.after_commit(lambda: told.append("last"))
        tx.calls.create(sample_call(customer_ref=PHONE), now=NOW, allow_unknown_rep=True)
        assert told == []
    assert told == [1, "last"]
    assert "after the commit failed" in caplog.text


def test_a_reading_transaction_writes_nothing(database: Database) -> None:
    with pytest.raises(StoreUnavailable, match="cannot be written"), database.read() as tx:
        tx.calls.create(sample_call(), now=NOW, allow_unknown_rep=True)
    # The connection goes back to the pool and may write again.
    with database.transaction() as tx:
        tx.calls.create(sample_call(), now=NOW, allow_unknown_rep=True)


def test_a_reader_sees_one_moment_and_waits_for_no_writer(database: Database) -> None:
    """A report must not mix numbers from before and after an upload, nor hang while one is written."""
    with database.transaction() as writing:
        writing.calls.create(sample_call("1"), now=NOW, allow_unknown_rep=True)
        with database.read() as reading:
            assert reading.calls.counts()["received"] == 0
    with database.read() as reading:
        assert reading.calls.counts()["received"] == 1
        with database.transaction() as writing:
            writing.calls.create(sample_call("2"), now=NOW, allow_unknown_rep=True)
        assert reading.calls.counts()["received"] == 1


def test_writers_that_read_first_wait_for_each_other_and_never_fail(database: Database) -> None:
    """Each reads, then writes: the pattern that meets "database is locked" unless the lock is taken at the start."""
    gate = threading.Barrier(10)

    def work(number: int) -> None:
        gate.wait()
        for at in range(10):
            with database.transaction() as tx:
                tx.calls.list(CallFilter(), limit=5)
                tx.calls.create(sample_call(f"{number}-{at}"), now=NOW, allow_unknown_rep=True)

    with ThreadPoolExecutor(10) as threads:
        list(threads.map(work, range(10)))
    with database.read() as tx:
        assert tx.calls.counts()["received"] == 100
        assert tx.rollup.verify() == ()


def test_acknowledged_writes_are_on_the_disk(sqlite_database: Database, sqlite_url: str) -> None:
    """Power may fail right after the 202. What SQLite is told to do for that is checked, since no test can pull the plug."""
    with sqlite_database.transaction() as tx:
        connection = tx.calls._connection
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    full = 2
    assert settings == {"journal_mode": "wal", "synchronous": full, "foreign_keys": 1, "busy_timeout": 30_000}


def test_a_child_process_may_go_on_using_the_database(database: Database, database_url: str) -> None:
    """Workers are forked from a process that has used its connections."""
    program = f"""
import os
from service.store.database import Database
from tests.fixtures.samples import NOW, sample_call
def upload(name):
    with database.transaction() as tx:
        tx.calls.create(sample_call(name), now=NOW, allow_unknown_rep=True)
database = Database({database_url!r})
upload("before")
child = os.fork()
for number in range(20):
    upload(f"{{child}}-{{number}}")
if child:
    assert os.waitpid(child, 0)[1] == 0
"""
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True)
    with database.read() as tx:
        assert tx.calls.counts()["received"] == 41


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://host/db", "postgresql+psycopg2://host/db"])
def test_a_database_that_cannot_serve_several_processes_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="postgresql"):
        Database(url)


def test_a_plain_postgresql_address_is_understood(postgres_url: str) -> None:
    database = Database(postgres_url.replace("postgresql+psycopg://", "postgresql://"))
    assert database.ready()
    database.close()


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
