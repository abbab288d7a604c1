"""What citizens are told about their data: which text, which version of it, and that a change is told once."""

import copy
import dataclasses
import datetime as dt
import json

import httpx
import pytest
from ruamel.yaml import YAML
from sqlalchemy import select

from bot.knowledge.knowledge import LANGUAGES
from bot.knowledge.notice import digest_of, read_notice
from bot.services import Services
from bot.store.tables import Conversation, Item
from bot.suggestions.items import Filing
from tests.chat import chat_app
from tests.fakes import FakeEngine, says
from tests.towns import DEMO
from tests.turns.test_turn import citizen

CONTENTS = YAML(typ="safe").load((DEMO / "data" / "privacy" / "notice.yml").read_text(encoding="utf-8"))


def test_todays_text_is_the_one_of_its_version() -> None:
    notice = read_notice(CONTENTS, LANGUAGES)
    assert notice.words.keys() == set(LANGUAGES) and notice.valid_from <= dt.date(2027, 1, 1)
    assert all(len(words.short) < 160 and len(words.sections) >= 5 for words in notice.words.values())
    assert len({len(words.sections) for words in notice.words.values()}) == 1


def test_a_changed_text_needs_a_new_version_and_is_told_its_digest() -> None:
    changed = copy.deepcopy(CONTENTS)
    changed["es"]["sections"][1]["text"] += " También para publicidad."
    with pytest.raises(ValueError, match="a new version") as refused:
        read_notice(changed, LANGUAGES)
    digest = digest_of(changed, LANGUAGES)
    assert digest in str(refused.value)
    changed["version"] = "2027-01"
    changed["digests"]["2027-01"] = digest
    assert read_notice(changed, LANGUAGES).version == "2027-01"


@pytest.mark.parametrize("lacking", ["version", "valid_from", "digests", "en"])
def test_a_file_that_lacks_something_is_named(lacking: str) -> None:
    broken = {key: value for key, value in CONTENTS.items() if key != lacking}
    with pytest.raises(ValueError, match=r"notice\.yml"):
        read_notice(broken, LANGUAGES)


async def test_the_first_words_tell_it_and_the_version_is_noted(working: Services) -> None:
    ana = citizen(working)
    [welcome] = await ana.arrives()
    assert working.knowledge.notice.words["es"].short in welcome["text"]
    assert await noted(working) == [working.knowledge.notice.version]


async def test_a_new_version_is_told_once_to_whoever_is_under_way(
    working: Services, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = citizen(working)
    await ana.arrives()
    contents = working.knowledge._contents
    newer = dataclasses.replace(contents.notice, version="2027-01")
    monkeypatch.setattr(working.knowledge, "_contents", dataclasses.replace(contents, notice=newer))
    engine.reply = says("utter_faq/bulky_waste")
    first = await ana.says(text="un sofá")
    assert [line["from"] for line in first] == ["system", "assistant"]
    assert "Ha cambiado el texto sobre tus datos" in first[0]["text"]
    assert [line["from"] for line in await ana.says(text="otro sofá")] == ["assistant"]
    assert await noted(working) == ["2027-01"]


async def test_a_contact_is_stored_with_the_version_that_was_shown(working: Services) -> None:
    async with working.database.write() as uow:
        filing = Filing("suggestion", "Un banco", "other", "aldealba", contact="ana@example.org")
        await working.items.do_file(uow, "t_1", filing)
        await working.items.do_file(uow, "t_2", dataclasses.replace(filing, contact=None))
        await uow.commit()
    async with working.database.read() as session:
        versions = (await session.scalars(select(Item.notice_version).order_by(Item.id))).all()
    assert list(versions) == [working.knowledge.notice.version, None]


@pytest.mark.parametrize(("asked", "language"), [("?lang=en", "en"), ("?lang=fr", "es"), ("", "es")])
async def test_the_page_tells_all_of_it_in_both_languages(services: Services, asked: str, language: str) -> None:
    async with browser(services) as http:
        page = await http.get(f"/privacy{asked}")
    assert page.status_code == 200 and f'<html lang="{language}">' in page.text
    for section in services.knowledge.notice.words[language].sections:
        assert section.title in page.text
    assert services.knowledge.notice.version in page.text and "365" in page.text


async def test_without_javascript_her_data_can_be_seen_and_erased(working: Services) -> None:
    async with browser(working) as http:
        page = await http.get("/")
        await http.post("/chat", data={"text": "un sofá azul", "csrf": field(page.text, "csrf")})
        page = await http.get("/")
        form = {"csrf": field(page.text, "csrf")}
        kept = await http.post("/chat/my-data", data=form | {"file": "mydata.json"})
        assert "attachment" in kept.headers["content-disposition"]
        assert "un sofá azul" in json.dumps(kept.json(), ensure_ascii=False)
        assert "un sofá azul" in (await http.post("/chat/my-data", data=form | {"file": "mydata.txt"})).text
        assert (await http.post("/chat/my-data", data={"file": "mydata.txt"})).status_code == 401
        await http.post("/chat", data=form | {"text": "/olvidar"})
        page = await http.get("/")
        assert "Se borrará para siempre" in page.text
        button = page.text.split("Sí, borrar")[0].rsplit('value="', 1)[1].split('"')[0]
        await http.post("/chat", data={"csrf": field(page.text, "csrf"), "button": button})
        assert "un sofá azul" not in (await http.get("/")).text


def browser(services: Services) -> httpx.AsyncClient:
    """Somebody's browser, without JavaScript."""
    transport = httpx.ASGITransport(chat_app(services))
    return httpx.AsyncClient(transport=transport, base_url="http://here", follow_redirects=True)


def field(page: str, name: str) -> str:
    return page.split(f'name="{name}" value="', 1)[1].split('"')[0]


async def noted(services: Services) -> list[str | None]:
    async with services.database.read() as session:
        return list(await session.scalars(select(Conversation.notice_version)))
