"""An upgrade of a database with people in it: they are still there, with the languages they had, and can log in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from service.store.database import Database
from service.store.schema import MIGRATIONS
from tests.fixtures.samples import NOW


def test_people_stay_and_a_language_may_be_missing(database: Database, database_url: str) -> None:
    with database.transaction() as tx:
        own = tx.users.create("own@example.com", password_hash="x", role="admin", language="ru", now=NOW)
        new = tx.users.create("new@example.com", password_hash="x", role="admin", now=NOW)
        tx.sessions.create(own.id, now=NOW, idle=timedelta(hours=1), longest=timedelta(hours=2))
    assert (own.language, new.language) == ("ru", None)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = create_engine(database_url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0006")
    database.migrate()
    with database.transaction() as tx:
        assert [
            found[0].language for name in ("own", "new") if (found := tx.users.by_email(f"{name}@example.com"))
        ] == [
            "ru",
            "en",
        ]
        tx.sessions.create(own.id, now=NOW, idle=timedelta(hours=1), longest=timedelta(hours=2))
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text("UPDATE users SET language = 'fr'"))
    engine.dispose()
