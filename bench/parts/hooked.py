"""Sends updates to the webhook of a started product, some of them at once, and counts what was stored."""

import sqlite3
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from bench.parts.updates import Shot
from bot.channels.telegram.webhook import PATH

AT_ONCE = 4
LARGEST = 64 * 1024
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"


@dataclass
class Fired:
    """What came back."""

    cases: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    unexpected: list[str] = field(default_factory=list)
    texts: set[int] = field(default_factory=set)

    def note(self, shot: Shot, status: int) -> None:
        """Count one answer and compare it with the only right one."""
        self.cases += 1
        self.statuses[status] += 1
        self.kinds[shot.kind] += 1
        right = 413 if len(shot.body) > LARGEST else 200 if shot.secret else 401
        if status != right:
            self.unexpected.append(f"{shot.kind}: {status} instead of {right}: {shot.body[:300]!r}")
        if shot.whole_text and shot.update_id is not None:
            self.texts.add(shot.update_id)


def fire(address: str, secret: str, shots: Iterable[Shot]) -> Fired:
    """Send all; what is to be repeated is sent at the same moment, as a second node of Telegram's would."""
    fired = Fired()
    with httpx.Client(base_url=address, timeout=60, trust_env=False) as http, ThreadPoolExecutor(AT_ONCE) as pool:

        def send(shot: Shot) -> int:
            headers = {"Content-Type": shot.content_type, SECRET_HEADER: secret if shot.secret else "wrong"}
            return http.post(PATH, content=shot.body, headers=headers).status_code

        for shot in shots:
            for status in pool.map(send, [shot] * (1 + shot.repeats)):
                fired.note(shot, status)
    return fired


def stored(database: Path, fired: Fired) -> dict[str, Any]:
    """What the tables say: each update at most once, each whole text exactly once, no row without its message."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as tables:
        rows = [str(row[0]) for row in tables.execute("SELECT external_id FROM inbox WHERE channel = 'telegram'")]
        said = tables.execute(
            "SELECT count(*) FROM message JOIN conversation ON conversation.id = message.conversation_id "
            "WHERE conversation.channel = 'telegram' AND message.author = 'citizen'"
        ).fetchone()[0]
        chats = tables.execute(
            "SELECT count(*) - count(DISTINCT address_key) FROM conversation "
            "WHERE channel = 'telegram' AND state != 'closed'"
        ).fetchone()[0]
    counted = Counter(rows)
    return {
        "stored": len(rows),
        "stored_twice": sum(1 for count in counted.values() if count > 1) + max(0, said - len(rows)) + chats,
        "texts_sent": len(fired.texts),
        "texts_missing": sum(1 for update in fired.texts if counted[str(update)] != 1),
    }
