"""Two counters on one PostgreSQL: a citizen at one, staff at the other, and one that is killed in the middle."""

import contextlib
import json
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.cast import NURIA
from tests.desk.clerk import CSRF
from tests.postgres import Server
from tests.whole.product import Product, until

pytestmark = pytest.mark.whole


@pytest.fixture
def nodes(postgres: Server, tmp_path: Path) -> Iterator[tuple[Product, Product]]:
    url = postgres.makes()
    first = Product(tmp_path / "a" / "home", DATABASE_URL=url)
    started = [first]
    try:
        first.waits_until_ready()
        first.employs(NURIA)
        shutil.copytree(first.home / "secrets", tmp_path / "b" / "home" / "secrets")
        second = Product(tmp_path / "b" / "home", DATABASE_URL=url, VENTANILLA_KNOWLEDGE=str(first.knowledge))
        started.append(second)
        second.waits_until_ready()
        yield first, second
    finally:
        for node in started:
            node.stops()
        postgres.drops(url)


def clerk_at(node: Product) -> httpx.Client:
    """Nuria, signed in; the client sends the token of the forms."""
    http = httpx.Client(base_url=node.address, follow_redirects=True, headers={"Origin": node.address})
    token = CSRF.search(http.get("/desk/sign-in").text)
    form = {"csrf": token[1] if token else "", "email": NURIA.email, "password": NURIA.password}
    assert http.post("/desk/sign-in", data=form).status_code == 200
    return http


def test_a_citizen_at_one_node_sees_what_staff_write_at_the_other_and_a_dead_node_loses_nothing(
    nodes: tuple[Product, Product],
) -> None:
    one, other = nodes
    chats = f"{one.address}/api/chat/v1/conversations"
    with httpx.Client(timeout=60) as citizen, contextlib.closing(clerk_at(other)) as nuria:
        begun = citizen.post(chats, json={"language": "es"}).json()
        citizen.headers["Authorization"] = f"Bearer {begun['token']}"
        base, path = f"/desk/conversations/{begun['conversation']}", f"{chats}/{begun['conversation']}"
        citizen.post(f"{path}/messages", json={"id": uuid.uuid4().hex, "button": "system.person"})
        until(lambda: citizen.get(f"{path}/messages").json()["state"] == "waiting_staff")
        with citizen.stream("GET", f"{path}/events") as stream:
            lines = stream.iter_lines()
            assert any("waiting_staff" in line for line in lines)
            page = until(lambda: (found := nuria.get(base)).status_code == 200 and CSRF.search(found.text))
            form = {"csrf": page[1]}
            assert nuria.post(f"{base}/claim", data=form).status_code == 200
            assert nuria.post(f"{base}/reply", data=form | {"text": "Hola desde el otro mostrador"}).status_code == 200
            assert any("Hola desde el otro mostrador" in line for line in lines)
        assert nuria.post(f"{base}/hand-back", data=form).status_code == 200
        asked = citizen.post(f"{path}/messages", json={"id": uuid.uuid4().hex, "text": "dónde tiro un sofá viejo"})
        one.process.kill()
        seq = asked.json()["seq"]
        there = f"{other.address}/api/chat/v1/conversations/{begun['conversation']}/messages"
        until(lambda: not citizen.get(there, params={"after": seq}).json()["pending"], 60)
        replies = citizen.get(there, params={"after": seq}).json()["messages"]
        assert [reply["from"] for reply in replies] == ["assistant"], json.dumps(replies)
