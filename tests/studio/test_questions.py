"""The list of questions without an answer, as administrators of two agencies use it."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import text

from bot.services import Services
from bot.store.tables import Conversation, now
from bot.store.unanswered import Unanswered
from bot.studio.questions import Wanted, newest_first
from tests.cast import NURIA, OLGA, do_hire
from tests.desk.clerk import Clerk
from tests.studio.conftest import RITA, colleague

PAGE = "/studio/questions"
WAITS = "¿Y si voy en silla de ruedas?"


async def do_ask(services: Services, text: str, number: int = 0, **more: Any) -> int:
    """A question that nobody could answer; its id."""
    made = {"agency": "aldealba", "kind": "not_in_answer", "topic": "census_register", "language": "es", **more}
    async with services.database.write() as uow:
        talk = Conversation(channel="web", agency=made["agency"], language="es")
        uow.session.add(talk)
        await uow.session.flush()
        at = now() - dt.timedelta(minutes=number)
        row = Unanswered(conversation_id=talk.id, turn_id=f"t_{talk.id}", text=text, offered=[], at=at, **made)
        uow.session.add(row)
        await uow.commit()
    return row.id


async def test_an_empty_list_says_what_will_stand_there(ada: Clerk) -> None:
    page = (await ada.opens(PAGE)).text
    assert "Todavía no hay preguntas sin respuesta" in page and "<table" not in page


async def test_a_question_stands_with_its_answer_and_no_way_to_who_asked(ada: Clerk, services: Services) -> None:
    await do_ask(services, WAITS + " <b>")
    page = (await ada.opens(PAGE)).text
    assert "silla de ruedas? &lt;b&gt;" in page and 'href="/studio/answers/census_register"' in page
    assert "La respuesta no lo dice" in page and "/desk/conversations/" not in page


async def test_what_was_asked_is_found_by_words_kind_and_state(ada: Clerk, services: Services) -> None:
    await do_ask(services, WAITS)
    await do_ask(services, "lo del chisme", kind="not_understood", topic=None)
    done = await do_ask(services, "¿vendéis el 50 % de las entradas?", kind="out_of_scope", topic=None)
    await ada.opens(PAGE)
    await ada.sends(f"{PAGE}/{done}", to="done")
    texts = ("silla de ruedas", "chisme", "50 %")

    async def shown(query: str) -> list[str]:
        page = (await ada.opens(f"{PAGE}?{query}")).text
        return [text for text in texts if text in page.partition("<table")[2]]

    assert await shown("") == ["silla de ruedas", "chisme"]
    assert await shown("q=CHISME") == ["chisme"]
    assert await shown("kind=not_in_answer") == ["silla de ruedas"]
    assert await shown("state=done") == ["50 %"] and await shown("state=any") == list(texts)
    assert await shown("state=any&q=%25") == ["50 %"], "a sign of the search is a sign like any other"
    assert await shown("kind=nonsense&state=nonsense&page=x") == ["silla de ruedas", "chisme"]
    page = (await ada.opens(f"{PAGE}?q=nada")).text
    assert "No se ha encontrado nada" in page and f'href="{PAGE}"' in page


async def test_a_mark_is_set_and_taken_back_where_she_was_in_the_list(ada: Clerk, services: Services) -> None:
    question = await do_ask(services, WAITS)
    await ada.opens(PAGE)
    answer = await ada.sends(f"{PAGE}/{question}?q=silla&kind=not_in_answer", to="done")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}?q=silla&kind=not_in_answer")
    assert "Marcada como hecha" in (await ada.opens(PAGE)).text
    async with services.database.read() as session:
        row = await session.get_one(Unanswered, question)
    assert row.done_at and row.done_by
    assert "Ada" in (await ada.opens(f"{PAGE}?state=done")).text
    await ada.sends(f"{PAGE}/{question}?state=done", to="open")
    assert WAITS in (await ada.opens(PAGE)).text
    assert (await ada.sends(f"{PAGE}/{question}", to="sometimes")).status_code == 422


async def test_long_lists_have_pages_the_newest_first(ada: Clerk, services: Services) -> None:
    for number in reversed(range(27)):
        await do_ask(services, f"pregunta número {number:02}.", number)
    page = (await ada.opens(PAGE)).text
    assert "Página 1 de 2 · 27 en total" in page
    assert page.index("número 00.") < page.index("número 24.") and "número 25." not in page
    last = (await ada.opens(f"{PAGE}?page=2")).text
    assert "número 26." in last and "número 24." not in last


async def test_the_page_that_opens_is_read_off_the_index_however_many_were_asked(services: Services) -> None:
    if services.database.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL plans by what is in the table")
    olga = (await do_hire(services.database, OLGA))["Olga"]
    listed = newest_first(olga, Wanted()).limit(25)
    sql = listed.compile(services.database.engine.sync_engine, compile_kwargs={"literal_binds": True})
    async with services.database.read() as session:
        plan = [str(row[-1]) for row in await session.execute(text(f"EXPLAIN QUERY PLAN {sql}"))]
    assert len(plan) == 1 and "unanswered_of_agency" in plan[0], "nothing is sorted"


async def test_another_agencys_questions_are_not_there(ada: Clerk, services: Services) -> None:
    theirs = await do_ask(services, "¿la tarjeta sanitaria?", agency="riomar", topic="health_card")
    assert "tarjeta sanitaria" not in (await ada.opens(PAGE)).text
    assert (await ada.sends(f"{PAGE}/{theirs}", to="done")).status_code == 404
    assert (await ada.sends(f"{PAGE}/999999999999999999999", to="done")).status_code == 404
    rita = await colleague(ada, RITA)
    assert "tarjeta sanitaria" in (await rita.opens(PAGE)).text


async def test_staff_are_kept_out(ada: Clerk, services: Services) -> None:
    question = await do_ask(services, WAITS)
    assert PAGE in (await ada.opens("/studio")).text
    nuria = await colleague(ada, NURIA)
    assert (await nuria.opens(PAGE)).status_code == 403
    assert (await nuria.sends(f"{PAGE}/{question}", to="done")).status_code == 403
