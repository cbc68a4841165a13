"""Applying the migrations, one process at a time."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, inspect, text

from service.scoring.errors import StoreUnavailable

MIGRATIONS = Path(__file__).parent / "migrations"
#: Key of PostgreSQL's advisory lock for migrations: "callscor" in ASCII.
LOCK_KEY = int.from_bytes(b"callscor")


def upgrade(engine: Engine) -> None:
    """Run what is missing, all in one transaction. Raises StoreUnavailable if the database is of a newer version."""
    with engine.begin() as connection:
        # On SQLite the transaction itself is the lock: it begins IMMEDIATE.
        if connection.dialect.name == "postgresql":
            # Waits as long as another process migrates; what the migration itself waits for is limited as always.
            connection.execute(text("SET LOCAL lock_timeout = 0"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
            connection.execute(text("SET LOCAL lock_timeout TO DEFAULT"))
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise StoreUnavailable(
                "the database was made by a newer callscore than this one; start the newer one, or restore the backup "
                "from before the upgrade"
            ) from error


def is_current(connection: Connection) -> bool:
    """True if the tables are of this version."""
    if not inspect(connection).has_table("alembic_version"):
        return False
    return MigrationContext.configure(connection).get_current_revision() == _head()


@cache
def _head() -> str | None:
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()
