"""What staff do with a conversation, through the pages."""

import asyncio
import json
import re

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from bot.conversation.writer import Said
from bot.desk.sessions import do_open_session
from bot.services import Services
from bot.states import Author, Outcome, Reason, State
from bot.store.tables import Case, Conversation, Draft, Event, Message, Outbox, Staff
from bot.web.security import COOKIE
from tests.desk.clerk import Clerk
from tests.desk.conftest import SAID

FRAGMENT = {"HX-Request": "true"}
CLAIMS = 50


async def _messages(services: Services, author: Author) -> list[str]:
    async with services.database.read() as session:
        found = await session.scalars(select(Message.text).where(Message.author == author).order_by(Message.seq))
        return list(found)


async def _state(services: Services, conversation: Conversation) -> str:
    async with services.database.read() as session:
        return (await session.get_one(Conversation, conversation.id)).state


async def test_of_fifty_claims_at_once_one_wins_and_the_others_read_who_has_it(
    app: FastAPI, services: Services, waiting: Conversation
) -> None:
    async with services.database.write() as uow:
        staff = [
            Staff(email=f"{n}@aldealba.example", name=f"Turno {n:02}", role="staff", agency="aldealba")
            for n in range(CLAIMS)
        ]
        uow.session.add_all(staff)
        await uow.commit()
    clerks = []
    for person in staff:
        clerk = Clerk(app)
        clerk.http.cookies.set(COOKIE, await do_open_session(services.database, person), "desk.example")
        await clerk.opens("/desk/items")
        clerks.append(clerk)
    answers = await asyncio.gather(*(clerk.sends(f"/desk/conversations/{waiting.id}/claim") for clerk in clerks))
    winners = [person for person, answer in zip(staff, answers, strict=True) if answer.status_code == 303]
    losers = [answer for answer in answers if answer.status_code == 409]
    assert (len(winners), len(losers)) == (1, CLAIMS - 1)
    assert all(f"La ha tomado {winners[0].name}." in answer.text for answer in losers)
    async with services.database.read() as session:
        conversation = await session.get_one(Conversation, waiting.id)
        claims = await session.scalar(select(func.count(Event.id)).where(Event.kind == "case_claimed"))
    assert (conversation.owner_id, conversation.state, claims) == (winners[0].id, State.STAFF, 1)


async def test_the_queue_shows_who_waits_why_how_long_in_what_and_what_was_said_last(
    nuria: Clerk, waiting: Conversation
) -> None:
    page = (await nuria.opens("/desk")).text
    for words in ("Ana", "Pide una persona", "Web", "ES", SAID, waiting.id):
        assert words in page
    assert waiting.id not in (await nuria.opens("/desk?view=mine")).text
    assert waiting.id in (await nuria.opens("/desk?q=PUNTO LIMPIO")).text
    for narrowed in ("q=piscina", "q=%25", "channel=telegram", "language=en", "reason=crisis"):
        page = (await nuria.opens(f"/desk?{narrowed}")).text
        assert waiting.id not in page and "No hay nada con esos filtros" in page
    assert waiting.id in (await nuria.opens("/desk?view=nonsense&page=x")).text


async def test_an_empty_queue_teaches(nuria: Clerk) -> None:
    assert "Nadie espera" in (await nuria.opens("/desk")).text


async def test_the_page_holds_the_transcript_and_the_packet(nuria: Clerk, waiting: Conversation) -> None:
    page = (await nuria.opens(f"/desk/conversations/{waiting.id}")).text
    for words in ('role="log"', SAID, "Por qué está aquí", "Pide una persona", "Empezó con", "Tomar"):
        assert words in page, words
    assert "/reply" not in page


async def test_nuria_takes_over_replies_and_hands_back(nuria: Clerk, waiting: Conversation, services: Services) -> None:
    base = f"/desk/conversations/{waiting.id}"
    assert (await nuria.sends(f"{base}/claim")).headers["location"] == base
    page = (await nuria.opens(base)).text
    assert "La conversación es tuya." in page and "La llevas tú" in page
    assert "La conversación es tuya." not in (await nuria.opens(base)).text
    assert (await nuria.sends(f"{base}/reply", text="  Hola, Ana. Sí puedes.  ")).status_code == 303
    assert await _messages(services, Author.STAFF) == ["Hola, Ana. Sí puedes."]
    assert "lo verá al abrir el chat" in (await nuria.opens(base)).text
    await nuria.sends(f"{base}/hand-back")
    assert await _state(services, waiting) == State.ASSISTANT
    assert waiting.id in (await nuria.opens("/desk?view=all")).text


async def test_olga_cannot_answer_for_nuria_and_keeps_her_text(
    nuria: Clerk, olga: Clerk, waiting: Conversation, services: Services
) -> None:
    base = f"/desk/conversations/{waiting.id}"
    await nuria.sends(f"{base}/claim")
    assert "La lleva Nuria" in (await olga.opens(base)).text
    refused = await olga.http.post(f"{base}/reply", data={"text": "Yo también"}, headers=_hx(olga))
    assert refused.status_code == 409
    assert "La lleva Nuria. No se ha enviado nada." in refused.text and "Yo también" in refused.text
    for path in ("hand-back", "close"):
        assert (await olga.sends(f"{base}/{path}")).status_code == 409
    assert await _messages(services, Author.STAFF) == []
    assert await _state(services, waiting) == State.STAFF


@pytest.mark.parametrize(("text", "words"), [("  \u200b ", "Escribe algo"), ("a" * 4_001, "4000 caracteres")])
async def test_a_reply_that_cannot_be_sent_says_why_beside_the_field(
    nuria: Clerk, waiting: Conversation, text: str, words: str
) -> None:
    base = f"/desk/conversations/{waiting.id}"
    await nuria.sends(f"{base}/claim")
    refused = await nuria.http.post(f"{base}/reply", data={"text": text}, headers=_hx(nuria))
    assert refused.status_code == 422 and words in refused.text and 'aria-invalid="true"' in refused.text
    whole = await nuria.sends(f"{base}/reply", text=text)
    assert whole.status_code == 422 and words in whole.text and 'role="log"' in whole.text


async def test_a_note_stays_inside(nuria: Clerk, olga: Clerk, waiting: Conversation, services: Services) -> None:
    base = f"/desk/conversations/{waiting.id}"
    await nuria.sends(f"{base}/claim")
    await olga.sends(f"{base}/note", text="Ojo: llamó ayer")
    page = (await nuria.opens(base)).text
    assert "Ojo: llamó ayer" in page and "is-note" in page and "Nota privada" in page
    async with services.database.read() as session:
        note = (await session.execute(select(Message).where(Message.author == Author.NOTE))).scalar_one()
        assert (await session.execute(select(Outbox).where(Outbox.message_id == note.id))).first() is None


async def test_closing_asks_first_and_names_whom(nuria: Clerk, waiting: Conversation, services: Services) -> None:
    base = f"/desk/conversations/{waiting.id}"
    await nuria.sends(f"{base}/claim")
    assert "¿Cerrar la conversación con Ana?" in (await nuria.opens(f"{base}/close")).text
    await nuria.sends(f"{base}/close")
    assert await _state(services, waiting) == State.CLOSED
    assert waiting.id in (await nuria.opens("/desk?view=closed")).text
    assert (await nuria.sends(f"{base}/reply", text="hola")).status_code == 409
    async with services.database.read() as session:
        assert (await session.execute(select(Case.ended_as))).scalar_one() == "closed"


async def test_a_draft_survives_and_goes_when_it_is_sent(
    nuria: Clerk, olga: Clerk, waiting: Conversation, services: Services
) -> None:
    base = f"/desk/conversations/{waiting.id}"
    await nuria.sends(f"{base}/claim")
    kept = await nuria.sends(f"{base}/draft", mode="reply", text="Buenos días, le")
    assert "Borrador guardado" in kept.text
    await nuria.sends(f"{base}/draft", mode="reply", text="Buenos días, le cuento")
    assert "Buenos días, le cuento</textarea>" in (await nuria.opens(base)).text
    assert "Borrador" in (await nuria.opens("/desk?view=mine")).text
    assert "le cuento" not in (await olga.opens(base)).text
    await nuria.sends(f"{base}/reply", text="Buenos días, le cuento todo")
    async with services.database.read() as session:
        assert (await session.execute(select(Draft))).first() is None


async def test_updates_bring_only_what_is_new_and_where_it_belongs(
    nuria: Clerk, waiting: Conversation, services: Services
) -> None:
    base = f"/desk/conversations/{waiting.id}"
    await nuria.sends(f"{base}/claim")
    async with services.database.write() as uow:
        ana = await uow.session.get_one(Conversation, waiting.id)
        said = await services.writer.do_say(uow, ana, Said(Author.CITIZEN, "Sigo <b>aquí</b>"))
        await uow.commit()
    fresh = await nuria.opens(f"{base}/updates?after={said.seq - 1}&mode=mine", **FRAGMENT)
    assert "Sigo &lt;b&gt;aquí&lt;/b&gt;" in fresh.text and SAID not in fresh.text
    assert 'hx-swap-oob="beforeend:#transcript"' in fresh.text and 'id="composer"' not in fresh.text
    moved = await nuria.opens(f"{base}/updates?after={said.seq}&mode=free", **FRAGMENT)
    assert 'id="composer"' in moved.text and "transcript" not in moved.text


async def test_typing_reaches_the_citizen_only_from_whoever_has_the_conversation(
    nuria: Clerk, olga: Clerk, waiting: Conversation, services: Services
) -> None:
    base = f"/desk/conversations/{waiting.id}"
    await nuria.sends(f"{base}/claim")
    async with services.hub.chat(waiting.id) as notices:
        assert (await olga.sends(f"{base}/typing")).status_code == 204
        assert notices.empty()
        await nuria.sends(f"{base}/typing")
        assert notices.get_nowait().data == {"on": True, "from": "staff"}


async def test_next_leads_to_whoever_waits_longest_or_says_that_nobody_does(
    nuria: Clerk, waiting: Conversation
) -> None:
    assert (await nuria.opens("/desk/next")).headers["location"] == f"/desk/conversations/{waiting.id}"
    await nuria.sends(f"/desk/conversations/{waiting.id}/claim")
    await nuria.opens("/desk/items")
    assert (await nuria.opens("/desk/next")).headers["location"] == "/desk"
    assert "Nadie espera ahora." in (await nuria.opens("/desk")).text


async def test_pages_speak_english_when_asked(nuria: Clerk) -> None:
    answer = await nuria.sends("/desk/language", to="en", next="/desk?view=all")
    assert answer.headers["location"] == "/desk?view=all"
    page = (await nuria.opens("/desk")).text
    assert "Nobody is waiting" in page and '<html lang="en">' in page


async def test_a_long_list_has_pages(nuria: Clerk, services: Services) -> None:
    async with services.database.write() as uow:
        uow.session.add_all(
            Conversation(channel="web", agency="aldealba", language="es", state=State.STAFF) for _ in range(30)
        )
        await uow.commit()
    first = (await nuria.opens("/desk?view=all")).text
    assert "Página 1 de 2 · 30 en total" in first and first.count('class="entry"') == 25
    assert (await nuria.opens("/desk?view=all&page=2")).text.count('class="entry"') == 5


def _hx(clerk: Clerk) -> dict[str, str]:
    """The headers that the page's script sends."""
    return {"HX-Request": "true", "X-CSRF-Token": clerk.csrf}


async def test_the_stream_tells_what_to_fetch(app: FastAPI, services: Services, waiting: Conversation) -> None:
    from bot.desk.live import _gather, _names

    async with services.hub.desk("aldealba") as notices:
        async with services.database.write() as uow:
            ana = await uow.session.get_one(Conversation, waiting.id)
            await services.writer.do_say(uow, ana, Said(Author.CITIZEN, "Sigo aquí"))
            await uow.commit()
        gathered = await _gather(notices)
    assert {name for notice in gathered for name in _names(notice, waiting.id)} == {"queue", "talk"}
    assert {name for notice in gathered for name in _names(notice, "c_other")} == {"queue"}


async def test_an_administrator_takes_over_and_the_former_holders_open_page_says_so(
    nuria: Clerk, olga: Clerk, ada: Clerk, waiting: Conversation, services: Services
) -> None:
    talk = f"/desk/conversations/{waiting.id}"
    assert (await ada.opens(f"{talk}/take-over")).headers["location"] == talk, "nobody holds it"
    await nuria.opens(talk)
    await nuria.sends(f"{talk}/claim")
    assert f'href="{talk}/take-over"' not in (await olga.opens(talk)).text
    assert (await olga.opens(f"{talk}/take-over")).status_code == 403
    assert f'href="{talk}/take-over"' in (await ada.opens(talk)).text
    form = (await ada.opens(f"{talk}/take-over")).text
    holder = re.search(r'name="holder" value="(\d+)"', form)
    assert holder and "Nuria" in form
    refused = await ada.sends(f"{talk}/take-over", holder=holder[1], why=" ")
    assert refused.status_code == 422 and "Di por qué" in refused.text
    assert (await ada.sends(f"{talk}/take-over", holder=holder[1], why="Ha salido")).headers["location"] == talk
    told = await nuria.opens(f"{talk}/updates?after=0&mode=mine", **FRAGMENT)
    assert "La ha tomado Ada" in json.loads(told.headers["hx-trigger"])["toast"]
    assert "Ha salido" in told.text and "La lleva Ada" in told.text
    assert (await nuria.sends(f"{talk}/reply", text="hola")).status_code == 409
    late = await ada.sends(f"{talk}/take-over", holder=holder[1], why="Otra vez")
    assert late.status_code == 303, "it is hers already"


@pytest.mark.parametrize("act", ["close", "hand-back"])
async def test_danger_that_nobody_has_replied_to_is_left_with_a_reason_that_the_page_asks_for(
    nuria: Clerk, services: Services, waiting: Conversation, act: str
) -> None:
    talk = f"/desk/conversations/{waiting.id}"
    await nuria.opens(talk)
    await nuria.sends(f"{talk}/claim")
    assert 'name="why"' not in (await nuria.opens(f"{talk}/close")).text
    async with services.database.write() as uow:
        hers = await uow.session.get_one(Conversation, waiting.id)
        said = Said(Author.ASSISTANT, "112", outcome=Outcome.CRISIS)
        await services.writer.do_say(uow, hers, said)
        await services.cases.do_call(uow, hers, Reason.CRISIS)
        await uow.commit()
    for path in (talk, f"{talk}/close"):
        assert 'name="why"' in (await nuria.opens(path)).text
    asked = await nuria.sends(f"{talk}/{act}")
    assert asked.status_code == 422 and f'action="{talk}/{act}"' in asked.text and 'name="why"' in asked.text
    assert "aria-invalid" not in asked.text, "she has not been asked yet"
    refused = await nuria.sends(f"{talk}/{act}", why=" ")
    assert refused.status_code == 422 and "aria-invalid" in refused.text
    assert await _state(services, waiting) == State.STAFF
    assert (await nuria.sends(f"{talk}/{act}", why="La he llamado")).headers["location"] == talk
    assert await _state(services, waiting) != State.STAFF
    assert "La he llamado" in (await nuria.opens(talk)).text


async def test_the_desk_says_that_she_has_ended_the_chat_in_danger(
    nuria: Clerk, services: Services, waiting: Conversation
) -> None:
    async with services.database.write() as uow:
        hers = await uow.session.get_one(Conversation, waiting.id)
        await services.writer.do_say(uow, hers, Said(Author.ASSISTANT, "112", outcome=Outcome.CRISIS))
        await services.cases.do_call(uow, hers, Reason.CRISIS)
        await uow.commit()
    assert "terminó el chat" not in (await nuria.opens("/desk")).text
    async with services.database.write() as uow:
        await services.cases.do_note_end(uow, await uow.session.get_one(Conversation, waiting.id))
        await uow.commit()
    for path in ("/desk", f"/desk/conversations/{waiting.id}"):
        assert "terminó el chat" in (await nuria.opens(path)).text, path
