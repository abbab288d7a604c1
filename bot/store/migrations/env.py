"""Alembic's entrance: runs the migrations on the database that `bot.store.migrate` names."""

from alembic import context
from sqlalchemy import create_engine, pool

from bot.store.tables import Table

url = context.config.attributes["url"]
engine = create_engine(url, poolclass=pool.NullPool, hide_parameters=True)
with engine.connect() as connection:
    context.configure(
        connection=connection, target_metadata=Table.metadata, render_as_batch=True, transaction_per_migration=True
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
engine.dispose()
