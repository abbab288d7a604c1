"""What operators see: alive, ready part by part, metrics for Prometheus, and who may look."""

import asyncio
import datetime as dt
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from sqlalchemy import event, text

from bot.errors import EngineError
from bot.knowledge.knowledge import Knowledge
from bot.metrics import REGISTRY
from bot.services import Services
from bot.settings import ROOT
from bot.states import Outcome
from bot.store.tables import Inbox, now
from tests.chat import Ana, chat_app
from tests.conftest import until
from tests.docs.pages import Page
from tests.fakes import FakeEngine, FakeEngines
from tests.postgres import Server
from tests.towns import copy_town

HERE = "http://127.0.0.1:8000"
METRIC = re.compile(r"`ventanilla_\w+`")


def caller(services: Services, at: str = HERE, address: str = "127.0.0.1") -> httpx.AsyncClient:
    """Somebody who calls by that name from that network address."""
    transport = httpx.ASGITransport(chat_app(services), client=(address, 50_000))
    return httpx.AsyncClient(transport=transport, base_url=at)


@pytest.fixture
async def operator(working: Services) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody on the machine itself."""
    async with caller(working) as http:
        yield http


async def parts_of(http: httpx.AsyncClient) -> tuple[int, str, dict[str, Any]]:
    answer = await http.get("/readyz")
    return answer.status_code, answer.json()["status"], answer.json()["parts"]


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def scrape(http: httpx.AsyncClient) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    answer = await http.get("/metrics")
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.text)
    return {(s.name, tuple(sorted(s.labels.items()))): s.value for family in families for s in family.samples}


async def test_readiness_names_each_part(operator: httpx.AsyncClient) -> None:
    status, word, parts = await parts_of(operator)
    assert (status, word) == (200, "ok")
    assert set(parts) == {
        "database", "tables", "engine", "knowledge", "handoff", "telegram", "workers", "disk", "assistant",
    }  # fmt: skip
    assert all(part["ok"] for part in parts.values())


async def test_a_dead_engine_is_named_but_people_still_answer(services: Services) -> None:
    engines = Dead()
    async with caller(replace(services, engines=engines)) as http:
        status, word, parts = await parts_of(http)
        assert (status, word, parts["engine"]["starting"]) == (503, "not ready", True)
        engines.alive = True
        assert (await parts_of(http))[:2] == (200, "ok")
        engines.alive = False
        status, word, parts = await parts_of(http)
        assert (status, word, parts["engine"]["ok"]) == (200, "degraded", False)


async def test_an_engine_that_never_came_is_not_needed_while_the_assistant_is_off(services: Services) -> None:
    await services.switch.do_turn_off("*", "operator:test")
    async with caller(replace(services, engines=Dead())) as http:
        status, _, parts = await parts_of(http)
        assert status == 200
        assert parts["assistant"]["off"] == ["*"]


async def test_tables_of_another_version_are_not_ready(services: Services) -> None:
    async with services.database.write() as uow:
        await uow.session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
        await uow.commit()
    async with caller(services) as http:
        status, word, parts = await parts_of(http)
        assert (status, word, parts["tables"]["ok"]) == (503, "not ready", False)


async def test_a_database_that_is_away_is_told_by_all_three(
    services: Services, tmp_path: Path, postgres: Server
) -> None:
    await services.database.close()
    if services.settings.database_url:
        postgres.drops(services.settings.database_url)
    else:
        (services.settings.home / "ventanilla.db").rename(tmp_path / "away.db")
        (services.settings.home / "ventanilla.db").mkdir()
    async with caller(services) as http:
        assert (await http.get("/healthz")).status_code == 200
        status, word, parts = await parts_of(http)
        assert (status, word) == (503, "not ready")
        assert parts["database"]["problem"].startswith("OperationalError: ")
        samples = await scrape(http)
        assert samples[("ventanilla_part_ok", (("part", "database"),))] == 0
        assert ("ventanilla_inbox_waiting", ()) not in samples
        refused = await http.post("/api/chat/v1/conversations", json={})
        assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")


async def test_a_worker_that_ends_is_named_and_begins_again(services: Services) -> None:
    before, lives = value("ventanilla_worker_restarts_total", worker="fragile"), []
    go_on = asyncio.Event()

    async def fragile() -> None:
        lives.append(len(lives))
        if len(lives) == 1:
            raise ValueError("a citizen's words")
        await go_on.wait()

    workers = type(services.workers)(first_pause=0.2)
    workers.works["fragile"] = fragile
    workers.start()
    async with caller(replace(services, workers=workers)) as http:
        await until(lambda: is_down(workers))
        status, _, parts = await parts_of(http)
        assert (status, parts["workers"]) == (503, {"ok": False, "down": ["fragile"]})
        await until(lambda: lived(lives, 2))
        assert (await parts_of(http))[0] == 200
    await workers.stop()
    assert value("ventanilla_worker_restarts_total", worker="fragile") == before + 1


async def is_down(workers: Any) -> bool:
    return bool(workers.down())


async def lived(lives: list[int], times: int) -> bool:
    return len(lives) == times


@pytest.mark.parametrize(
    ("at", "address", "headers"),
    [
        (HERE, "203.0.113.7", {}),
        (HERE, "10.0.0.7", {}),
        ("http://chat.town.example", "127.0.0.1", {}),
        (HERE, "127.0.0.1", {"X-Forwarded-For": "203.0.113.7"}),
        (HERE, "127.0.0.1", {"Forwarded": "for=127.0.0.1"}),
        (HERE, "127.0.0.1", {"Authorization": "Bearer wrong"} | {"Via": "1.1 proxy"}),
    ],
    ids=["elsewhere", "the local network", "by its public name", "a proxy", "another proxy", "a wrong token"],
)
async def test_strangers_learn_one_word_and_no_figures(
    working: Services, at: str, address: str, headers: dict[str, str]
) -> None:
    async with caller(working, at, address) as http:
        assert (await http.get("/metrics", headers=headers)).status_code == 401
        ready = await http.get("/readyz", headers=headers)
        assert (ready.status_code, ready.json()) == (200, {"status": "ok"})


ODD_NAMES = (
    [],
    [""],
    ["x@127.0.0.1"],
    ["evil.example@localhost"],
    ["127.0.0.1/evil.example"],
    ["127.0.0.1#.evil.example"],
    ["127.0.0.1?.evil.example"],
    ["127.0.0.1\\.evil.example"],
    ["localhost:80:80"],
    ["localhost."],
    ["2130706433"],
    ["127.1"],
    ["[::1"],
    ["127.0.0.1", "evil.example"],
    ["evil.example", "127.0.0.1"],
    ["127.0.0.1", "127.0.0.1"],
    ["127.0.0.1, evil.example"],
    [" "],
    ["%6cocalhost"],
)


@pytest.mark.parametrize("names", ODD_NAMES)
async def test_who_calls_us_by_an_odd_name_is_a_stranger(working: Services, names: list[str]) -> None:
    async with caller(working) as http:
        request = http.build_request("GET", "/metrics")
        request.headers = httpx.Headers([("Host", name) for name in names])
        assert (await http.send(request)).status_code == 401
        request = http.build_request("GET", "/readyz")
        request.headers = httpx.Headers([("Host", name) for name in names])
        assert (await http.send(request)).json() == {"status": "ok"}


@pytest.mark.parametrize("name", ["localhost", "LOCALHOST:8000", "127.0.0.1", "127.0.0.9:80", "[::1]:8000", "[::1]"])
async def test_who_calls_us_by_a_name_of_this_machine_is_an_operator(working: Services, name: str) -> None:
    async with caller(working) as http:
        assert (await http.get("/metrics", headers={"Host": name})).status_code == 200


async def test_the_token_opens_them_from_elsewhere(working: Services) -> None:
    settings = working.settings.model_copy(update={"metrics_token": SecretStr("a long random text")})
    bearer = {"Authorization": "Bearer a long random text"}
    async with caller(replace(working, settings=settings), "http://node-1", "10.0.0.7") as http:
        assert (await http.get("/metrics", headers=bearer)).status_code == 200
        assert "parts" in (await http.get("/readyz", headers=bearer)).json()
        assert (await http.get("/metrics", headers={"Authorization": "Bearer "})).status_code == 401


async def test_a_conversation_is_counted(operator: httpx.AsyncClient, engine: FakeEngine) -> None:
    names = {
        "turns": ("ventanilla_turns_total", (("outcome", "answered"),)),
        "handed over": ("ventanilla_turns_total", (("outcome", "handed_over"),)),
        "turn": ("ventanilla_turn_seconds_count", ()),
        "queue": ("ventanilla_queue_seconds_count", ()),
        "reply": ("ventanilla_reply_seconds_count", ()),
        "received": ("ventanilla_receive_seconds_count", (("channel", "web"),)),
        "engine": ("ventanilla_engine_seconds_count", (("result", "ok"),)),
        "engine failed": ("ventanilla_engine_seconds_count", (("result", "failed"),)),
    }
    before = await scrape(operator)
    ana = Ana(operator)
    await ana.arrives()
    await ana.says(text="quiero tirar un sofá")
    engine.reply = EngineError("dead")
    await ana.says(text="¿y un colchón?")
    after = await scrape(operator)
    grown = {name: after[key] - before.get(key, 0) for name, key in names.items()}
    assert grown == {
        "turns": 1, "handed over": 1, "turn": 2, "queue": 2, "reply": 2, "received": 2, "engine": 1, "engine failed": 1,
    }  # fmt: skip
    assert after[("ventanilla_cases_waiting", (("agency", "aldealba"),))] == 1
    assert after[("ventanilla_http_requests_total", route("POST", ana.path.replace(ana.conversation, "{conversation_id}"), "2xx"))] >= 2  # fmt: skip # noqa: E501


def route(method: str, path: str, status: str) -> tuple[tuple[str, str], ...]:
    return (("method", method), ("route", path), ("status", status))


async def test_every_outcome_stands_there_from_the_start(operator: httpx.AsyncClient) -> None:
    samples = await scrape(operator)
    told = {labels[0][1] for name, labels in samples if name == "ventanilla_turns_total"}
    assert told == {str(outcome) for outcome in Outcome}


async def test_what_people_try_out_becomes_no_label(operator: httpx.AsyncClient) -> None:
    for path in ("/wp-admin.php", "/desk%2f..%2fsecret", f"/{'x' * 40}"):
        await operator.get(path)
    await operator.request("BREW", "/healthz")
    samples = await scrape(operator)
    said = " ".join(str(labels) for _, labels in samples)
    assert not [word for word in ("wp-admin", "secret", "xxxx", "BREW") if word in said]


async def test_the_table_of_metrics_is_what_is_scraped(operator: httpx.AsyncClient) -> None:
    families = text_string_to_metric_families((await operator.get("/metrics")).text)
    scraped = {family.name: family for family in families if family.name.startswith("ventanilla_")}
    rows = [row for row in Page(ROOT / "docs" / "operations.md").rows() if METRIC.fullmatch(row[0])]
    told = {row[0].strip("`").removesuffix("_total"): set(re.findall(r"`(\w+)`", row[1])) for row in rows}
    assert set(told) == set(scraped)
    added = {"histogram": {"le"}}
    for name, family in scraped.items():
        used = {label for sample in family.samples for label in sample.labels} - added.get(family.type, set())
        assert used <= told[name], name
        assert row_of(rows, name)[2]


def row_of(rows: list[list[str]], name: str) -> list[str]:
    return next(row for row in rows if row[0].strip("`").removesuffix("_total") == name)


async def test_ages_are_those_of_the_oldest(services: Services) -> None:
    async with caller(services) as http:
        ana = Ana(http)
        await ana.arrives()
        await ana.posts(text="hola")
        await ana.posts(text="¿hay alguien?")
        async with services.database.write() as uow:
            first = await uow.session.get_one(Inbox, 1)
            first.received_at = now() - dt.timedelta(minutes=10)
            await uow.commit()
        samples = await scrape(http)
    assert samples[("ventanilla_inbox_waiting", ())] == 2
    assert 600 <= samples[("ventanilla_inbox_oldest_seconds", ())] < 700


async def test_no_query_of_the_metrics_reads_a_whole_table(services: Services) -> None:
    if services.settings.database_url:
        pytest.skip("PostgreSQL plans by the number of rows, and a test has few")
    asked: list[str] = []
    event.listen(services.database.engine.sync_engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    async with caller(services) as http:
        await scrape(http)
    tables = ("FROM inbox", "FROM outbox", "FROM handoff_case")
    own = [statement for statement in asked if any(table in statement for table in tables)]
    assert len(own) == 3
    async with services.database.read() as session:
        connection = await session.connection()
        for statement in own:
            plan = (await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}")).all()
            assert "USING" in plan[0][3] and "INDEX" in plan[0][3], plan


async def test_each_answer_has_an_id_of_its_own(operator: httpx.AsyncClient) -> None:
    ids = {(await operator.get("/healthz", headers={"X-Request-Id": "mine"})).headers["x-request-id"] for _ in "12"}
    assert len(ids) == 2
    assert "mine" not in ids


class Dead(FakeEngines):
    """Engines that a test brings to life."""

    alive = False

    def urls(self) -> list[str]:
        return super().urls() if self.alive else []

    async def wait_ready(self, timeout: float) -> bool:  # noqa: ASYNC109
        return self.alive

    def status(self) -> list[dict[str, Any]]:
        state = "ready" if self.alive else "waiting"
        return [{"replica": 1, "pid": None, "state": state, "restarts": 0, "rss": 0, "reason": ""}]


async def test_a_model_that_could_not_be_used_is_said(services: Services) -> None:
    engines = Dead()
    engines.alive, engines.problem = True, "it answered its trial with 500"
    async with caller(replace(services, engines=engines)) as http:
        status, word, parts = await parts_of(http)
        samples = await scrape(http)
    assert (status, word, parts["engine"]["problem"]) == (200, "degraded", engines.problem)
    assert samples[("ventanilla_model_problem", ())] == 1


async def test_a_broken_answer_file_degrades_and_names_it(services: Services, tmp_path: Path) -> None:
    knowledge = Knowledge(copy_town(tmp_path / "town"))
    (tmp_path / "town" / "data" / "responses" / "waste.yml").write_text('version: "3.1"\nresponses:\n  a: b: c\n')
    knowledge.reload_if_changed()
    async with caller(replace(services, knowledge=knowledge)) as http:
        status, word, parts = await parts_of(http)
    assert (status, word) == (200, "degraded")
    assert "line 3" in parts["knowledge"]["problem"]
