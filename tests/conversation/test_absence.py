"""How long she was away before a message."""

import datetime as dt

from bot.conversation.absence import was_away
from bot.services import Services
from bot.store.tables import Conversation, Inbox, Message, now

DAY = dt.timedelta(hours=24)


async def do_write(services: Services, *hours: float, author: str = "citizen", turn: str = "t") -> None:
    """A conversation whose messages were written so many hours ago; each has its turn, `t1`, `t2` …"""
    async with services.database.write() as uow:
        talk = Conversation(channel="web", agency="aldealba", language="es")
        uow.session.add(talk)
        await uow.session.flush()
        for seq, ago in enumerate(hours, 1):
            at = now() - dt.timedelta(hours=ago)
            who = author if seq < len(hours) else "citizen"
            uow.session.add(
                Message(conversation_id=talk.id, seq=seq, author=who, text="x", language="es", created_at=at)
            )
            row = {"external_id": f"{turn}{seq}", "turn_id": f"{turn}{seq}", "received_at": at, "kind": "text"}
            uow.session.add(Inbox(channel="web", conversation_id=talk.id, message_seq=seq, **row))
        await uow.commit()


async def test_a_day_between_two_messages_is_a_day_away(services: Services) -> None:
    await do_write(services, 60, 25, 0)
    assert [await was_away(services.database, turn, DAY) for turn in ("t1", "t2", "t3")] == [False, True, True]
    assert not await was_away(services.database, "t3", 2 * DAY)


async def test_who_wrote_again_is_there(services: Services) -> None:
    await do_write(services, 60, 23, 0)
    assert not await was_away(services.database, "t3", DAY)


async def test_what_others_wrote_meanwhile_is_not_hers(services: Services) -> None:
    await do_write(services, 60, 25, 0)
    await do_write(services, 0.1, 0, author="assistant", turn="u")
    assert await was_away(services.database, "t3", DAY)
    assert not await was_away(services.database, "u2", DAY), "she has written nothing before"
    assert not await was_away(services.database, "nobody's", DAY)
