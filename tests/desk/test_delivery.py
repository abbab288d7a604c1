"""What staff read about the way of their messages, and trying again."""

import httpx
import pytest
from sqlalchemy import select

from bot.conversation.conversations import Citizen, do_start
from bot.conversation.delivery import do_give_up
from bot.conversation.writer import Said
from bot.services import Services
from bot.states import Author, Delivery, Reason
from bot.store.tables import Conversation, Message, Outbox, now
from tests.chat import Ana, chat_app
from tests.desk.clerk import Clerk

HX = {"HX-Request": "true"}


@pytest.fixture
async def bea(services: Services) -> Conversation:
    """Bea asked for a person on Telegram."""
    async with services.database.write() as uow:
        bea = await do_start(uow, services.writer, Citizen("telegram", "es", "aldealba", address_key="b"))
        await services.cases.do_open(uow, bea, Reason.ASKED)
        await uow.commit()
    return bea


async def staff_says(services: Services, clerk: Clerk, conversation: Conversation, text: str) -> int:
    base = f"/desk/conversations/{conversation.id}"
    await clerk.sends(f"{base}/claim")
    assert (await clerk.sends(f"{base}/reply", text=text)).status_code == 303
    async with services.database.read() as session:
        found = await session.execute(select(Message.seq).where(Message.text == text))
        return int(found.scalar_one())


async def becomes(services: Services, seq: int, state: Delivery, error: str | None = None, attempts: int = 1) -> None:
    async with services.database.write() as uow:
        row = (await uow.session.scalars(select(Outbox).join(Message).where(Message.seq == seq))).one()
        row.state, row.error, row.attempts, row.next_try_at = state, error, attempts, now()
        await uow.commit()


@pytest.mark.parametrize(
    ("state", "error", "attempts", "words"),
    [
        (Delivery.QUEUED, None, 0, ["en cola"]),
        (
            Delivery.QUEUED,
            "telegram_away",
            3,
            ["Telegram no responde", "3 intentos", "el siguiente"],
        ),
        (Delivery.SENT, None, 1, ["enviado", "No dice si se ha leído"]),
        (
            Delivery.FAILED,
            "telegram_refused: text is odd",
            1,
            ["No ha llegado", "rechaza el mensaje", "otra vez"],
        ),
    ],
)
async def test_each_state_is_told_with_its_reason(
    nuria: Clerk, services: Services, bea: Conversation, state: Delivery, error: str, attempts: int, words: list[str]
) -> None:
    seq = await staff_says(services, nuria, bea, "Hola, Bea")
    await becomes(services, seq, state, error, attempts)
    page = (await nuria.opens(f"/desk/conversations/{bea.id}")).text
    way = page.split(f'id="delivery-{seq}"')[1].split("</div>")[0]
    assert all(word in way for word in words), way
    live = (await nuria.opens(f"/desk/conversations/{bea.id}/updates?after={seq}&mode=mine", **HX)).text
    assert all(word in live for word in words)


@pytest.mark.parametrize("headers", [{}, HX])
async def test_a_failed_message_is_tried_again_with_and_without_script(
    nuria: Clerk, services: Services, bea: Conversation, headers: dict[str, str]
) -> None:
    seq = await staff_says(services, nuria, bea, "Hola, Bea")
    await becomes(services, seq, Delivery.FAILED, "blocked_by_citizen")
    path = f"/desk/conversations/{bea.id}/messages/{seq}/retry"
    answer = await nuria.http.post(path, data={"csrf": nuria.csrf}, headers=headers)
    assert (answer.status_code, answer.headers.get("hx-trigger")) == ((204, "talk") if headers else (303, None))
    async with services.database.read() as session:
        row = (await session.scalars(select(Outbox).join(Message).where(Message.seq == seq))).one()
        assert (row.state, row.attempts, row.error) == (Delivery.QUEUED, 0, None)
        assert (await session.get_one(Conversation, bea.id)).unreachable is None
    assert (await nuria.sends(path)).status_code == 409


async def test_only_who_may_write_tries_again(
    nuria: Clerk, olga: Clerk, omar: Clerk, services: Services, bea: Conversation, waiting: Conversation
) -> None:
    seq = await staff_says(services, nuria, bea, "Hola, Bea")
    await becomes(services, seq, Delivery.FAILED, "telegram_refused")
    path = f"/desk/conversations/{bea.id}/messages/{seq}/retry"
    assert (await omar.sends(path)).status_code == 404
    refused = await olga.sends(path)
    assert refused.status_code == 409 and "La lleva Nuria" in refused.text
    assert "Intentar otra vez" not in (await olga.opens(f"/desk/conversations/{bea.id}")).text
    assert (await nuria.sends(f"/desk/conversations/{waiting.id}/messages/{seq}/retry")).status_code == 409
    assert (await nuria.http.post(path)).status_code == 403
    async with services.database.read() as session:
        row = (await session.scalars(select(Outbox).join(Message).where(Message.seq == seq))).one()
        assert row.state == Delivery.FAILED


async def test_a_citizen_out_of_reach_is_announced_above_the_conversation(
    nuria: Clerk, services: Services, bea: Conversation
) -> None:
    async with services.database.write() as uow:
        await do_give_up(uow, bea.id, "blocked_by_citizen")
        await uow.commit()
    page = (await nuria.opens(f"/desk/conversations/{bea.id}")).text
    for words in ("No se le puede escribir por Telegram", "ha bloqueado el bot", "deje entrar al bot"):
        assert words in page
    await staff_says(services, nuria, bea, "¿Bea?")
    assert "No ha llegado" in (await nuria.opens(f"/desk/conversations/{bea.id}")).text


async def test_on_the_web_a_reply_is_delivered_when_her_page_has_fetched_it(nuria: Clerk, services: Services) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(chat_app(services)), base_url="http://t") as http:
        ana = Ana(http)
        await ana.arrives(language="es")
        async with services.database.write() as uow:
            conversation = await uow.session.get_one(Conversation, ana.conversation)
            await services.writer.do_say(uow, conversation, Said(Author.ASSISTANT, "Del asistente"))
            await uow.commit()
        await ana.reads()
        seq = await staff_says(services, nuria, conversation, "Hola, Ana")
        base = f"/desk/conversations/{conversation.id}"
        assert "lo verá al abrir el chat" in (await nuria.opens(base)).text
        await ana.reads(after=seq)
        assert "lo verá al abrir el chat" in (await nuria.opens(base)).text
        async with services.hub.desk("aldealba") as notices:
            await ana.reads()
            assert notices.get_nowait().data == {"seq": seq, "delivery": "delivered"}
            await ana.reads()
            assert notices.empty()
        page = (await nuria.opens(base)).text
        assert "entregado" in page and "lo verá al abrir el chat" not in page
