"""People who have chats of their own, and the actions bound to the test's services."""

import pytest

from actions import context
from bot.services import Services
from bot.suggestions.own import OwnItems
from tests.actions.citizen import Citizen


@pytest.fixture
def served(services: Services) -> None:
    """The actions with the services of the test."""
    own = OwnItems(services.items, services.secrets)
    context.bind(context.Context(services.database, services.knowledge, services.items, own))


@pytest.fixture
async def ana(services: Services, served: None) -> Citizen:
    """Ana, in her chat."""
    return await Citizen(services).begins()


@pytest.fixture
async def bruno(services: Services, served: None) -> Citizen:
    """Bruno, in his."""
    return await Citizen(services).begins()
