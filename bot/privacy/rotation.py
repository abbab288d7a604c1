"""Bringing everything that is sealed under the newest key, in small batches, while the product serves.

The order makes it safe. First a new key can be read everywhere; then it is written with; then what was stored before
is sealed anew; only when nothing is left under an old key may the old key go.
"""

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Any

import structlog
from cryptography.fernet import InvalidToken
from sqlalchemy import Column, ColumnElement, select, update
from sqlalchemy import Table as SqlTable
from sqlalchemy.exc import IntegrityError, OperationalError

from bot.privacy.key_ring import Key
from bot.privacy.secrets import SEALED_START, Secrets, is_sealed
from bot.store.database import Database, UnitOfWork
from bot.store.tables import Conversation, Item, Mark, Table, way_of

log = structlog.get_logger()
BATCH = 200
TRIES = 5
FINGERPRINT = "key_fingerprint"
ONCE_PLAIN = frozenset({"item.contact"})  # sealed columns that an earlier release stored as they were


@dataclass
class Resealed:
    """How many values were sealed anew, and how many none of our keys opens."""

    values: int = 0
    lost: int = 0


def sealed_columns() -> list[tuple[SqlTable, Column[Any]]]:
    """Every column that is marked `info=SEALED`."""
    tables = Table.metadata.sorted_tables
    return [(table, column) for table in tables for column in table.columns if column.info.get("sealed")]


class Rotation:
    """Seals stored values anew with the key that is written with now."""

    def __init__(self, database: Database, secrets: Secrets) -> None:
        self._database = database
        self._secrets = secrets

    async def do_reseal(self) -> Resealed:
        """Go through all sealed columns once."""
        total = Resealed()
        for table, column in sealed_columns():
            [identity] = table.primary_key.columns
            last: Any = None
            while True:
                rows = await self._read(table, column, identity, last)
                if not rows:
                    break
                last = rows[-1][0]
                await self._do_batch(table, column, identity, [tuple(row) for row in rows], total)
        return total

    async def do_seal_plain(self) -> int:
        """Seal what an earlier release stored as it was, in a column that is sealed today; how many values."""
        total = Resealed()
        for table, column in sealed_columns():
            [identity] = table.primary_key.columns
            plain = column.not_like(f"{SEALED_START}%")
            while str(column) in ONCE_PLAIN and (rows := await self._read(table, column, identity, None, plain)):
                await self._do_batch(table, column, identity, [tuple(row) for row in rows], total)
        if total.values:
            await self._database.do_empty_log()
        return total.values

    async def do_mark(self) -> None:
        """Note in the database which key it is written with."""
        async with self._database.write() as uow:
            await uow.session.merge(Mark(name=FINGERPRINT, value=self._secrets.ring.writing.fingerprint))
            await uow.commit()

    async def do_mark_first(self) -> None:
        """The same where nothing is noted yet."""
        async with self._database.read() as session:
            if await session.get(Mark, FINGERPRINT):
                return
        with contextlib.suppress(IntegrityError):  # another node did it this moment
            await self.do_mark()

    async def do_give_up(self) -> int:
        """Take away the addresses that no key of ours opens; how many. Their citizens begin anew when they write."""
        await self._do_give_up_contacts()
        table = Conversation.__table__
        column, identity, last, count = table.c.address, table.c.id, None, 0
        while rows := await self._read(table, column, identity, last):  # type: ignore[arg-type]
            last = rows[-1][0]
            gone = [
                row_id for row_id, sealed in rows if not any(_opens(key, sealed) for key in self._secrets.ring.keys)
            ]
            async with self._database.write() as uow:
                mine = update(Conversation).where(Conversation.id.in_(gone))
                await uow.session.execute(mine.values(address=None, address_key=None))
                await uow.commit()
            count += len(gone)
        await self.do_mark()
        return count

    async def _do_give_up_contacts(self) -> None:
        """Contacts that no key opens are nobody's any more; their items stay."""
        table, last = Item.__table__, None
        while rows := await self._read(table, table.c.contact, table.c.id, last):  # type: ignore[arg-type]
            last = rows[-1][0]
            gone = [row_id for row_id, stored in rows if self._secrets.reveal(stored) is None]
            async with self._database.write() as uow:
                await uow.session.execute(update(Item).where(Item.id.in_(gone)).values(contact=None))
                await uow.commit()

    async def _read(
        self, table: SqlTable, column: Column[Any], identity: Column[Any], last: Any, *also: ColumnElement[bool]
    ) -> Any:
        query = select(identity, column).where(column.is_not(None), *also).order_by(identity).limit(BATCH)
        async with self._database.read() as session:
            return (await session.execute(query if last is None else query.where(identity > last))).all()

    async def _do_batch(
        self, table: SqlTable, column: Column[Any], identity: Column[Any], rows: list[Any], total: Resealed
    ) -> None:
        opened = self._open(table, column, rows, total)
        for tries in range(1, TRIES + 1):
            try:
                async with self._database.write() as uow:
                    for row_id, sealed, plain in opened:
                        same = (identity == row_id, column == sealed)
                        anew = {column.name: self._secrets.seal(plain)}
                        await uow.session.execute(update(table).where(*same).values(anew))
                        if table is Conversation.__table__:
                            await self._do_rekey(uow, row_id, plain)
                    await uow.commit()
                break
            except OperationalError:  # two transactions waited for each other
                if tries == TRIES:
                    raise
                await asyncio.sleep(0.1 * tries)
        total.values += len(opened)

    def _open(
        self, table: SqlTable, column: Column[Any], rows: list[Any], total: Resealed
    ) -> list[tuple[Any, str, str]]:
        """Of `rows` those that an older key sealed: identity, as it is sealed, plain."""
        writing, opened = self._secrets.ring.writing, []
        for row_id, sealed in rows:
            if str(column) in ONCE_PLAIN and not is_sealed(sealed):
                opened.append((row_id, sealed, sealed))
                continue
            if _opens(writing, sealed):
                continue
            try:
                opened.append((row_id, sealed, self._secrets.unseal(sealed)))
            except InvalidToken:
                total.lost += 1
                log.warning("rotation.not_ours", table=table.name, column=column.name, row=row_id)
        return opened

    async def _do_rekey(self, uow: UnitOfWork, conversation_id: str, address: str) -> None:
        """All conversations of one address together, so that none of them is missed by what looks for the others."""
        old = select(Conversation.channel, Conversation.bot, Conversation.address_key)
        channel, bot, address_key = (await uow.session.execute(old.where(Conversation.id == conversation_id))).one()
        if address_key is not None:
            same = (Conversation.channel == channel, Conversation.address_key == address_key)
            anew = self._secrets.key_of(way_of(channel, bot), address)
            await uow.session.execute(update(Conversation).where(*same).values(address_key=anew))


def _opens(key: Key, sealed: str) -> bool:
    try:
        key.fernet.decrypt(sealed.encode())
    except InvalidToken:
        return False
    return True


async def read_problem(database: Database, secrets: Secrets) -> bool:
    """Whether the database is written with a key that this home does not have."""
    async with database.read() as session:
        mark = await session.get(Mark, FINGERPRINT)
        if mark is not None:
            return mark.value not in {key.fingerprint for key in secrets.ring.keys}
        sealed = await session.scalar(select(Conversation.address).where(Conversation.address.is_not(None)).limit(1))
    try:
        if sealed is not None:
            secrets.unseal(sealed)
    except InvalidToken:
        return True
    return False
