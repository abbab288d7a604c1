"""What the desk's pages are made with."""

from dataclasses import dataclass
from typing import cast

from fastapi import Request

from bot.conversation.hub import Hub
from bot.knowledge.knowledge import Knowledge
from bot.services import Services
from bot.settings import Settings
from bot.store.database import Database
from bot.web.pages import Pages


@dataclass(frozen=True)
class Desk:
    """The parts that every page of the desk shares."""

    database: Database
    knowledge: Knowledge
    hub: Hub
    settings: Settings
    pages: Pages


def services(request: Request) -> Services:
    """The services that write, of the application that serves this request."""
    return cast(Services, request.app.state.services)
