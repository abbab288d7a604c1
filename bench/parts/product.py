"""Our product as an operator starts it, a citizen who writes to it, and an engine beside it that is asked directly."""

import datetime as dt
import json
import os
import shutil
import sqlite3
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from bench.parts.machine import MeasurementFailed, Service
from bot.replicas.engine import Wire, engine_launch
from bot.replicas.process import free_port
from bot.settings import ROOT, Settings

OFF = ("DATABASE_URL", "TELEGRAM_TOKEN", "PUBLIC_URL")
ROWS = """
    SELECT inbox.received_at, inbox.answered_at, turn.engine_ms FROM inbox JOIN turn ON turn.id = inbox.turn_id
    WHERE inbox.conversation_id = ? ORDER BY inbox.id
"""


class Product(Service):
    """`./ventanilla start` with a home and a port of its own, and no Telegram."""

    def __init__(self, home: Path, also: dict[str, str] | None = None) -> None:
        """`also` are settings beyond those of every measurement."""
        self.home, self.port = home, free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("VENTANILLA_")}
        self.environment = {
            **kept,
            **dict.fromkeys(OFF, ""),
            "VENTANILLA_HOME": str(home),
            "VENTANILLA_HOST": "127.0.0.1",
            "VENTANILLA_LIMIT_MESSAGES": "",
            "VENTANILLA_LIMIT_ADDRESS": "",
            "VENTANILLA_LIMIT_STARTS": "",
            "VENTANILLA_PORT": str(self.port),
            **(also or {}),
        }
        super().__init__(
            "Ventanilla", [sys.executable, str(ROOT / "ventanilla"), "start"], ROOT, self.environment, home / "said"
        )

    def ready(self) -> float:
        """Seconds from the start until it can answer a citizen."""
        return self.ready_after(lambda: answers(f"{self.address}/readyz"))

    def parts(self) -> tuple[list[psutil.Process], list[psutil.Process]]:
        """The counter's processes and the engine's."""
        counter, *children = self.family()
        engine = [child for child in children if _is_engine(child)]
        return [counter, *(child for child in children if child not in engine)], engine

    def wire(self) -> Wire:
        """What its engine was given, so that another one may call back the same counter. It must be ready."""
        given = self.parts()[1][0].environ()
        return Wire(given["ENGINE_SECRET"], given["ACTION_TOKEN"], given["ACTION_ENDPOINT"])

    def remembered(self, conversation: str) -> dict[str, Any]:
        """What the product remembers of a conversation: the engine's state and the slots of the next turn."""
        with self._database() as database:
            row = database.execute(
                "SELECT engine_state, language, agency, misunderstood FROM conversation WHERE id = ?", (conversation,)
            ).fetchone()
        return {
            "state": json.loads(row[0]) if row[0] else None,
            "slots": {"language": row[1], "agency": row[2], "misunderstood": row[3], "has_location": False},
        }

    def turns_of(self, conversation: str) -> list["Stored"]:
        """What the product stored about each turn of a conversation, in order."""
        with self._database() as database:
            return [Stored(_time(row[0]), _time(row[1]), row[2]) for row in database.execute(ROWS, (conversation,))]

    def _database(self) -> closing[sqlite3.Connection]:
        return closing(sqlite3.connect(f"file:{self.home / 'ventanilla.db'}?mode=ro", uri=True))


@dataclass(frozen=True)
class Stored:
    """A turn by the product's own clock: the message's row made, its reply's rows made, the engine's milliseconds."""

    received: float
    answered: float
    engine_ms: float


def _time(stored: str) -> float:
    """Seconds of the epoch; SQLite keeps UTC without saying so."""
    return dt.datetime.fromisoformat(stored).replace(tzinfo=dt.UTC).timestamp()


def _is_engine(process: psutil.Process) -> bool:
    return any("engine" in word for word in process.cmdline()[1:4])


def make_home(folder: Path, model: Path) -> Path:
    """A home with the trained model in it."""
    (folder / "models").mkdir(parents=True)
    shutil.copy(model, folder / "models")
    return folder


@dataclass(frozen=True)
class Asked:
    """One question: when it was sent, milliseconds until the reply was there, and the topic answered, if any."""

    sent: float
    milliseconds: float
    topic: str | None


class Citizen:
    """One conversation over the public API: writes by POST, listens to the event stream as the chat page does."""

    def __init__(self, product: Product) -> None:
        self._http = httpx.Client(base_url=f"{product.address}/api/chat/v1", timeout=60, trust_env=False)
        started = self._http.post("/conversations", json={"language": "es"}).raise_for_status().json()
        self.conversation: str = started["conversation"]
        self._http.headers["Authorization"] = f"Bearer {started['token']}"
        self._stream = self._http.stream("GET", f"/conversations/{self.conversation}/events")
        self._messages = _messages(self._stream.__enter__())
        for _ in started["messages"]:
            next(self._messages)

    def asks(self, text: str) -> Asked:
        """Write and wait for the assistant's reply. A server that says "too fast" is obeyed, outside the time."""
        while True:
            sent, began = time.time(), time.perf_counter()
            posted = self._http.post(
                f"/conversations/{self.conversation}/messages", json={"id": uuid.uuid4().hex, "text": text}
            )
            if posted.status_code != 429:
                break
            time.sleep(float(posted.headers.get("Retry-After", 1)))
        seq = posted.raise_for_status().json()["seq"]
        for message in self._messages:
            if message["seq"] > seq and message["from"] == "assistant":
                return Asked(sent, (time.perf_counter() - began) * 1_000, message.get("topic"))
        raise MeasurementFailed("the event stream of the chat ended")

    def leaves(self) -> None:
        """Close the stream."""
        self._stream.__exit__(None, None, None)
        self._http.close()


def _messages(response: httpx.Response) -> Iterator[dict[str, Any]]:
    """The messages of an event stream."""
    event = ""
    for line in response.raise_for_status().iter_lines():
        name, _, value = line.partition(": ")
        if name == "event":
            event = value
        elif name == "data" and event == "message":
            yield json.loads(value)


class Engine(Service):
    """An engine started as the counter starts its own, with the same model: asked without a counter before it."""

    def __init__(self, home: Path, model: Path, wire: Wire | None = None) -> None:
        """`wire` leads to the counter that answers its actions; without one it can be started, but not asked much."""
        wire, port = wire or Wire.new(), free_port()
        launch = engine_launch(Settings(home=home), model, wire)
        self._address = f"http://127.0.0.1:{port}/webhooks/turn"
        self._http = httpx.Client(headers={"X-Engine-Secret": wire.engine_secret}, timeout=60, trust_env=False)
        command = [*launch.command, "--port", str(port)]
        super().__init__("The engine", command, launch.folder, launch.environment, home / "engine-beside.log")

    def ready(self) -> float:
        """Seconds from the start until a model is loaded."""
        return self.ready_after(lambda: answers(f"{self._address}/"))

    def asks(self, text: str, remembered: dict[str, Any]) -> Asked:
        """Send the turn that the counter would send."""
        body = {"turn_id": f"t_{uuid.uuid4().hex}", "text": text, "payload": None, **remembered}
        sent, began = time.time(), time.perf_counter()
        made = self._http.post(f"{self._address}/turn", json=body).raise_for_status().json()
        return Asked(sent, (time.perf_counter() - began) * 1_000, made["topic"])


def answers(address: str) -> bool:
    """Whether the address says 200."""
    try:
        return httpx.get(address, timeout=5, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False
