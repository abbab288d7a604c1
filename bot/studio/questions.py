"""The list of questions that the assistant could not answer, and the mark that one has been dealt with."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request, Response
from sqlalchemy import ColumnElement, Select, func, select

from bot.desk.queries import contains, read_names
from bot.errors import BotError
from bot.privacy.mask import CODES
from bot.store.database import Database
from bot.store.tables import Event, Staff, now
from bot.store.unanswered import Unanswered
from bot.turns.unanswered import KINDS
from bot.web.pages import Pages, number, row_id, said
from bot.web.security import Administrator

PAGE = 25
ADDRESS = "/studio/questions"
OPEN, DONE, ANY = STATES = ("open", "done", "any")


@dataclass(frozen=True)
class Wanted:
    """Which questions to list, as the address says it."""

    search: str = ""
    kind: str = ""
    state: str = OPEN
    page: int = 1

    @classmethod
    def read(cls, params: Mapping[str, str]) -> "Wanted":
        """From the address; what it does not know is left out."""
        kind, state = params.get("kind", ""), params.get("state", "")
        return cls(
            search=params.get("q", "").strip()[:100],
            kind=kind if kind in KINDS else "",
            state=state if state in STATES else OPEN,
            page=max(1, number(params, "page", 1)),
        )

    def address(self, **changes: Any) -> str:
        """The query of the address with `changes`; without `page` among them it starts anew."""
        other = replace(self, **({"page": 1} | changes))
        pairs = {
            "q": other.search,
            "kind": other.kind,
            "state": "" if other.state == OPEN else other.state,
            "page": other.page if other.page > 1 else "",
        }
        return urlencode({name: value for name, value in pairs.items() if value})

    @property
    def narrowed(self) -> bool:
        """Whether more than the open ones was chosen."""
        return bool(self.search or self.kind or self.state != OPEN)


class QuestionPages:
    """The questions of the administrator's agency. Who asked stands nowhere on the page."""

    def __init__(self, database: Database, pages: Pages) -> None:
        self._database = database
        self._pages = pages

    def add_to(self, routes: APIRouter) -> None:
        """Mount the pages."""
        routes.add_api_route("/questions", self.show_list, methods=["GET"])
        routes.add_api_route("/questions/{question_id}", self.mark, methods=["POST"])

    async def show_list(self, request: Request, who: Administrator) -> Response:
        """The newest first."""
        wanted = Wanted.read(request.query_params)
        conditions = _conditions(who.staff, wanted)
        listed = newest_first(who.staff, wanted)
        async with self._database.read() as session:
            total = int(await session.scalar(select(func.count(Unanswered.id)).where(*conditions)) or 0)
            rows = list(await session.scalars(listed.limit(PAGE).offset((wanted.page - 1) * PAGE)))
            names = await read_names(session, who.staff)
        context: dict[str, Any] = {"wanted": wanted, "rows": rows, "names": names, "total": total}
        context |= {"pages": -(-total // PAGE), "kinds": KINDS, "states": STATES}
        words = {code: self._pages.say(request, f"pii.{kind}") for kind, code in CODES.items()}
        covered = functools.partial(_in_words, words=words)
        return self._pages.render(request, "questions.html", covered=covered, **context)

    async def mark(
        self, request: Request, who: Administrator, question_id: str, to: Annotated[str, Form()] = ""
    ) -> Response:
        """Mark a question as done, or take the mark back, and lead to where she was in the list."""
        if to not in (OPEN, DONE):
            raise BotError("body_invalid")
        async with self._database.write() as uow:
            found = select(Unanswered).where(
                Unanswered.id == row_id(question_id), Unanswered.agency == who.staff.agency
            )
            row = (await uow.session.scalars(found.with_for_update())).one_or_none()
            if row is None:
                raise BotError("not_found")
            row.done_at, row.done_by = (now(), who.staff.id) if to == DONE else (None, None)
            data = {"question": row.id, "to": to}
            uow.session.add(Event(agency=row.agency, kind="question_marked", actor=f"staff:{who.staff.id}", data=data))
            await uow.commit()
        wanted = Wanted.read(request.query_params)
        query = wanted.address(page=wanted.page)
        return said(f"{ADDRESS}?{query}" if query else ADDRESS, f"question_{to}")


def newest_first(staff: Staff, wanted: Wanted) -> Select[Unanswered]:
    """The questions of an agency, in the order in which its index has those that are open."""
    return select(Unanswered).where(*_conditions(staff, wanted)).order_by(Unanswered.id.desc())


def _conditions(staff: Staff, wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [Unanswered.agency == staff.agency]
    if wanted.state != ANY:
        conditions.append(Unanswered.done_at.is_(None) if wanted.state == OPEN else Unanswered.done_at.is_not(None))
    if wanted.kind:
        conditions.append(Unanswered.kind == wanted.kind)
    if wanted.search:
        conditions.append(contains(Unanswered.text, wanted.search))
    return conditions


def _in_words(text: str, words: Mapping[str, str]) -> str:
    """A question whose covered data is named in the reader's language."""
    for code, word in words.items():
        text = text.replace(f"[{code}]", f"[{word}]")
    return text
