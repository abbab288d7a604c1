"""Asks the engine what to say: two tries, on any replica that is alive."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx

from bot.errors import EngineError

PATIENCE = 30.0


class Replicas(Protocol):
    """What the client needs of the supervisor."""

    def urls(self) -> Sequence[str]:
        """Addresses of the replicas that are alive."""

    async def wait_ready(self, timeout: float) -> bool:  # noqa: ASYNC109
        """Wait up to `timeout` seconds until one is; whether one is."""


@dataclass(frozen=True)
class EngineTurn:
    """One turn as it is sent: see `docs/contracts.md` §1."""

    turn_id: str
    text: str | None
    payload: str | None
    slots: dict[str, Any]
    state: dict[str, Any] | None


@dataclass(frozen=True)
class EngineReply:
    """The engine's answer, and what it cost: `milliseconds` of the try that succeeded, `tries` made."""

    say: list[dict[str, Any]]
    topic: str | None
    ranking: list[dict[str, Any]]
    entities: list[dict[str, Any]]
    state: dict[str, Any]
    active_form: str | None
    milliseconds: float = 0.0
    tries: int = 1
    slots: dict[str, Any] = field(default_factory=dict)


class EngineClient:
    """Sends turns. A turn that is sent twice is one turn: its side effects are keyed by `turn_id`."""

    def __init__(self, replicas: Replicas, secret: str, timeout: float, patience: float = PATIENCE) -> None:
        self._replicas = replicas
        self._patience = patience
        limits = httpx.Limits(max_keepalive_connections=32)
        self._http = httpx.AsyncClient(timeout=timeout, headers={"X-Engine-Secret": secret}, limits=limits)
        self._next = 0

    async def ask(self, turn: EngineTurn) -> EngineReply:
        """What to say to `turn`. Raises EngineError after the second failure."""
        body = {
            "turn_id": turn.turn_id,
            "text": turn.text,
            "payload": turn.payload,
            "slots": turn.slots,
            "state": turn.state,
        }
        problem = "no engine is alive"
        for tries in (1, 2):
            if not await self._replicas.wait_ready(self._patience):
                continue
            started = time.perf_counter()
            try:
                response = await self._http.post(f"{self._pick()}/webhooks/turn/turn", json=body)
                response.raise_for_status()
                return _read(response.json(), (time.perf_counter() - started) * 1_000, tries)
            except (httpx.HTTPError, ValueError, KeyError, TypeError, IndexError) as error:
                problem = f"{type(error).__name__}: {error}"
                await asyncio.sleep(0.2)
        raise EngineError(problem)

    async def close(self) -> None:
        """Return the connections."""
        await self._http.aclose()

    def _pick(self) -> str:
        urls = self._replicas.urls()
        self._next += 1
        return urls[self._next % len(urls)]


def _read(answer: dict[str, Any], milliseconds: float, tries: int) -> EngineReply:
    state = answer["state"]
    return EngineReply(
        say=answer["say"],
        topic=answer.get("topic"),
        ranking=answer.get("ranking") or [],
        entities=answer.get("entities") or [],
        state=state,
        active_form=answer.get("active_form"),
        milliseconds=milliseconds,
        tries=tries,
        slots=state.get("slots") or {},
    )
