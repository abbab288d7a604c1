"""The studio at `/studio`: the list of answers, editing one, its earlier versions."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from bot.conversation.hub import Hub
from bot.errors import STATUS, BotError
from bot.knowledge.editing import MOST, Fields, answer_of, cleaned, version_of, warnings_of
from bot.knowledge.entries import Answer, Topic
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.owned import Origin, newer_above, origin
from bot.knowledge.parts import FACTS
from bot.knowledge.render import MAX_BUTTONS, as_day, card
from bot.settings import Settings
from bot.store.database import Database
from bot.store.tables import Staff
from bot.studio.answers import RESTORED, Answers, Edit, Refused
from bot.studio.questions import QuestionPages
from bot.studio.switch import SwitchPages
from bot.text import plain
from bot.web.pages import Pages, guarded_router, language_of, number, said
from bot.web.security import Administrator

HERE = Path(__file__).parent
PAGE = 20
HERS = ("own", "none", "all")  # origins of what an administrator keeps up to date herself


def router(database: Database, knowledge: Knowledge, hub: Hub, settings: Settings) -> APIRouter:
    """All pages of the studio; administrators only."""
    routes = guarded_router("/studio")
    pages = Pages(knowledge, settings, HERE)
    StudioPages(Answers(database, knowledge, settings), knowledge, pages).add_to(routes)
    QuestionPages(database, pages).add_to(routes)
    SwitchPages(pages).add_to(routes)
    routes.add_api_route("/{rest:path}", _nothing, methods=["GET", "POST"])
    return routes


async def _nothing(rest: str, who: Administrator) -> Response:
    raise BotError("not_found")


@dataclass(frozen=True)
class Wanted:
    """Which answers to list, as the address says it."""

    search: str = ""
    overdue: bool = False
    own: bool = False  # only what her agency itself has written
    page: int = 1

    @classmethod
    def read(cls, params: Mapping[str, str]) -> "Wanted":
        """From the address."""
        page = max(1, number(params, "page", 1))
        return cls(params.get("q", "").strip()[:100], params.get("overdue") == "1", params.get("own") == "1", page)

    def address(self, **changes: Any) -> str:
        """The query of the address with `changes`."""
        other = replace(self, **({"page": 1} | changes))
        pairs = {
            "q": other.search,
            "overdue": "1" if other.overdue else "",
            "own": "1" if other.own else "",
            "page": other.page if other.page > 1 else "",
        }
        return urlencode({name: value for name, value in pairs.items() if value})

    @property
    def narrowed(self) -> bool:
        """Whether not all are listed."""
        return bool(self.search or self.overdue or self.own)


@dataclass(frozen=True)
class Row:
    """One answer in the list, and where its text comes from."""

    topic: Topic
    origin: Origin
    answer: Answer | None
    reviewed: str
    due: str
    overdue: bool
    newer: Answer | None  # what an agency above has reviewed since


class StudioPages:
    """The pages; what they change goes through `Answers`."""

    def __init__(self, answers: Answers, knowledge: Knowledge, pages: Pages) -> None:
        self._answers = answers
        self._knowledge = knowledge
        self._pages = pages

    def add_to(self, routes: APIRouter) -> None:
        """Mount the pages."""
        routes.add_api_route("", self.show_list, methods=["GET"])
        routes.add_api_route("/answers/{name}", self.show, methods=["GET"])
        routes.add_api_route("/answers/{name}", self.save, methods=["POST"])
        routes.add_api_route("/answers/{name}/preview", self.preview, methods=["POST"])
        routes.add_api_route("/answers/{name}/versions", self.versions, methods=["GET"])
        routes.add_api_route("/answers/{name}/versions/{commit}", self.version, methods=["GET"])
        routes.add_api_route("/answers/{name}/versions/{commit}", self.restore, methods=["POST"])

    async def show_list(self, request: Request, who: Administrator) -> Response:
        """The agency's answers, the overdue ones loud."""
        wanted = Wanted.read(request.query_params)
        rows = [row for row in self._rows(who.staff.agency, language_of(request)) if _fits(row, wanted)]
        shown = rows[(wanted.page - 1) * PAGE : wanted.page * PAGE]
        context: dict[str, Any] = {"wanted": wanted, "rows": shown, "total": len(rows), "pages": -(-len(rows) // PAGE)}
        return self._pages.render(request, "answers.html", problem=self._knowledge.problem or "", **context)

    async def show(self, request: Request, who: Administrator, name: str) -> Response:
        """The form of one answer."""
        topic = self._answers.topic(who.staff, name)
        fields = await self._answers.read(who.staff, topic)
        return await self._form(request, who.staff, topic, fields, version_of(fields))

    async def save(self, request: Request, who: Administrator, name: str) -> Response:
        """Save; a refusal shows the form again with everything that was typed."""
        topic = self._answers.topic(who.staff, name)
        sent = _sent(await request.form())
        fields, version = cleaned(sent, self._knowledge.languages), sent.get("version", "")
        try:
            await self._answers.do_save(who.staff, Edit(topic.id, fields, version, sent.get("summary", "")))
        except BotError as error:
            if isinstance(error, Refused) and error.theirs is not None:
                version = version_of(error.theirs)
            return await self._form(request, who.staff, topic, fields, version, error, sent.get("summary", ""))
        return said(f"/studio/answers/{topic.id}", "answer_live")

    async def preview(self, request: Request, who: Administrator, name: str) -> Response:
        """What the citizen will see of the fields as they stand."""
        topic = self._answers.topic(who.staff, name)
        fields = cleaned(_sent(await request.form()), self._knowledge.languages)
        return self._pages.render(request, "_preview.html", **self._preview(who.staff, topic, fields))

    async def versions(self, request: Request, who: Administrator, name: str) -> Response:
        """Who changed the answer and when."""
        topic = self._answers.topic(who.staff, name)
        versions = await self._answers.read_changes(who.staff, topic)
        return self._pages.render(request, "versions.html", topic=topic, versions=versions)

    async def version(self, request: Request, who: Administrator, name: str, commit: str) -> Response:
        """An earlier version beside what differs today; restoring is asked here."""
        topic = self._answers.topic(who.staff, name)
        then, today = await self._read_both(who.staff, topic, commit)
        differing = [field for field in then if then[field] != today[field]]
        context: dict[str, Any] = {
            "topic": topic,
            "commit": commit,
            "then": then,
            "today": today,
            "differing": differing,
        }
        return self._pages.render(request, "version.html", **context, **self._preview(who.staff, topic, then))

    async def restore(self, request: Request, who: Administrator, name: str, commit: str) -> Response:
        """Make an earlier version today's, by a commit of its own."""
        topic = self._answers.topic(who.staff, name)
        then, today = await self._read_both(who.staff, topic, commit)
        edit = Edit(topic.id, then, version_of(today), f"{RESTORED} {commit[:10]}")
        try:
            await self._answers.do_save(who.staff, edit)
        except BotError as error:
            return await self._form(request, who.staff, topic, then, version_of(today), error)
        return said(f"/studio/answers/{topic.id}", "answer_restored")

    async def _read_both(self, staff: Staff, topic: Topic, commit: str) -> tuple[Fields, Fields]:
        """Her agency's answer as it was at a commit, and as it is."""
        return await self._answers.read_version(staff, topic, commit), await self._answers.read(staff, topic)

    async def _form(
        self,
        request: Request,
        staff: Staff,
        topic: Topic,
        fields: Fields,
        version: str,
        error: BotError | None = None,
        summary: str = "",
    ) -> Response:
        refused = error if isinstance(error, Refused) else None
        theirs = refused.theirs if refused else None
        context = {
            "topic": topic,
            "origin": origin(self._knowledge, topic, staff.agency, language_of(request)),
            "newer": self._newer(topic, staff.agency, language_of(request)),
            "told": self._knowledge.answer(f"utter_faq/{topic.id}", language_of(request), staff.agency),
            "fields": fields,
            "version": version,
            "summary": summary,
            "code": error.code if error else "",
            "reason": str(error.data.get("reason", "")) if error else "",
            "problems": refused.problems if refused else {},
            "theirs": {name: value for name, value in (theirs or {}).items() if value != fields[name]},
            "facts": FACTS,
            "most": MOST,
            "topics": self._offered(topic, fields["related"].split()),
        }
        status = STATUS.get(error.code, 409) if error else 200
        return self._pages.render(request, "answer.html", status, **context, **self._preview(staff, topic, fields))

    def _newer(self, topic: Topic, agency: str, language: str) -> dict[str, str] | None:
        """Who above has reviewed its answer since, when, and in which words."""
        found = newer_above(self._knowledge, topic.id, agency, language)
        if found is None:
            return None
        name = self._knowledge.agencies[found.agency].name.get(language, found.agency) if found.agency else ""
        return {"name": name, "day": as_day(found.date("reviewed"), language), "text": found.text}

    def _preview(self, staff: Staff, topic: Topic, fields: Fields) -> dict[str, Any]:
        cards = {}
        for language in self._knowledge.languages:
            try:
                cards[language] = card(self._knowledge, answer_of(fields, topic.id, staff.agency, language), language)
            except ValueError:
                undated = fields | {"reviewed": "", "next_review": ""}
                answer = answer_of(undated, topic.id, staff.agency, language)
                cards[language] = card(self._knowledge, answer, language)
        return {"cards": cards, "wordings": [*cards], "buttons": self._buttons(fields), "warnings": warnings_of(fields)}

    def _buttons(self, fields: Fields) -> list[Topic]:
        topics = self._knowledge.topics
        return [topics[name] for name in fields["related"].split() if name in topics][:MAX_BUTTONS]

    def _offered(self, topic: Topic, chosen: list[str]) -> list[Topic]:
        """The topics to choose related ones from: the chosen first, in their order."""
        topics = self._knowledge.topics
        first = [topics[name] for name in chosen if name in topics]
        return first + [other for other in topics.values() if other.id not in {topic.id, *chosen}]

    def _rows(self, agency: str, language: str) -> list[Row]:
        """What is due first, then what nobody has written, then her own answers, then what those above her answer."""
        known = self._knowledge
        rows = [self._row(topic, agency, language) for topic in known.topics.values() if known.concerns(topic, agency)]
        title = {row.topic.id: plain(row.topic.title.get(language, row.topic.id)) for row in rows}
        return sorted(
            rows, key=lambda row: (not row.overdue, row.newer is None, _rank(row.origin.kind), title[row.topic.id])
        )

    def _row(self, topic: Topic, agency: str, language: str) -> Row:
        where = origin(self._knowledge, topic, agency, language)
        told = where.kind in ("own", "above", "all")
        answer = self._knowledge.answer(f"utter_faq/{topic.id}", language, agency) if told else None
        reviewed, due = (answer.date("reviewed"), answer.date("next_review")) if answer else (None, None)
        hers = (where.kind in HERS and self._knowledge.in_charge(topic, agency) == agency) or where.kind == "own"
        overdue = hers and answer is not None and (due is None or due <= dt.date.today())
        newer = newer_above(self._knowledge, topic.id, agency, language)
        return Row(topic, where, answer, as_day(reviewed, language), as_day(due, language), overdue, newer)


def _rank(kind: str) -> int:
    """Where in the list answers of this origin stand."""
    return 0 if kind == "none" else 1 if kind in HERS else 2


def _fits(row: Row, wanted: Wanted) -> bool:
    if (wanted.overdue and not row.overdue) or (wanted.own and row.origin.kind != "own"):
        return False
    said = plain(" ".join((*row.topic.title.values(), row.topic.id, row.answer.text if row.answer else "")))
    return all(word in said for word in plain(wanted.search).split())


def _sent(form: Any) -> dict[str, str]:
    """The form's texts; related topics come as several values of one name."""
    sent = {name: value for name, value in form.items() if isinstance(value, str)}
    sent["related"] = " ".join(value for value in form.getlist("related") if isinstance(value, str))
    return sent
