"""Whoever has a reference alone reads kind and state; what staff wrote to its author is read where it was filed."""

from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from sqlalchemy import select

from actions import context
from actions.status import Status
from bot.knowledge.render import render
from bot.services import Services
from bot.store.tables import Conversation, Inbox, Item, ItemStep, new_id
from bot.suggestions.own import OwnItems
from bot.suggestions.references import check_letter, make_reference

NOTE = "Estimada Ana Ruiz, de la calle Mayor 3, 2º B: la llamamos al 612 34 56 78"
TEXT = "zanahoria-violeta rota"


@pytest.fixture(autouse=True)
def bound(services: Services) -> None:
    """The actions with the services of the test."""
    own = OwnItems(services.items, services.secrets)
    context.bind(context.Context(services.database, services.knowledge, services.items, own))


async def begins(services: Services, channel: str = "web", address: str | None = None, **values: Any) -> str:
    """A conversation; its id."""
    key = services.secrets.key_of(channel, address) if address else None
    async with services.database.write() as uow:
        made = Conversation(channel=channel, agency="aldealba", language="es", address_key=key, **values)
        uow.session.add(made)
        await uow.commit()
        return made.id


async def files(services: Services, conversation: str, number: int, kind: str = "report") -> str:
    """Something that was filed there and answered with words for its author; its reference."""
    async with services.database.write() as uow:
        item = Item(
            reference=make_reference("ALD", 2026, number),
            turn_id=new_id("t"),
            conversation_id=conversation,
            kind=kind,
            agency="aldealba",
            subject="other",
            text=TEXT,
            language="es",
            state="assigned",
        )
        uow.session.add(item)
        await uow.session.flush()
        for step in (("draft", "submitted", ""), ("submitted", "assigned", NOTE)):
            uow.session.add(ItemStep(item_id=item.id, from_state=step[0], to_state=step[1], actor="x", note=step[2]))
        await uow.commit()
        return item.reference


async def asks(services: Services, conversation: str, text: str) -> tuple[str, str]:
    """The response to a question for the status, and its words."""
    async with services.database.write() as uow:
        seq = len(list(await uow.session.scalars(select(Inbox.id)))) + 1
        turn = Inbox(channel="web", external_id=new_id("x"), conversation_id=conversation, message_seq=seq, kind="text")
        uow.session.add(turn)
        await uow.commit()
        turn_id = turn.turn_id
    dispatcher = CollectingDispatcher()
    slots = {"language": "es", "agency": "aldealba"}
    parsed = {"text": text, "intent": {"name": "check_status", "confidence": 0.99}, "entities": []}
    await Status().run(dispatcher, Tracker(turn_id, slots, parsed, [], False, None, {}, "action_listen"), {})
    [said] = dispatcher.messages
    args = {key: value for key, value in said.items() if key not in ("response", "buttons")}
    return said["response"], render(services.knowledge, said["response"], "es", args).text


async def test_where_it_was_filed_everything_is_read(services: Services) -> None:
    ana = await begins(services)
    reference = await files(services, ana, 6)
    _, words = await asks(services, ana, f"¿cómo va {reference}?")
    assert NOTE in words and reference in words


@pytest.mark.parametrize("kind", ["suggestion", "report", "complaint"])
async def test_with_the_reference_alone_nothing_that_was_written_is_read(services: Services, kind: str) -> None:
    reference = await files(services, await begins(services), 6, kind)
    stranger = await begins(services)
    _, words = await asks(services, stranger, reference)
    assert reference in words and "Asignad" in words.replace("asignad", "Asignad")
    kinds = {"suggestion": "sugerencia", "report": "aviso", "complaint": "queja"}
    assert kinds[kind] in words.lower()
    assert not [piece for piece in ("Ana Ruiz", "612", "Mayor", TEXT) if piece in words]
    assert ("/20" in words) == (kind != "complaint"), "a complaint's dates are its author's"


async def test_on_telegram_a_later_chat_of_the_same_person_is_hers(services: Services) -> None:
    earlier = await begins(services, "telegram", "77", state="closed")
    reference = await files(services, earlier, 6)
    later = await begins(services, "telegram", "77")
    other = await begins(services, "telegram", "78")
    assert NOTE in (await asks(services, later, reference))[1]
    assert NOTE in (await asks(services, later, "¿cómo va lo mío?"))[1], "without a reference: what she filed last"
    assert NOTE not in (await asks(services, other, reference))[1]


@pytest.mark.parametrize(
    "spelling",
    ["ALD—2026—{n}—{l}", "ALD_2026_{n}_{l}", "ALD-2026-{o}-{l}", "ald 2026 {n} {l}", "ＡＬＤ－２０２６－{n}－{l}"],
)
async def test_another_spelling_finds_it_and_never_another_of_hers(services: Services, spelling: str) -> None:
    ana = await begins(services)
    meant, newest = await files(services, ana, 6), await files(services, ana, 7)
    written = spelling.format(n="000006", o="OOOOO6", l=meant[-1])
    _, words = await asks(services, ana, f"¿qué tal {written}?")
    assert meant in words and newest not in words


@pytest.mark.parametrize("there", [True, False])
async def test_without_its_letter_or_with_a_wrong_one_nothing_is_given_away(services: Services, there: bool) -> None:
    """Words and effort are the same whether such an item exists or not."""
    ana, bea = await begins(services), await begins(services)
    newest = await files(services, ana, 7)
    if there:
        await files(services, bea, 6)
    right = check_letter("ALD-2026-000006")
    wrong = "A" if right != "A" else "B"
    missing = await asks(services, ana, "¿cómo va ALD-2026-000006?")
    slip = await asks(services, ana, f"¿cómo va ALD-2026-000006-{wrong}?")
    assert missing[0] == "utter_item_status_letter_missing" and slip[0] == "utter_item_status_letter_wrong"
    assert all("ALD-2026-000006" in words and newest not in words for _, words in (missing, slip))


async def test_thirty_computed_references_come_to_an_end_and_her_own_goes_on(services: Services) -> None:
    bea, ana = await begins(services), await begins(services)
    others = [await files(services, bea, number) for number in range(1, 16)]
    hers = await files(services, ana, 90)
    tried = [*others, *(make_reference("ALD", 2026, number) for number in range(40, 55))]
    said = [await asks(services, ana, reference) for reference in tried]
    told = [words for response, words in said if response != "utter_item_status_too_many"]
    assert len(told) <= 10
    assert "espera" in said[-1][1].lower() and tried[-1] not in said[-1][1]
    assert NOTE in (await asks(services, ana, hers))[1], "her own is never counted"


async def test_another_conversation_from_the_same_address_does_not_begin_anew(services: Services) -> None:
    strangers = [await begins(services) for _ in range(12)]
    for stranger in strangers:
        services.limits.note_address(stranger, "203.0.113.7")
    said = [
        (await asks(services, stranger, make_reference("ALD", 2026, at * 20 + number)))[0]
        for at, stranger in enumerate(strangers)
        for number in range(1, 9)
    ]
    assert said.count("utter_item_unknown") <= 60
    elsewhere = await begins(services)
    assert (await asks(services, elsewhere, make_reference("ALD", 2026, 999)))[0] == "utter_item_unknown"


async def test_what_was_forgotten_is_nobodys(services: Services) -> None:
    ana = await begins(services)
    reference = await files(services, ana, 6)
    async with services.database.write() as uow:
        item = (await uow.session.scalars(select(Item))).one()
        item.conversation_id = None
        await uow.commit()
    assert NOTE not in (await asks(services, ana, reference))[1]
