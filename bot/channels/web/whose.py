"""Whose chat a page is: the agency that its address names."""

from dataclasses import dataclass
from urllib.parse import urlencode

from bot.knowledge.entries import Agency
from bot.services import Services

COOKIE = "ventanilla_chat"


@dataclass(frozen=True)
class Whose:
    """An agency's own pages: its chat, the cookie of the conversation there, and the text about her data.

    Those of the agency that the installation opens with have the addresses and the cookie without a name in them.
    """

    agency: Agency
    home: bool

    @property
    def cookie(self) -> str:
        """What the cookie is called, so that a browser keeps one conversation with each agency."""
        return COOKIE if self.home else f"{COOKIE}_{self.agency.id}"

    @property
    def chat(self) -> str:
        """The address of its chat."""
        return self._named("/")

    @property
    def newest(self) -> str:
        """What she said there last, with what came of it."""
        return f"{self.chat}#newest"

    def privacy(self, language: str) -> str:
        """The address of what it tells about her data."""
        return self._named("/privacy", lang=language)

    def _named(self, path: str, **asked: str) -> str:
        query = urlencode(asked | ({} if self.home else {"agency": self.agency.id}))
        return f"{path}?{query}" if query else path


def whose(services: Services, asked: str) -> Whose:
    """The pages of the agency that is asked for; those of the installation's own where there is none of that id."""
    home = services.settings.agency
    agency = asked if asked in services.knowledge.agencies else home
    return Whose(services.knowledge.agencies[agency], agency == home)
