"""A strict Telegram for tests: a real HTTP server that refuses what the description forbids."""

import inspect
from typing import Self

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from emulator import methods, settings
from emulator.calls import Call, Refused, read_call
from emulator.description import Entry, Json, load_description
from emulator.faults import Fault
from emulator.limits import check_limits
from emulator.played import Played
from emulator.serving import Served
from emulator.world import BOT_ID, World

HANDLERS = methods.HANDLERS | settings.HANDLERS


class Emulator(Played, Served):
    """Telegram: `async with Emulator() as emulator`, or `with emulator.in_thread()`. It is its own first bot."""

    def __init__(self) -> None:
        Served.__init__(self)
        Played.__init__(self, load_description(), BOT_ID, "ventanilla_bot")
        self._bots: dict[str, Played] = {self.token: self}

    # -- where it is -----------------------------------------------------------------------------
    @property
    def base_url(self) -> str:
        """`base_url` of python-telegram-bot."""
        return f"{self.address}/bot"

    @property
    def base_file_url(self) -> str:
        """`base_file_url` of python-telegram-bot."""
        return f"{self.address}/file/bot"

    # -- its bots --------------------------------------------------------------------------------
    def another(self, username: str) -> Played:
        """One more bot, with a token and people of its own; a person is known to each by the same id."""
        bot = Played(self.world.description, BOT_ID + len(self._bots), username)
        self._bots[bot.token] = bot
        return bot

    def broken(self) -> list[str]:
        """The breaches of all bots."""
        return [breach for bot in self._bots.values() for breach in bot.violations]

    # -- serving ---------------------------------------------------------------------------------
    async def __aenter__(self) -> Self:
        for bot in self._bots.values():
            bot.updates.closing = False
        return await super().__aenter__()

    async def __aexit__(self, *_: object) -> None:
        for bot in self._bots.values():
            bot.updates.closing = True
            await bot.updates.set_webhook(None)
            bot.world.pulse.beat()
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
        bot, path = self._bots.get(request.path_params["token"]), request.path_params["path"]
        found = [file for file in bot.world.files.values() if file.path == path] if bot else []
        if not found:
            return error(Refused(404, "Not Found"))
        return Response(found[0].content, media_type="application/octet-stream")

    async def _method(self, request: Request) -> Response:
        name = request.path_params["method"]
        bot = self._bots.get(request.path_params["token"])
        call = Call(name, {})
        world = (bot or self).world
        try:
            if bot is None:
                raise Refused(401, "Unauthorized")
            method = world.description.method(name)
            if method is None:
                raise Refused(404, "Not Found: method not found", breach=True)
            call = await read_call(request, method, world.description)
            response = await _answer(world, call, method)
        except Refused as refusal:
            call.status, call.answer = refusal.status, refusal.description
            if refusal.breach:
                world.violations.append(f"{name}: {refusal.description}")
            response = error(refusal)
        world.calls.append(call)
        world.pulse.beat()
        return response


async def _answer(world: World, call: Call, method: Entry) -> Response:
    """Check the limits, let the weather strike, do it, check the answer too."""
    check_limits(call, method, world.description)
    fault = next((fault for fault in world.faults if fault.meets(call)), None)
    if fault:
        fault.times -= 1
        if not fault.after_effect:
            return await _strike(world, fault, call)
    result = HANDLERS.get(call.method, settings.keep)(world, call)
    call.answer = await result if inspect.isawaitable(result) else result
    if fault:
        return await _strike(world, fault, call)
    call.status = 200
    problems = world.description.problems(call.answer, method.returns, "answer")
    world.violations.extend(f"emulator, {call.method}: {problem}" for problem in problems)
    return JSONResponse({"ok": True, "result": call.answer})


async def _strike(world: World, fault: Fault, call: Call) -> Response:
    if fault.hang:

        def look() -> bool | None:
            return world.updates.closing or fault not in world.faults or None

        await world.pulse.until(look, None)
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
