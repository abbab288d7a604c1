"""One engine process: its port, its log, its end."""

import asyncio
import contextlib
import ctypes
import logging.handlers
import os
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.replicas.replica import Launch

TERMINATE_SECONDS = 5.0
LOG_BYTES = 2_000_000
LOG_FILES = 3
PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def free_port() -> int:
    """A port of the loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class EngineProcess:
    """A running engine. Its output goes to a rotated file; it dies when we do."""

    def __init__(self, process: asyncio.subprocess.Process, reader: asyncio.Task[None]) -> None:
        self._process = process
        self._reader = reader

    @classmethod
    async def start(cls, launch: "Launch", number: int, port: int) -> "EngineProcess":
        """Start one; OSError when its Python is not there."""
        process = await asyncio.create_subprocess_exec(
            *launch.command,
            "--port",
            str(port),
            cwd=launch.folder,
            env=launch.environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is ours to handle
            preexec_fn=_die_with_parent,
        )
        reader = asyncio.create_task(_copy(process, launch.log_folder / f"engine-{number}.log"))
        return cls(process, reader)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.returncode is None

    def ending(self) -> str:
        """How it ended, in words."""
        code = self._process.returncode
        if code is not None and code < 0:
            return f"signal {-code}"
        return f"exit code {code}"

    async def wait(self, seconds: float) -> None:
        """Wait for its end, at most so long."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), seconds)

    async def stop(self, seconds: float = TERMINATE_SECONDS) -> None:
        """Ask it to end, and after so many seconds make it; nothing of its family is left."""
        try:
            if self.alive() and seconds:
                self._signal(signal.SIGTERM)
                await self.wait(seconds)
        finally:
            self._signal(signal.SIGKILL)
            await self._process.wait()
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)

    def _signal(self, number: int) -> None:
        """Send it to the process and its children: the session that it leads."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)


def _die_with_parent() -> None:
    """Runs in the child before the engine does: Linux ends it when its parent goes, however that happens."""
    if _LIBC is not None:
        _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


async def _copy(process: asyncio.subprocess.Process, path: Path) -> None:
    """Write the process's output to a file that is rotated."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8")
    try:
        assert process.stdout is not None  # noqa: S101 - asked for above
        while block := await process.stdout.read(65536):
            text = block.decode("utf-8", errors="replace").rstrip("\n")
            handler.emit(logging.makeLogRecord({"msg": text, "args": None}))
    finally:
        handler.close()
