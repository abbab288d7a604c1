"""The product as an operator starts it: a process with a home of its own, its engine, and people who can sign in."""

import os
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psutil

from bot.replicas.process import free_port
from bot.settings import ROOT, Settings
from bot.training.model import ensure_model, model_path
from tests.cast import Person
from tests.towns import copy_town


def learned_before(knowledge: Path) -> Path:
    """The demonstration's model, whatever has been prepared: nothing of that is learned that a test asks about."""
    return ensure_model(Settings().home, Settings().knowledge)


class Product:
    """A started installation.

    `prepare` changes its copy of the demonstration before that is committed, `learn` gives the model for it.
    """

    def __init__(
        self,
        home: Path,
        prepare: Callable[[Path], object] = lambda _: None,
        learn: Callable[[Path], Path] = learned_before,
        **environment: str,
    ) -> None:
        self.home, self.port, self.output = home, free_port(), home / "said"
        self.knowledge = copy_knowledge(home.parent / "knowledge", prepare)
        self.address = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **os.environ,
            "VENTANILLA_HOME": str(home),
            "VENTANILLA_PORT": str(self.port),
            "VENTANILLA_KNOWLEDGE": str(self.knowledge),
            **environment,
        }
        (home / "models").mkdir(parents=True)
        shutil.copy(learn(self.knowledge), model_path(home, self.knowledge))
        self.starts()

    def starts(self) -> None:
        """Begin to serve; again, after a stop."""
        self.process = self._run("start")

    @staticmethod
    def _command(*words: str) -> list[str]:
        return [sys.executable, "-m", "bot.cli", *words]

    def _run(self, *command: str) -> subprocess.Popen[bytes]:
        with self.output.open("ab") as output:
            return subprocess.Popen(
                self._command(*command),
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    def imports(self, agency: str, sheet: Path) -> None:
        """Take topics from a sheet for an agency, by the operator's command."""
        self._does("knowledge", "import", str(sheet), "--agency", agency)

    def _does(self, *words: str, given: str = "") -> None:
        subprocess.run(
            self._command(*words), input=given.encode(), env=self.environment, cwd=ROOT, check=True, capture_output=True
        )

    def employs(self, *people: Person) -> None:
        """Give people accounts, by the operator's command."""
        for person in people:
            self._does(*_account(person), given=person.password)

    def hears(self, *texts: str) -> str:
        """Somebody writes these on the web, each once the one before it is answered; the conversation's id."""
        chats = f"{self.address}/api/chat/v1/conversations"
        with httpx.Client() as http:
            started = http.post(chats, json={"language": "es"}).json()
            http.headers["Authorization"] = f"Bearer {started['token']}"
            messages = f"{chats}/{started['conversation']}/messages"
            for text in texts:
                assert http.post(messages, json={"id": uuid.uuid4().hex, "text": text}).status_code == 202
                until(lambda: not http.get(messages).json()["pending"])
        return str(started["conversation"])

    def engines(self) -> list[psutil.Process]:
        """The engine's processes."""
        children = psutil.Process(self.process.pid).children()
        return [child for child in children if "run" in child.cmdline()]

    def is_ready(self) -> bool:
        """Whether it can serve a turn."""
        try:
            return httpx.get(f"{self.address}/readyz").status_code == 200
        except httpx.HTTPError:
            return False

    def waits_until_ready(self) -> None:
        """Return when it serves; fail with what it said when it ends instead."""
        until(lambda: self.is_ready() or self.process.poll() is not None, 120)
        assert self.process.poll() is None, self.output.read_text()

    def stops(self) -> None:
        """End it as Ctrl-C does."""
        self.process.terminate()
        self.process.wait(30)


def copy_knowledge(root: Path, prepare: Callable[[Path], object] = lambda _: None) -> Path:
    """The demonstration under version control of its own, since the studio commits what it changes."""
    prepare(copy_town(root))
    set_up = ("-c", "user.name=Set-up", "-c", "user.email=setup@example.org", "-c", "commit.gpgsign=false")
    for words in (("init", "--quiet"), ("add", "."), (*set_up, "commit", "--quiet", "--message", "Training data")):
        subprocess.run(["git", *words], cwd=root, check=True, capture_output=True)
    return root


def _account(person: Person) -> tuple[str, ...]:
    whom = ("user", "add", person.email, "--role", person.role, "--agency", person.agency)
    return (*whom, "--name", person.name, "--password-stdin")


def until(look: Callable[[], Any], seconds: float = 60) -> Any:
    """The first true result of `look`."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.05)
    return found
