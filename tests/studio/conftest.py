"""The studio over training data of the test's own, under real version control."""

import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.services import Services
from bot.settings import Settings
from tests.cast import ADA, CAST, Person
from tests.desk.clerk import Clerk, desk_app, do_employ
from tests.towns import copy_town

RITA = Person("rita@riomar.example", "Rita", "administrator", "riomar")
IRIS = Person("iris@aldealba.example", "Iris", "administrator", "aldealba")
SET_UP = ("-c", "user.name=Set-up", "-c", "user.email=setup@example.org", "-c", "commit.gpgsign=false")


def git(folder: Path, *words: str) -> str:
    """What git says."""
    return subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def knowledge(tmp_path: Path) -> Path:
    """A copy of the training data with one commit."""
    root = tmp_path / "knowledge"
    copy_town(root)
    git(root, "init", "--quiet")
    git(root, "add", ".")
    git(root, *SET_UP, "commit", "--quiet", "--message", "Training data")
    return root


@pytest.fixture
def settings(settings: Settings, knowledge: Path) -> Settings:
    """An installation whose training data is that copy."""
    return settings.model_copy(update={"knowledge": knowledge})


@pytest.fixture
async def ada(services: Services) -> AsyncIterator[Clerk]:
    """Administrator of Aldealba, signed in; the others have accounts."""
    await do_employ(services, *CAST, RITA, IRIS)
    clerk = Clerk(desk_app(services))
    await clerk.signs_in(ADA)
    yield clerk
    await clerk.http.aclose()


async def colleague(ada: Clerk, person: Person) -> Clerk:
    """A browser of somebody else, signed in at the same product."""
    clerk = Clerk(ada.app)
    await clerk.signs_in(person)
    return clerk
