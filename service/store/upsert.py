"""INSERT ... ON CONFLICT, which both databases have but SQLAlchemy spells per dialect."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_new(connection: Connection, table: Table, values: dict[str, Any]) -> bool:
    """Insert a row unless a unique constraint says that it is there already. True if it was inserted.

    Where another transaction is just inserting the same, this waits for its end and then decides.
    """
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    # SQLAlchemy forgets the row count of an INSERT unless it is told that somebody asks for it.
    options = {"preserve_rowcount": True}
    statement = insert(table).values(values).on_conflict_do_nothing()
    return connection.execute(statement, execution_options=options).rowcount == 1


def insert_or_replace(connection: Connection, table: Table, key: dict[str, Any], values: dict[str, Any]) -> None:
    """Insert the row `key` + `values`, or set `values` where `key` exists."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).values(key | values)
    connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))


def insert_or_add(connection: Connection, table: Table, key: dict[str, Any], amounts: dict[str, int]) -> None:
    """Insert the row `key` + `amounts`, or add `amounts` to what stands under `key`; nothing if all of them are 0."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).values(key | amounts)
    added = {name: table.c[name] + amount for name, amount in amounts.items() if amount}
    if not added:
        return
    connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=added))
