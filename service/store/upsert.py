"""INSERT ... ON CONFLICT, which both databases have but SQLAlchemy spells per dialect.

Each statement is put together once for each table and set of columns: that costs more than running it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_new(connection: Connection, table: Table, values: dict[str, Any]) -> bool:
    """Insert a row unless a unique constraint says that it is there already. True if it was inserted.

    Where another transaction is just inserting the same, this waits for its end and then decides. A value may be an SQL
    expression.
    """
    # SQLAlchemy forgets the row count of an INSERT unless it is told that somebody asks for it.
    options = {"preserve_rowcount": True}
    statement = _insert(connection.dialect.name, table).on_conflict_do_nothing()
    if any(hasattr(value, "__clause_element__") or hasattr(value, "self_group") for value in values.values()):
        return connection.execute(statement.values(values), execution_options=options).rowcount == 1
    return connection.execute(_new(connection.dialect.name, table), values, execution_options=options).rowcount == 1


def insert_all_new(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """The same for many rows with the same columns; which of them were inserted is to be looked up."""
    connection.execute(_new(connection.dialect.name, table), rows)


def insert_or_replace(connection: Connection, table: Table, key: dict[str, Any], values: dict[str, Any]) -> None:
    """Insert the row `key` + `values`, or set `values` where `key` exists."""
    connection.execute(_replacing(connection.dialect.name, table, tuple(key), tuple(values)), key | values)


def insert_or_add(
    connection: Connection, table: Table, key: tuple[str, ...], names: tuple[str, ...], rows: list[dict[str, Any]]
) -> None:
    """For each row, in their order: insert it, or add its amounts, the columns `names`, to what stands under its `key`."""
    connection.execute(_adding(connection.dialect.name, table, key, names), rows)


@cache
def _new(dialect: str, table: Table) -> Any:
    return _insert(dialect, table).on_conflict_do_nothing()


@cache
def _replacing(dialect: str, table: Table, key: tuple[str, ...], names: tuple[str, ...]) -> Any:
    statement = _insert(dialect, table)
    new = {name: statement.excluded[name] for name in names}
    return statement.on_conflict_do_update(index_elements=list(key), set_=new)


@cache
def _adding(dialect: str, table: Table, key: tuple[str, ...], names: tuple[str, ...]) -> Any:
    statement = _insert(dialect, table)
    added = {name: table.c[name] + statement.excluded[name] for name in names}
    return statement.on_conflict_do_update(index_elements=list(key), set_=added)


def _insert(dialect: str, table: Table) -> Any:
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
