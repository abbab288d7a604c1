"""Alembic's entrance: runs the migrations on the database that `bot.store.migrate` names."""

from alembic import context
from sqlalchemy import Connection, create_engine, pool

from bot.store.tables import Table

ONE_NODE = "SELECT pg_advisory_lock(7201)"  # nodes that start together migrate one after the other


def run(connection: Connection) -> None:
    """Migrate over this connection."""
    context.configure(
        connection=connection, target_metadata=Table.metadata, render_as_batch=True, transaction_per_migration=True
    )
    with context.begin_transaction():
        context.run_migrations()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    engine = create_engine(context.config.attributes["url"], poolclass=pool.NullPool, hide_parameters=True)
    with engine.connect() as own:
        if own.dialect.name == "postgresql":
            own.exec_driver_sql(ONE_NODE)
            own.commit()
        run(own)
        own.commit()
    engine.dispose()
