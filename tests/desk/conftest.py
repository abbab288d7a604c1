"""The desk with its cast signed in, and a conversation that waits for one of them."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI

from bot.conversation.conversations import Citizen, do_start
from bot.conversation.writer import Said
from bot.services import Services
from bot.states import Author, Reason
from bot.store.tables import Conversation
from tests.cast import ADA, CAST, NURIA, OLGA, OMAR, Person
from tests.desk.clerk import Clerk, desk_app, do_employ

SAID = "¿Y si el sofá lo llevo yo al punto limpio?"


@pytest.fixture
async def app(services: Services) -> FastAPI:
    """The desk with an account for each of the cast."""
    await do_employ(services, *CAST)
    return desk_app(services)


async def _signed_in(app: FastAPI, person: Person) -> AsyncIterator[Clerk]:
    clerk = Clerk(app)
    answer = await clerk.signs_in(person)
    assert answer.status_code == 303, answer.text
    yield clerk
    await clerk.http.aclose()


@pytest.fixture
async def nuria(app: FastAPI) -> AsyncIterator[Clerk]:
    """Staff of Aldealba."""
    async for clerk in _signed_in(app, NURIA):
        yield clerk


@pytest.fixture
async def olga(app: FastAPI) -> AsyncIterator[Clerk]:
    """Her colleague."""
    async for clerk in _signed_in(app, OLGA):
        yield clerk


@pytest.fixture
async def omar(app: FastAPI) -> AsyncIterator[Clerk]:
    """Staff of Riomar."""
    async for clerk in _signed_in(app, OMAR):
        yield clerk


@pytest.fixture
async def ada(app: FastAPI) -> AsyncIterator[Clerk]:
    """Administrator of Aldealba."""
    async for clerk in _signed_in(app, ADA):
        yield clerk


@pytest.fixture
async def nobody(app: FastAPI) -> AsyncIterator[Clerk]:
    """A browser that never signed in."""
    clerk = Clerk(app)
    yield clerk
    await clerk.http.aclose()


@pytest.fixture
async def waiting(services: Services) -> Conversation:
    """Ana has asked for a person of Aldealba."""
    async with services.database.write() as uow:
        ana = await do_start(uow, services.writer, Citizen("web", "es", "aldealba", display_name="Ana"))
        await services.writer.do_say(uow, ana, Said(Author.CITIZEN, SAID))
        await services.cases.do_open(uow, ana, Reason.ASKED)
        await uow.commit()
    return ana
