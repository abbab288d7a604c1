"""A real HTTP server on a loopback port, in the test's loop or in a thread."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Self

import uvicorn
from starlette.applications import Starlette


class Server(uvicorn.Server):
    """Uvicorn that leaves the test's signals alone."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        return nullcontext()


class Served:
    """Serves its `app()`; entered again, on the port that it had."""

    def __init__(self) -> None:
        self.port = 0
        self._server: Server | None = None
        self._serving: asyncio.Task[None] | None = None

    def app(self) -> Starlette:
        """The ASGI application."""
        raise NotImplementedError

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        # asyncio turns Nagle's delay (40 ms a call) off only where the protocol is named
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", self.port))
        listening.listen()
        self.port = listening.getsockname()[1]
        config = uvicorn.Config(self.app(), log_config=None, lifespan="off", timeout_graceful_shutdown=1)
        self._server = Server(config)
        self._serving = asyncio.create_task(self._server.serve(sockets=[listening]))
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server and self._serving
        self._server.should_exit = True
        await self._serving

    @contextmanager
    def in_thread(self) -> Iterator[Self]:
        """Serve from a loop of its own, for tests without one (and beside a browser)."""
        started, stop = threading.Event(), asyncio.Event()
        loops: list[asyncio.AbstractEventLoop] = []

        async def serve() -> None:
            loops.append(asyncio.get_running_loop())
            async with self:
                started.set()
                await stop.wait()

        thread = threading.Thread(target=asyncio.run, args=(serve(),), name=type(self).__name__)
        thread.start()
        started.wait()
        try:
            yield self
        finally:
            loops[0].call_soon_threadsafe(stop.set)
            thread.join()
