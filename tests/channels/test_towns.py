"""Several towns in one installation on the web: whose chat a page is stands in its address."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from bot.services import Services, make_services
from bot.settings import Settings
from bot.store.tables import Conversation
from tests.channels.test_web import CSRF
from tests.chat import Ana, chat_app
from tests.fakes import FakeEngines
from tests.towns import add_pinares, answered_by_pinares, copy_town

AWAY = {"time_zone": "Pacific/Auckland", "weekly": {}}
PRICE = "En Pinares cuesta 9 €."


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """An installation of Aldealba that Pinares shares, with another colour and on another clock."""
    town = copy_town(tmp_path / "town")
    add_pinares(town, accent="#7A2E4D", hours=AWAY)
    answered_by_pinares(town)
    return settings.model_copy(update={"knowledge": town})


@pytest.fixture
async def http(working: Services) -> AsyncIterator[httpx.AsyncClient]:
    """A browser, without JavaScript."""
    transport = httpx.ASGITransport(chat_app(working))
    async with httpx.AsyncClient(transport=transport, base_url="http://ventanilla.test") as http:
        yield http


async def sends(http: httpx.AsyncClient, page: str, **typed: str) -> httpx.Response:
    """The form of the page at this address, filled in and sent; where it leads to."""
    form = (await http.get(page)).text
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
    answer = await http.post("/chat", data=fields | typed)
    assert answer.status_code == 303, answer.text
    return answer


async def test_the_address_opens_the_chat_of_the_agency_that_it_names(http: httpx.AsyncClient) -> None:
    page = (await http.get("/?agency=pinares")).text
    assert 'agency="pinares" name="Ayuntamiento de Pinares"' in page and 'accent="#7A2E4D"' in page
    assert "Aldealba" not in page and "/privacy?lang=es&amp;agency=pinares" in page


@pytest.mark.parametrize("address", ["/", "/?agency=", "/?agency=nowhere", "/?agency=%22%3E%3Cb%3E"])
async def test_who_names_no_agency_that_is_there_gets_the_installations(http: httpx.AsyncClient, address: str) -> None:
    page = (await http.get(address)).text
    assert 'agency="aldealba" name="Ayuntamiento de Aldealba"' in page and '"/privacy?lang=es"' in page


async def test_without_javascript_each_citizen_reads_the_price_of_her_town(
    http: httpx.AsyncClient, working: Services
) -> None:
    here = await sends(http, "/", text="quiero tirar un sofá")
    there = await sends(http, "/?agency=pinares", text="quiero tirar un colchón")
    assert [here.headers["location"], there.headers["location"]] == ["/#newest", "/?agency=pinares#newest"]
    ours, theirs = (await http.get("/")).text, (await http.get("/?agency=pinares")).text
    assert "un sofá" in ours and "gratis" in ours and "colchón" not in ours and PRICE not in ours
    assert "un colchón" in theirs and PRICE in theirs and "un sofá" not in theirs and "gratis" not in theirs
    async with working.database.read() as session:
        agencies = await session.scalars(select(Conversation.agency).order_by(Conversation.created_at))
    assert list(agencies) == ["aldealba", "pinares"]


async def test_without_javascript_every_form_of_a_towns_page_stays_there(http: httpx.AsyncClient) -> None:
    await sends(http, "/?agency=pinares", text="quiero tirar un sofá")
    page = (await http.get("/?agency=pinares")).text
    assert page.count("<form") == page.count('name="agency" value="pinares"') > 3
    english = await sends(http, "/?agency=pinares", button="lang.en")
    assert "Pinares Council" in (await http.get(english.headers["location"])).text
    ended = await sends(http, "/?agency=pinares", button="system.end")
    assert (await sends(http, ended.headers["location"], button="system.new")).headers["location"].startswith("/?agen")
    refused = await http.post("/chat", data={"agency": "pinares", "text": "soy otra", "csrf": "0"})
    assert refused.status_code == 401 and 'agency="pinares"' in refused.text


async def test_her_data_are_those_of_the_town_whose_page_asks(http: httpx.AsyncClient) -> None:
    await sends(http, "/", text="un sofá azul")
    await sends(http, "/?agency=pinares", text="un colchón verde")
    page = (await http.get("/?agency=pinares")).text
    form = {"csrf": CSRF.findall(page)[0], "agency": "pinares", "file": "mydata.txt"}
    kept = (await http.post("/chat/my-data", data=form)).text
    assert "colchón verde" in kept and "sofá azul" not in kept and "Pinares" in kept


async def test_a_page_shows_no_conversation_that_was_begun_with_another_town(http: httpx.AsyncClient) -> None:
    await sends(http, "/", text="un sofá azul")
    hers = http.cookies["ventanilla_chat"]
    http.cookies.set("ventanilla_chat_pinares", hers, domain="ventanilla.test", path="/")
    assert "sofá azul" not in (await http.get("/?agency=pinares")).text
    await sends(http, "/?agency=pinares", text="quiero tirar un colchón")
    assert PRICE in (await http.get("/?agency=pinares")).text


async def test_times_are_by_the_clock_of_the_town(http: httpx.AsyncClient, working: Services) -> None:
    await sends(http, "/?agency=pinares", text="hola")
    async with working.database.read() as session:
        [begun] = await session.scalars(select(Conversation.created_at))
    there = begun.astimezone(working.knowledge.agencies["pinares"].zone)
    assert f">{there:%H:%M}<" in (await http.get("/?agency=pinares")).text


async def test_danger_on_a_towns_page_that_is_refused_still_gets_the_numbers(http: httpx.AsyncClient) -> None:
    refused = await http.post("/chat", data={"agency": "pinares", "text": "quiero morirme " * 400})
    assert refused.status_code == 422 and "024" in refused.text and "Aldealba" not in refused.text


async def test_the_page_about_her_data_is_the_towns_and_leads_back_to_it(http: httpx.AsyncClient) -> None:
    page = (await http.get("/privacy?agency=pinares&lang=en")).text
    assert "Pinares Council" in page and "Aldealba" not in page
    assert 'href="/?agency=pinares"' in page and "/privacy?lang=es&amp;agency=pinares" in page
    assert "Aldealba" in (await http.get("/privacy?agency=nowhere")).text


async def test_the_example_shows_the_widget_of_the_town(http: httpx.AsyncClient) -> None:
    page = (await http.get("/example?agency=pinares")).text
    assert page.count('agency="pinares"') == 2 and "Aldealba" not in page and 'href="/?agency=pinares"' in page


@pytest.mark.parametrize(("agency", "page"), [("pinares", "/privacy?agency=pinares"), ("aldealba", "/privacy")])
async def test_the_greeting_leads_to_what_her_own_town_tells_about_her_data(
    settings: Settings, agency: str, page: str
) -> None:
    services = make_services(settings.model_copy(update={"public_url": "https://chat.example"}), FakeEngines(), "")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(chat_app(services)), base_url="http://v.test") as http:
        [greeting] = await Ana(http).arrives(agency=agency)
    assert greeting["text"].endswith(f"https://chat.example{page}")
    await services.engine.close()
    await services.database.close()
