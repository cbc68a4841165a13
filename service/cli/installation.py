"""This installation's settings and database, for commands that work on them directly."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import ValidationError

from service.scoring.errors import CallscoreError
from service.settings import Settings
from service.store.database import Database


def read_settings(**overrides: object) -> Settings:
    """Settings of the environment, with command-line overrides (None: not given).

    Raises:
        CallscoreError: a variable has a value that is not allowed; the message names each.
    """
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        problems = "; ".join(
            f"CALLSCORE_{'.'.join(str(part) for part in problem['loc']).upper()}: {problem['msg']}"
            for problem in error.errors()
        )
        raise CallscoreError(f"a setting is wrong: {problems}") from None


@contextmanager
def open_database(settings: Settings | None = None) -> Iterator[Database]:
    """The installation's database at the newest schema; created if it is the embedded one and missing."""
    settings = settings or read_settings()
    if settings.database_url is None:
        try:
            settings.data_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CallscoreError(f"cannot create the data folder {settings.data_dir}: {error.strerror}") from None
    database = Database(settings.effective_database_url)
    try:
        database.migrate()
        yield database
    finally:
        database.close()
