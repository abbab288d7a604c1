"""A strict Telegram for tests: a real HTTP server that refuses what the description forbids."""

import inspect
from typing import Any, Self

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from emulator import methods, settings
from emulator.calls import Call, Refused, read_call
from emulator.chats import Citizen
from emulator.description import Entry, Json, load_description
from emulator.faults import Fault
from emulator.heard import Chat, Press
from emulator.limits import check_limits
from emulator.pulse import WITHIN
from emulator.serving import Served
from emulator.world import BOT_ID, World

HANDLERS = methods.HANDLERS | settings.HANDLERS


class Emulator(Served):
    """Telegram: `async with Emulator() as emulator`, or `with emulator.in_thread()`."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(load_description())
        self.token = f"{BOT_ID}:AAEmulatorTokenForTests"
        self.violations = self.world.violations
        self.calls = self.world.calls
        self.updates = self.world.updates
        self.doubles = self.updates.doubles
        self.repeats = self.updates.repeats
        self.out_of_order = self.updates.out_of_order

    # -- where it is -----------------------------------------------------------------------------
    @property
    def base_url(self) -> str:
        """`base_url` of python-telegram-bot."""
        return f"{self.address}/bot"

    @property
    def base_file_url(self) -> str:
        """`base_file_url` of python-telegram-bot."""
        return f"{self.address}/file/bot"

    # -- people and weather ----------------------------------------------------------------------
    def citizen(self, name: str, id: int | None = None, language: str = "es") -> Citizen:
        """A person who has not written to the bot yet."""
        user_id = id or 500_000_000 + self.world.number()
        user = {"id": user_id, "is_bot": False, "first_name": name, "language_code": language}
        chat = Chat(user_id, {"type": "private", "first_name": name})
        assert user_id not in self.world.chats, f"there is a citizen {user_id}"
        self.world.chats[user_id] = chat
        return Citizen(self.world, user, chat)

    def plays(self, method: str, **fault: Any) -> Fault:
        """The next `times` calls of this method fail; the fields are those of `Fault`."""
        self.world.faults.append(Fault(method, **fault))
        return self.world.faults[-1]

    def clears(self) -> None:
        """No faults any more; hanging calls go on."""
        self.world.faults.clear()
        self.world.pulse.beat()

    def limits_rate(self, per_second: float | None = 1.0) -> None:
        """Answer 429 to messages that follow each other faster in one chat."""
        self.world.rate = per_second

    # -- what happened ---------------------------------------------------------------------------
    def unanswered_callbacks(self) -> list[Press]:
        """Presses that the bot has not answered."""
        return [press for press in self.world.presses.values() if press.answer is None]

    def calls_of(self, method: str) -> list[Call]:
        """All calls of a method, refused ones included (`call.status`)."""
        return [call for call in self.calls if call.method == method]

    async def called(self, method: str, times: int = 1, within: float = WITHIN) -> list[Call]:
        """Wait until a method was called (and answered) so many times."""

        def look() -> list[Call] | None:
            found = self.calls_of(method)
            return found if len(found) >= times else None

        found = await self.world.pulse.until(look, within)
        assert found, f"{method} was called {len(self.calls_of(method))} times, not {times}"
        return found

    async def listened(self, within: float = WITHIN) -> None:
        """Wait until a bot polls or has set a webhook."""
        found = await self.world.pulse.until(lambda: self.updates.has_listener or None, within)
        assert found, f"no bot polled or set a webhook in {within} s"

    async def settled(self, within: float = WITHIN) -> None:
        """Wait until the bot has acknowledged every update."""
        done = await self.world.pulse.until(lambda: not self.updates.pending or None, within)
        assert done, f"not acknowledged: {self.updates.pending}"

    # -- serving ---------------------------------------------------------------------------------
    async def __aenter__(self) -> Self:
        self.updates.closing = False
        return await super().__aenter__()

    async def __aexit__(self, *_: object) -> None:
        self.updates.closing = True
        await self.updates.set_webhook(None)
        self.world.pulse.beat()
        await super().__aexit__()

    def app(self) -> Starlette:
        """The ASGI application."""
        return Starlette(
            routes=[
                Route("/bot{token}/{method}", self._method, methods=["GET", "POST"]),
                Route("/file/bot{token}/{path:path}", self._file, methods=["GET"]),
            ]
        )

    async def _file(self, request: Request) -> Response:
        path = request.path_params["path"]
        found = [file for file in self.world.files.values() if file.path == path]
        if request.path_params["token"] != self.token or not found:
            return error(Refused(404, "Not Found"))
        return Response(found[0].content, media_type="application/octet-stream")

    async def _method(self, request: Request) -> Response:
        name = request.path_params["method"]
        call = Call(name, {})
        try:
            if request.path_params["token"] != self.token:
                raise Refused(401, "Unauthorized")
            method = self.world.description.method(name)
            if method is None:
                raise Refused(404, "Not Found: method not found", breach=True)
            call = await read_call(request, method, self.world.description)
            response = await self._answer(call, method)
        except Refused as refusal:
            call.status, call.answer = refusal.status, refusal.description
            if refusal.breach:
                self.violations.append(f"{name}: {refusal.description}")
            response = error(refusal)
        self.calls.append(call)
        self.world.pulse.beat()
        return response

    async def _answer(self, call: Call, method: Entry) -> Response:
        """Check the limits, let the weather strike, do it, check the answer too."""
        check_limits(call, method, self.world.description)
        fault = next((fault for fault in self.world.faults if fault.meets(call)), None)
        if fault:
            fault.times -= 1
            if not fault.after_effect:
                return await self._strike(fault, call)
        result = HANDLERS.get(call.method, settings.keep)(self.world, call)
        call.answer = await result if inspect.isawaitable(result) else result
        if fault:
            return await self._strike(fault, call)
        call.status = 200
        problems = self.world.description.problems(call.answer, method.returns, "answer")
        self.violations.extend(f"emulator, {call.method}: {problem}" for problem in problems)
        return JSONResponse({"ok": True, "result": call.answer})

    async def _strike(self, fault: Fault, call: Call) -> Response:
        if fault.hang:
            over = self.updates

            def look() -> bool | None:
                return over.closing or fault not in self.world.faults or None

            await self.world.pulse.until(look, None)
        if fault.body is not None:
            call.status = fault.status
            return PlainTextResponse(fault.body, fault.status)
        raise fault.refusal()


def error(refusal: Refused) -> Response:
    """An error as Telegram words it."""
    body: Json = {"ok": False, "error_code": refusal.status, "description": refusal.description}
    if refusal.parameters:
        body["parameters"] = refusal.parameters
    return JSONResponse(body, refusal.status)
