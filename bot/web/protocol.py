"""uvicorn's HTTP protocol with two limits that it lacks: the size of a head, and how long a request takes to come.

Both stand where bytes arrive: what runs later sees a request only once its head is whole.
"""

import asyncio
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# Bytes of request line and headers; nginx lets 32 KB pass, too. A head that comes whole in one read may be as large as
# that read.
MAX_HEAD = 32 * 1024
PATIENCE = 20.0  # seconds from the first byte, or from connecting, to the last byte of the body


class GuardedProtocol(HttpToolsProtocol):
    """One connection. A head too large is answered 431, a request that does not get ready is cut off."""

    most = MAX_HEAD
    patience = PATIENCE
    _timer: asyncio.TimerHandle | None = None
    _head = 0  # bytes of a head that is not whole yet
    _in_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Who connects has to say something."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Take bytes; stop taking them once the head is larger than allowed."""
        if self._timer is None and (self.cycle is None or self.cycle.response_complete):
            self._wait()
        if self._in_head:
            self._head += len(data)
        super().data_received(data)
        if self._in_head and self._head > self.most:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._in_head = True

    def on_headers_complete(self) -> None:
        """Its head is whole."""
        self._in_head, self._head = False, 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """It is whole: how long the answer takes is nobody's fault here."""
        self._rest()
        super().on_message_complete()
        self._in_head = True

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is waited for any more."""
        self._rest()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._timer = self.loop.call_later(self.patience, self._give_up)

    def _rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        self._timer = None
        if self._in_head and self._head:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)
        else:
            self.transport.close()

    def _refuse(self, status: HTTPStatus) -> None:
        if self.transport.is_closing():
            return
        head = f"HTTP/1.1 {status.value} {status.phrase}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
        self.transport.write(head.encode("ascii"))
        self.transport.close()
