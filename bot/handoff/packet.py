"""The context packet: what staff see at a glance when they take over. Made once per case and never changed."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from bot.knowledge.knowledge import Knowledge
from bot.privacy.mask import mask
from bot.privacy.person import is_of_citizen
from bot.privacy.secrets import Secrets
from bot.states import Author, Outcome, Reason
from bot.store.database import UnitOfWork
from bot.store.tables import Case, Conversation, Item, Message, Turn, now

SCHEMA_VERSION = 1
CUT = 160
READ = 4 * CUT  # of a text that is cut: personal data is looked for no further
RECENT_TURNS = 3
FORM_SLOTS = ("item_text", "item_place", "item_contact")
STAFF_LANGUAGE = "es"

# What tells what a person is wanted for: a topic, or what was begun. A button, a nod or the wish for a person does not.
TELLS_WHAT_FOR = ("faq/", "make_", "report_")


@dataclass(frozen=True)
class Seen:
    """The rows that a packet is made of, read once."""

    messages: list[Message]
    turns: list[Turn]
    cases: list[Case]
    items: list[Item]


async def make_packet(
    uow: UnitOfWork,
    knowledge: Knowledge,
    secrets: Secrets,
    conversation: Conversation,
    reason: Reason,
    position: int,
) -> dict[str, Any]:
    """The packet of `docs/contracts.md` as JSON, in the staff's language where it uses titles."""
    seen = await _read(uow, secrets, conversation)
    asked_at = now()
    first = seen.messages[0].created_at if seen.messages else asked_at
    form = _form(knowledge, conversation)
    answers = _answers(knowledge, seen.messages)
    packet: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "reason": str(reason),
        "trigger_seq": max((m.seq for m in seen.messages if m.author == Author.CITIZEN), default=0),
        "intents": [_intents(knowledge, turn, seen.messages) for turn in seen.turns if turn.ranking],
        "form": form,
        "last_answers": answers,
        "language": conversation.language,
        "channel": conversation.channel,
        "start": conversation.start,
        "earlier_cases": [_case(case) for case in seen.cases],
        "earlier_items": [{"reference": i.reference, "state": i.state, "subject": i.subject} for i in seen.items],
        "waiting_since": asked_at.isoformat(),
        "queue_position": position,
        "turns": sum(m.author == Author.CITIZEN for m in seen.messages),
        "minutes": round((asked_at - first) / dt.timedelta(minutes=1)),
    }
    packet["summary"] = summarise(packet, own_words(seen.messages))
    return packet


def bare_packet(conversation: Conversation, reason: Reason) -> dict[str, Any]:
    """A packet of what needs no reading, for a case whose own could not be made: staff read the transcript."""
    return {
        "schema_version": SCHEMA_VERSION,
        "reason": str(reason),
        "trigger_seq": 0,
        "intents": [],
        "form": None,
        "last_answers": [],
        "language": conversation.language,
        "channel": conversation.channel,
        "start": conversation.start,
        "earlier_cases": [],
        "earlier_items": [],
        "waiting_since": now().isoformat(),
        "queue_position": 0,
        "turns": 0,
        "minutes": 0,
        "summary": [],
    }


def own_words(messages: list[Message]) -> list[str]:
    """The beginnings of the first and the last sentence of her own, without personal data."""
    own = [message.text for message in messages if _is_own(message)]
    return [mask(text, most=READ) for text in (own[:1] + own[1:][-1:])]


def summarise(packet: dict[str, Any], own: list[str]) -> list[dict[str, Any]]:
    """The summary as `{key, …}` lines that the desk words: the same packet always gives the same lines.

    Fixed template of desk.md §2: best topic, first and last own sentence, form filled and missing, answers shown,
    number of turns and minutes.
    """
    tops = [intent["ranking"][0] for intent in reversed(packet["intents"]) if intent["ranking"]]
    best = next((top for top in tops if top["name"].startswith(TELLS_WHAT_FOR)), None)
    lines: list[dict[str, Any]] = [{"key": "topic", "title": best["title"]} if best else {"key": "no_topic"}]
    if own:
        lines.append({"key": "first_words", "text": _cut(own[0])})
        if _cut(own[-1]) != _cut(own[0]):
            lines.append({"key": "last_words", "text": _cut(own[-1])})
    if packet["form"]:
        filled = [f["label"] + ": " + _cut(mask(f["value"], most=READ)) for f in packet["form"]["fields"] if f["value"]]
        missing = [f["label"] for f in packet["form"]["fields"] if not f["value"]]
        lines.append({"key": "form", "filled": filled, "missing": missing})
    if packet["last_answers"]:
        lines.append({"key": "answers", "titles": [a["title"] for a in packet["last_answers"]]})
    lines.append({"key": "effort", "turns": packet["turns"], "minutes": packet["minutes"]})
    return lines


async def _read(uow: UnitOfWork, secrets: Secrets, conversation: Conversation) -> Seen:
    session = uow.session
    mine = Message.conversation_id == conversation.id
    messages = list((await session.scalars(select(Message).where(mine).order_by(Message.seq.desc()).limit(200))).all())
    turns = select(Turn).where(Turn.conversation_id == conversation.id).order_by(Turn.message_seq.desc())
    recent = list((await session.scalars(turns.limit(RECENT_TURNS))).all())
    of_citizen = select(Conversation.id).where(is_of_citizen(secrets, conversation))
    cases = select(Case).where(Case.conversation_id.in_(of_citizen), Case.agency == conversation.agency)
    items = select(Item).where(Item.conversation_id.in_(of_citizen), Item.agency == conversation.agency)
    return Seen(
        messages=messages[::-1],
        turns=recent[::-1],
        cases=list((await session.scalars(cases.order_by(Case.id.desc()).limit(3))).all()),
        items=list((await session.scalars(items.order_by(Item.id.desc()).limit(3))).all()),
    )


async def waiting_before(uow: UnitOfWork, agency: str, case: Case | None = None) -> int:
    """How many cases of `agency` wait ahead of `case`, or of a new one."""
    waiting = select(func.count(Case.id)).where(Case.agency == agency, Case.ended_at.is_(None), Case.taken_at.is_(None))
    if case is not None:
        waiting = waiting.where(
            (Case.priority > case.priority)
            | ((Case.priority == case.priority) & (Case.requested_at < case.requested_at))
        )
    return int((await uow.session.scalar(waiting)) or 0)


def _intents(knowledge: Knowledge, turn: Turn, messages: list[Message]) -> dict[str, Any]:
    text = next((m.text for m in messages if m.seq == turn.message_seq), "")
    ranking = [
        {
            "name": entry["name"],
            "title": knowledge.title_of(entry["name"], STAFF_LANGUAGE),
            "confidence": round(float(entry["confidence"]), 3),
        }
        for entry in turn.ranking[:3]
    ]
    return {"text": _cut(mask(text, most=READ)), "ranking": ranking}


def _form(knowledge: Knowledge, conversation: Conversation) -> dict[str, Any] | None:
    if not conversation.active_form:
        return None
    state = conversation.engine_state or {}
    slots = state.get("slots") or {}
    fields = [
        {
            "name": name,
            "label": knowledge.text(f"utter_label_{name}", STAFF_LANGUAGE),
            "value": str(slots.get(name) or ""),
        }
        for name in FORM_SLOTS
    ]
    return {
        "name": conversation.active_form,
        "kind": slots.get("item_kind"),
        "done": sum(bool(field["value"]) for field in fields),
        "total": len(fields),
        "asked": state.get("requested_slot"),
        "fields": fields,
    }


def _answers(knowledge: Knowledge, messages: list[Message]) -> list[dict[str, Any]]:
    shown = [m for m in messages if m.author == Author.ASSISTANT and m.topic]
    return [
        {
            "topic": m.topic,
            "title": knowledge.title_of(str(m.topic), STAFF_LANGUAGE),
            "seq": m.seq,
            "useful": m.useful,
        }
        for m in shown[-3:]
    ]


def _case(case: Case) -> dict[str, Any]:
    return {
        "id": case.id,
        "reason": case.reason,
        "requested_at": case.requested_at.isoformat(),
        "ended_as": case.ended_as,
        "taken_by": case.taken_by,
    }


def _is_own(message: Message) -> bool:
    pressed = message.outcome == Outcome.FORM_STEP and len(message.text) < 3
    return message.author == Author.CITIZEN and not pressed and len(message.text.split()) > 1


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= CUT else line[: CUT - 1] + "…"
