"""Somebody who has filed something in a chat of her own."""

import json
from typing import Any

from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from sqlalchemy import select

from bot.services import Services
from bot.store.tables import Conversation, Inbox, Item, ItemStep, new_id
from bot.suggestions.items import Filing

LAMP, PHONE = "La farola no luce", "600 123 456"


class Citizen:
    """Somebody in a chat of her own."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.conversation = ""
        self.filed: list[str] = []
        self.args: dict[str, Any] = {}
        self.slots: dict[str, Any] = {}

    async def begins(self) -> "Citizen":
        """A conversation of her own."""
        async with self.services.database.write() as uow:
            made = Conversation(channel="web", agency="aldealba", language="es")
            uow.session.add(made)
            await uow.commit()
        self.conversation = made.id
        return self

    async def turn(self) -> str:
        """A message of hers; the id of its turn."""
        async with self.services.database.write() as uow:
            seq = len(list(await uow.session.scalars(select(Inbox.id)))) + 1
            turn = Inbox(
                channel="web", external_id=new_id("x"), conversation_id=self.conversation, message_seq=seq, kind="text"
            )
            uow.session.add(turn)
            await uow.commit()
        return turn.turn_id

    async def files(self, text: str = LAMP, state: str = "submitted", **more: Any) -> str:
        """Something is filed, and stands where `state` says; its reference."""
        subject = more.pop("subject", "street_lighting")
        filing = Filing(kind="report", text=text, subject=subject, agency="aldealba", **more)
        turn = await self.turn()
        async with self.services.database.write() as uow:
            item = await self.services.items.do_file(uow, turn, filing)
            item.state = state
            await uow.commit()
        self.filed.insert(0, item.reference)
        return item.reference

    async def says(self, action: type[Action], text: str, **more: Any) -> str:
        """What is said in return; its arguments and the slots stay in `args` and `slots`."""
        found = {name: more.pop(name, None) for name in ("value", "street", "district")}
        entities = [{"entity": name, "value": value} for name, value in found.items() if value is not None]
        parsed = {"text": text, "intent": {"name": "x"}, "entities": entities}
        did = more.pop("did", None)  # what the turn before has done
        events = [{"event": "user"}, {"event": "action", "name": did}, {"event": "user"}] if did else []
        slots = {"language": "es", "agency": "aldealba", "filed": json.dumps(self.filed), **more}
        dispatcher = CollectingDispatcher()
        tracker = Tracker(await self.turn(), slots, parsed, events, False, None, {}, "action_listen")
        events = await action().run(dispatcher, tracker, {})
        self.slots = {event["name"]: event["value"] for event in events}
        [self.args] = dispatcher.messages
        return str(self.args["response"])

    async def item(self, reference: str) -> Item:
        """What is stored under a reference."""
        async with self.services.database.read() as session:
            found = (await session.scalars(select(Item).where(Item.reference == reference))).one()
            return found

    async def steps(self, reference: str) -> list[str]:
        """The states that it went to."""
        item = await self.item(reference)
        async with self.services.database.read() as session:
            steps = await session.scalars(
                select(ItemStep.to_state).where(ItemStep.item_id == item.id).order_by(ItemStep.id)
            )
            return list(steps)
