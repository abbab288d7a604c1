"""Asks the engine what to say: two tries, the second on another replica when there is one."""

import time
from typing import Any, Protocol

import aiohttp

from bot.errors import EngineError, EngineRefused
from bot.replicas.replica import Replica
from bot.replicas.wire import SECRET, TURN, EngineReply, EngineTurn, read_reply

__all__ = ["EngineClient", "EngineReply", "EngineTurn", "Replicas"]

PATIENCE = 30.0
IDLE_SECONDS = 60.0  # the engine closes a connection that was idle for 120: one that may be closing is not used again
UNUSABLE = (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError, IndexError)
NO_ANSWER = (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError)


class Replicas(Protocol):
    """What the client needs of the supervisor."""

    async def take(self, patience: float, avoid: Replica | None = None) -> Replica | None:
        """A replica for one turn, not `avoid` when another can; None when there was none for so many seconds."""

    def give(self, replica: Replica, worked: bool | None) -> None:
        """That turn has ended: well, badly, or without saying anything about the replica."""


class EngineClient:
    """Sends turns. A turn that is sent twice is one turn: its side effects are keyed by `turn_id`.

    `timeout` is for both tries together, `patience` for waiting until a replica can take the turn: a turn ends, one
    way or the other, after at most the sum of the two.
    """

    def __init__(self, replicas: Replicas, secret: str, timeout: float, patience: float = PATIENCE) -> None:
        self._replicas = replicas
        self._patience = patience
        self._try_seconds = timeout / 2
        self._secret = secret
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, turn: EngineTurn) -> EngineReply:
        """What to say to `turn`. Raises EngineError after the second failure, EngineRefused at once."""
        body = turn.body()
        problem, patience = "no engine is alive", self._patience
        tried: Replica | None = None
        for tries in (1, 2):
            began = time.monotonic()
            replica = await self._replicas.take(patience, avoid=tried)
            if replica is None:
                break
            patience = max(0.0, patience - (time.monotonic() - began))
            try:
                return await self._try(replica, body, tries)
            except UNUSABLE as error:
                problem, tried = f"{type(error).__name__}: {error}", replica
        raise EngineError(problem)

    async def close(self) -> None:
        """Return the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    @property
    def _http(self) -> aiohttp.ClientSession:
        """Made in the event loop that it belongs to; as many connections as turns. httpx took a millisecond a turn."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers={SECRET: self._secret},
                timeout=aiohttp.ClientTimeout(total=self._try_seconds),
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_SECONDS),
            )
        return self._session

    async def _try(self, replica: Replica, body: dict[str, Any], tries: int) -> EngineReply:
        """One try. However it ends, the replica is given back with what that says about it."""
        worked: bool | None = None
        started = time.perf_counter()
        try:
            async with self._http.post(replica.url + TURN, json=body, allow_redirects=False) as response:
                if response.status == 422:
                    worked = True
                    raise EngineRefused(f"the engine refused the turn: {(await response.text())[:200]}")
                response.raise_for_status()
                answer = await response.json(content_type=None)
                reply = read_reply(answer, (time.perf_counter() - started) * 1_000, tries)
            worked = True
            return reply
        except UNUSABLE as error:
            worked = False
            if isinstance(error, NO_ANSWER):
                replica.doubt(f"a turn got no answer ({type(error).__name__})")
            raise
        finally:
            self._replicas.give(replica, worked)
