"""Nodes of one PostgreSQL hear what the others stored, know where a page is open, and mend a broken connection."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.conversation.hub import Hub, Notice
from bot.conversation.relay import Relay
from tests.conftest import until
from tests.postgres import Server


class Node:
    """A hub with its relay."""

    def __init__(self, url: str) -> None:
        self.woken = {"message": 0, "reply": 0}
        self.hub = Hub()
        self.relay = self.hub.others = Relay(url, self.hub, lambda: self._wake("message"), lambda: self._wake("reply"))

    def _wake(self, kind: str) -> None:
        self.woken[kind] += 1

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator["Node"]:
        working = asyncio.create_task(self.relay.run())
        try:
            await asyncio.wait_for(self.relay.connected.wait(), 20)
            yield self
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)


@pytest.fixture
async def nodes(postgres: Server) -> AsyncIterator[tuple[Node, Node]]:
    url = postgres.makes()
    async with Node(url).at_work() as one, Node(url).at_work() as other:
        yield one, other
    postgres.drops(url)


async def hears(queue: "asyncio.Queue[Notice]", kind: str) -> Notice:
    """The next notice of that kind."""
    while True:
        notice = await asyncio.wait_for(queue.get(), 20)
        if notice.kind == kind:
            return notice


async def test_a_page_on_one_node_hears_what_is_stored_on_another(nodes: tuple[Node, Node]) -> None:
    one, other = nodes
    async with one.hub.chat("c_1") as page, one.hub.desk("town") as desk, one.hub.desk("other") as elsewhere:
        told = Notice("message", "c_1", {"seq": 3, "from": "staff"})
        other.hub.publish("town", told)
        assert await hears(page, "message") == await hears(desk, "message") == told
        other.hub.publish_typing("c_1", "staff")
        assert (await hears(page, "typing")).data == {"on": True, "from": "staff"}
        assert [notice for notice in iter_now(elsewhere) if notice.kind != "look"] == []
    assert one.woken["reply"] == 1 and one.woken["message"] == 0


def iter_now(queue: "asyncio.Queue[Notice]") -> list[Notice]:
    return [queue.get_nowait() for _ in range(queue.qsize())]


async def test_a_message_of_a_citizen_wakes_the_other_nodes(nodes: tuple[Node, Node]) -> None:
    one, other = nodes
    other.hub.publish("town", Notice("message", "c_1", {"seq": 1, "from": "citizen"}))

    async def woken() -> bool:
        return one.woken["message"] == 1

    await until(woken)
    assert other.woken == {"message": 0, "reply": 0}


async def test_many_notices_arrive_in_their_order(nodes: tuple[Node, Node]) -> None:
    one, other = nodes
    heard: list[int] = []
    async with one.hub.chat("c_1") as page:
        for number in range(400):
            other.hub.publish("town", Notice("state", "c_1", {"state": "á" * 50, "number": number}))
        while len(heard) < 400:
            heard.append((await hears(page, "state")).data["number"])
    assert heard == list(range(400))


async def test_a_desk_knows_that_a_page_is_open_on_another_node(nodes: tuple[Node, Node]) -> None:
    one, other = nodes

    async def listening(node: Node, count: int) -> bool:
        return node.hub.listening("c_1") == count

    async with one.hub.chat("c_1"):
        await until(lambda: listening(other, 1))
        async with Node(other.relay._url).at_work() as late:
            await until(lambda: listening(late, 1))
    await until(lambda: listening(other, 0))


async def test_a_killed_connection_is_opened_again_and_every_page_looks(
    nodes: tuple[Node, Node], postgres: Server
) -> None:
    one, other = nodes
    async with one.hub.chat("c_1") as page, one.hub.desk("town") as desk:
        iter_now(page), iter_now(desk)
        postgres.does("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE '%relay'")
        await hears(page, "look")
        await hears(desk, "look")

        async def heard() -> bool:
            # What is said into a connection that is just dying is lost; a look follows it.
            other.hub.publish("town", Notice("state", "c_1", {"state": "staff"}))
            return any(notice.kind == "state" for notice in iter_now(page))

        await until(heard)
