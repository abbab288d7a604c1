"""How to reach somebody is sealed in the table, and read where it is needed."""

import asyncio
import json

import pytest
import sqlalchemy as sa
from cryptography.fernet import InvalidToken
from sqlalchemy import select, update

from bot.commands.keys import do_accept_loss, do_rotate, seal_plain
from bot.privacy.key_ring import Key, Ring
from bot.privacy.rotation import Rotation, sealed_columns
from bot.services import Services
from bot.store.tables import Inbox, Item
from bot.suggestions.items import Filing
from tests.chat import Ana
from tests.privacy.test_my_data import dump
from tests.turns.test_turn import citizen

CONTACT = "ana.ruiz@correo.example"


async def files(services: Services, ana: Ana, contact: str | None = CONTACT) -> int:
    """She has filed something and left a contact; the item."""
    await ana.arrives()
    await ana.says(text="una farola")
    async with services.database.write() as uow:
        turn = await uow.session.scalar(select(Inbox.turn_id).where(Inbox.conversation_id == ana.conversation))
        item = await services.items.do_file(
            uow, str(turn), Filing("report", "Rota", "other", "aldealba", contact=contact)
        )
        await uow.commit()
        return item.id


async def stored(services: Services) -> list[str | None]:
    async with services.database.read() as session:
        return list(await session.scalars(select(Item.contact).order_by(Item.id)))


async def test_the_table_does_not_tell_it_and_she_is_given_it(working: Services) -> None:
    ana = citizen(working)
    await files(working, ana)
    assert CONTACT not in await dump(working)
    [sealed] = await stored(working)
    assert working.secrets.unseal(str(sealed)) == CONTACT
    path = f"/api/chat/v1/conversations/{ana.conversation}/mydata"
    kept = (await ana.http.post(path, headers=ana.bearer)).json()
    assert json.loads(kept["mydata.json"])["items"][0]["contact"] == CONTACT
    assert CONTACT in kept["mydata.txt"]


async def test_a_rotation_covers_it(working: Services) -> None:
    old = working.secrets.ring
    await files(working, citizen(working))
    assert Item.__table__.c.contact in [column for _, column in sealed_columns()]
    assert "1 values" in await asyncio.to_thread(do_rotate, working.settings, "", 0.0)
    [sealed] = await stored(working)
    assert working.secrets.unseal(str(sealed)) == CONTACT
    with pytest.raises(InvalidToken):
        old.seal.decrypt(str(sealed).encode())


async def test_what_an_earlier_release_stored_is_read_as_it_is_and_sealed_by_the_next_start(working: Services) -> None:
    ana = citizen(working)
    item = await files(working, ana)
    async with working.database.write() as uow:
        await uow.session.execute(update(Item).values(contact=CONTACT))
        await uow.commit()
    assert working.secrets.reveal(CONTACT) == CONTACT
    for _ in range(2):  # the second start finds nothing to do
        await asyncio.to_thread(seal_plain, working.settings)
    assert CONTACT not in await dump(working)
    async with working.database.read() as session:
        found = await session.get_one(Item, item)
        assert working.secrets.reveal(found.contact) == CONTACT


async def test_a_rotation_seals_what_was_not_sealed(working: Services) -> None:
    await files(working, citizen(working))
    async with working.database.write() as uow:
        await uow.session.execute(update(Item).values(contact=CONTACT))
        await uow.commit()
    found = await Rotation(working.database, working.secrets).do_reseal()
    assert (found.values, found.lost) == (1, 0) and CONTACT not in await dump(working)


async def test_where_the_key_is_lost_the_item_stays_and_its_contact_is_nobodys(working: Services) -> None:
    await files(working, citizen(working))
    working.secrets.file.do_write(Ring((Key(b"another key of thirty-two bytes!"),)))
    [sealed] = await stored(working)
    assert working.secrets.reveal(sealed) is None
    await asyncio.to_thread(do_accept_loss, working.settings)
    assert await stored(working) == [None]


async def test_the_longest_contact_finds_room(working: Services) -> None:
    await files(working, citizen(working), contact="ñ" * 200)
    [sealed] = await stored(working)
    assert working.secrets.reveal(sealed) == "ñ" * 200
    assert isinstance(Item.__table__.c.contact.type, sa.Text)
