"""Saving an answer: checked, written, committed by its administrator and live; or nothing of it at all."""

import asyncio
import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bot.errors import BotError
from bot.knowledge.editing import Fields, is_field, problems_of, version_of
from bot.knowledge.entries import Topic
from bot.knowledge.files import alone, fields_in, find_file, read_fields, replace_file, write_fields
from bot.knowledge.knowledge import Knowledge, KnowledgeError
from bot.knowledge.owned import Own, own
from bot.knowledge.versions import Version, Versions, author_of
from bot.settings import Settings
from bot.store.database import Database
from bot.store.tables import Event, Staff

MOST_SUMMARY = 100
SUBJECT = "Answer"
RESTORED = "restored from"


class Refused(BotError):
    """The answer was not saved: `problems` by field, or `theirs`, what somebody else saved meanwhile."""

    def __init__(self, code: str, problems: dict[str, str] | None = None, theirs: Fields | None = None) -> None:
        super().__init__(code)
        self.problems = problems or {}
        self.theirs = theirs


@dataclass(frozen=True)
class Edit:
    """What an administrator sends: the fields, the version that she saw, and what she says of it."""

    topic: str
    fields: Fields
    version: str
    summary: str


@dataclass(frozen=True)
class Change:
    """A version as the list tells of it: what its author wrote, or the fields that she changed."""

    commit: str
    author: str
    at: dt.datetime
    summary: str
    fields: tuple[str, ...]
    restored: bool

    @classmethod
    def of(cls, version: Version, topic: str) -> "Change":
        """From the commit's subject."""
        summary = version.summary.removeprefix(f"{SUBJECT} {topic}: ")
        names = tuple(summary.split(", "))
        fields = names if all(is_field(name) for name in names) else ()
        return cls(version.commit, version.author, version.at, summary, fields, summary.startswith(RESTORED))


class Answers:
    """The answers of one agency at a time, for reading and changing."""

    def __init__(self, database: Database, knowledge: Knowledge, settings: Settings) -> None:
        self._database = database
        self._knowledge = knowledge
        self._home = settings.home
        self._versions = Versions(knowledge.root)
        self._writing = asyncio.Lock()

    def topic(self, staff: Staff, name: str) -> Topic:
        """A topic of the person's agency or of one above it. Raises BotError `not_found` for any other."""
        topic = self._knowledge.topics.get(name)
        if topic is None or not self._knowledge.concerns(topic, staff.agency):
            raise BotError("not_found")
        return topic

    async def read(self, staff: Staff, topic: Topic) -> Fields:
        """Her agency's own answer as its file has it; empty where it has none, whatever others have.

        Raises BotError `knowledge_broken` naming file and line.
        """
        try:
            return await asyncio.to_thread(read_fields, find_file(self._knowledge, topic.id), self._own(staff, topic))
        except KnowledgeError as error:
            raise BotError("knowledge_broken", reason=str(error)) from error

    def _own(self, staff: Staff, topic: Topic) -> Own:
        return own(self._knowledge, topic.id, staff.agency)

    async def read_changes(self, staff: Staff, topic: Topic) -> list[Change]:
        """Earlier versions of her agency's answer, newest first; none when there is no version control."""
        try:
            versions = await self._versions.read(find_file(self._knowledge, topic.id), self._own(staff, topic))
        except BotError:
            return []
        return [Change.of(version, topic.id) for version in versions]

    async def read_version(self, staff: Staff, topic: Topic, commit: str) -> Fields:
        """Her agency's answer as it was at a commit. Raises BotError `not_found` when it had none then."""
        try:
            text = await self._versions.read_file(find_file(self._knowledge, topic.id), commit)
            fields = await asyncio.to_thread(fields_in, text, self._own(staff, topic))
        except KnowledgeError as error:
            raise BotError("not_found") from error
        if not any(fields.values()):
            raise BotError("not_found")
        return fields

    async def do_save(self, staff: Staff, edit: Edit) -> str:
        """Write, commit and reload; the commit's id. Raises Refused, or BotError when nothing could be stored."""
        topic = self.topic(staff, edit.topic)
        if problems := problems_of(edit.fields, self._knowledge):
            raise Refused("answer_invalid", problems)
        async with self._writing:
            with self._locked():
                commit = await self._write(staff, topic, edit)
        await asyncio.to_thread(self._knowledge.reload_if_changed)
        async with self._database.write() as uow:
            data = {"topic": topic.id, "commit": commit}
            uow.session.add(Event(agency=staff.agency, kind="answer_changed", actor=f"staff:{staff.id}", data=data))
            await uow.commit()
        return commit

    async def _write(self, staff: Staff, topic: Topic, edit: Edit) -> str:
        now = await self.read(staff, topic)
        if version_of(now) != edit.version:
            raise Refused("answer_changed", theirs=now)
        if now == edit.fields:
            raise Refused("answer_same")
        path = find_file(self._knowledge, topic.id)
        await self._versions.check(path)
        before = path.read_bytes() if path.is_file() else None
        author = author_of(staff.name, staff.address)
        changed = ", ".join(name for name in now if now[name] != edit.fields[name])
        summary = " ".join(edit.summary.split())[:MOST_SUMMARY] or changed
        try:
            await asyncio.to_thread(write_fields, path, self._own(staff, topic), edit.fields)
            return await self._versions.do_commit(path, author, f"{SUBJECT} {topic.id}: {summary}")
        except (BotError, KnowledgeError, OSError) as error:
            if before is None:
                path.unlink(missing_ok=True)
            elif path.read_bytes() != before:
                replace_file(path, before)
            if isinstance(error, BotError):
                raise
            raise BotError("versions_failed", reason=str(error)) from error

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One process at a time changes the files. Raises BotError `answer_busy` when another one does."""
        try:
            with alone(self._home):
                yield
        except BlockingIOError as error:
            raise BotError("answer_busy") from error
