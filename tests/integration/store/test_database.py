"""Transactions: what is committed, seen and told, and when."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from service.scoring.errors import StoreUnavailable
from service.store.database import Database
from service.store.records import CallFilter
from tests.fixtures.samples import NOW, sample_call

PHONE = "+7 999 123-45-67"


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
    # The connection goes back to the pool and may write again, and then not, also after the database was scrubbed.
    for number in range(2):
        with database.transaction() as tx:
            tx.calls.create(sample_call(str(number)), now=NOW, allow_unknown_rep=True)
        database.scrub()
        with pytest.raises(StoreUnavailable, match="cannot be written"), database.read() as tx:
            tx.calls.create(sample_call("another"), now=NOW, allow_unknown_rep=True)


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
