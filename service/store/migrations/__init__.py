"""Alembic's environment; `Database.migrate()` runs it."""
