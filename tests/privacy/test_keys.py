"""Rotating the installation's keys while it serves."""

import asyncio
import json
import shutil
from pathlib import Path

import pytest
from cryptography.fernet import InvalidToken
from sqlalchemy import func, select, update

from bot.channels.telegram.seen import CHANNEL
from bot.commands.keys import check_key, do_accept_loss, do_rotate
from bot.conversation.conversations import Citizen, do_find_or_start, do_start
from bot.privacy.key_ring import Ring
from bot.privacy.rotation import FINGERPRINT, sealed_columns
from bot.privacy.secrets import Secrets
from bot.services import Services
from bot.settings import Settings
from bot.setup.problems import Problem
from bot.states import Reason
from bot.store.tables import Conversation, Item, Mark, Message
from tests.cast import NURIA, do_hire


async def writes(services: Services, secrets: Secrets, chat: int) -> tuple[str, bool]:
    """The citizen of `chat` writes: her conversation, and whether it is new."""
    it = secrets.conceal(CHANNEL, str(chat))
    citizen = Citizen(CHANNEL, "es", "aldealba", address_key=it.key, old_address_keys=it.old_keys, address=it.sealed)
    async with services.database.write() as uow:
        conversation, new = await do_find_or_start(uow, services.writer, citizen)
        await uow.commit()
    return conversation.id, new


async def rotates(settings: Settings, step: str = "") -> str:
    return await asyncio.to_thread(do_rotate, settings, step, 0.0)


async def addresses(services: Services, secrets: Secrets) -> dict[str, str]:
    async with services.database.read() as session:
        rows = (await session.execute(select(Conversation.id, Conversation.address))).all()
    return {row_id: secrets.unseal(address) for row_id, address in rows if address}


async def test_a_rotated_key_opens_everything_and_the_old_one_nothing(services: Services, tmp_path: Path) -> None:
    (tmp_path / "old" / "secrets").mkdir(parents=True)
    shutil.copy(services.settings.home / "secrets" / "installation.key", tmp_path / "old" / "secrets")
    old = Secrets(tmp_path / "old")
    before = {(await writes(services, services.secrets, chat))[0]: str(chat) for chat in range(450)}

    said = await rotates(services.settings)

    assert "450 values" in said
    assert await addresses(services, services.secrets) == before  # the running counter follows without a restart
    with pytest.raises(InvalidToken):
        await addresses(services, old)
    assert [await writes(services, services.secrets, chat) for chat in range(3)] == [
        (conversation, False) for conversation in list(before)[:3]
    ]
    assert len(services.secrets.ring.keys) == 1
    assert (services.settings.home / "secrets" / "installation.key").stat().st_mode & 0o077 == 0


async def test_an_address_keeps_its_one_open_episode_through_every_step(services: Services) -> None:
    mine, _ = await writes(services, services.secrets, 7)
    for step in ("new", "use"):
        await rotates(services.settings, step)
        assert await writes(services, services.secrets, 7) == (mine, False)
    fresh, new = await writes(services, services.secrets, 8)
    assert new
    await rotates(services.settings, "finish")
    assert [await writes(services, services.secrets, chat) for chat in (7, 8)] == [(mine, False), (fresh, False)]


async def test_two_nodes_of_which_one_has_not_seen_the_new_key_yet_share_an_episode(
    services: Services, tmp_path: Path
) -> None:
    await rotates(services.settings, "new")
    shutil.copytree(services.settings.home / "secrets", tmp_path / "late" / "secrets")
    late = Secrets(tmp_path / "late")
    await rotates(services.settings, "use")
    first, second = await asyncio.gather(writes(services, late, 9), writes(services, services.secrets, 9))
    assert first[0] == second[0] and first[1] != second[1]


async def test_closed_episodes_of_an_address_stay_with_the_open_one(services: Services) -> None:
    first, _ = await writes(services, services.secrets, 7)
    async with services.database.write() as uow:
        await uow.session.execute(update(Conversation).values(state="closed"))
        await uow.commit()
    await rotates(services.settings, "new")
    await rotates(services.settings, "use")
    second, _ = await writes(services, services.secrets, 7)
    assert first != second
    async with services.database.read() as session:
        assert await session.scalar(select(func.count(Conversation.address_key.distinct()))) == 1


async def test_while_keys_are_rotated_one_citizens_conversations_are_known_as_hers(services: Services) -> None:
    nuria = (await do_hire(services.database, NURIA))["Nuria"]
    earlier, _ = await writes(services, services.secrets, 7)
    async with services.database.write() as uow:
        item = Item(
            reference="ALD-2026-000001-K", turn_id="t_1", conversation_id=earlier, kind="report", agency="aldealba",
            subject="other", text="una farola", language="es",
        )  # fmt: skip
        uow.session.add(item)
        await services.cases.do_end(uow, await uow.session.get_one(Conversation, earlier), "citizen", "closed")
        await uow.commit()
    for step in ("new", "use"):
        await rotates(services.settings, step)
    it = services.secrets.conceal(CHANNEL, "7")
    citizen = Citizen(CHANNEL, "es", "aldealba", address_key=it.key, address=it.sealed)
    async with services.database.write() as uow:
        today = await do_start(uow, services.writer, citizen)
        case = await services.cases.do_open(uow, today, Reason.ASKED)
        await services.items.do_change_state(uow, item.id, nuria, "assigned", "La vemos.")
        await uow.commit()
    assert [known["reference"] for known in case.packet["earlier_items"]] == ["ALD-2026-000001-K"]
    async with services.database.read() as session:
        told = select(Message.conversation_id).where(Message.response == "utter_item_update")
        assert list(await session.scalars(told)) == [today.id]


async def test_while_citizens_write_nothing_stays_under_the_old_key(services: Services) -> None:
    known = [(await writes(services, services.secrets, chat))[0] for chat in range(300)]
    rotating = asyncio.create_task(rotates(services.settings))
    chat, more = 1000, []
    while not rotating.done():
        more.append((await writes(services, services.secrets, chat))[0])
        assert (await writes(services, services.secrets, chat % 300))[0] in known
        chat += 1
    await rotating
    found = await addresses(services, services.secrets)
    assert len(found) == 300 + len(more) and more
    async with services.database.read() as session:
        rows = (await session.execute(select(Conversation.address_key, Conversation.id))).all()
    assert {key for key, _ in rows} == {services.secrets.key_of(CHANNEL, found[row_id]) for _, row_id in rows}


def test_an_address_is_named_and_sealed_by_one_key_whenever_the_ring_changes(tmp_path: Path) -> None:
    secrets = Secrets(tmp_path)
    old = secrets.ring.with_new()
    rings = iter([old, old.with_newest_written()])

    class Changing(Secrets):
        @property
        def ring(self) -> Ring:
            return next(rings)

    it = Changing(tmp_path).conceal(CHANNEL, "7")
    assert it.key == old.writing.digest(f"{CHANNEL}:7".encode()).hex()
    assert old.writing.fernet.decrypt(it.sealed.encode()) == b"7"


async def test_a_home_without_the_databases_key_is_refused_until_the_loss_is_accepted(
    services: Services, tmp_path: Path
) -> None:
    await asyncio.to_thread(check_key, services.settings)
    await writes(services, services.secrets, 7)
    other = services.settings.model_copy(
        update={"home": tmp_path / "other", "database_url": services.settings.database}
    )
    with pytest.raises(Problem) as refused:
        await asyncio.to_thread(check_key, other)
    assert refused.value.code == "other_key"
    with pytest.raises(Problem):
        await rotates(other)

    assert "1 addresses" in await asyncio.to_thread(do_accept_loss, other)
    await asyncio.to_thread(check_key, other)
    assert await addresses(services, services.secrets) == {}


async def test_a_database_of_before_the_fingerprint_is_tried_with_what_is_sealed_in_it(
    services: Services, tmp_path: Path
) -> None:
    await writes(services, services.secrets, 7)
    other = services.settings.model_copy(
        update={"home": tmp_path / "other", "database_url": services.settings.database}
    )
    with pytest.raises(Problem):
        await asyncio.to_thread(check_key, other)
    await asyncio.to_thread(check_key, services.settings)
    async with services.database.read() as session:
        mark = await session.get(Mark, FINGERPRINT)
    assert mark and mark.value == services.secrets.ring.writing.fingerprint


async def test_an_interrupted_rotation_is_gone_on_with(services: Services) -> None:
    mine, _ = await writes(services, services.secrets, 7)
    await rotates(services.settings, "new")
    waiting = services.secrets.ring.keys[0].fingerprint
    await rotates(services.settings)
    assert services.secrets.ring.writing.fingerprint == waiting
    assert await writes(services, services.secrets, 7) == (mine, False)


def test_what_telegram_shows_us_is_known_until_the_old_key_is_gone(tmp_path: Path) -> None:
    secrets = Secrets(tmp_path)
    old = secrets.derived("telegram-webhook")
    secrets.file.do_write(secrets.ring.with_new().with_newest_written())
    new = secrets.derived("telegram-webhook")
    assert old != new and secrets.is_derived("telegram-webhook", old) and secrets.is_derived("telegram-webhook", new)
    secrets.file.do_write(secrets.ring.without_old())
    assert not secrets.is_derived("telegram-webhook", old) and secrets.is_derived("telegram-webhook", new)


def test_the_file_of_an_earlier_release_is_the_first_key(tmp_path: Path) -> None:
    first = Secrets(tmp_path)
    file = tmp_path / "secrets" / "installation.key"
    assert len(file.read_bytes()) == 32
    sealed = first.seal("7")
    first.file.do_write(first.ring.with_new())
    assert json.loads(file.read_text())["written"] == 1
    assert Secrets(tmp_path).unseal(sealed) == "7" and first.key_of("a", "7") == Secrets(tmp_path).key_of("a", "7")


def test_every_column_whose_text_is_sealed_is_known_to_the_rotation() -> None:
    assert {("conversation", "address")} <= {(table.name, column.name) for table, column in sealed_columns()}
