"""Citizens who write without a pause, each the next message once the last one is answered, and what became of it."""

import sqlite3
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

import httpx

from tests.whole.product import Product

QUESTIONS = ("cuándo recogen la basura", "hola", "qué puedes hacer", "dónde tiro un sofá viejo")

PAUSE = 0.1  # between two looks: the engines' starting is what needs the machine


@dataclass
class Talker:
    """One conversation; `accepted` are the numbers of the messages that the product promised to answer."""

    address: str
    conversation: str = ""
    token: str = ""
    accepted: list[int] = field(default_factory=list)

    def talk(self, ended: threading.Event) -> None:
        """Write until told to stop, or until the product takes nothing more."""
        chats = f"{self.address}/api/chat/v1/conversations"
        with httpx.Client(timeout=60) as http:
            try:
                started = http.post(chats, json={"language": "es"}).json()
                self.conversation, self.token = started["conversation"], started["token"]
                http.headers["Authorization"] = f"Bearer {self.token}"
                while not ended.is_set():
                    self._ask(http, f"{chats}/{self.conversation}/messages")
            except httpx.TransportError:
                return

    @contextmanager
    def listening(self) -> Iterator[Iterator[str]]:
        """The lines of the conversation's event stream."""
        path = f"{self.address}/api/chat/v1/conversations/{self.conversation}/events"
        with httpx.stream("GET", path, headers={"Authorization": f"Bearer {self.token}"}, timeout=60) as stream:
            yield stream.iter_lines()

    def _ask(self, http: httpx.Client, path: str) -> None:
        text = QUESTIONS[len(self.accepted) % len(QUESTIONS)]
        answer = http.post(path, json={"id": uuid.uuid4().hex, "text": text})
        if answer.status_code != 202:
            return
        seq = answer.json()["seq"]
        self.accepted.append(seq)
        while http.get(path, params={"after": seq}).json()["pending"]:
            time.sleep(PAUSE)


@contextmanager
def talking(product: Product, citizens: int = 3) -> Iterator[list[Talker]]:
    """So many of them write for as long as the block lasts; at its end their last messages are answered."""
    ended = threading.Event()
    talkers = [Talker(product.address) for _ in range(citizens)]
    threads = [threading.Thread(target=talker.talk, args=(ended,)) for talker in talkers]
    for thread in threads:
        thread.start()
    try:
        yield talkers
    finally:
        ended.set()
        for thread in threads:
            thread.join(90)


def outcomes(product: Product, talkers: list[Talker]) -> dict[str, int]:
    """How the turns of these citizens ended; `lost` and `doubled` are messages with no turn, or with more than one."""
    found = {"lost": 0, "doubled": 0}
    with closing(sqlite3.connect(f"file:{product.home / 'ventanilla.db'}?mode=ro", uri=True)) as database:
        for talker in talkers:
            for seq in talker.accepted:
                rows = database.execute(
                    "SELECT outcome FROM turn WHERE conversation_id = ? AND message_seq = ?", (talker.conversation, seq)
                ).fetchall()
                found["lost"] += not rows
                found["doubled"] += len(rows) > 1
                for (outcome,) in rows:
                    found[outcome] = found.get(outcome, 0) + 1
    return found
