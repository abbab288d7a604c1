"""The released model is a fact in the database: a node follows it, wherever it was trained."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.replicas.follow import Follower
from bot.replicas.releases import KEPT, SUFFIX, Releases, wanted
from bot.replicas.supervisor import Launch, Supervisor
from bot.settings import Settings
from bot.store.database import Database
from tests.conftest import until
from tests.replicas.engines import launch_in, told


@pytest.fixture
async def releases(settings: Settings) -> AsyncIterator[Releases]:
    database = Database(settings.database)
    yield Releases(database)
    await database.close()


class Node:
    """A counter's engines with their follower, and a home of its own; its engines are fakes."""

    def __init__(self, releases: Releases, folder: Path, first: str) -> None:
        self.releases, self.folder, self.first = releases, folder, first
        self.supervisor: Supervisor
        self.follower: Follower

    async def start(self) -> None:
        first = next(one for one in await self.releases.read_all() if one.name == self.first)
        self.supervisor = Supervisor(self.launch(Path(self.first + SUFFIX)), 1, check_every=0.1, first_pause=0.05)
        self.follower = Follower(self.releases, self.supervisor, first, self.folder / "models", self.launch)
        await self.supervisor.start()
        await self.follower.look()

    def launch(self, path: Path) -> Launch:
        return launch_in(self.folder, path.name.removesuffix(SUFFIX))


@pytest.fixture
async def node(releases: Releases, tmp_path: Path) -> AsyncIterator[Node]:
    """Serves the model `first`."""
    await releases.do_release("first", b"one", topics=1)
    made = Node(releases, tmp_path, "first")
    await made.start()
    yield made
    await made.supervisor.stop()


async def names(releases: Releases) -> list[str]:
    return [one.name for one in await releases.read_all()]


async def test_going_back_makes_an_older_one_the_latest_again(releases: Releases) -> None:
    await releases.do_release("first", b"one", topics=1)
    await releases.do_release("second", b"two", topics=2)
    await releases.do_release("first")
    assert await names(releases) == ["first", "second"]
    with pytest.raises(KeyError):
        await releases.do_release("third")


async def test_only_the_last_few_are_kept(releases: Releases) -> None:
    for number in range(KEPT + 2):
        await releases.do_release(f"model-{number}", b"x")
    assert await names(releases) == [f"model-{number}" for number in range(KEPT + 1, 1, -1)]


async def test_a_file_that_is_not_the_released_one_is_fetched_again(releases: Releases, tmp_path: Path) -> None:
    await releases.do_release("first", b"one")
    [release] = await releases.read_all()
    path = await releases.fetch(release, tmp_path)
    path.write_bytes(b"half")
    assert (await releases.fetch(release, tmp_path)).read_bytes() == b"one"
    assert [name for name in os.listdir(tmp_path) if "fetching" in name or "first" in name] == ["first.tar.gz"]


async def test_a_node_serves_what_another_one_released(node: Node, releases: Releases) -> None:
    await releases.do_release("second", b"two")
    await node.follower.look()
    assert node.supervisor.model == "second" and node.supervisor.problem == ""
    assert (node.folder / "models" / "second.tar.gz").read_bytes() == b"two"
    assert (await releases.read_all())[0].served_at is not None


async def test_a_model_that_no_node_can_use_is_refused_and_the_one_before_stays(node: Node, releases: Releases) -> None:
    await releases.do_release("second", b"two")
    with told(node.folder, "second/dies"):
        await node.follower.look()
    assert node.supervisor.model == "first"
    assert "second could not be used: ended by itself (exit code 1)" in node.supervisor.problem
    known = await releases.read_all()
    assert known[0].refused and (now := wanted(known)) is not None and now.name == "first"
    await node.follower.look()
    assert node.supervisor.model == "first"


async def test_what_one_node_cannot_use_stands_when_another_one_serves_it(node: Node, releases: Releases) -> None:
    number = await releases.do_release("second", b"two")
    await releases.do_mark_served(number)
    with told(node.folder, "second/sick"):
        await node.follower.look()
    await node.follower.look()
    assert node.supervisor.model == "first" and "second" in node.supervisor.problem
    assert not (await releases.read_all())[0].refused


async def test_the_next_release_clears_the_problem(node: Node, releases: Releases) -> None:
    await releases.do_release("second", b"two")
    with told(node.folder, "second/sick"):
        await node.follower.look()
    await releases.do_release("third", b"three")
    await node.follower.look()
    assert node.supervisor.model == "third" and node.supervisor.problem == ""


async def test_a_model_released_again_is_not_loaded_again(node: Node, releases: Releases) -> None:
    before = node.supervisor.status()[0]["pid"]
    await releases.do_release("first", b"one")
    await node.follower.look()
    assert node.supervisor.status()[0]["pid"] == before
    assert (await releases.read_all())[0].served_at is not None


async def test_a_start_with_a_bad_model_falls_back_on_the_one_before(releases: Releases, tmp_path: Path) -> None:
    await releases.do_release("first", b"one")
    await releases.do_release("second", b"two")
    node = Node(releases, tmp_path, "second")
    with told(tmp_path, "second/dies"):
        await node.start()
        await node.follower.look()
        assert node.supervisor.model == "first" and node.supervisor.urls()
        assert "second could not be used" in node.supervisor.problem
        await node.supervisor.stop()


async def test_the_only_model_is_kept_alive_even_when_it_failed_at_first(releases: Releases, tmp_path: Path) -> None:
    await releases.do_release("first", b"one")
    node = Node(releases, tmp_path, "first")
    with told(tmp_path, "dies"):
        await node.start()
        assert "first could not be used" in node.supervisor.problem

    async def served() -> bool:
        await node.follower.look()
        return node.supervisor.problem == ""

    await until(served)
    [release] = await releases.read_all()
    assert release.served_at is not None and release.refused is None
    await node.supervisor.stop()
