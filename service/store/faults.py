"""What failing databases and audio stores are called: StoreUnavailable with a sentence, or an internal error.

Messages name codes, tables and constraints, never values: a database's own message may quote the row that it refused.
"""

from __future__ import annotations

import errno
import os
import sqlite3

import psycopg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError, StatementError
from sqlalchemy.exc import TimeoutError as NoFreeConnection

from service.scoring.errors import CallscoreError, StoreUnavailable

#: No space, no quota, or a file larger than allowed.
DISK_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}

UNREACHABLE = "the database does not answer; check that it runs and that the address and password in its URL are right"
FULL = "the disk of the database is full; free space on it, then try again"
READ_ONLY = (
    "the database cannot be written; check the rights on its file and folder, or that it is not a standby server"
)
BUSY = "the database was busy for too long; try again, and look for a long-running transaction if this repeats"
DAMAGED = "the database file is damaged or is none; restore it from a backup"
IO_ERROR = "the disk of the database reports errors; check it and the system's log"
NO_TABLES = "the database has no tables of this version; run `callscore migrate`"

#: By SQLite's primary result code.
SQLITE_FAULTS = {
    sqlite3.SQLITE_PERM: READ_ONLY,
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_LOCKED: BUSY,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_IOERR: IO_ERROR,
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_CANTOPEN: "the database file cannot be opened; check its path and the rights on its folder",
    sqlite3.SQLITE_NOTADB: DAMAGED,
}
PRIMARY_CODE = 0xFF
#: By PostgreSQL's SQLSTATE, or its class (the first two characters).
POSTGRES_FAULTS = {
    "08": UNREACHABLE,
    "25006": READ_ONLY,
    "25P03": "the transaction was idle for too long and was ended by the database",
    "28": UNREACHABLE,
    "3D": "the database named in the URL does not exist; create it",
    "40": BUSY,
    "42P01": NO_TABLES,
    "53": "the database is short of connections, memory or disk; look at its log",
    "53100": FULL,
    "55P03": BUSY,
    "57": "the database is shutting down or starting; try again in a moment",
    "58": IO_ERROR,
    "XX": DAMAGED,
}


def database_fault(error: SQLAlchemyError) -> CallscoreError:
    """The domain's error for a database error."""
    if isinstance(error, NoFreeConnection):
        return StoreUnavailable("all connections to the database are in use; try again, or start fewer processes")
    if isinstance(error, DBAPIError):
        return _driver_fault(error.orig)
    if isinstance(error, StatementError):
        return CallscoreError(f"a value cannot be stored: {error.orig}")
    return CallscoreError(f"the database layer failed: {type(error).__name__}")


def sqlite_fault(error: sqlite3.Error | OSError) -> StoreUnavailable:
    """The domain's error for a SQLite file that cannot be made ready."""
    if isinstance(error, OSError):
        sentence = FULL if error.errno in DISK_FULL else f"{READ_ONLY} ({os.strerror(error.errno or 0)})"
        return StoreUnavailable(sentence)
    return StoreUnavailable(SQLITE_FAULTS.get(_sqlite_code(error), IO_ERROR))


def audio_fault(error: Exception) -> StoreUnavailable:
    """The domain's error for a failing audio store: a full disk, missing rights, a server that does not answer."""
    number = getattr(error, "errno", None)
    if number in DISK_FULL:
        return StoreUnavailable("the disk of the audio store is full; free space on it, then send the recording again")
    if number is not None:
        return StoreUnavailable(f"the audio store cannot be used now: {os.strerror(number)}")
    kind = type(error).__name__
    return StoreUnavailable(f"the audio store cannot be used now ({kind}); check its address, credentials and network")


def _driver_fault(error: BaseException | None) -> CallscoreError:
    sentence: str | None = None
    where = ""
    if isinstance(error, sqlite3.Error):
        code = _sqlite_code(error)
        missing_table = code == sqlite3.SQLITE_ERROR and str(error).startswith("no such table")
        sentence = NO_TABLES if missing_table else SQLITE_FAULTS.get(code)
        where = getattr(error, "sqlite_errorname", "")
    elif isinstance(error, psycopg.Error):
        state = error.sqlstate
        if state is not None:
            sentence = POSTGRES_FAULTS.get(state, POSTGRES_FAULTS.get(state[:2]))
        elif isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
            sentence = UNREACHABLE
        where = " ".join(filter(None, (state, error.diag.table_name, error.diag.constraint_name)))
    if sentence is not None:
        return StoreUnavailable(sentence)
    return CallscoreError(f"the database refused a statement: {type(error).__name__} {where}".rstrip())


def _sqlite_code(error: sqlite3.Error) -> int:
    # Errors of the module itself, not of the library, have no code.
    return int(getattr(error, "sqlite_errorcode", 0)) & PRIMARY_CODE
