"""The parts of the counter, put together once and handed to whoever needs them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.conversation.hub import Hub
from bot.conversation.journal import Journal
from bot.conversation.outbox import OutboxWorker, Sender
from bot.conversation.relay import Relay
from bot.conversation.writer import Writer
from bot.handoff.cases import Cases
from bot.handoff.owed import Owed
from bot.handoff.switch import Switch
from bot.knowledge.knowledge import Knowledge
from bot.limits import Limits
from bot.privacy.secrets import Secrets
from bot.replicas.client import EngineClient, Replicas
from bot.settings import Settings
from bot.store.database import Database
from bot.suggestions.items import Items
from bot.turns.assistant import Assistant
from bot.turns.lane import Lane
from bot.turns.memory import Memory
from bot.turns.turn import Turns
from bot.workers import Workers


class Engines(Replicas, Protocol):
    """The supervisor, as the counter sees it."""

    problem: str  # why the released model is not the one that serves; empty when it is
    learning: bool  # whether a model for new training data is being trained beside
    unlearned: str  # why none came of it
    switches: int  # how often new turns were given to another model, be it one of the same name

    @property
    def model(self) -> str:
        """The name of the model that new turns get."""

    def urls(self) -> Sequence[str]:
        """Addresses of the replicas that can serve a turn now."""

    def status(self) -> list[dict[str, Any]]:
        """One entry per replica."""

    async def wait_ready(self, timeout: float) -> bool:  # noqa: ASYNC109 - as in the supervisor
        """Wait up to `timeout` seconds until one can serve; whether one can."""


@dataclass(frozen=True)
class Services:
    """Everything that pages, channels and actions call."""

    settings: Settings
    database: Database
    knowledge: Knowledge
    hub: Hub
    writer: Writer
    cases: Cases
    owed: Owed
    items: Items
    secrets: Secrets
    engines: Engines
    engine: EngineClient
    lane: Lane
    outbox: OutboxWorker
    senders: dict[str, Sender]
    limits: Limits
    switch: Switch
    relay: Relay | None = None  # to the other nodes; one node on SQLite has none
    telegram: dict[str, Any] = field(default_factory=dict)  # what takes updates in, by the bot
    workers: Workers = field(default_factory=Workers)
    engine_was_ready: asyncio.Event = field(default_factory=asyncio.Event)  # at any time since the start


def make_services(settings: Settings, engines: Engines, engine_secret: str) -> Services:
    """Build the parts. Raises KnowledgeError when the training data cannot be read."""
    database = Database(settings.database)
    knowledge = Knowledge(settings.knowledge, settings.agency)
    hub = Hub()
    writer = Writer(hub, knowledge, settings.public_url, settings.agency)
    switch, secrets = Switch(database, knowledge), Secrets(settings.home)
    cases = Cases(writer, switch, secrets)
    engine = EngineClient(engines, engine_secret, settings.engine_timeout)
    memory = Memory(engine, lambda: f"{engines.model}#{engines.switches}", settings.engine_cache)
    owed = Owed(database, cases)
    turns = Turns(database, writer, cases, Assistant(memory, knowledge, switch), owed)
    senders: dict[str, Sender] = {}
    outbox = OutboxWorker(database, hub, senders, Journal(settings.home / "outbox"))
    writer.on_queued = outbox.wake
    lane = Lane(database, turns)
    limits = Limits(settings)
    relay = None
    if not settings.database.startswith("sqlite"):
        relay = hub.others = Relay(settings.database, hub, lane.look, outbox.wake)
    return Services(
        settings=settings,
        database=database,
        knowledge=knowledge,
        hub=hub,
        writer=writer,
        cases=cases,
        owed=owed,
        items=Items(writer, secrets, limits),
        secrets=secrets,
        engines=engines,
        engine=engine,
        lane=lane,
        outbox=outbox,
        senders=senders,
        limits=limits,
        switch=switch,
        relay=relay,
    )
