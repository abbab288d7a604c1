"""PostgreSQL's tables in a backup: all of one moment, a file per table as COPY writes it."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Connection, MetaData, Table, create_engine, make_url
from sqlalchemy.exc import SQLAlchemyError

from bot.settings import Settings
from bot.setup.problems import Problem
from bot.store.database import COUNTER
from bot.store.migrate import synchronous, upgrade_within

SUFFIX = ".copy"
CHUNK = 1 << 20
# A connection that somebody forgot must not make a restore wait for ever.
PATIENCE = "SET LOCAL lock_timeout = '15s'"
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
COLUMNS = """SELECT column_name FROM information_schema.columns
    WHERE table_schema = current_schema() AND table_name = %s ORDER BY ordinal_position"""
REVISION = "alembic_version"


def dump(settings: Settings, folder: Path) -> dict[str, Any]:
    """Write every table as it stands at this moment while others write on; the revision and the tables' columns."""
    plain = make_url(settings.database).set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        with psycopg.connect(plain) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            names = [str(name) for (name,) in connection.execute(TABLES)]
            if REVISION not in names:
                raise Problem("database_failed", reason="it has no tables yet")
            [(revision,)] = connection.execute("SELECT version_num FROM alembic_version").fetchall()
            tables = {name: _dump_table(connection, name, folder) for name in names if name != REVISION}
    except psycopg.Error as error:
        raise Problem("database_failed", reason=_first_line(error)) from None
    return {"revision": revision, "tables": tables}


def restore(settings: Settings, folder: Path, manifest: dict[str, Any], moment: dt.datetime) -> None:
    """Put the tables of a backup in place and bring them up to today's, in one transaction.

    The tables that were there are kept in a schema named after the moment.
    """
    try:
        with _connected(settings) as connection:
            connection.exec_driver_sql(PATIENCE)
            _refuse_while_serving(connection)
            _put_aside(connection, f"before_{moment:%Y%m%d_%H%M%S}")
            upgrade_within(connection, str(manifest["revision"]))
            _fill(connection, folder, manifest["tables"])
            upgrade_within(connection)
    except (SQLAlchemyError, psycopg.Error) as error:
        raise Problem("database_failed", reason=_first_line(error)) from None


@contextmanager
def _connected(settings: Settings) -> Iterator[Connection]:
    engine = create_engine(synchronous(settings.database), hide_parameters=True)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def _dump_table(connection: psycopg.Connection[Any], name: str, folder: Path) -> list[str]:
    columns = [str(column) for (column,) in connection.execute(COLUMNS, (name,))]
    with (folder / f"{name}{SUFFIX}").open("wb") as file, connection.cursor().copy(_copy(name, columns, "TO")) as rows:
        for data in rows:
            file.write(data)
    return columns


def _refuse_while_serving(connection: Connection) -> None:
    serving = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE %s"
    if connection.exec_driver_sql(serving, (f"{COUNTER}%",)).scalar_one():
        raise Problem("serving_elsewhere")


def _put_aside(connection: Connection, schema: str) -> None:
    connection.exec_driver_sql(f'CREATE SCHEMA "{schema}"')
    for name in connection.exec_driver_sql(TABLES).scalars().all():
        connection.exec_driver_sql(f'ALTER TABLE "{name}" SET SCHEMA "{schema}"')


def _fill(connection: Connection, folder: Path, columns: dict[str, list[str]]) -> None:
    metadata = MetaData()
    metadata.reflect(connection)
    driver: Any = connection.connection.driver_connection
    for table in metadata.sorted_tables:  # parents first
        if table.name not in columns:
            continue
        with (
            (folder / f"{table.name}{SUFFIX}").open("rb") as file,
            driver.cursor().copy(_copy(table.name, columns[table.name], "FROM")) as rows,
        ):
            while data := file.read(CHUNK):
                rows.write(data)
        _count_on(connection, table)


def _count_on(connection: Connection, table: Table) -> None:
    """Let the numbers of new rows follow those that were put in."""
    for column in table.primary_key.columns:
        sequence = connection.exec_driver_sql(
            "SELECT pg_get_serial_sequence(%s, %s)", (f'"{table.name}"', column.name)
        ).scalar_one()
        if sequence:
            newest = f'SELECT setval(%s, coalesce(max("{column.name}"), 0) + 1, false) FROM "{table.name}"'  # noqa: S608
            connection.exec_driver_sql(newest, (sequence,))


def _copy(name: str, columns: list[str], way: str) -> sql.Composed:
    where = "TO STDOUT" if way == "TO" else "FROM STDIN"
    named = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL("COPY {} ({}) ").format(sql.Identifier(name), named) + sql.SQL(where)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
