"""The database: an engine for SQLite or PostgreSQL, its migrations, and transactions."""

from __future__ import annotations

import os
import sqlite3
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from service.scoring.errors import StoreUnavailable
from service.store import sqlite
from service.store.faults import database_fault, sqlite_fault
from service.store.schema import is_current, upgrade
from service.store.transaction import Transaction

#: Connections a process keeps open to PostgreSQL, and may open on top in a burst. Sized for the API's thread pool (40 threads, of
#: which a few are in the database at a time); workers use one or two.
POOL_SIZE = 5
POOL_OVERFLOW = 15
#: Seconds to wait for a free connection, and for the server to answer a new one, before StoreUnavailable.
POOL_TIMEOUT_S = 10
CONNECT_TIMEOUT_S = 5
#: Seconds after which a pooled connection is replaced: below the idle limits of common proxies and firewalls.
RECYCLE_S = 1800
#: Notices within a minute that the server's machine vanished without a word (seconds, seconds, tries; milliseconds).
KEEPALIVE = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 60_000}
#: PostgreSQL's own limits, in milliseconds: waiting for a lock, and a transaction that its process forgot.
LOCK_TIMEOUT_MS = 30_000
IDLE_TIMEOUT_MS = 60_000


class Database:
    """One database, used by any number of threads and, each with its own object or after a fork, processes."""

    def __init__(self, url: str, *, echo: bool = False) -> None:
        """Connects lazily. Raises ValueError for a URL that is neither SQLite in a file nor PostgreSQL."""
        self._url = _checked(url)
        self._engine = _engine(self._url, echo=echo)
        # A forked child must not talk over its parent's sockets; it leaves them to the parent and opens its own.
        engine = weakref.ref(self._engine)
        os.register_at_fork(after_in_child=lambda: _forget_connections(engine()))

    def migrate(self) -> None:
        """Bring the tables to this version. Safe when several processes start at once: one migrates, the others wait.

        Raises StoreUnavailable, also when a newer callscore has made the database.
        """
        with self._faults():
            if self._url.get_backend_name() == "sqlite":
                sqlite.prepare_file(self._url)
            upgrade(self._engine)

    def ready(self) -> bool:
        """True if the database answers and has the tables of this version."""
        try:
            with self._faults(), self._engine.connect() as connection:
                return is_current(connection)
        except StoreUnavailable:
            return False

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A transaction that may write: committed at the end of the block, rolled back on an error.

        Raises StoreUnavailable when the database cannot be reached or written.
        """
        with self._faults():
            with self._engine.begin() as connection:
                transaction = Transaction(connection)
                yield transaction
            transaction.committed()

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A transaction that only reads, sees one moment of the data, and never waits for a writer.

        Raises StoreUnavailable when the database cannot be reached; also at any attempt to write.
        """
        with self._faults(), self._engine.connect() as connection:
            reading: Connection = connection.execution_options(**self._reading_options())
            with reading.begin():
                yield Transaction(reading)

    def scrub(self) -> None:
        """Let nothing that was deleted linger in the database's files, as far as that is ours to do.

        On PostgreSQL nothing: its VACUUM does that, by itself. Raises StoreUnavailable.
        """
        if self._url.get_backend_name() != "sqlite":
            return
        with self._faults(), self._engine.connect() as connection:
            try:
                sqlite.scrub(connection.connection)
            except sqlite3.Error as error:
                raise sqlite_fault(error) from error

    def close(self) -> None:
        """Close all pooled connections."""
        self._engine.dispose()

    def _reading_options(self) -> dict[str, Any]:
        if self._url.get_backend_name() == "sqlite":
            return {"read_only": True}
        return {"read_only": True, "isolation_level": "REPEATABLE READ", "postgresql_readonly": True}

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise database_fault(error).with_traceback(error.__traceback__) from None


def _checked(url: str) -> URL:
    parsed = make_url(url)
    if parsed.drivername in {"postgresql", "postgres"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername == "postgresql+psycopg":
        return parsed
    if parsed.get_backend_name() == "sqlite" and parsed.database not in {None, "", ":memory:"}:
        return parsed
    raise ValueError(
        "the database URL must be postgresql+psycopg://... or sqlite:///FILE; several processes share the database, so "
        "SQLite in memory cannot serve"
    )


def _engine(url: URL, *, echo: bool) -> Engine:
    # hide_parameters: names, phone numbers and texts are bound values, and must be in no log line and no error.
    common: dict[str, Any] = {"echo": echo, "hide_parameters": True}
    if url.get_backend_name() == "sqlite":
        engine = create_engine(
            url,
            pool_size=sqlite.KEPT_CONNECTIONS,
            max_overflow=sqlite.MOST_CONNECTIONS - sqlite.KEPT_CONNECTIONS,
            connect_args={"timeout": sqlite.BUSY_TIMEOUT_S},
            **common,
        )
        event.listen(engine, "connect", sqlite.configure)
        event.listen(engine, "begin", sqlite.begin)
        return engine
    settings = (
        f"-c timezone=UTC -c lock_timeout={LOCK_TIMEOUT_MS} -c idle_in_transaction_session_timeout={IDLE_TIMEOUT_MS}"
    )
    return create_engine(
        url,
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        pool_timeout=POOL_TIMEOUT_S,
        pool_recycle=RECYCLE_S,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": CONNECT_TIMEOUT_S,
            "application_name": "callscore",
            "options": settings,
            **KEEPALIVE,
        },
        **common,
    )


def _forget_connections(engine: Engine | None) -> None:
    if engine is not None:
        engine.dispose(close=False)
