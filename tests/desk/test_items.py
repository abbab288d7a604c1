"""Suggestions at the desk: found, read, moved on, and their authors told."""

import pytest
from sqlalchemy import select, update

from bot.privacy.key_ring import Key, Ring
from bot.services import Services
from bot.states import Author
from bot.store.tables import Conversation, Inbox, Item, ItemStep, Message
from bot.suggestions.items import Filing
from tests.desk.clerk import Clerk

FILING = Filing(
    kind="report",
    text="La farola está rota",
    subject="lighting",
    agency="aldealba",
    place="Calle Mayor, 3",
    district="centro",
    contact="ana@ejemplo.es",
)


@pytest.fixture
async def item(services: Services, waiting: Conversation) -> Item:
    """Ana's report."""
    async with services.database.write() as uow:
        uow.session.add(
            Inbox(channel="web", external_id="1", conversation_id=waiting.id, message_seq=2, kind="text", turn_id="t_1")
        )
        await uow.session.flush()
        filed = await services.items.do_file(uow, "t_1", FILING)
        await uow.commit()
    return filed


async def test_the_list_finds_by_word_state_kind_and_district(nuria: Clerk, item: Item) -> None:
    for query in (
        "",
        "q=farola",
        f"q={item.reference}",
        "q=mayor",
        "q=Ana@Ejemplo",
        "q=ejemplo.es",
        "kind=report",
        "district=centro",
        "state=any",
    ):
        assert item.reference in (await nuria.opens(f"/desk/items?{query}")).text, query
    for query in ("q=piscina", "kind=complaint", "district=ribera", "state=done"):
        page = (await nuria.opens(f"/desk/items?{query}")).text
        assert f'id="item-{item.id}"' not in page and "No hay nada con esos filtros" in page, query


async def test_the_page_holds_text_place_contact_and_history(nuria: Clerk, item: Item, waiting: Conversation) -> None:
    page = (await nuria.opens(f"/desk/items/{item.id}")).text
    for words in (item.reference, FILING.text, "Calle Mayor, 3", "ana@ejemplo.es", "quien la presentó", waiting.id):
        assert str(words) in page, words
    assert 'value="assigned"' in page and 'value="done"' not in page


@pytest.mark.parametrize(
    ("language", "lost", "none"),
    [("es", "no se puede abrir", "No dejó contacto"), ("en", "cannot be opened", "Left no contact")],
)
async def test_a_contact_that_no_key_opens_is_said_to_be_there(
    nuria: Clerk, item: Item, services: Services, language: str, lost: str, none: str
) -> None:
    services.secrets.file.do_write(Ring((Key(b"another key of thirty-two bytes!"),)))
    reads = {"Accept-Language": language}
    page = (await nuria.opens(f"/desk/items/{item.id}", **reads)).text
    assert lost in page and none not in page and "gAAAAA" not in page
    async with services.database.write() as uow:
        await uow.session.execute(update(Item).values(contact=None))
        await uow.commit()
    page = (await nuria.opens(f"/desk/items/{item.id}", **reads)).text
    assert none in page and lost not in page


async def test_moving_an_item_tells_its_author_and_keeps_the_private_note_inside(
    nuria: Clerk, item: Item, services: Services
) -> None:
    moved = await nuria.sends(
        f"/desk/items/{item.id}/state", to_state="assigned", note="Va el equipo de alumbrado", private_note="Ver plano"
    )
    assert moved.status_code == 303
    page = (await nuria.opens(f"/desk/items/{item.id}")).text
    assert "Estado cambiado." in page and "Ver plano" in page and "Nuria" in page
    async with services.database.read() as session:
        told = (await session.scalars(select(Message).where(Message.author == Author.SYSTEM))).all()[-1].text
        step = (await session.scalars(select(ItemStep))).all()[-1]
    assert "Va el equipo de alumbrado" in told and item.reference in told and "Ver plano" not in told
    assert (step.to_state, step.private_note) == ("assigned", "Ver plano")


@pytest.mark.parametrize(
    ("to_state", "note", "status", "words"),
    [
        ("assigned", "  ", 422, "Escribe el mensaje"),
        ("", "Hola", 409, "Elige a qué estado pasa"),
        ("done", "Ya está", 409, "Otra persona la ha cambiado"),
    ],
)
async def test_a_step_that_cannot_be_taken_keeps_what_was_typed(
    nuria: Clerk, item: Item, to_state: str, note: str, status: int, words: str
) -> None:
    refused = await nuria.sends(f"/desk/items/{item.id}/state", to_state=to_state, note=note, private_note="Ver plano")
    assert refused.status_code == status
    assert words in refused.text and "Ver plano" in refused.text and note in refused.text
