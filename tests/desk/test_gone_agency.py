"""An agency that was given up still has people and conversations: their pages open, under the agency's id."""

import asyncio
from dataclasses import replace

import httpx
import pytest

from bot.conversation.conversations import Citizen, do_start
from bot.services import Services
from bot.states import Reason
from bot.store.tables import Conversation
from tests.cast import OMAR
from tests.chat import Ana, chat_app
from tests.desk.clerk import Clerk, desk_app, do_employ
from tests.fakes import FakeEngine

GONE = replace(OMAR, email="omar@gone.example", agency="gone")


@pytest.mark.parametrize("path", ["", "/accent.css", "/items", "/account", "/conversations/{}"])
async def test_its_staff_read_their_pages(services: Services, path: str) -> None:
    await do_employ(services, GONE)
    async with services.database.write() as uow:
        ana = await do_start(uow, services.writer, Citizen("web", "es", "gone"))
        await services.cases.do_open(uow, ana, Reason.ASKED)
        await uow.commit()
    clerk = Clerk(desk_app(services))
    assert (await clerk.signs_in(GONE)).status_code == 303
    assert (await clerk.opens(f"/desk{path}".format(ana.id))).status_code == 200
    await clerk.http.aclose()


async def test_a_citizen_of_it_is_answered_and_promised_no_time(services: Services, engine: FakeEngine) -> None:
    running = asyncio.create_task(services.lane.run())
    ana = Ana(httpx.AsyncClient(transport=httpx.ASGITransport(chat_app(services)), base_url="http://test"))
    await ana.arrives()
    async with services.database.write() as uow:
        (await uow.session.get_one(Conversation, ana.conversation)).agency = "gone"
        await uow.commit()
    said = await ana.says(text="me quiero morir")
    assert "112" in said[0]["text"]
    assert said[1]["text"] == services.knowledge.text("utter_handed_over_noted", "es")
    await services.lane.stop()
    await running
