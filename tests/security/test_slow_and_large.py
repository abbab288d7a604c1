"""A head without end, and requests that never get ready, cost the counter nothing: tried through a real socket."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from bot.commands.serve import WEB, Server, loopback_socket
from bot.web.protocol import MAX_HEAD, GuardedProtocol

SOON = 0.3  # seconds of patience in these tests
LONG = 20.0  # seconds after which a test has failed


class Hasty(GuardedProtocol):
    patience = SOON


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Reads the body, then answers: under /slow after more than the patience."""
    while (message := await receive()).get("more_body"):
        pass
    if message["type"] == "http.disconnect":
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    if scope["path"] == "/slow":
        await asyncio.sleep(SOON * 2)
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
async def port() -> AsyncIterator[int]:
    listening = loopback_socket()
    server = Server(uvicorn.Config(app, **{**WEB, "http": Hasty, "lifespan": "off"}))
    serving = asyncio.create_task(server.serve_on(listening))
    yield listening.getsockname()[1]
    server.should_exit = True
    await serving


async def heard(port: int, *sent: bytes, every: float = 0) -> bytes:
    """What comes back until the server closes, while parts are sent one by one."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def send() -> None:
        for part in sent:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(every)

    sending = asyncio.create_task(send())
    try:
        return await asyncio.wait_for(reader.read(), LONG)
    except ConnectionResetError:
        return b""
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        writer.close()


def test_the_counter_serves_with_the_limits() -> None:
    assert WEB["http"] is GuardedProtocol


async def test_a_head_without_end_is_refused(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * (MAX_HEAD + 1))
    answer = await asyncio.wait_for(reader.readline(), LONG)
    writer.close()
    assert answer.split()[1] == b"431"


async def test_headers_without_number_are_refused(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * (MAX_HEAD // 6 + 1))
    answer = await asyncio.wait_for(reader.readline(), LONG)
    writer.close()
    assert answer.split()[1] == b"431"


async def test_who_connects_and_says_nothing_is_cut_off(port: int) -> None:
    assert await heard(port) == b""


async def test_a_head_that_dribbles_is_cut_off(port: int) -> None:
    answer = await heard(port, *[bytes([byte]) for byte in b"GET / HTTP/1.1\r\nHost: " + b"x" * 4000], every=0.02)
    assert answer.split()[1:2] == [b"408"]


async def test_a_body_that_dribbles_is_cut_off(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4000\r\n\r\n"
    answer = await heard(port, head, *[b"x"] * 4000, every=0.02)
    assert b" 200 " not in answer


async def test_empty_lines_keep_no_connection_open(port: int) -> None:
    answer = await heard(port, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", *[b"\r\n"] * 4000, every=0.02)
    assert answer.startswith(b"HTTP/1.1 200")


async def test_an_answer_may_take_longer_and_a_connection_is_used_again(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for path in (b"/slow", b"/", b"/slow"):
        writer.write(b"GET " + path + b" HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = await asyncio.wait_for(reader.readuntil(b"ok"), LONG)
        assert answer.split()[1] == b"200"
    writer.close()
