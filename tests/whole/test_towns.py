"""Two towns in one installation, the whole way: each citizen, desk and studio has what is her town's and no other."""

import asyncio
import json
import re
import uuid
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from emulator.emulator import Emulator
from emulator.heard import Heard
from emulator.played import Played
from tests.cast import ADA, NURIA, Person
from tests.desk.clerk import CSRF
from tests.towns import add_pinares
from tests.whole.product import Product, until

pytestmark = pytest.mark.whole
PILAR = Person("pilar@pinares.example", "Pilar", "administrator", "pinares")
PIA = Person("pia@pinares.example", "Pía", "staff", "pinares")
SOFA = "quiero tirar un sofá viejo"
PRICES = {"aldealba": "7,50 €", "pinares": "9,25 €"}
SHEET = 'topic,answer_es,answer_en,fee_es\nbulky_waste,Llama y lo recogemos en {town}.,Call us in {town}.,"{price}"\n'
REFERENCE = re.compile(r"[A-Z]{3}-\d{4}-\d{6}-[A-Z]")
ELSEWHERE = ThreadPoolExecutor(1)  # a browser of other tests may hold this thread's event loop


def played(happens: Coroutine[Any, Any, Heard]) -> str:
    """What somebody hears on Telegram."""
    return ELSEWHERE.submit(asyncio.run, happens).result().text


@pytest.fixture(scope="module")
def telegram() -> Iterator[tuple[Played, Played]]:
    """Aldealba's bot and Pinares'."""
    with Emulator().in_thread() as emulator:
        yield emulator, emulator.another("pinares_bot")
        assert emulator.broken() == []


@pytest.fixture(scope="module")
def towns(tmp_path_factory: pytest.TempPathFactory, telegram: tuple[Emulator, Played]) -> Iterator[Product]:
    """The product of both, with a sheet imported for each and their people employed."""
    folder = tmp_path_factory.mktemp("towns")
    ours, theirs = telegram
    product = Product(
        folder / "home",
        add_pinares,
        TELEGRAM_TOKEN=ours.token,
        VENTANILLA_TELEGRAM_TOKENS=json.dumps({"pinares": theirs.token}),
        TELEGRAM_API_BASE=ours.address,
    )
    try:
        product.waits_until_ready()
        product.employs(NURIA, ADA, PIA, PILAR)
        for agency, price in PRICES.items():
            sheet = folder / f"{agency}.csv"
            sheet.write_text(SHEET.format(town=agency, price=price), encoding="utf-8")
            product.imports(agency, sheet)
        until(lambda: PRICES["pinares"] in Chat(product, "pinares").says(SOFA))
        yield product
    finally:
        product.stops()


class Chat:
    """Somebody who writes to a town on the web."""

    def __init__(self, product: Product, agency: str) -> None:
        self._http = httpx.Client(base_url=f"{product.address}/api/chat/v1", timeout=60)
        started = self._http.post("/conversations", json={"language": "es", "agency": agency}).json()
        self._http.headers["Authorization"] = f"Bearer {started['token']}"
        self._path = f"/conversations/{started['conversation']}/messages"
        self.conversation, self._buttons = str(started["conversation"]), list(started["messages"][-1]["buttons"])

    def says(self, text: str) -> str:
        """Write, or press the button that is called so; what comes of it."""
        pressed = next((one["button"] for one in self._buttons if one["title"] == text), None)
        sent = {"id": uuid.uuid4().hex} | ({"button": pressed} if pressed else {"text": text})
        seq = self._http.post(self._path, json=sent).raise_for_status().json()["seq"]
        page = until(lambda: self._answered(seq))
        self._buttons = [button for message in page["messages"] for button in message["buttons"]]
        return "\n".join(message["text"] for message in page["messages"])

    def _answered(self, seq: int) -> dict[str, Any] | None:
        page: dict[str, Any] = self._http.get(self._path, params={"after": seq}).json()
        return None if page["pending"] else page


def signed_in(product: Product, person: Person) -> httpx.Client:
    """The browser of somebody of an agency."""
    http = httpx.Client(base_url=product.address, timeout=60, follow_redirects=True)
    csrf = CSRF.findall(http.get("/desk/sign-in").text)[0]
    sent = {"csrf": csrf, "email": person.email, "password": person.password}
    assert person.name in http.post("/desk/sign-in", data=sent).text
    return http


def test_on_the_web_each_citizen_reads_the_price_of_her_town(towns: Product) -> None:
    said = {agency: Chat(towns, agency).says(SOFA) for agency in PRICES}
    assert PRICES["aldealba"] in said["aldealba"] and PRICES["pinares"] not in said["aldealba"]
    assert PRICES["pinares"] in said["pinares"] and PRICES["aldealba"] not in said["pinares"]
    assert 'name="Ayuntamiento de Pinares"' in httpx.get(f"{towns.address}/?agency=pinares").text


def test_on_telegram_one_person_reads_the_price_of_the_town_whose_bot_she_writes_to(
    towns: Product, telegram: tuple[Played, Played]
) -> None:
    said = {}
    for agency, bot in zip(PRICES, telegram, strict=True):
        ana = bot.citizen("Ana", id=501)
        ana.writes(SOFA)
        said[agency] = played(ana.hears("€"))
    assert PRICES["aldealba"] in said["aldealba"] and PRICES["pinares"] not in said["aldealba"]
    assert PRICES["pinares"] in said["pinares"] and PRICES["aldealba"] not in said["pinares"]
    parts = httpx.get(f"{towns.address}/readyz").json()["parts"]
    assert parts["telegram"]["ok"] and parts["telegram:pinares"]["ok"]


def test_who_asks_for_a_person_waits_at_the_desk_of_her_town_and_at_no_other(
    towns: Product, telegram: tuple[Played, Played]
) -> None:
    bruno = telegram[1].citizen("Bruno", id=502)
    bruno.writes("quiero hablar con una persona sobre mi terraza")
    played(bruno.hears(lambda heard: re.search("puesto|oficina", heard.text) is not None))
    chat = Chat(towns, "pinares")
    chat.says("quiero hablar con una persona")
    nuria, pia = signed_in(towns, NURIA), signed_in(towns, PIA)
    until(lambda: "Bruno" in pia.get("/desk/list").text)
    address = f"/desk/conversations/{chat.conversation}"
    assert address in pia.get("/desk/list").text and pia.get(address).status_code == 200
    assert "Bruno" not in nuria.get("/desk/list").text and address not in nuria.get("/desk/list").text
    assert nuria.get(address).status_code == 404


def test_a_report_lands_at_the_desk_of_the_town_that_it_was_made_to(towns: Product) -> None:
    references = {}
    for agency in PRICES:
        chat = Chat(towns, agency)
        for text in ("quiero hacer una sugerencia", "deberían poner más bancos en el parque", "calle Olmo 3"):
            chat.says(text)
        chat.says("Saltar")
        [references[agency]] = set(REFERENCE.findall(chat.says("Enviar")))
    assert references["pinares"].startswith("PIN") and references["aldealba"].startswith("ALD")
    for person in (NURIA, PIA):
        listed = signed_in(towns, person).get("/desk/items").text
        other = next(agency for agency in PRICES if agency != person.agency)
        assert references[person.agency] in listed and references[other] not in listed


def test_each_studio_shows_its_own_answer_and_changes_it_alone(towns: Product) -> None:
    page = ""
    ada, pilar = signed_in(towns, ADA), signed_in(towns, PILAR)
    for http, own, other in ((ada, "aldealba", "pinares"), (pilar, "pinares", "aldealba")):
        page = http.get("/studio/answers/bulky_waste").text
        assert PRICES[own] in page and PRICES[other] not in page
        assert f"en {own}." in http.get("/studio?q=muebles").text
    sent = dict(re.findall(r'<input[^>]* name="([\w.]+)"[^>]* value="([^"]*)"', page))
    texts = re.findall(r'<textarea[^>]* name="([\w.]+)"[^>]*>\n?([^<]*)</textarea>', page)
    sent |= dict(texts) | {"es.text": "Ahora lo recogemos los martes.", "next_review": "2099-01-01"}
    sent |= {"reviewed": "2026-11-20", "csrf": CSRF.findall(page)[0]}
    assert "Guardada" in pilar.post("/studio/answers/bulky_waste", data=sent).text
    until(lambda: "los martes" in Chat(towns, "pinares").says(SOFA))
    assert PRICES["aldealba"] in Chat(towns, "aldealba").says(SOFA)
