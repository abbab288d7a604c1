"""`./ventanilla start`: everything in its order, then serving until told to stop."""

import asyncio
import gc
import os
import resource
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import structlog
import uvicorn
import uvloop

from bot import logs, tracing
from bot.commands.accounts import first_administrators_code
from bot.commands.keys import check_key, seal_plain
from bot.commands.releasing import prepare_release
from bot.knowledge.knowledge_check import check_knowledge
from bot.knowledge.yaml_check import check_yaml
from bot.privacy.mask import mask
from bot.privacy.retention import read_days
from bot.replicas.engine import Wire, engine_launch
from bot.replicas.follow import Follower
from bot.replicas.releases import Releases
from bot.replicas.supervisor import Supervisor
from bot.services import Services
from bot.settings import Settings
from bot.setup.environments import say
from bot.setup.home import hold_home, keep_private, loose, prepare_home
from bot.setup.ports import take_port
from bot.setup.problems import Problem
from bot.store.migrate import upgrade
from bot.store.tables import ModelRelease
from bot.training.behind import learn_behind
from bot.training.encoder import has_encoder
from bot.web.protocol import GuardedProtocol

READY_SECONDS = 180.0
GRACE_SECONDS = 4
# Objects made before the cycle collector looks. Its default, 700, has it look several times a message.
COLLECT_AFTER = 20_000
WEB: dict[str, Any] = {
    "log_config": None,
    "access_log": False,
    "timeout_graceful_shutdown": GRACE_SECONDS,
    "proxy_headers": False,
    "server_header": False,
    "http": GuardedProtocol,
}
log = structlog.get_logger()
STARTED = "VENTANILLA_STARTED"  # when the launcher began: what an operator waits counts from there


@dataclass(frozen=True)
class Went:
    """When the command `began`, the environments being made, and when database and model were `prepared`."""

    began: float
    prepared: float = 0.0

    def told(self, now: float) -> str:
        """The seconds since the launcher began, and what they went into."""
        started = float(os.environ.get(STARTED) or self.began)
        parts = {
            "environments": self.began - started,
            "model": self.prepared - self.began,
            "engine": now - self.prepared,
        }
        return f"{now - started:.0f} s (" + ", ".join(f"{name} {seconds:.0f}" for name, seconds in parts.items()) + ")"


def do_start(settings: Settings) -> None:
    """Check, prepare, serve. Returns when it was told to stop; a Problem when it cannot begin."""
    went = Went(time.time())
    logs.configure(mask, settings.log_format, settings.log_level)
    trace_if_asked(settings)
    check_yaml(settings.knowledge)
    check_knowledge(settings)
    read_days(settings.knowledge)
    prepare_home(settings.home)
    if open_to_others := loose(settings.home):
        log.warning("home.open_to_others", files=[str(path) for path in open_to_others], mend="./ventanilla doctor")
    allow_connections()
    taken = take_port(settings.host, settings.port)
    with taken, hold_home(settings.home):
        migrate(settings)
        check_key(settings)
        seal_plain(settings)
        release, model, learns = prepare_release(settings)
        went = replace(went, prepared=time.time())
        uvloop.run(_serve(settings, release, model, taken, learns, went))


def allow_connections() -> None:
    """Let this process hold as many connections as the system allows it: each open page is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def collect_rarely() -> None:
    """Let the cycle collector look less often, and not at what stays as long as the process."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)


def trace_if_asked(settings: Settings) -> None:
    """Send traces where the setting says; a Problem when OpenTelemetry is not installed."""
    try:
        tracing.configure(settings.otel_endpoint)
    except ImportError:
        raise Problem("no_tracing") from None


def migrate(settings: Settings) -> None:
    """Bring the database to today's tables."""
    if not settings.database_url:
        keep_private(settings.home / "ventanilla.db")
    try:
        upgrade(settings)
    except Exception as error:  # drivers raise their own kinds
        reason = settings.without_secrets(str(error).strip().splitlines()[0])
        raise Problem("database_failed", reason=reason) from None


async def _serve(
    settings: Settings, release: ModelRelease, model: Path, taken: socket.socket, learns: bool, went: Went
) -> None:
    """The engine's replicas, the listener of its actions, and the counter, until somebody stops them.

    Where it `learns`, new training data is learned beside it, once it serves. `went` is how the time went until here.
    """
    from bot.app import create_app

    actions = loopback_socket()
    wire = Wire.new(f"http://127.0.0.1:{actions.getsockname()[1]}/webhook")
    launch_of = partial(engine_launch, settings, wire=wire)
    supervisor = Supervisor(launch_of(model), settings.engine_replicas)
    code = await first_administrators_code(settings)

    async def follow(services: Services) -> None:
        await Follower(Releases(services.database), supervisor, release, model.parent, launch_of).run()

    app = create_app(settings, supervisor, wire.engine_secret, follow)
    services: Services = app.state.services

    def close() -> None:
        services.workers.ending()
        services.lane.close()

    server = Server(uvicorn.Config(app, **WEB), close)
    async with _answering_actions(wire, actions):
        await supervisor.start()
        collect_rarely()
        beside = [asyncio.create_task(_announce(settings, server, supervisor, code, went))]
        if learns:
            beside.append(asyncio.create_task(_learn(settings, supervisor)))
        try:
            await server.run_until_stopped(taken)
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            await supervisor.stop()
    if not server.started:
        raise Problem("not_served")
    say("Stopped.")


@asynccontextmanager
async def _answering_actions(wire: Wire, listening: socket.socket) -> AsyncIterator[None]:
    """The engine calls back here; the counter's own port never answers it."""
    from actions.server import create_action_app

    server = Server(uvicorn.Config(create_action_app(wire.action_token), log_config=None, lifespan="off"))
    answering = asyncio.create_task(server.serve_on(listening))
    try:
        yield
    finally:
        server.should_exit = True
        await answering


def loopback_socket() -> socket.socket:
    """A listening socket on a free port of this machine alone. Naming the protocol makes asyncio send at once."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    listening.listen(128)
    return listening


class Server(uvicorn.Server):
    """uvicorn that ends with success when it is asked to end: its own way raises the signal once more.

    `on_stop` is called at that moment, before connections are closed and workers stopped.
    """

    def __init__(self, config: uvicorn.Config, on_stop: Callable[[], None] = lambda: None) -> None:
        super().__init__(config)
        self._on_stop = on_stop

    async def run_until_stopped(self, taken: socket.socket) -> None:
        """Serve on the socket until SIGINT or SIGTERM; a second one does not wait for open connections."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._asked, number)
        await self.serve_on(taken)

    async def serve_on(self, listening: socket.socket) -> None:
        """Serve until `should_exit`, without a word about signals."""
        await self._serve([listening])

    def _asked(self, number: int) -> None:
        if self.should_exit:
            self.force_exit = True
        else:
            say("\nStopping …")
            self._on_stop()
        self.handle_exit(number, None)


async def _learn(settings: Settings, supervisor: Supervisor) -> None:
    """Learn once it serves: before, both would take the processor from each other."""
    supervisor.learning = True
    await supervisor.wait_ready(READY_SECONDS)
    await learn_behind(settings, supervisor)


async def _announce(settings: Settings, server: Server, supervisor: Supervisor, code: str | None, went: Went) -> None:
    """Say where it is, once it can answer."""
    ready = await supervisor.wait_ready(READY_SECONDS)
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.05)
    if not ready:
        reason = supervisor.status()[0]["reason"] or "still starting"
        log = settings.home / "log" / "engine-1.log"
        say(str(Problem("engine_not_ready", seconds=f"{READY_SECONDS:.0f}", reason=reason, log=log)))
        return
    say(f"Ready after {went.told(time.time())}. Ctrl-C stops it.")
    if not has_encoder():
        say("  Messages are understood by their words alone: the encoder is not installed (./ventanilla doctor).")
    for name, address in addresses(settings).items():
        say(f"  {name:<18} {address}")
    if code:
        say("There is no administrator yet. The first one opens this address and gives the code (once, in 7 days):")
        say(f"  {addresses(settings)['for the staff']}/first   {code}")


def addresses(settings: Settings) -> dict[str, str]:
    """Where an operator finds what."""
    host = {"0.0.0.0": "localhost", "::": "localhost"}.get(settings.host, settings.host)  # noqa: S104 - not bound here
    host = f"[{host}]" if ":" in host else host
    base = settings.public_url or f"http://{host}:{settings.port}"
    return {"the assistant": f"{base}/", "for the staff": f"{base}/desk", "for the answers": f"{base}/studio"}
