"""Two towns in one studio: each administrator sees and changes her own town's answer, and never the other's."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.knowledge.render import render
from bot.services import Services
from tests.cast import Person
from tests.desk.clerk import Clerk, do_employ
from tests.studio.conftest import RITA, SET_UP, colleague, git
from tests.studio.form import Form, open_form
from tests.towns import add_pinares

PILAR = Person("pilar@pinares.example", "Pilar", "administrator", "pinares")
TOPIC = "bulky_waste"
ADDRESS = f"/studio/answers/{TOPIC}"
WASTE = "data/responses/waste.yml"
HERS = "En Pinares cuesta 9 €."
WHOLE = {f"{lang}.{name}": f"{name} {lang}" for lang in ("es", "en") for name in ("text", "source_title", "unit")}
WHOLE |= {"reviewed": "2026-11-20", "next_review": "2027-11-20"}


@pytest.fixture
def knowledge(knowledge: Path) -> Path:
    """The demonstration that Pinares shares."""
    add_pinares(knowledge)
    commit(knowledge, "A second town")
    return knowledge


def commit(knowledge: Path, summary: str) -> None:
    git(knowledge, "add", ".")
    git(knowledge, *SET_UP, "commit", "--quiet", "--message", summary)


@pytest.fixture
async def pilar(ada: Clerk, services: Services) -> AsyncIterator[Clerk]:
    """Administrator of Pinares."""
    await do_employ(services, PILAR)
    clerk = await colleague(ada, PILAR)
    yield clerk
    await clerk.http.aclose()


async def saves(clerk: Clerk, topic: str = TOPIC, **changes: str) -> int:
    fields = await open_form(clerk, topic)
    sent = {**fields, **{name.replace("_", ".", 1): value for name, value in changes.items()}}
    return (await clerk.http.post(f"/studio/answers/{topic}", data=sent)).status_code


async def writes_hers(pilar: Clerk, topic: str = TOPIC, text: str = HERS) -> int:
    """Pinares' first answer to a topic."""
    fields = await open_form(pilar, topic)
    sent = {**fields, **WHOLE, "es.text": text}
    return (await pilar.http.post(f"/studio/answers/{topic}", data=sent)).status_code


def said(services: Services, agency: str, topic: str = TOPIC, language: str = "es") -> str:
    return render(services.knowledge, f"utter_faq/{topic}", language, {}, agency).text


async def test_what_the_other_town_answers_does_not_stand_in_her_form(pilar: Clerk, services: Services) -> None:
    page = (await pilar.opens(ADDRESS)).text
    assert Form(page).fields["es.text"] == "" and "gratis" not in page
    assert "gratis" in said(services, "aldealba")


async def test_her_first_answer_stands_beside_the_other_towns_and_changes_nothing_of_it(
    pilar: Clerk, ada: Clerk, services: Services, knowledge: Path
) -> None:
    before, english = said(services, "aldealba"), said(services, "aldealba", language="en")
    assert await writes_hers(pilar) == 303
    assert HERS in said(services, "pinares") and said(services, "pinares", language="en").startswith("text en")
    assert (said(services, "aldealba"), said(services, "aldealba", language="en")) == (before, english)
    assert git(knowledge, "show", "--format=%an", "--numstat", "HEAD").split()[:3:2] == ["Pilar", "0"]
    assert services.knowledge.problem is None
    assert "9 €" not in (await ada.opens(ADDRESS)).text


@pytest.mark.parametrize("who", ["ada", "pilar"])
async def test_who_changes_her_own_price_leaves_the_other_towns_as_it_is(
    pilar: Clerk, ada: Clerk, services: Services, knowledge: Path, who: str
) -> None:
    await writes_hers(pilar)
    clerk, other = (ada, "pinares") if who == "ada" else (pilar, "aldealba")
    before = said(services, other)
    assert await saves(clerk, es_text="Ahora cuesta 12 €.", en_text="It is 12 € now.") == 303
    own = "aldealba" if who == "ada" else "pinares"
    assert said(services, own).startswith("Ahora cuesta 12 €.") and said(services, other) == before
    assert git(knowledge, "show", "--format=", "--numstat", "HEAD") == f"2\t2\t{WASTE}"


async def test_both_save_at_once_and_neither_is_told_of_a_change_that_was_not_hers(pilar: Clerk, ada: Clerk) -> None:
    form = await open_form(ada, TOPIC)
    assert await writes_hers(pilar) == 303
    answer = await ada.http.post(ADDRESS, data={**form, "es.text": "Ahora cuesta 12 €."})
    assert answer.status_code == 303


async def test_earlier_versions_are_those_of_her_own_answer(
    pilar: Clerk, ada: Clerk, services: Services, knowledge: Path
) -> None:
    first = git(knowledge, "rev-parse", "HEAD~1")
    await writes_hers(pilar)
    begun = git(knowledge, "rev-parse", "HEAD")
    await saves(pilar, es_text="Ahora cuesta 12 €.")
    await saves(ada, es_text="Aquí sigue siendo gratis.")
    hers, ours = (await pilar.opens(f"{ADDRESS}/versions")).text, (await ada.opens(f"{ADDRESS}/versions")).text
    assert "<td>Pilar</td>" in hers and "<td>Ada</td>" not in hers and begun in hers
    assert "<td>Ada</td>" in ours and "<td>Pilar</td>" not in ours and begun not in ours
    assert (await pilar.opens(f"{ADDRESS}/versions/{first}")).status_code == 404
    assert HERS in (await pilar.opens(f"{ADDRESS}/versions/{begun}")).text
    assert HERS not in (await ada.opens(f"{ADDRESS}/versions/{begun}")).text
    assert (await pilar.sends(f"{ADDRESS}/versions/{begun}")).status_code == 303
    assert HERS in said(services, "pinares") and "sigue siendo gratis" in said(services, "aldealba")


async def test_a_parents_answer_is_shown_as_the_parents_and_a_town_may_give_its_own(
    pilar: Clerk, ada: Clerk, services: Services
) -> None:
    regional = said(services, "riomar", "health_card")
    page = (await pilar.opens("/studio/answers/health_card")).text
    assert Form(page).fields["es.text"] == "" and "Gobierno de la Región de Riomar" in page
    assert regional.split(".")[0] in page
    assert await writes_hers(pilar, "health_card", "En Pinares se pide en el consultorio.") == 303
    assert "consultorio" in said(services, "pinares", "health_card")
    assert said(services, "riomar", "health_card") == said(services, "aldealba", "health_card") == regional
    rita = await colleague(ada, RITA)
    assert regional.startswith(str((await open_form(rita, "health_card"))["es.text"]))
    await rita.http.aclose()


async def test_who_wants_only_her_own_answers_sees_those(pilar: Clerk, ada: Clerk) -> None:
    await writes_hers(pilar)
    page = (await pilar.opens("/studio?own=1")).text
    assert page.count("data-row") == 1 and ADDRESS in page
    assert "own=1" in (await ada.opens("/studio?own=1")).text, "the next page keeps it"


async def test_a_parents_change_is_shown_to_a_town_that_differs(
    pilar: Clerk, services: Services, knowledge: Path
) -> None:
    await writes_hers(pilar, "health_card", "En Pinares se pide en el consultorio.")
    told = "ha revisado la suya"
    assert told not in (await pilar.opens("/studio/answers/health_card")).text
    path = next(
        file for file in (knowledge / "data/responses").glob("*.yml") if "utter_faq/health_card:" in file.read_text()
    )
    before = path.read_text()
    part = before[before.index("utter_faq/health_card:") :]
    day = re.search(r"reviewed: (\S+)", part)
    assert day is not None
    path.write_text(before.replace(part, part.replace(day.group(0), "reviewed: 2026-11-25", 2)))
    commit(knowledge, "The region reviews")
    services.knowledge.reload_if_changed()
    page = (await pilar.opens("/studio/answers/health_card")).text
    assert told in page and "25/11/2026" in page
    assert "La de arriba ha cambiado" in (await pilar.opens("/studio?q=health_card")).text
    await saves(pilar, "health_card", es_text="En Pinares, en el consultorio, de 9 a 13.", reviewed="2026-11-26")
    assert told not in (await pilar.opens("/studio/answers/health_card")).text


async def test_words_that_name_no_agency_stay_for_the_others(
    pilar: Clerk, ada: Clerk, services: Services, knowledge: Path
) -> None:
    path = knowledge / WASTE
    path.write_text(path.read_text().replace("      agency: aldealba\n", ""))
    commit(knowledge, "Nobody's words")
    services.knowledge.reload_if_changed()
    assert "gratis" in said(services, "pinares"), "what names nobody is everybody's"
    assert Form((await pilar.opens(ADDRESS)).text).fields["es.text"] == ""
    assert await writes_hers(pilar) == 303
    assert HERS in said(services, "pinares") and "gratis" in said(services, "aldealba")


async def test_the_list_says_where_each_text_comes_from(pilar: Clerk, services: Services, knowledge: Path) -> None:
    await writes_hers(pilar)
    done = "done_at: {name: {es: Consorcio del Agua, en: Water Board}}"
    topics = f"topics:\n- {{id: water_supply, {done}}}\n- {{id: bike_share, off: true}}\n"
    (knowledge / "data/lookup/topics.yml").write_text(topics, encoding="utf-8")
    services.knowledge.reload_if_changed()

    async def line(topic: str) -> str:
        title = services.knowledge.title_of(topic, "es")
        page = (await pilar.opens(f"/studio?q={title}")).text
        return page.partition(f'href="/studio/answers/{topic}"')[2].partition("</tr>")[0]

    assert HERS in await line(TOPIC) and "Propia" in await line(TOPIC)
    assert "Gobierno de la Región de Riomar" in await line("health_card") and "urgent" not in await line("health_card")
    assert "Oficina Estatal de Trámites" in await line("passport")
    assert "Se hace en: Consorcio del Agua" in await line("water_supply")
    assert "No se hace aquí" in await line("bike_share")
    schedule = await line("waste_schedule")
    assert "Aún sin respuesta" in schedule and "Aldealba" not in schedule
    page = (await pilar.opens("/studio/answers/water_supply")).text
    assert "Se hace en: Consorcio del Agua" in page, "what she writes is not said as long as that stands"


async def test_a_parent_sees_its_own_topics_and_none_of_the_towns(pilar: Clerk, ada: Clerk) -> None:
    rita = await colleague(ada, RITA)
    assert (await rita.opens(ADDRESS)).status_code == 404
    assert ADDRESS not in (await rita.opens("/studio?q=sofá")).text
    assert (await rita.opens("/studio/answers/passport")).status_code == 200
    await rita.http.aclose()


async def test_her_own_answers_come_before_those_of_her_parents(ada: Clerk) -> None:
    page = (await ada.opens("/studio")).text
    assert "Propia" in page and "Gobierno de la Región" not in page, "twenty of her own fill the first page"
