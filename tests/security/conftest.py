"""The real application with people of each kind, and something of Aldealba's for them to try."""

import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select
from starlette.applications import Starlette

from bot.app import create_app
from bot.channels.web import pages as chat_pages
from bot.conversation.conversations import Citizen, do_start
from bot.desk.sessions import do_open_session, read_session
from bot.privacy.secrets import hash_token, new_token
from bot.services import Services
from bot.settings import Settings
from bot.states import Reason
from bot.store.tables import Staff
from bot.store.unanswered import Unanswered
from bot.suggestions.items import Filing
from bot.web.security import COOKIE, FORM_COOKIE
from emulator.serving import Served
from tests.cast import ADA, NURIA, OMAR, Person, do_hire
from tests.fakes import FakeEngines
from tests.security.table import WHO, Answer, Row
from tests.whole.product import copy_knowledge

IRIS = Person("iris@riomar.example", "Iris", "administrator", "riomar")
STAFF = {"other_staff": OMAR, "other_administrator": IRIS, "staff": NURIA, "administrator": ADA}
FORM = "a-form-token-of-somebody-who-has-not-signed-in"
TOPIC = "bulky_waste"


class Counter(Served):
    """The application on a port of its own: event streams answer at once there."""

    def __init__(self, served: FastAPI) -> None:
        super().__init__()
        self.served = served

    def app(self) -> Starlette:
        return self.served


@dataclass
class Try:
    """What one request is made of."""

    path: str
    headers: dict[str, str]
    cookies: dict[str, str]
    form: dict[str, str]


class World:
    """Somebody of each kind, and for each request a conversation and a suggestion that nobody has touched."""

    def __init__(self, services: Services, http: httpx.AsyncClient, commit: str) -> None:
        self.services = services
        self.http = http
        self.commit = commit
        self.sessions: dict[str, tuple[str, str]] = {}

    async def tries(self, row: Row, who: str, **headers: str) -> httpx.Response:
        """The answer to `row` as `who` gets it, with the right token in its form; its body is not read."""
        made = await self._make(row, who)
        return await self.asks(row, made, headers)

    async def asks(self, row: Row, made: Try, headers: dict[str, str]) -> httpx.Response:
        """Send it. A stream of events is left as soon as it has begun."""
        body: dict[str, Any] = {"json": _typed(row.sent)} if row.as_json else {"data": row.sent | made.form}
        request = self.http.build_request(
            row.method,
            made.path,
            headers=made.headers | headers | {"Cookie": "; ".join(f"{n}={v}" for n, v in made.cookies.items())},
            **({} if row.method == "GET" else body),
        )
        answer = await self.http.send(request, stream=True)
        await answer.aclose()
        return answer

    async def _make(self, row: Row, who: str) -> Try:
        conversation, token, item, staff, question = await self._begin()
        filled = {
            "conversation_id": conversation,
            "item_id": item,
            "staff_id": staff,
            "name": TOPIC,
            "question_id": question,
        }
        path = row.path.replace("{rest:path}", "nowhere").format(**filled, commit=self.commit, seq=1, agency="aldealba")
        if who == "citizen":
            cookies = {"ventanilla_chat": f"{conversation}.{token}", FORM_COOKIE: FORM}
            return Try(path, {"Authorization": f"Bearer {token}"}, cookies, {"csrf": FORM})
        if who == "nobody":
            return Try(path, {}, {FORM_COOKIE: FORM}, {"csrf": FORM})
        session, csrf = await self._session(who)
        return Try(path, {}, {COOKIE: session}, {"csrf": csrf})

    async def _session(self, who: str) -> tuple[str, str]:
        known = self.sessions.get(who)
        if known is None or await read_session(self.services.database, known[0], active=False) is None:
            hired = await do_hire_once(self.services, STAFF[who])
            session = await do_open_session(self.services.database, hired)
            signed_in = await read_session(self.services.database, session, active=False)
            assert signed_in
            self.sessions[who] = (session, signed_in.csrf)
        return self.sessions[who]

    async def _begin(self) -> tuple[str, str, int, int, int]:
        services, token = self.services, new_token()
        async with services.database.write() as uow:
            ana = await do_start(uow, services.writer, Citizen("web", "es", "aldealba", token_hash=hash_token(token)))
            await services.cases.do_open(uow, ana, Reason.ASKED)
            filing = Filing(kind="report", text="La farola está rota", subject="lighting", agency="aldealba")
            item = await services.items.do_file(uow, new_token()[:30], filing)
            colleague = Staff(email=f"{token}@aldealba.example", name="Pía", role="staff", agency="aldealba")
            asked = {"turn_id": token[:40], "agency": "aldealba", "kind": "not_understood", "language": "es"}
            question = Unanswered(conversation_id=ana.id, text="¿y un chisme?", **asked)
            uow.session.add_all((colleague, question))
            await uow.commit()
        return ana.id, token, item.id, colleague.id, question.id


async def do_hire_once(services: Services, person: Person) -> Any:
    """The account of `person`, made when there is none."""
    async with services.database.read() as session:
        found = (await session.execute(select(Staff).where(Staff.email == person.email))).scalar_one_or_none()
    return found or (await do_hire(services.database, person))[person.name]


def _typed(sent: dict[str, str]) -> dict[str, Any]:
    return {name: True if value == "true" else value for name, value in sent.items()}


def told(answer: httpx.Response) -> Answer:
    """What the table calls it: where a redirect leads, else the status."""
    return answer.headers["location"] if answer.is_redirect else answer.status_code


def fits(expected: Answer, got: Answer) -> bool:
    """Whether it is what the table says."""
    return str(got).startswith(expected) if isinstance(expected, str) else got == expected


@pytest.fixture
def real(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    """The application as `./ventanilla start` makes it; nothing works in it, and no engine is there."""
    monkeypatch.setattr(chat_pages, "PATIENCE", 0.01)
    settings.knowledge = copy_knowledge(tmp_path / "knowledge")
    settings.limit_starts = settings.limit_address = settings.limit_sign_in = ""
    return create_app(settings, FakeEngines(), "secret")


@pytest.fixture
async def world(real: FastAPI) -> AsyncIterator[World]:
    services: Services = real.state.services
    git = ("git", "-C", str(services.settings.knowledge), "rev-parse", "HEAD")
    commit = subprocess.run(git, check=True, capture_output=True, text=True).stdout.strip()  # noqa: ASYNC221
    async with Counter(real) as counter, httpx.AsyncClient(base_url=counter.address) as http:
        yield World(services, http, commit)
    await services.engine.close()
    await services.database.close()


assert set(STAFF) | {"nobody", "citizen"} == set(WHO)
