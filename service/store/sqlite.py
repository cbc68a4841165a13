"""How SQLite is driven so that the API, the workers and the scheduler share one file.

- WAL: readers and the one writer do not wait for each other.
- synchronous=FULL: every commit is on the disk before it is acknowledged. NORMAL, WAL's usual companion, keeps the file sound
  but may lose the last commits in a power cut, and with them uploads that were answered with 202.
- BEGIN IMMEDIATE for transactions that may write: the write lock is taken (or waited for) at the start. A plain BEGIN
  that reads first and writes later fails at once with "database is locked" when somebody else wrote in between.
"""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine import URL
from sqlalchemy.pool import PoolProxiedConnection

from service.store import private
from service.store.faults import sqlite_fault

#: Seconds a connection waits for the write lock. Write transactions take milliseconds; only a stalled disk comes near.
BUSY_TIMEOUT_S = 30
#: A connection is a file handle: every thread of the API may have one, and threads that wait for the write lock keep theirs.
MOST_CONNECTIONS = 64
#: Those that are kept open in between: as many as are often in use at once. Opening one costs more than what it is mostly used for.
KEPT_CONNECTIONS = 16
WAL_RETRY_S = 0.05
#: Index pages that one step of a merge writes, and steps at most: two million pages, more than the index of a million calls has.
MERGED_PAGES, MOST_MERGES = 500, 4_000
#: SQLite's documentation: a merge that changed less than two rows had nothing to do.
MERGE_DID_SOMETHING = 2
#: What a connection's own notes call whether it refuses to write.
_QUERY_ONLY = "query_only"


def configure(connection: Any, _record: Any) -> None:
    """Set up a new connection (SQLAlchemy's "connect" event)."""
    # The driver would begin transactions by itself, and late; `begin` below does it.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA synchronous=FULL")
    # What is erased is overwritten in the file, not only taken off the list of pages in use.
    connection.execute("PRAGMA secure_delete=ON")


def begin(connection: Connection) -> None:
    """Begin a transaction (SQLAlchemy's "begin" event)."""
    read_only = bool(connection.get_execution_options().get("read_only", False))
    # A kept connection knows what it was told last: the same reader comes again and again.
    if connection.info.get(_QUERY_ONLY) != read_only:
        connection.exec_driver_sql(f"PRAGMA query_only={'ON' if read_only else 'OFF'}")
        connection.info[_QUERY_ONLY] = read_only
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def scrub(pooled: PoolProxiedConnection) -> None:
    """Take what was deleted out of the full-text index's old segments and out of the write-ahead log.

    Outside any transaction. Small steps, so that writers wait milliseconds. While somebody reads, the log keeps its old pages;
    the next time takes them.
    """
    connection: Any = pooled.driver_connection
    # The connection may have served a reader last.
    connection.execute("PRAGMA query_only=OFF")
    pooled.info[_QUERY_ONLY] = False
    for _ in range(MOST_MERGES):
        before = connection.total_changes
        connection.execute("INSERT INTO call_words(call_words, rank) VALUES ('merge', ?)", (-MERGED_PAGES,))
        if connection.total_changes - before < MERGE_DID_SOMETHING:
            break
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def prepare_file(url: URL) -> None:
    """Create the file if need be, readable by its owner only, and switch it to WAL, which it then keeps.

    Raises StoreUnavailable.
    """
    try:
        _prepare(Path(url.database or ""))
    except (OSError, sqlite3.Error) as error:
        raise sqlite_fault(error) from error


def _prepare(path: Path) -> None:
    private.make_folder(path.parent)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, private.FILE_MODE))
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S)
    try:
        _switch_to_wal(connection)
    finally:
        connection.close()


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    # SQLite does not wait here, however long the timeout: whoever starts at the same moment makes it fail.
    give_up = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise
            time.sleep(WAL_RETRY_S)
