"""Models as releases: the database holds the last few and says which is served; every node follows it."""

import asyncio
import hashlib
import os
import tempfile
from collections.abc import Callable, Collection, Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from bot.settings import Settings
from bot.store.database import Database, UnitOfWork
from bot.store.tables import ModelRelease, now

T = TypeVar("T")
KEPT = 4
TRIES = 3  # two nodes that release at the same moment ask for the same number
SUFFIX = ".tar.gz"


def wanted(releases: Sequence[ModelRelease], without: Collection[int] = ()) -> ModelRelease | None:
    """The release to serve: the latest that was not refused, nor is in `without`; the latest when all were."""
    usable = [one for one in releases if not one.refused and one.number not in without]
    return next(iter(usable or releases), None)


class Releases:
    """Reads and writes the releases."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read_all(self) -> Sequence[ModelRelease]:
        """All that are kept, the latest first, without their archives."""
        async with self._database.read() as session:
            return (await session.execute(select(ModelRelease).order_by(ModelRelease.number.desc()))).scalars().all()

    async def do_release(self, name: str, archive: bytes | None = None, **trained_on: Any) -> int:
        """Make `name` the latest release, storing its archive when one is given; its number. KeyError: unknown."""
        for _ in range(TRIES - 1):
            try:
                return await self._do_release(name, archive, trained_on)
            except IntegrityError:
                await asyncio.sleep(0)
        return await self._do_release(name, archive, trained_on)

    async def _do_release(self, name: str, archive: bytes | None, trained_on: dict[str, Any]) -> int:
        async with self._database.write() as uow:
            latest = (await uow.session.execute(select(func.max(ModelRelease.number)))).scalar_one()
            release = await uow.session.get(ModelRelease, name)
            if release is None and archive is None:
                raise KeyError(name)
            if release is None:
                release = ModelRelease(name=name)
                uow.session.add(release)
            if archive is not None:
                release.archive, release.size = archive, len(archive)
                release.sha256 = await asyncio.to_thread(_digest, archive)
                release.trained_on, release.made_at = trained_on, now()
            release.number = (latest or 0) + 1
            release.released_at, release.served_at, release.refused = now(), None, None
            await uow.session.flush()
            await _do_forget_old(uow)
            await uow.commit()
            return release.number

    async def do_mark_served(self, number: int) -> None:
        """A node gives it turns."""
        await self._do_mark(number, served_at=now(), refused=None)

    async def do_refuse(self, number: int, reason: str) -> None:
        """A node could not use it. Where another one could, the fault is the node's: the release stands."""
        await self._do_mark(number, refused=reason)

    async def _do_mark(self, number: int, **values: Any) -> None:
        async with self._database.write() as uow:
            await uow.session.execute(
                update(ModelRelease)
                .where(ModelRelease.number == number, ModelRelease.served_at.is_(None))
                .values(**values)
                .execution_options(synchronize_session=False)
            )
            await uow.commit()

    async def fetch(self, release: ModelRelease, folder: Path) -> Path:
        """Its file in the folder, taken from the database unless it lies there already."""
        path = folder / (release.name + SUFFIX)
        if await asyncio.to_thread(_is, path, release.sha256):
            return path
        async with self._database.read() as session:
            found = await session.execute(select(ModelRelease.archive).where(ModelRelease.name == release.name))
            archive = found.scalar_one()
        await asyncio.to_thread(_write, path, archive)
        return path


def ask(settings: Settings, question: Callable[[Releases], Coroutine[Any, Any, T]]) -> T:
    """The answer to one question, for programs without an event loop. Raises what the database raises."""

    async def answer() -> T:
        database = Database(settings.database)
        try:
            return await question(Releases(database))
        finally:
            await database.close()

    return asyncio.run(answer())


async def _do_forget_old(uow: UnitOfWork) -> None:
    kept = select(ModelRelease.number).order_by(ModelRelease.number.desc()).limit(KEPT)
    numbers = (await uow.session.execute(kept)).scalars().all()
    await uow.session.execute(
        delete(ModelRelease).where(ModelRelease.number < min(numbers)).execution_options(synchronize_session=False)
    )


def _digest(archive: bytes) -> str:
    return hashlib.sha256(archive).hexdigest()


def _is(path: Path, sha256: str) -> bool:
    return path.is_file() and _digest(path.read_bytes()) == sha256


def _write(path: Path, archive: bytes) -> None:
    """All of it or nothing: an engine may be starting from it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".fetching-", delete=False) as file:
        file.write(archive)
    os.replace(file.name, path)
