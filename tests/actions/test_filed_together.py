"""Two messages about one report, at once: the second waits, and sees what the first has done."""

import asyncio
from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker

from actions.filed import AddFiled, FixFiled, Withdraw
from bot.suggestions.own import OwnItems, Telling
from tests.actions.citizen import LAMP, Citizen
from tests.conftest import until
from tests.suggestions.test_own import has_ended_or_waits


@pytest.mark.parametrize(
    ("action", "found", "left"),
    [
        (AddFiled, {}, f"{LAMP}\n\nuna\n\nsigue sin luz"),
        (FixFiled, {"street": "calle Olmo 3"}, f"{LAMP}\n\nuna\n\nsigue sin luz"),
        (Withdraw, {"value": "{0}"}, f"{LAMP}\n\nuna"),
    ],
)
async def test_of_two_messages_about_one_report_neither_is_lost(
    ana: Citizen, action: type[Action], found: dict[str, Any], left: str
) -> None:
    services, reference = ana.services, await ana.files()
    own, turn = OwnItems(services.items, services.secrets), await ana.turn()
    entities = [{"entity": name, "value": value.format(reference)} for name, value in found.items()]
    parsed = {"text": "sigue sin luz", "intent": {"name": "x"}, "entities": entities}
    tracker = Tracker(turn, {"language": "es"}, parsed, [], False, None, {}, "action_listen")
    async with services.database.write() as uow:
        item = await own.read_one_of_own(uow, turn, None)
        assert item is not None
        other: asyncio.Task[Any] = asyncio.create_task(action().run(CollectingDispatcher(), tracker, {}))
        await until(lambda: has_ended_or_waits(services, other))
        await own.do_tell(uow, item, Telling("una"))
        await uow.commit()
    await other
    assert (await ana.item(reference)).text == left
    assert ((await ana.item(reference)).state == "withdrawn") == (action is Withdraw)
