"""A small HTTP client for measurements: one kept connection, no more work than the bytes need.

A client of the usual kind takes a millisecond of processor time a request, which is as much as what is measured here
and comes from the same cores.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Self

from bench.parts.machine import MeasurementFailed

PATIENCE = 120.0  # seconds for one answer


@dataclass(frozen=True)
class Answer:
    """A status and the body of an answer."""

    status: int
    body: bytes

    def json(self) -> Any:
        """The body's JSON. Raises MeasurementFailed when the status says that it failed."""
        if self.status >= 400:
            raise MeasurementFailed(f"a request was refused with {self.status}: {self.body[:200].decode()}")
        return json.loads(self.body)


class Wire:
    """One connection to a server on this machine, opened when it is first needed."""

    def __init__(self, port: int, token: str = "") -> None:
        self._port = port
        self._fixed = "Host: 127.0.0.1\r\n" + (f"Authorization: Bearer {token}\r\n" if token else "")
        self._pair: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, path: str, body: dict[str, Any]) -> Answer:
        """Send JSON and wait for the answer."""
        data = json.dumps(body).encode()
        extra = f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n"
        reader = await self._send("POST", path, extra, data)
        status, headers = await _head(reader)
        return Answer(status, await _body(reader, headers))

    async def get(self, path: str) -> Answer:
        """Ask and wait for the answer."""
        reader = await self._send("GET", path, "", b"")
        status, headers = await _head(reader)
        return Answer(status, await _body(reader, headers))

    async def events(self, path: str, last: int = 0) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """The events of a stream by name, those behind the message `last`. Ends when the server ends it."""
        resumed = f"Last-Event-ID: {last}\r\n" if last else ""
        reader = await self._send("GET", path, f"Accept: text/event-stream\r\n{resumed}", b"")
        status, headers = await _head(reader)
        if status != 200:
            raise MeasurementFailed(f"the event stream was refused with {status}")
        name = ""
        async for line in _lines(reader, headers):
            field, _, value = line.partition(": ")
            if field == "event":
                name = value
            elif field == "data":
                yield name, json.loads(value)

    async def close(self) -> None:
        """Hang up."""
        if self._pair:
            self._pair[1].close()
            self._pair = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _send(self, method: str, path: str, extra: str, body: bytes) -> asyncio.StreamReader:
        if self._pair is None:
            self._pair = await asyncio.open_connection("127.0.0.1", self._port, limit=2**20)
        reader, writer = self._pair
        writer.write(f"{method} {path} HTTP/1.1\r\n{self._fixed}{extra}\r\n".encode() + body)
        await writer.drain()
        return reader


async def _head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)).decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in head[1:] if line)
    return int(head[0].split(" ")[1]), {name.lower(): value.strip() for name, _, value in pairs}


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if "content-length" in headers:
        return await reader.readexactly(int(headers["content-length"]))
    return b"".join([chunk async for chunk in _chunks(reader)])


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while size := int(await reader.readline() or b"0", 16):
        yield (await reader.readexactly(size + 2))[:-2]
    await reader.readline()


async def _lines(reader: asyncio.StreamReader, headers: dict[str, str]) -> AsyncIterator[str]:
    rest = b""
    async for chunk in _chunks(reader):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line.decode().rstrip("\r")
