"""The counter, put together once: routes, workers, and their beginning and end."""

import asyncio
import datetime as dt
import functools
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from actions.context import Context, bind
from bot.channels.telegram import link, webhook
from bot.channels.web import pages as chat_pages
from bot.channels.web import privacy as chat_privacy
from bot.channels.web import receive as chat_receive
from bot.channels.web import send as chat_send
from bot.channels.web import widget as chat_widget
from bot.conversation.absence import was_away
from bot.desk import pages as desk_pages
from bot.handoff.holders import holders
from bot.health import operations, schema
from bot.knowledge.knowledge import Knowledge
from bot.nightly import retention
from bot.services import Engines, Services, make_services
from bot.settings import Settings
from bot.studio import pages as studio_pages
from bot.suggestions.own import OwnItems
from bot.turns.language import warm_up
from bot.web import problems
from bot.web.headers import SecurityHeaders, WidgetAccess, listed
from bot.web.requests import Requests

log = structlog.get_logger()
BOT = Path(__file__).parent
LOOK_AT_FILES = 1.0
Worker = Callable[[Services], Coroutine[Any, Any, None]]
LONG = 600.0


def create_app(settings: Settings, engines: Engines, engine_secret: str, *also: Worker) -> FastAPI:
    """The ASGI application of one node. `engines` is the supervisor, `engine_secret` what the engine expects.

    `also` work beside the node's own workers.
    """
    services = make_services(settings, engines, engine_secret)
    left = functools.partial(was_away, services.database, least=dt.timedelta(hours=settings.form_left_hours))
    own = OwnItems(services.items, services.secrets)
    bind(Context(services.database, services.knowledge, services.items, own, left))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with _working(services, also):
            yield

    app = FastAPI(title="Ventanilla", version="0.1.0", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.services = services
    _add_middleware(app, services)
    problems.install(app, services.knowledge)
    parts = (services.database, services.knowledge, services.hub, settings)
    for routes in (
        chat_receive.router(services),
        chat_send.router(services),
        chat_pages.router(services),
        chat_privacy.router(services),
        chat_widget.router(),
        webhook.router(services),
        operations.router(services),
        desk_pages.router(*parts),
        studio_pages.router(*parts),
    ):
        app.include_router(routes)
    _mount_static(app)
    schema.install(app)
    return app


def _add_middleware(app: FastAPI, services: Services) -> None:
    app.add_middleware(
        WidgetAccess,
        allow_origins=listed(services.settings),
        allow_methods=["GET", "POST"],
        allow_headers=["Authorization", "Content-Type", "Last-Event-ID", "Accept-Language"],
        expose_headers=["Retry-After", "Content-Language"],
        max_age=600,
    )
    app.add_middleware(SecurityHeaders, settings=services.settings)
    app.add_middleware(problems.BodyLimit, knowledge=services.knowledge)
    app.add_middleware(Requests)
    if proxies := services.settings.proxies:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=proxies)


def _mount_static(app: FastAPI) -> None:
    for path, folder in (
        ("/static/chat", BOT / "channels" / "web" / "static"),
        ("/static/desk", BOT / "desk" / "static"),
        ("/static/studio", BOT / "studio" / "static"),
        ("/static", BOT / "web" / "static"),
    ):
        app.mount(path, StaticFiles(directory=folder, check_dir=False), name=path)


@asynccontextmanager
async def _working(services: Services, also: Sequence[Worker]) -> AsyncIterator[None]:
    """The node's workers, for as long as the block lasts; at its end running turns are finished."""
    workers = services.workers
    workers.works |= {
        "lane": services.lane.run,
        "outbox": services.outbox.run,
        "owed": services.owed.run,
        "switch": services.switch.run,
        "engine": functools.partial(_see_engine, services),
        "retention": functools.partial(retention, services),
        "holders": functools.partial(holders, services),
        "knowledge": functools.partial(_watch, services.knowledge),
    }
    if services.relay:
        workers.works["relay"] = services.relay.run
    workers.works |= {worker.__name__.strip("_"): functools.partial(worker, services) for worker in also}
    await services.switch.begin()
    async with link.connected(services):
        workers.start()
        try:
            yield
        finally:
            workers.ending()
            await services.lane.stop()
            await services.outbox.stop()
            await workers.stop()
    await services.engine.close()
    await services.database.close()


async def _see_engine(services: Services) -> None:
    """Note the first time that the engine can serve: from then on this node has begun well. The language detector gets
    ready in the meantime."""
    await asyncio.to_thread(warm_up)
    while not await services.engines.wait_ready(LONG):
        pass
    services.engine_was_ready.set()
    await asyncio.Event().wait()


async def _watch(knowledge: Knowledge) -> None:
    """Read an edited answer again within a second or two, on every node."""
    while True:
        try:
            if await asyncio.to_thread(knowledge.reload_if_changed):
                log.info("knowledge.reloaded")
        except OSError as error:
            log.warning("knowledge.unreadable", problem=str(error))
        await asyncio.sleep(LOOK_AT_FILES)
