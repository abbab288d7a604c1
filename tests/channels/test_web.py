"""The public API of the web chat: what it takes, what it refuses, and that nothing is stored twice."""

import asyncio
import itertools
import re
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from bot.channels.web.widget import joined
from bot.limits import Limits
from bot.services import Services
from bot.settings import ROOT
from bot.store.tables import Conversation
from bot.text import MAX_LENGTH
from bot.turns.parts import MOST_PARTS
from tests.chat import Ana, chat_app
from tests.fakes import FakeEngine, says


@pytest.fixture
async def ana(working: Services) -> AsyncIterator[Ana]:
    transport = httpx.ASGITransport(chat_app(working))
    async with httpx.AsyncClient(transport=transport, base_url="http://ventanilla.test") as http:
        ana = Ana(http)
        await ana.arrives()
        yield ana


def is_problem(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json().get("code")) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert answer.json()["detail"] != f"utter_system/{code}", "nobody wrote the sentence"


async def test_it_greets_and_says_that_it_is_a_machine(ana: Ana) -> None:
    greeting = (await ana.reads())["messages"][0]
    assert greeting["from"] == "assistant"
    assert "automátic" in greeting["text"]


async def test_an_answer_shows_its_source_unit_and_review_date(ana: Ana) -> None:
    [answer] = await ana.says(text="quiero tirar un sofá")
    assert answer["topic"] == "bulky_waste"
    assert answer["outcome"] == "answered"
    for part in (answer["card"]["source"]["title"], answer["card"]["unit"], answer["card"]["reviewed"]):
        assert part
        assert part in answer["text"]


async def test_the_same_id_again_is_the_same_message(ana: Ana) -> None:
    body = {"id": uuid.uuid4().hex, "text": "hola"}
    answers = [await ana.http.post(ana.path, json=body, headers=ana.bearer) for _ in range(3)]
    assert {answer.json()["seq"] for answer in answers} == {2}


async def test_ten_deliveries_at_once_are_one_message(ana: Ana, engine: FakeEngine) -> None:
    body = {"id": uuid.uuid4().hex, "text": "hola"}
    answers = await asyncio.gather(*(ana.http.post(ana.path, json=body, headers=ana.bearer) for _ in range(10)))
    assert {answer.json()["seq"] for answer in answers} == {2}
    await ana.says(text="otra")
    assert [turn.text for turn in engine.asked] == ["hola", "otra"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"text": ""}, 422, "message_empty"),
        ({"text": " \u200b\u202e\u2066 \n"}, 422, "message_empty"),
        ({"text": "x" * 4_001}, 422, "message_too_long"),
        ({"text": "hola", "button": "1.0"}, 422, "body_invalid"),
        ({}, 422, "body_invalid"),
        ({"text": 3}, 422, "body_invalid"),
        ({"id": "not/an id", "text": "hola"}, 422, "body_invalid"),
        ({"button": "99.0"}, 404, "button_unknown"),
        ({"button": "1.99"}, 404, "button_unknown"),
        ({"button": "one.two"}, 404, "button_unknown"),
        ({"text": "😀" * 2_621_440}, 413, "body_too_large"),
    ],
)
async def test_bad_input_gets_its_status_and_a_sentence(ana: Ana, body: dict[str, Any], status: int, code: str) -> None:
    is_problem(await ana.posts(**body), status, code)
    assert (await ana.reads())["next"] == 1


async def test_broken_json_is_refused(ana: Ana) -> None:
    answer = await ana.http.post(ana.path, content=b'{"id": ', headers=ana.bearer)
    is_problem(answer, 422, "body_invalid")


async def test_hidden_characters_are_taken_out(ana: Ana) -> None:
    await ana.says(text="ho\u202ela\u0000 \u200bmundo 👨\u200d👩")
    mine = (await ana.reads())["messages"][1]
    assert mine["text"] == "hola mundo 👨\u200d👩"


async def test_full_width_letters_and_arabic_digits_are_understood_as_the_usual_ones(
    ana: Ana, engine: FakeEngine
) -> None:
    written = "Ｍｉ ＤＮＩ １２３４５６７８Ｚ, ٦١٢ ٣٤ ٥٦ ٧٨, 10:00–14:00"
    await ana.says(text=written)
    assert engine.asked[-1].text == "Mi DNI 12345678Z, 612 34 56 78, 10:00–14:00"
    assert (await ana.reads())["messages"][1]["text"] == written


async def test_a_forged_token_is_refused(ana: Ana) -> None:
    ana.token = "forged"
    is_problem(await ana.posts(text="hola"), 401, "token_invalid")
    is_problem(await ana.http.get(ana.path), 401, "token_invalid")


async def test_an_old_token_is_refused(ana: Ana, working: Services) -> None:
    async with working.database.write() as uow:
        conversation = await uow.session.get_one(Conversation, ana.conversation)
        conversation.active_at = conversation.active_at.replace(year=2020)
        await uow.commit()
    is_problem(await ana.posts(text="hola"), 401, "token_invalid")


HEAP = "a" + "\u0301" * 4_000 + "\u0327" * 4_000  # marks that have to be sorted, where they are read


async def test_nobodys_words_are_read_only_once_her_token_is_right(ana: Ana) -> None:
    async def took(text: str) -> float:
        started = time.process_time()
        for _ in range(3):
            is_problem(await ana.posts(text=text), 404, "conversation_unknown")
        return time.process_time() - started

    known, ana.conversation = ana.conversation, "c_nobody"
    await took("x")
    heap, letters = await took(HEAP), await took("á" * len(HEAP))
    assert heap < 3 * letters + 0.01
    ana.conversation, ana.token = known, "forged"
    is_problem(await ana.posts(text=""), 401, "token_invalid")


async def test_long_messages_count_for_more_with_their_address(working: Services) -> None:
    async def taken(length: int) -> int:
        """How many messages of one address are taken, each in a conversation of its own."""
        limits = Limits(working.settings.model_copy(update={"limit_address": "40/minute", "limit_starts": ""}))
        transport = httpx.ASGITransport(chat_app(replace(working, limits=limits)))
        async with httpx.AsyncClient(transport=transport, base_url="http://ventanilla.test") as http:
            for said in itertools.count():
                bruno = Ana(http)
                await bruno.arrives()
                if (await bruno.posts(text="x" * length)).status_code == 429:
                    return said
        raise AssertionError("there is no limit")

    assert await taken(100) == 40
    assert await taken(4_000) == 3


async def test_wrong_tokens_silence_nobody_else_behind_the_address(ana: Ana) -> None:
    stranger = Ana(ana.http)
    stranger.conversation, stranger.token = ana.conversation, "a-guess"
    said = [(await stranger.posts(text="x")).status_code for _ in range(301)]
    assert (said[0], said[-1]) == (401, 429)
    assert (await ana.posts(text="hola")).status_code == 202


@pytest.mark.parametrize("language", ["es", "en"])
async def test_danger_is_never_answered_by_a_bare_refusal(working: Services, language: str) -> None:
    limits = Limits(working.settings.model_copy(update={"limit_address": "1/minute", "limit_messages": "1/minute"}))
    transport = httpx.ASGITransport(chat_app(replace(working, limits=limits)))
    danger, asked = "me quiero morir", {"Accept-Language": language}
    async with httpx.AsyncClient(transport=transport, base_url="http://ventanilla.test", headers=asked) as http:
        ana, bruno = Ana(http), Ana(http)
        await ana.arrives(language=language)
        assert (await ana.posts(text="hola")).status_code == 202
        assert (await ana.posts(text="hola")).status_code == 429
        assert (await ana.posts(text=danger)).status_code == 202, "the limits let danger pass"
        bruno.conversation, bruno.token = ana.conversation, "a-guess"
        refused = [
            await ana.posts(text=danger),
            await bruno.posts(text=danger),
            await ana.posts(text=danger + "x" * 17_000),
            await ana.posts(text=danger + "x" * 61_000),
            await ana.posts(text=danger, button="no"),
            await http.post("/chat", data={"text": danger + " x" * 3_000}),
        ]
        assert [answer.status_code for answer in refused] == [429, 401, 422, 422, 422, 422]
        assert all("600 000 016" in answer.text and "024" in answer.text for answer in refused)
        calm = await ana.posts(text="x" * 5_000)
        assert "016" not in calm.text


async def test_ratings_without_end_are_slowed_down(ana: Ana, working: Services) -> None:
    [answer] = await ana.says(text="un sofá")
    path, asked = f"{ana.path}/{answer['seq']}/feedback", {"json": {"useful": True}, "headers": ana.bearer}
    said = [(await ana.http.post(path, **asked)).status_code for _ in range(301)]
    assert said[0] == 204
    assert said[-1] == 429


def test_page_and_engine_take_messages_as_long_as_the_counter_does() -> None:
    engine = (ROOT / "engine/request.py").read_text(encoding="utf-8")
    assert re.findall(r"const LIMIT = (\d+);", joined()) == [str(MAX_LENGTH)]
    assert re.findall(r"const MOST_PARTS = (\d+);", joined()) == [str(MOST_PARTS)]
    assert int(re.findall(r"MOST_TEXT = (\d+)", engine)[0]) >= MAX_LENGTH


async def test_an_unknown_conversation_is_not_found(ana: Ana) -> None:
    ana.conversation = "c_nobody"
    is_problem(await ana.posts(text="hola"), 404, "conversation_unknown")


async def test_one_citizen_cannot_read_another(ana: Ana) -> None:
    bruno = Ana(ana.http)
    await bruno.arrives(language="en")
    bruno.token, ana.token = ana.token, bruno.token
    is_problem(await bruno.posts(text="hello"), 401, "token_invalid")


async def test_a_button_of_a_past_step_is_refused_and_one_that_opens_a_topic_is_not(
    ana: Ana, engine: FakeEngine
) -> None:
    engine.reply = says("utter_ask_item_contact", form="item_form")
    [asked] = await ana.says(text="un bache")
    engine.reply = says("utter_faq/bulky_waste", form="item_form")
    [answer] = await ana.says(text="¿y un sofá?")
    is_problem(await ana.posts(button=asked["buttons"][0]["button"]), 409, "button_expired")
    assert (await ana.posts(button=answer["buttons"][0]["button"])).status_code == 202


async def test_a_form_in_progress_is_a_state_of_its_own(ana: Ana, engine: FakeEngine) -> None:
    engine.reply = says("utter_ask_item_contact", form="item_form")
    await ana.says(text="un bache")
    assert (await ana.reads())["state"] == "form"


async def test_a_message_waits_for_people_once_a_person_was_asked_for(ana: Ana, engine: FakeEngine) -> None:
    engine.reply = says("utter_handed_over")
    await ana.says(button="system.person")
    assert (await ana.reads())["state"] == "waiting_staff"
    engine.reply = says("utter_default")
    [told] = await ana.says(text="es el de la calle Luna")
    assert (await ana.reads())["state"] == "waiting_staff"
    assert engine.asked[-1].slots["people"] == "waiting"
    assert "apuntado" in told["text"] or "persona" in told["text"]


async def test_ending_closes_and_a_closed_conversation_says_so(ana: Ana) -> None:
    await ana.says(button="system.end")
    assert (await ana.reads())["state"] == "closed"
    is_problem(await ana.posts(text="hola"), 409, "conversation_closed")


async def test_the_language_button_needs_no_engine(ana: Ana, engine: FakeEngine) -> None:
    [said] = await ana.says(button="lang.en")
    assert said["language"] == "en"
    assert engine.asked == []


async def test_an_answer_can_be_rated(ana: Ana) -> None:
    [answer] = await ana.says(text="un sofá")
    rated = await ana.http.post(f"{ana.path}/{answer['seq']}/feedback", json={"useful": True}, headers=ana.bearer)
    assert rated.status_code == 204
    assert (await ana.reads())["messages"][-1]["useful"] is True


async def test_the_page_works_without_javascript(ana: Ana) -> None:
    page = await ana.http.get("/")
    assert page.status_code == 200
    sent = await ana.http.post("/chat", data={"text": "quiero tirar un sofá"})
    assert sent.status_code == 303
    shown = await ana.http.get("/")
    assert "quiero tirar un sofá" in shown.text
    assert "Fuente" in shown.text


async def test_without_javascript_what_was_typed_is_kept_when_refused(ana: Ana) -> None:
    refused = await ana.http.post("/chat", data={"text": "x" * 4_200})
    assert refused.status_code == 422
    assert "x" * 4_200 in refused.text


CSRF = re.compile(r'name="csrf" value="([^"]*)"')
FORM_ID = re.compile(r'name="id" value="([^"]*)"')


async def test_without_javascript_a_text_that_is_too_long_is_kept_and_sent_in_parts(
    ana: Ana, engine: FakeEngine
) -> None:
    text = "Vivo aquí desde hace años. " * 200 + "¿Cómo tiro un sofá?"
    page = await ana.http.post("/chat", data={"text": text})
    assert page.status_code == 422 and "¿Cómo tiro un sofá?" in page.text and "Enviar en 2 partes" in page.text
    answer = await ana.http.post("/chat", data={"text": text, "parts": "1", "csrf": CSRF.findall(page.text)[0]})
    assert answer.status_code == 303
    shown = (await ana.http.get("/")).text
    assert shown.count("Vivo aquí") == 200 and shown.count("Fuente") == 1
    assert (engine.asked[-1].text or "").endswith("¿Cómo tiro un sofá?")
    page = await ana.http.post("/chat", data={"text": "x" * 40_000, "csrf": CSRF.findall(shown)[0]})
    assert page.status_code == 422 and "Enviar en" not in page.text, "more than are taken together"


async def test_without_javascript_the_parts_of_a_text_that_is_sent_again_are_stored_once(ana: Ana) -> None:
    text = "Vivo aquí desde hace años. " * 200
    page = (await ana.http.post("/chat", data={"text": text})).text
    sent = {"text": text, "parts": "1", "csrf": CSRF.findall(page)[0], "id": FORM_ID.findall(page)[0]}
    for _ in range(2):
        assert (await ana.http.post("/chat", data=sent)).status_code == 303
    assert (await ana.http.get("/")).text.count("Vivo aquí") == 200


async def test_without_javascript_an_ended_conversation_begins_anew(ana: Ana) -> None:
    await ana.http.post("/chat", data={"text": "quiero tirar un sofá"})
    csrf = CSRF.findall((await ana.http.get("/")).text)[0]
    await ana.http.post("/chat", data={"button": "system.end", "csrf": csrf})
    ended = (await ana.http.get("/")).text
    assert 'value="system.new"' in ended
    again = await ana.http.post("/chat", data={"button": "system.new", "csrf": CSRF.findall(ended)[0]})
    assert again.status_code == 303
    shown = (await ana.http.get("/")).text
    assert "sofá" not in shown and 'name="text"' in shown


@pytest.mark.parametrize("csrf", ["", "é", "0" * 64, "\x00"])
async def test_without_javascript_another_sites_form_is_refused(ana: Ana, csrf: str) -> None:
    await ana.http.post("/chat", data={"text": "hola"})
    refused = await ana.http.post("/chat", data={"text": "soy otra", "csrf": csrf})
    assert refused.status_code == 401
    assert "soy otra" in refused.text
    assert "soy otra" not in (await ana.http.get("/")).text


async def test_haste_is_slowed_down_and_nothing_is_stored(ana: Ana) -> None:
    answers = [await ana.posts(text=f"pregunta {number}") for number in range(33)]
    assert [answer.status_code for answer in answers] == [202] * 30 + [429] * 3
    is_problem(answers[-1], 429, "rate_limited")
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    texts = [message["text"] for message in (await ana.reads())["messages"]]
    assert "pregunta 29" in texts and "pregunta 30" not in texts


async def test_haste_of_one_citizen_does_not_slow_another(ana: Ana) -> None:
    for number in range(31):
        await ana.posts(text=f"pregunta {number}")
    bruno = Ana(ana.http)
    await bruno.arrives()
    assert (await bruno.posts(text="un sofá")).status_code == 202


async def test_one_address_cannot_begin_conversations_without_end(ana: Ana) -> None:
    answers = [await ana.http.post("/api/chat/v1/conversations", json={}) for _ in range(61)]
    assert {answer.status_code for answer in answers[:59]} == {201}
    is_problem(answers[-1], 429, "rate_limited")


async def test_without_javascript_haste_keeps_what_was_typed(ana: Ana) -> None:
    await ana.http.post("/chat", data={"text": "hola"})
    csrf = CSRF.findall((await ana.http.get("/")).text)[0]
    for _ in range(30):
        refused = await ana.http.post("/chat", data={"text": "otra vez yo", "csrf": csrf})
    assert refused.status_code == 429
    assert "otra vez yo</textarea>" in refused.text


async def test_numbers_that_no_message_has_and_bodies_that_are_no_text_are_refused(ana: Ana) -> None:
    for seq in (0, 2**31, 10**30):
        rated = await ana.http.post(f"{ana.path}/{seq}/feedback", json={"useful": True}, headers=ana.bearer)
        is_problem(rated, 422, "body_invalid")
        read = await ana.http.get(ana.path, params={"after": seq or -1}, headers=ana.bearer)
        is_problem(read, 422, "body_invalid")
    headers = ana.bearer | {"Content-Type": "application/json"}
    is_problem(await ana.http.post(ana.path, content=b'{"id": "\xff"}', headers=headers), 422, "body_invalid")
