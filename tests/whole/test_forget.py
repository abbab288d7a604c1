"""After /forget: every table, every log and a fresh backup, and nothing of her in any of them."""

import sqlite3
import subprocess
import tarfile
import uuid
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import BrowserContext, expect

from tests.cast import NURIA
from tests.whole.product import Product, until

pytestmark = pytest.mark.whole
TOLD = ("Zacarías Umbral", "zacarias.u@correo.example", "Callejón del Alféizar", "613579246", "pararrayos")


def test_nothing_of_her_is_left_in_tables_logs_or_a_new_backup(product: Product, tmp_path: Path) -> None:
    chats = f"{product.address}/api/chat/v1/conversations"
    with httpx.Client() as http:
        started = http.post(chats, json={"language": "es"}).json()
        http.headers["Authorization"] = f"Bearer {started['token']}"
        messages = f"{chats}/{started['conversation']}/messages"

        def say(**what: str) -> list[dict[str, Any]]:
            sent = http.post(messages, json={"id": uuid.uuid4().hex, **what})
            assert sent.status_code == 202, sent.text
            seq = {"after": sent.json()["seq"]}
            until(lambda: not http.get(messages, params=seq).json()["pending"])
            return list(http.get(messages, params=seq).json()["messages"])

        for text in (
            "soy Zacarías Umbral y mi teléfono es 613579246",
            "quiero avisar de un problema",
            "el pararrayos se ha caído",
            "Callejón del Alféizar 4",
            "zacarias.u@correo.example",
            "enviar",
            "quiero hablar con una persona",
        ):
            say(text=text)
        there = found_in(product, tmp_path / "before.tar.gz", *TOLD)
        assert {name for name, _ in there} >= {"ventanilla.db"}, "what is looked for was never there"
        [asked] = say(text="/olvidar")
        yes = next(one["button"] for one in asked["buttons"] if one["title"].startswith("Sí"))
        say(button=yes)
    until(lambda: found_in(product, tmp_path / f"{uuid.uuid4().hex}.tar.gz", *TOLD) == [])
    logs = [product.output, *(product.home / "log").glob("*")]
    assert [path.name for path in logs if started["conversation"] in path.read_text(errors="replace")] == []


def test_an_open_page_of_the_desk_is_cleared_and_stores_nothing_again(
    product: Product, desktop: BrowserContext
) -> None:
    chats = f"{product.address}/api/chat/v1/conversations"
    started = httpx.post(chats, json={"language": "es"}).json()
    said = {"Authorization": f"Bearer {started['token']}"}
    messages = f"{chats}/{started['conversation']}/messages"

    def say(**what: str) -> list[dict[str, Any]]:
        sent = httpx.post(messages, json={"id": uuid.uuid4().hex, **what}, headers=said)
        seq = {"after": sent.json()["seq"]}
        until(lambda: not httpx.get(messages, params=seq, headers=said).json()["pending"])
        return list(httpx.get(messages, params=seq, headers=said).json()["messages"])

    say(text="soy Zacarías Umbral y quiero hablar con una persona")
    desk = desktop.new_page()
    desk.goto(f"/desk/conversations/{started['conversation']}")
    desk.get_by_label("Correo").fill(NURIA.email)
    desk.get_by_label("Contraseña").fill(NURIA.password)
    desk.get_by_role("button", name="Entrar").click()
    desk.locator("#do-claim").click()
    expect(desk.locator("#transcript")).to_contain_text("Zacarías Umbral")
    desk.locator("#text-reply").press_sequentially("Querido Zacarías")
    yes = next(one["button"] for one in say(text="/olvidar")[-1]["buttons"] if one["title"].startswith("Sí"))
    desk.locator("#text-reply").press_sequentially(" Umbral")
    say(button=yes)
    expect(desk.locator("#gone-words")).to_contain_text("se ha borrado")
    expect(desk.locator("body")).not_to_contain_text("Zacar")  # the list beside it is fetched anew
    assert "Zacar" not in desk.content() and "Zacar" not in desk.title()
    stored = "JSON.stringify([Object.values(localStorage), Object.values(sessionStorage)])"
    assert "Zacar" not in desk.evaluate(stored)
    desk.go_back()
    desk.go_forward()
    expect(desk.locator("body")).to_contain_text("se ha borrado")
    assert "Zacar" not in desk.content()
    assert rows(product, "SELECT count(*) FROM draft") == [(0,)]


def rows(product: Product, query: str) -> list[Any]:
    with closing(sqlite3.connect(product.home / "ventanilla.db")) as database:
        return database.execute(query).fetchall()


def found_in(product: Product, backup: Path, *wanted: str) -> list[tuple[str, str]]:
    """Where any of `wanted` stands: the files of the home, logs among them, and a backup made now."""
    command = product._command("backup", str(backup))
    subprocess.run(command, env=product.environment, check=True, capture_output=True)
    unpacked = backup.with_suffix(".d")
    with tarfile.open(backup) as tar:
        tar.extractall(unpacked, filter="data")
    files = [path for root in (product.home, unpacked) for path in root.rglob("*") if path.is_file()]
    files = [path for path in files if path.suffix != ".gz"]  # models
    return [(path.name, text) for path in files for text in wanted if text.encode() in path.read_bytes()]
