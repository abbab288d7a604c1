"""A conversation that its citizen had erased, or that was erased for its age: nothing is put into it again."""

import pytest
from fastapi import FastAPI
from sqlalchemy import delete, func, select

from bot.conversation.writer import Said
from bot.handoff.erased import do_keep_danger
from bot.privacy import unsay
from bot.privacy.cover import Piece, pieces_of
from bot.privacy.unsay import do_unsay
from bot.services import Services
from bot.states import Author
from bot.store.tables import Conversation, Draft, Message
from bot.turns.data_requests import FORGET_YES, PrivacyCommands
from tests.desk.clerk import Clerk

FRAGMENT = {"HX-Request": "true"}
WRITES = ("claim", "reply", "note", "draft", "typing", "hand-back", "close", "take-over", "messages/1/retry")
READS = ("", "/updates?after=0&mode=mine", "/close", "/take-over")


@pytest.fixture
async def held(nuria: Clerk, waiting: Conversation) -> str:
    """The path of a conversation that Nuria holds and has open."""
    talk = f"/desk/conversations/{waiting.id}"
    await nuria.opens(talk)
    await nuria.sends(f"{talk}/claim")
    await nuria.opens(talk)
    assert (await nuria.sends(f"{talk}/draft", mode="reply", text="Querida Ana")).status_code == 200
    return talk


async def forgets(services: Services, conversation: Conversation) -> None:
    async with services.database.write() as uow:
        hers = await uow.session.get_one(Conversation, conversation.id)
        await PrivacyCommands(services.writer, services.cases.secrets).do_command(uow, hers, FORGET_YES)
        await uow.commit()


async def counted(services: Services) -> tuple[int, list[str]]:
    """How many drafts there are, and what was said."""
    async with services.database.read() as session:
        drafts = await session.scalar(select(func.count()).select_from(Draft))
        said = await session.scalars(select(Message.response))
        return int(drafts or 0), [str(response) for response in said]


async def test_nothing_is_put_into_a_forgotten_conversation_again(
    nuria: Clerk, held: str, waiting: Conversation, services: Services
) -> None:
    await forgets(services, waiting)
    for act in WRITES:
        refused = await nuria.sends(f"{held}/{act}", text="Querida Ana", why="Querida Ana", mode="reply")
        assert refused.status_code == 410, act
        assert "Querida Ana" not in refused.text and "se ha borrado" in refused.text, act
    for path in READS:
        assert (await nuria.opens(held + path)).status_code == 410, path
    assert await counted(services) == (0, ["utter_forgotten"])


@pytest.mark.parametrize("view", ["waiting", "mine", "all", "closed"])
async def test_a_forgotten_conversation_is_in_no_list(
    nuria: Clerk, held: str, waiting: Conversation, services: Services, view: str
) -> None:
    await forgets(services, waiting)
    page = (await nuria.opens(f"/desk?view={view}")).text
    assert held not in page and "count-loud" not in page
    assert f'id="view-{view}">' in page and '<span class="count">0</span>' in page.split(f'id="view-{view}">')[1][:120]


async def test_nothing_is_put_into_one_that_was_erased_for_its_age(
    nuria: Clerk, held: str, waiting: Conversation, services: Services
) -> None:
    async with services.database.write() as uow:
        await uow.session.execute(delete(Conversation).where(Conversation.id == waiting.id))
        await uow.commit()
    for act in WRITES:
        sent = await nuria.sends(f"{held}/{act}", text="Querida Ana", why="Querida Ana", mode="reply")
        assert sent.status_code == 404, act
    assert await counted(services) == (0, [])


async def test_the_open_page_is_told_at_once_and_holds_the_words_for_it(
    nuria: Clerk, held: str, waiting: Conversation, services: Services, app: FastAPI
) -> None:
    page = (await nuria.opens(held)).text
    assert '<template id="gone">' in page
    async with services.hub.desk("aldealba") as told:
        await forgets(services, waiting)
        notices = [told.get_nowait() for _ in range(told.qsize())]
    assert ("state", waiting.id) in [(notice.kind, notice.conversation_id) for notice in notices]
    answer = await nuria.opens(f"{held}/updates?after=0&mode=mine", **FRAGMENT)
    assert answer.status_code == 410 and "se ha borrado" in answer.text and "<" not in answer.text.strip()


async def test_danger_whose_words_were_erased_is_read_in_the_queue_and_takes_no_reply(
    nuria: Clerk, services: Services
) -> None:
    async with services.database.write() as uow:
        await do_keep_danger(uow, services.writer, "aldealba", "es")
        await uow.commit()
    async with services.database.read() as session:
        kept = (await session.scalars(select(Conversation.id))).one()
    talk = f"/desk/conversations/{kept}"
    assert talk in (await nuria.opens("/desk")).text
    assert "borró sus palabras" in (await nuria.opens(talk)).text
    await nuria.sends(f"{talk}/claim")
    await nuria.opens(talk)
    refused = await nuria.sends(f"{talk}/reply", text="¿Sigue ahí?")
    assert refused.status_code == 409 and "nadie leería la respuesta" in refused.text
    assert (await nuria.sends(f"{talk}/close", why="No hay a quién llamar")).headers["location"] == talk
    assert talk not in (await nuria.opens("/desk")).text


@pytest.mark.parametrize(
    ("hers", "typed", "kept"),
    [
        ("mi DNI es 12345678Z", "Ana, su 12.345.678-Z ya consta", "Ana, su [DNI] ya consta"),
        ("llámame al 612 34 56 78", "La llamo al +34 612345678", "La llamo al [PHONE]"),
        ("ana arroba correo punto example", "a Ana@correo.example", "a [E-MAIL]"),
        ("mi DNI es 12345678Z", "Llame al 915 550 100", "Llame al 915 550 100"),
        ("hola", "su 12345678Z ya consta", "su 12345678Z ya consta"),
    ],
)
async def test_a_draft_that_is_saved_late_does_not_bring_back_what_she_had_removed(
    nuria: Clerk, held: str, waiting: Conversation, services: Services, hers: str, typed: str, kept: str
) -> None:
    async with services.database.write() as uow:
        conversation = await uow.session.get_one(Conversation, waiting.id)
        await services.writer.do_say(uow, conversation, Said(Author.CITIZEN, hers))
        await do_unsay(uow, services.secrets, conversation, None)
        await uow.commit()
    assert (await nuria.sends(f"{held}/draft", mode="note", text=typed)).status_code == 200
    async with services.database.read() as session:
        assert await session.scalar(select(Draft.text).where(Draft.mode == "note")) == kept


async def test_a_draft_is_covered_while_nothing_is_locked(
    nuria: Clerk, held: str, waiting: Conversation, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with services.database.write() as uow:
        conversation = await uow.session.get_one(Conversation, waiting.id)
        await services.writer.do_say(uow, conversation, Said(Author.CITIZEN, "mi DNI es 12345678Z"))
        await do_unsay(uow, services.secrets, conversation, None)
        await uow.commit()
    free: list[bool] = []

    def watched(text: str) -> list[Piece]:
        free.append(services.database.engine.pool.checkedout() == 0)  # type: ignore[attr-defined]
        return pieces_of(text)

    monkeypatch.setattr(unsay, "pieces_of", watched)
    assert (await nuria.sends(f"{held}/draft", mode="note", text="su 12345678Z ya consta")).status_code == 200
    assert free == [True]
    async with services.database.read() as session:
        assert await session.scalar(select(Draft.text).where(Draft.mode == "note")) == "su [DNI] ya consta"
