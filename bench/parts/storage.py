"""What a conversation costs: rows and bytes by table, and processor time, on SQLite and on PostgreSQL."""

import asyncio
import sqlite3
from contextlib import closing
from typing import Any

from bench.parts.crowd import ChatSender, Side, meet, together
from bench.parts.machine import say
from bench.parts.product import Product

CONVERSATIONS = 200
QUESTIONS_EACH = 5
AT_ONCE = 20
ON_SQLITE = """
    SELECT m.tbl_name, sum(s.pgsize) FROM dbstat s JOIN sqlite_master m ON m.name = s.name
    WHERE m.tbl_name NOT LIKE 'sqlite%' GROUP BY m.tbl_name
"""
ON_POSTGRESQL = "SELECT relname, pg_total_relation_size(relid) FROM pg_stat_user_tables"
Sizes = dict[str, tuple[int, int]]


async def conversation_cost(product: Product, address: str = "") -> dict[str, Any]:
    """Rows, bytes (indexes included) and processor milliseconds of a conversation of five questions.

    `address` is PostgreSQL's, as libpq writes it; without one the product keeps SQLite in its home.
    """
    say(f"{CONVERSATIONS} conversations of {QUESTIONS_EACH} questions on {'PostgreSQL' if address else 'SQLite'}")
    counter, engine = product.parts()
    side = Side("ours", lambda _: ChatSender(product.port), {"counter": counter, "engine": engine})
    await side.learn()
    before = await asyncio.to_thread(_sizes, product, address)
    rounds = [await meet(side, AT_ONCE, QUESTIONS_EACH) for _ in range(CONVERSATIONS // AT_ONCE)]
    after = await asyncio.to_thread(_sizes, product, address)
    spent = together(rounds).processor
    tables = {
        name: {
            "rows": round((rows - before.get(name, (0, 0))[0]) / CONVERSATIONS, 2),
            "bytes": round((size - before.get(name, (0, 0))[1]) / CONVERSATIONS),
        }
        for name, (rows, size) in after.items()
        if rows > before.get(name, (0, 0))[0]
    }
    return {
        "conversations": CONVERSATIONS,
        "questions_each": QUESTIONS_EACH,
        "tables": tables,
        "rows": round(sum(table["rows"] for table in tables.values()), 1),
        "bytes": sum(int(table["bytes"]) for table in tables.values()),
        "processor_ms": {part: round(seconds * 1_000 / CONVERSATIONS, 1) for part, seconds in spent.items()},
    }


def _sizes(product: Product, address: str) -> Sizes:
    """Rows and bytes of each table."""
    if address:
        return _on_postgresql(address)
    with closing(sqlite3.connect(product.home / "ventanilla.db")) as database:
        sizes = database.execute(ON_SQLITE).fetchall()
        return {name: (database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0], size) for name, size in sizes}


def _on_postgresql(address: str) -> Sizes:
    import psycopg
    from psycopg import sql

    with psycopg.connect(address) as database:
        sizes = database.execute(ON_POSTGRESQL).fetchall()
        found: Sizes = {}
        for name, size in sizes:
            row = database.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name)))
            found[name] = ((row.fetchone() or (0,))[0], size)
        return found
