"""A message of the greatest length keeps no other waiting but its like."""

import asyncio

from bot.replicas.client import EngineReply, EngineTurn
from bot.services import Services
from bot.turns.assistant import Assistant
from bot.turns.reply import Question
from tests.fakes import says


class SlowEngine:
    """Answers when it is told to; counts whom it serves at once."""

    def __init__(self) -> None:
        self.busy: list[int] = []
        self.most_long = 0
        self.free = asyncio.Event()

    async def ask(self, turn: EngineTurn) -> EngineReply:
        length = len(turn.text or "")
        self.busy.append(length)
        self.most_long = max(self.most_long, sum(one > 1_000 for one in self.busy))
        if length > 1_000:
            await self.free.wait()
        self.busy.remove(length)
        return says("utter_faq/bulky_waste")


async def test_long_messages_wait_for_one_another_and_short_ones_for_none(services: Services) -> None:
    engine = SlowEngine()
    assistant = Assistant(engine, services.knowledge, services.switch)

    def asks(text: str) -> Question:
        return Question("t", text, None, "es", "aldealba", "web", 0, None)

    long = [asyncio.create_task(assistant.answer(asks("quiero tirar un sofá " * 150))) for _ in range(3)]
    short = await asyncio.gather(*(assistant.answer(asks("quiero tirar un sofá")) for _ in range(5)))
    assert len(short) == 5 and not any(task.done() for task in long)
    engine.free.set()
    await asyncio.gather(*long)
    assert engine.most_long == 1
