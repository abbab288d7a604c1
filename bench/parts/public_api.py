"""Schemathesis over the public API of a started product: its description against its answers."""

import sqlite3
import uuid
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHATS = "/api/chat/v1/conversations"
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
SEED = 20261125


@dataclass
class Seeded:
    """A conversation that is there, with its token."""

    id: str
    token: str


@dataclass
class Answers:
    """What came back."""

    cases: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    unexpected: list[str] = field(default_factory=list)
    accepted: set[tuple[str, str]] = field(default_factory=set)
    moved: int = 0  # the same message again got another number


def begin(address: str) -> list[Seeded]:
    """Conversations in the states that matter: new, with turns behind it, and ended."""
    made = []
    with httpx.Client(base_url=address, timeout=60, trust_env=False) as http:
        for said in ((), ("hay una farola rota",), ("system.end",)):
            started = http.post(CHATS, json={"language": "es"}).raise_for_status().json()
            made.append(Seeded(started["conversation"], started["token"]))
            for text in said:
                body = {"id": uuid.uuid4().hex, "button" if text.startswith("system.") else "text": text}
                path = f"{CHATS}/{made[-1].id}/messages"
                http.post(path, json=body, headers=_bearer(made[-1])).raise_for_status()
                while http.get(path, headers=_bearer(made[-1])).json()["pending"]:
                    pass
    return made


def ask(address: str, chats: list[Seeded], each: int) -> Answers:
    """`each` cases for every operation, conversation and kind of data (as described, and not)."""
    warnings.filterwarnings("ignore", module="schemathesis|hypothesis")
    schema = schemathesis.openapi.from_url(f"{address}/openapi.json")
    answers = Answers()
    with requests.Session() as session:
        session.trust_env = False
        for result in schema.get_all_operations():
            operation = result.ok()
            for fixed in _ways(operation.path, chats):
                for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                    _ask_one(operation, mode, fixed, each, Asker(address, session, answers))
    return answers


def _ask_one(operation: Any, mode: GenerationMode, fixed: dict[str, Any], each: int, asker: "Asker") -> None:
    """Generate and send; an operation for which nothing can be broken has no cases of that kind."""

    @seeded(SEED)
    @settings(
        max_examples=each,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode, **fixed))
    def send(case: Any) -> None:
        asker.send(case, fixed)

    try:
        send()
    except schemathesis.errors.SchemathesisError:
        return
    except Exception as error:
        if type(error).__name__ not in {"Unsatisfiable", "SkipTest"}:
            raise


class Asker:
    """Sends cases and notes the answers."""

    def __init__(self, address: str, session: requests.Session, answers: Answers) -> None:
        self._address = address
        self._session = session
        self._answers = answers

    def send(self, case: Any, fixed: dict[str, Any]) -> None:
        """One case; an accepted message is sent once more."""
        made = case.as_transport_kwargs(base_url=self._address)
        made["headers"] = {**dict(made.get("headers") or {}), **fixed.get("headers", {})}
        answer = self._call(case, made)
        if answer is not None and answer.status_code == 202:
            chat = fixed["path_parameters"]["conversation_id"]
            self._answers.accepted.add((chat, str(case.body["id"])))
            again = self._call(case, made)
            if again is None or again.status_code != 202 or again.json() != answer.json():
                self._answers.moved += 1

    def _call(self, case: Any, made: dict[str, Any]) -> requests.Response | None:
        try:
            answer = self._session.request(**made, stream=True, timeout=60)
        except (requests.exceptions.InvalidHeader, requests.exceptions.InvalidURL, UnicodeError):
            return None  # no client can send it
        name = f"{made['method']} {case.operation.path.removeprefix(CHATS) or '/'} {answer.status_code}"
        self._answers.cases += 1
        self._answers.statuses[name] += 1
        if answer.headers.get("content-type", "").startswith("text/event-stream"):
            answer.close()
            return answer
        try:
            case.validate_response(answer, checks=CHECKS)
        except BaseExceptionGroup as found:
            self._answers.unexpected += [f"{name}: {error} {answer.text[:200]}" for error in found.exceptions]
        return answer


def repeated(database: Path, answers: Answers) -> dict[str, int]:
    """How often a message was stored twice, or accepted and not stored."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as tables:
        rows = tables.execute(
            "SELECT conversation_id, client_id, count(*) FROM message WHERE author = 'citizen' "
            "AND client_id NOT LIKE 'tg%' GROUP BY conversation_id, client_id"
        ).fetchall()
    found = {(row[0], row[1]): row[2] for row in rows}
    return {
        "accepted": len(answers.accepted),
        "stored_twice": sum(1 for count in found.values() if count > 1) + answers.moved,
        "lost": sum(1 for one in answers.accepted if one not in found),
    }


def _ways(path: str, chats: list[Seeded]) -> Iterator[dict[str, Any]]:
    """Each conversation with its own token, one with another's, one with none, and whatever is generated."""
    if "{conversation_id}" not in path:
        yield {}
        return
    for chat in chats:
        yield _fixed(path, chat, _bearer(chat))
    yield _fixed(path, chats[0], _bearer(chats[1]))
    yield _fixed(path, chats[0], {"Authorization": "Basic x"})
    yield {"headers": _bearer(chats[0])}


def _fixed(path: str, chat: Seeded, headers: dict[str, str]) -> dict[str, Any]:
    return {"path_parameters": {"conversation_id": chat.id}, "headers": headers}


def _bearer(chat: Seeded) -> dict[str, str]:
    return {"Authorization": f"Bearer {chat.token}"}
