"""The fixtures that every test may ask for; they live in tests/fixtures/, one module a subject."""

from tests.fixtures.stores import (
    audio_store,
    database,
    database_url,
    empty_database_url,
    postgres_server,
    postgres_url,
    sqlite_database,
    sqlite_template,
    sqlite_url,
)

__all__ = [
    "audio_store",
    "database",
    "database_url",
    "empty_database_url",
    "postgres_server",
    "postgres_url",
    "sqlite_database",
    "sqlite_template",
    "sqlite_url",
]
