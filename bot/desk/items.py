"""Suggestions, reports and complaints at the desk: the list, one of them, and moving it on."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request, Response
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.functions import count

from bot.desk.context import Desk, services
from bot.desk.queries import PAGE, contains, read_names
from bot.desk.sessions import SignedIn
from bot.desk.talk import error_context
from bot.errors import STATUS, BotError
from bot.privacy.secrets import Secrets
from bot.states import ENDED_ITEM
from bot.store.tables import Conversation, Item, Staff
from bot.suggestions.inquiries import read_steps
from bot.suggestions.items import MAX_NOTE, NEXT_STATES
from bot.web.pages import number, row_id, said
from bot.web.security import Signed

KINDS = ("suggestion", "report", "complaint")
OPEN = tuple(state for state in NEXT_STATES if state not in ENDED_ITEM)
SORTS = {"new": Item.created_at.desc(), "old": Item.created_at.asc(), "moved": Item.changed_at.desc()}
LEAST_OF_CONTACT = 3  # signs that are looked for in contacts
MOST_CONTACTS = 1_000
Field = Annotated[str, Form()]


@dataclass(frozen=True)
class ItemFilter:
    """Which items to list, as the address says it. `state` may be `open`: all that are not decided."""

    state: str = "open"
    search: str = ""
    kind: str = ""
    district: str = ""
    sort: str = "new"
    page: int = 1

    @classmethod
    def read(cls, params: Mapping[str, str]) -> "ItemFilter":
        """From the address; what it does not know is left out."""
        state, kind, sort = params.get("state", "open"), params.get("kind", ""), params.get("sort", "")
        return cls(
            state=state if state in NEXT_STATES or state == "any" else "open",
            search=params.get("q", "").strip()[:100],
            kind=kind if kind in KINDS else "",
            district=params.get("district", "")[:40],
            sort=sort if sort in SORTS else "new",
            page=max(1, number(params, "page", 1)),
        )

    def address(self, **changes: Any) -> str:
        """The query of the address for this filter with `changes`; without `page` among them it starts anew."""
        other = replace(self, **({"page": 1} | changes))
        pairs = {{"search": "q"}.get(name, name): value for name, value in vars(other).items() if value}
        if other.page == 1:
            pairs.pop("page")
        return urlencode(pairs)

    @property
    def narrowed(self) -> bool:
        """Whether more than the open ones was chosen."""
        return bool(self.search or self.kind or self.district or self.state != "open")


class ItemPages:
    """The pages of what citizens filed."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def add_to(self, routes: APIRouter) -> None:
        """Mount the pages."""
        routes.add_api_route("/items", self.show_list, methods=["GET"])
        routes.add_api_route("/items/{item_id}", self.show, methods=["GET"])
        routes.add_api_route("/items/{item_id}/state", self.move, methods=["POST"])

    async def show_list(self, request: Request, who: Signed) -> Response:
        """The list, or its rows alone when the page fetches them anew."""
        wanted = ItemFilter.read(request.query_params)
        async with self._desk.database.read() as session:
            conditions = _conditions(who.staff, wanted)
            if wanted.search:
                secrets = services(request).secrets
                conditions.append(
                    or_(_says(wanted), Item.id.in_(await _with_contact(session, secrets, who.staff, wanted)))
                )
            total = int(await session.scalar(select(count(Item.id)).where(*conditions)) or 0)
            listed = select(Item).where(*conditions).order_by(SORTS[wanted.sort], Item.id.desc())
            items = list((await session.scalars(listed.limit(PAGE).offset((wanted.page - 1) * PAGE))).all())
        context = self._names(request) | {
            "wanted": wanted,
            "items": items,
            "total": total,
            "pages": -(-total // PAGE),
            "kinds": KINDS,
            "all_states": tuple(NEXT_STATES),
        }
        template = "_items.html" if "hx-request" in request.headers else "items.html"
        return await self._desk.pages.render_apart(request, template, **context)

    async def show(self, request: Request, who: Signed, item_id: str) -> Response:
        """One item with its history and the steps it may take."""
        return await self._item(request, who, item_id)

    async def move(
        self,
        request: Request,
        who: Signed,
        item_id: str,
        to_state: Field = "",
        note: Field = "",
        private_note: Field = "",
    ) -> Response:
        """Move an item on, with a message to its author; a refusal keeps what was typed."""
        try:
            async with self._desk.database.write() as uow:
                await services(request).items.do_change_state(
                    uow, row_id(item_id), who.staff, to_state, note, private_note
                )
                await uow.commit()
        except BotError as error:
            if error.code == "not_found":
                raise
            typed = {"to_state": to_state, "note": note, "private_note": private_note}
            return await self._item(request, who, item_id, error, typed)
        return said(f"/desk/items/{item_id}", "item_moved")

    async def _item(
        self,
        request: Request,
        who: SignedIn,
        item_id: str,
        error: BotError | None = None,
        typed: Mapping[str, str] | None = None,
    ) -> Response:
        async with self._desk.database.read() as session:
            item = await _read_item(session, who.staff, row_id(item_id))
            context = self._names(request) | {
                "item": item,
                "contact": services(request).secrets.reveal(item.contact),
                "steps": await read_steps(session, item),
                "names": await read_names(session, who.staff),
                "conversation": await _read_origin(session, item),
            }
        context |= {
            "next_states": NEXT_STATES.get(item.state, ()),
            "most": MAX_NOTE,
            "typed": typed or {"to_state": "", "note": "", "private_note": ""},
        }
        status = STATUS.get(error.code, 400) if error else 200
        return self._desk.pages.render(request, "item.html", status, **context, **error_context(error))

    def _names(self, request: Request) -> dict[str, Any]:
        """Districts and subjects as people call them."""
        knowledge = self._desk.knowledge
        return {
            "districts": {name: entry["name"] for name, entry in knowledge.districts.items()},
            "subjects": {name: subject.title for name, subject in knowledge.subjects.items()},
        }


def _conditions(staff: Staff, wanted: ItemFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [Item.agency == staff.agency]
    if wanted.state == "open":
        conditions.append(Item.state.in_(OPEN))
    elif wanted.state != "any":
        conditions.append(Item.state == wanted.state)
    if wanted.kind:
        conditions.append(Item.kind == wanted.kind)
    if wanted.district:
        conditions.append(Item.district == wanted.district)
    return conditions


def _says(wanted: ItemFilter) -> ColumnElement[bool]:
    return or_(*(contains(column, wanted.search) for column in (Item.reference, Item.text, Item.place)))


async def _with_contact(session: AsyncSession, secrets: Secrets, staff: Staff, wanted: ItemFilter) -> list[int]:
    """The agency's newest items whose contact is meant; a sealed column can only be searched by opening it."""
    meant = "".join(wanted.search.casefold().split())
    if len(meant) < LEAST_OF_CONTACT:
        return []
    mine = select(Item.id, Item.contact).where(Item.agency == staff.agency, Item.contact.is_not(None))
    rows = await session.execute(mine.order_by(Item.id.desc()).limit(MOST_CONTACTS))
    return [id for id, stored in rows if meant in "".join((secrets.reveal(stored) or "").casefold().split())]


async def _read_item(session: AsyncSession, staff: Staff, item_id: int) -> Item:
    found = await session.execute(select(Item).where(Item.id == item_id, Item.agency == staff.agency))
    item = found.scalar_one_or_none()
    if item is None:
        raise BotError("not_found")
    return item


async def _read_origin(session: AsyncSession, item: Item) -> Conversation | None:
    """Where it was filed; its page belongs to the agency of the conversation, which may be another."""
    return await session.get(Conversation, item.conversation_id) if item.conversation_id else None
