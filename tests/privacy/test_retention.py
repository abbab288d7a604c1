"""What is older than its class of data may be goes, and the figures stay."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.knowledge.knowledge import KnowledgeError
from bot.nightly import do_daily
from bot.privacy.retention import FILE, Retention, read_days
from bot.services import Services
from bot.settings import ROOT
from bot.store.tables import Conversation, Draft, Event, Inbox, Item, ItemStep, Mark, Message, Outbox, Turn, Usage, now
from tests.cast import NURIA, OLGA, do_hire

DAYS = read_days(ROOT)
OLD = now() - dt.timedelta(days=2_000)
WORDS = "zanahoria-violeta"


def told(days: dict[str, Any]) -> str:
    return "keep_days:\n" + "".join(f"  {name}: {value}\n" for name, value in days.items())


async def do_talk(services: Services, number: int, at: dt.datetime, **more: Any) -> None:
    """A conversation of `at` with a message, its turn and its technical rows."""
    mine = f"c_{number}"
    made = {"state": "closed", "closed_at": at, "active_at": at, "created_at": at, **more}
    async with services.database.write() as uow:
        uow.session.add(Conversation(id=mine, channel="web", agency="aldealba", language="es", **made))
        await uow.session.flush()
        uow.session.add(Message(conversation_id=mine, seq=1, author="citizen", text=WORDS, language="es"))
        turn = {"message_seq": 1, "outcome": "answered", "topic": "census" if number % 2 else None}
        uow.session.add(Turn(id=f"t_{number}", conversation_id=mine, ended_at=at, **turn))
        uow.session.add(
            Inbox(
                channel="web",
                external_id=f"e{number}",
                conversation_id=mine,
                message_seq=1,
                kind="text",
                received_at=at,
                answered_at=at,
            )
        )
        uow.session.add(Outbox(conversation_id=mine, channel="web", state="sent", created_at=at))
        uow.session.add(Event(agency="aldealba", conversation_id=mine, kind="x", actor="citizen", data={"a": WORDS}))
        await uow.commit()


async def count(services: Services, table: Any) -> int:
    async with services.database.read() as session:
        return int(await session.scalar(select(func.count()).select_from(table)) or 0)


async def test_old_conversations_go_with_all_that_hangs_on_them_and_their_figures_stay(services: Services) -> None:
    for number in range(230):
        await do_talk(services, number, OLD)
    await do_talk(services, 900, now())
    retention = Retention(services.database, DAYS)
    planned = await retention.read_counts()
    assert planned["closed_conversations"] == 230 and await count(services, Conversation) == 231

    erased = await retention.do_erase("aldealba")

    assert erased["closed_conversations"] == 230
    assert [await count(services, table) for table in (Conversation, Message, Turn, Inbox, Outbox)] == [1] * 5
    async with services.database.read() as session:
        figures = {(row.topic, row.outcome, row.language): row.count for row in await session.scalars(select(Usage))}
        events = [event for event in await session.scalars(select(Event)) if event.conversation_id != "c_900"]
    assert figures == {("census", "answered", "es"): 115, ("", "answered", "es"): 115}
    assert WORDS not in str([event.data for event in events])
    assert [event.data for event in events if event.kind == "retention"] == [erased]


async def test_figures_of_one_day_add_up_over_several_runs(services: Services) -> None:
    retention = Retention(services.database, DAYS)
    for number in (1, 3):
        await do_talk(services, number, OLD)
        await retention.do_erase("aldealba")
    async with services.database.read() as session:
        assert await session.scalar(select(Usage.count)) == 2


async def test_who_wrote_lately_is_kept_and_who_has_been_silent_for_long_is_not(services: Services) -> None:
    await do_talk(services, 1, OLD, state="assistant", closed_at=None, active_at=now())
    await do_talk(services, 2, OLD, state="assistant", closed_at=None)
    assert (await Retention(services.database, DAYS).do_erase("aldealba"))["idle_conversations"] == 1
    async with services.database.read() as session:
        assert list(await session.scalars(select(Conversation.id))) == ["c_1"]


async def test_a_finished_item_keeps_its_number_and_loses_its_author(services: Services) -> None:
    async with services.database.write() as uow:
        for number, state in enumerate(("done", "accepted")):
            item = Item(
                reference=f"ALD-{number}", turn_id=f"t{number}", kind="report", agency="aldealba", subject="streets",
                text=WORDS, contact="a@b.example", place="Calle 1", language="es", state=state, changed_at=OLD,
            )  # fmt: skip
            uow.session.add(item)
            await uow.session.flush()
            uow.session.add(ItemStep(item_id=item.id, from_state="a", to_state=state, actor="x", note=WORDS))
        await uow.commit()
    retention = Retention(services.database, DAYS)
    assert (await retention.do_erase("aldealba"))["finished_items"] == 1
    assert (await retention.do_erase("aldealba"))["finished_items"] == 0, "once is enough"
    async with services.database.read() as session:
        done, accepted = list(await session.scalars(select(Item).order_by(Item.reference)))
        notes = list(await session.scalars(select(ItemStep.note).order_by(ItemStep.item_id)))
    assert (done.reference, done.subject, done.contact, done.place) == ("ALD-0", "streets", None, None)
    assert WORDS not in done.text and accepted.text == WORDS and notes == ["", WORDS]


async def test_an_old_draft_goes_and_a_colleagues_new_one_stays(services: Services) -> None:
    await do_talk(services, 1, now(), state="with_person", closed_at=None)
    staff = list((await do_hire(services.database, NURIA, OLGA)).values())
    async with services.database.write() as uow:
        for person, at in zip(staff, (OLD, now()), strict=True):
            uow.session.add(Draft(staff_id=person.id, conversation_id="c_1", mode="reply", text=WORDS, at=at))
        await uow.commit()
    assert (await Retention(services.database, DAYS).do_erase("aldealba"))["drafts"] == 1
    async with services.database.read() as session:
        assert list(await session.scalars(select(Draft.staff_id))) == [staff[1].id]


async def test_an_old_number_of_telegram_goes_and_other_marks_stay(services: Services) -> None:
    marks = {
        "telegram_update:1": OLD, "telegram_album:1": OLD, "telegram_update:2": now(), "telegram_pause": OLD,
    }  # fmt: skip
    async with services.database.write() as uow:
        uow.session.add_all([Mark(name=name, value=at.isoformat()) for name, at in marks.items()])
        await uow.commit()
    assert (await Retention(services.database, DAYS).do_erase("aldealba"))["technical"] == 2
    async with services.database.read() as session:
        left = set(await session.scalars(select(Mark.name).where(Mark.name.in_(marks))))
    assert left == {"telegram_update:2", "telegram_pause"}


async def test_it_is_done_once_a_day(services: Services) -> None:
    assert [await do_daily(services), await do_daily(services)] == [True, False]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("days: 3\n", "keep_days is missing"),
        (told({**DAYS, "events": 0}), "events is 0"),
        (told({**DAYS, "events": "mañana"}), "events is 'mañana'"),
        (told({**DAYS, "eventos": 3}), "no class eventos"),
        (told({name: value for name, value in DAYS.items() if name != "drafts"}), "drafts is missing"),
        ("keep_days: [\n", "retention.yml"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / FILE).parent.mkdir(parents=True)
    (tmp_path / FILE).write_text(content)
    with pytest.raises(KnowledgeError) as error:
        read_days(tmp_path)
    assert says in str(error.value)
