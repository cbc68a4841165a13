"""Run by Alembic inside the transaction that `service.store.schema` opened."""

from alembic import context

from service.store.metadata import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite changes tables by copying them.
    render_as_batch=True,
    # SQLite's DDL is transactional as long as nobody commits in between, and nobody does.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
