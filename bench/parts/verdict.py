"""What became of every message: compared on the wire and in the database, when all is over."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bench.parts.citizens import TelegramCitizen, WebCitizen
from bot.conversation.delivery import OPEN
from bot.states import PUBLIC_AUTHORS, Author, Delivery, Outcome
from bot.store.tables import Conversation, Inbox, Message, Outbox, Turn
from emulator.emulator import Emulator

EXAMPLES = 12
SENT = (Delivery.SENT, Delivery.DELIVERED)


@dataclass
class Verdict:
    """The figures; their meaning stands in `bench/faults.py`."""

    sent: int = 0
    answered: int = 0
    with_people: int = 0
    lost: int = 0
    doubled: int = 0
    out_of_order: int = 0
    wrong_answers: int = 0
    uncertain_repeats: int = 0
    counts_adrift: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """As printed."""
        return {**asdict(self), "outcomes": dict(sorted(self.outcomes.items()))}

    @property
    def is_clean(self) -> bool:
        """Whether nothing was lost, doubled or out of order."""
        return not (self.lost or self.doubled or self.out_of_order or self.wrong_answers or self.counts_adrift)

    def note(self, figure: str, what: str) -> None:
        """Count one, and keep the first few to look at."""
        setattr(self, figure, getattr(self, figure) + 1)
        if len(self.examples) < EXAMPLES:
            self.examples.append(f"{figure}: {what}")


@dataclass(frozen=True)
class Line:
    """One public line of a transcript."""

    id: int
    seq: int
    author: str
    turn_id: str | None
    response: str | None
    topic: str | None
    client_id: str | None


class Books:
    """The database, read once."""

    def __init__(self, session: Session) -> None:
        self.inbox = {(row.channel, row.external_id): row for row in session.scalars(select(Inbox))}
        self.turns = {row.id: row for row in session.scalars(select(Turn))}
        self.lines: dict[str, list[Line]] = defaultdict(list)
        wanted = (Message.id, Message.seq, Message.author, Message.turn_id, Message.response, Message.topic)
        query = select(Message.conversation_id, *wanted, Message.client_id).order_by(
            Message.conversation_id, Message.seq
        )
        for conversation, *rest in session.execute(query):
            self.lines[conversation].append(Line(*rest))
        self.outbox: dict[str, list[Outbox]] = defaultdict(list)
        for row in session.scalars(select(Outbox).join(Message, Message.id == Outbox.message_id).order_by(Message.seq)):
            self.outbox[row.conversation_id].append(row)
        waiting = select(Inbox.conversation_id, func.count()).where(Inbox.answered_at.is_(None))
        self.waiting = {name: count for name, count in session.execute(waiting.group_by(Inbox.conversation_id))}
        self.counted = {
            row[0]: row[1] for row in session.execute(select(Conversation.id, Conversation.waiting_messages))
        }

    def failed_between(self, begin: float, end: float) -> int:
        """Turns that ended then and came to nothing: the assistant was out of order."""
        return sum(
            turn.outcome in (Outcome.ERROR, Outcome.HANDED_OVER) and begin <= turn.ended_at.timestamp() < end
            for turn in self.turns.values()
        )


def open_rows(session: Session) -> int:
    """How much is still on its way: messages without an answer, replies that have not left."""
    messages = session.scalar(select(func.count()).select_from(Inbox).where(Inbox.answered_at.is_(None)))
    replies = session.scalar(select(func.count()).select_from(Outbox).where(Outbox.state.in_(OPEN)))
    return int(messages or 0) + int(replies or 0)


def judge(
    books: Books,
    topics: dict[str, set[str | None]],
    web: Iterable[WebCitizen],
    telegram: Iterable[TelegramCitizen],
    emulator: Emulator | None,
    cut_off: Sequence[tuple[float, float]],
) -> Verdict:
    """The verdict. `topics` is what each question may be answered with; `cut_off` are the times in which a counter
    may have died between Telegram's yes and the note of it."""
    verdict = Verdict()
    for conversation, count in books.counted.items():
        if count != books.waiting.get(conversation, 0):
            verdict.note("counts_adrift", f"{conversation} counts {count}, {books.waiting.get(conversation, 0)} wait")
    for citizen in web:
        asked = [(f"{citizen.conversation}:{one.id}", one.question) for one in citizen.accepted]
        _judge_turns(verdict, books, topics, "web", asked)
        _judge_page(verdict, books, citizen)
    for person in telegram:
        asked = [(str(update), question) for update, question in person.updates]
        _judge_turns(verdict, books, topics, "telegram", asked)
        if emulator:
            _judge_chat(verdict, books, person, emulator, cut_off)
    return verdict


def _judge_turns(
    verdict: Verdict,
    books: Books,
    topics: dict[str, set[str | None]],
    channel: str,
    asked: Sequence[tuple[str, str | None]],
) -> None:
    """Each message in the order of its sender: stored once, one turn, its reply behind the replies before it."""
    seq_before = reply_before = 0
    for external, question in asked:
        verdict.sent += 1
        row = books.inbox.get((channel, external))
        turn = books.turns.get(row.turn_id) if row else None
        if row is None or row.answered_at is None or turn is None:
            verdict.note("lost", f"{channel} {external}: {'no turn' if row else 'not stored'}")
            continue
        verdict.outcomes[turn.outcome] += 1
        lines = books.lines[row.conversation_id]
        same = [line for line in lines if line.turn_id == row.turn_id]
        replies = [line for line in same if line.author == Author.ASSISTANT]
        if sum(line.author == Author.CITIZEN for line in same) != 1:
            verdict.note("doubled", f"{channel} {external}: the message stands there more than once")
        if len({line.response for line in replies}) != len(replies):
            verdict.note("doubled", f"{channel} {external}: {[line.response for line in replies]}")
        if row.message_seq <= seq_before:
            verdict.note("out_of_order", f"{channel} {external}: stored before an earlier one")
        seq_before = row.message_seq
        if replies and replies[0].seq <= max(reply_before, row.message_seq):
            verdict.note("out_of_order", f"{channel} {external}: answered before an earlier one")
        reply_before = replies[-1].seq if replies else reply_before
        if turn.outcome == Outcome.WITH_STAFF:
            verdict.with_people += 1
        elif question is not None and not replies:
            verdict.note("lost", f"{channel} {external}: {turn.outcome} without a reply")
            continue
        told = {line.topic for line in replies}
        if turn.outcome == Outcome.ANSWERED and question is not None and not told & topics[question]:
            verdict.note("wrong_answers", f"{question}: {told}, not {topics[question]}")
        verdict.answered += 1


def _judge_page(verdict: Verdict, books: Books, citizen: WebCitizen) -> None:
    """What she saw is what stands in the transcript: each line once, in order."""
    seen = [message["seq"] for message in citizen.seen]
    there = [line.seq for line in books.lines[citizen.conversation] if line.author in PUBLIC_AUTHORS]
    for seq, times in Counter(seen).items():
        if times > 1:
            verdict.note("doubled", f"{citizen.conversation}: line {seq} was shown {times} times")
    if sorted(seen) != seen:
        verdict.note("out_of_order", f"{citizen.conversation}: lines were shown out of order")
    for seq in set(there) - set(seen):
        verdict.note("lost", f"{citizen.conversation}: line {seq} was never shown")


def _judge_chat(
    verdict: Verdict, books: Books, person: TelegramCitizen, emulator: Emulator, cut_off: Sequence[tuple[float, float]]
) -> None:
    """What Telegram took is what the outbox says: each message once, in order."""
    rows = [books.inbox[key] for update, _ in person.updates if (key := ("telegram", str(update))) in books.inbox]
    if not rows:
        return
    outbox = books.outbox[rows[0].conversation_id]
    for parcel in outbox:
        if parcel.state not in SENT:
            verdict.note("lost", f"chat {person.number}: a reply is {parcel.state} ({parcel.error})")
    noted = [int(part) for parcel in outbox for part in parcel.parts_sent]
    if noted != sorted(noted):
        verdict.note("out_of_order", f"chat {person.number}: left in the order {noted[:40]}")
    said_yes = {
        call.answer["message_id"]: call.at
        for call in emulator.calls
        if call.method == "sendMessage" and call.status == 200 and call.chat_id == person.person.id
    }
    for part in set(noted) - said_yes.keys():
        verdict.note("lost", f"chat {person.number}: noted as sent, but {part} is not there")
    for heard in person.person.heard:
        if heard.id in noted:
            continue
        at = said_yes.get(heard.id)
        if at is None or any(begin <= at <= end for begin, end in cut_off):
            verdict.uncertain_repeats += 1
        else:
            verdict.note("doubled", f"chat {person.number}: {heard.id} came once more although Telegram had said yes")
