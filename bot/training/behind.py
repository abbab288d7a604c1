"""Learning behind the counter: the model for new training data is trained while another one serves."""

import asyncio
import contextlib
import os
import sys
from typing import IO, Protocol

import structlog

from bot.settings import ROOT, Settings
from bot.setup.environments import say

log = structlog.get_logger(__name__)

NICE = 10  # what waits for an answer goes first
LAST_LINES = 3
COMMAND = ("-m", "bot.cli", "train")


class Serving(Protocol):
    """Who serves meanwhile, and tells how the learning goes."""

    learning: bool
    unlearned: str


async def learn_behind(settings: Settings, serving: Serving) -> None:
    """Run `./ventanilla train` beside the counter, which changes over when it has released a model.

    Until then `serving.learning` is true; `serving.unlearned` says why there is none in the end.
    """
    serving.learning = True
    file = settings.home / "log" / "learning.log"
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with file.open("w+b") as said:
            code = await _run(said)
            said.seek(0)
            lines = [line.strip() for line in said.read().decode(errors="replace").splitlines()]
    finally:
        serving.learning = False
    if code == 0:
        say("The new training data is learned, and served from now on.")
        return
    serving.unlearned = " ".join(line for line in lines[-LAST_LINES:] if line)
    log.error("model.not_learned", reason=serving.unlearned)
    say(f"The new training data could not be learned, what serves goes on: {serving.unlearned}")


async def _run(said: IO[bytes]) -> int:
    process = await asyncio.create_subprocess_exec(
        sys.executable, *COMMAND, cwd=ROOT, stdin=asyncio.subprocess.DEVNULL, stdout=said, stderr=said
    )
    try:
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process.pid, NICE)
        return await process.wait()
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
