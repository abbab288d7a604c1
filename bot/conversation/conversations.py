"""Finding and starting conversations."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, update

from bot.conversation.writer import Writer
from bot.states import Author, State
from bot.store.database import UnitOfWork
from bot.store.tables import Conversation


@dataclass(frozen=True)
class Citizen:
    """Who writes, as a channel knows her: nothing on the web, a sealed address elsewhere."""

    channel: str
    language: str
    agency: str
    token_hash: str | None = None
    address_key: str | None = None
    old_address_keys: tuple[str, ...] = ()  # the same address under keys that are being rotated out
    address: str | None = None
    display_name: str | None = None
    start: str | None = None
    bot: str = ""  # which of the channel's bots she writes to


async def do_start(uow: UnitOfWork, writer: Writer, citizen: Citizen, previous: str | None = None) -> Conversation:
    """A new conversation that greets and says that it is a machine."""
    conversation = Conversation(
        channel=citizen.channel,
        bot=citizen.bot,
        language=citizen.language,
        agency=citizen.agency,
        token_hash=citizen.token_hash,
        address_key=citizen.address_key,
        address=citizen.address,
        display_name=citizen.display_name,
        start=citizen.start,
        previous_id=previous,
        state=State.ASSISTANT,
        last_seq=0,
        last_turn_seq=0,
        epoch=0,
        misunderstood=0,
        waiting_messages=0,
    )
    uow.session.add(conversation)
    await uow.session.flush()
    agency = writer.knowledge.agencies[citizen.agency]
    await writer.do_say_response(
        uow,
        conversation,
        "utter_welcome",
        Author.ASSISTANT,
        agency=agency.name.get(citizen.language, agency.id),
        notice=writer.told_about_data(conversation),
    )
    await writer.do_record(uow, conversation, "started", "citizen", channel=citizen.channel)
    return conversation


async def do_find_or_start(uow: UnitOfWork, writer: Writer, citizen: Citizen) -> tuple[Conversation, bool]:
    """The open conversation of this address, or a new one; and whether it is new."""
    keys = [citizen.address_key, *citizen.old_address_keys] if citizen.address_key else []
    if citizen.old_address_keys:
        await _do_unite(uow, citizen.channel, keys)
    last = await find_newest(uow, citizen.channel, keys)
    if last and last.state != State.CLOSED:
        return last, False
    return await do_start(uow, writer, citizen, previous=last.id if last else None), True


async def find_newest(uow: UnitOfWork, channel: str, address_keys: Sequence[str]) -> Conversation | None:
    """The latest conversation of this address, open or not; its row is held until the unit of work ends."""
    mine = (Conversation.channel == channel, Conversation.address_key.in_(address_keys))
    newest = select(Conversation).where(*mine).order_by(Conversation.created_at.desc()).limit(1).with_for_update()
    return (await uow.session.execute(newest)).scalar_one_or_none()


async def _do_unite(uow: UnitOfWork, channel: str, keys: Sequence[str]) -> None:
    """Bring all conversations of an address under its newest key while keys are rotated.

    The index that keeps one of them open sees one key at a time, so two nodes that are a moment apart take turns here.
    """
    if uow.session.get_bind().dialect.name == "postgresql":
        number = int.from_bytes(hashlib.sha256("".join(sorted(keys)).encode()).digest()[:8], signed=True)
        await uow.session.execute(select(func.pg_advisory_xact_lock(number)))
    old = (Conversation.channel == channel, Conversation.address_key.in_(keys[1:]))
    await uow.session.execute(update(Conversation).where(*old).values(address_key=keys[0]))
