"""The fixtures that every test may ask for; they live in tests/fixtures/, one module a subject."""

import signal

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

# A shell starts what it puts into the background with Ctrl-C ignored, and children inherit that: the tests that press Ctrl-C
# would wait for ever for processes that were told to ignore it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
