"""The verdict of `bench faults` sees what it is there to see: a message lost, doubled, or out of order."""

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from bench.parts.citizens import Accepted, Notes, WebCitizen
from bench.parts.verdict import Books, Verdict, judge
from bot.store.tables import Conversation, Inbox, Message, Table, Turn, now

QUESTIONS = {"un sofá": "bulky_waste", "el padrón": "registration"}


@pytest.fixture
def session() -> Iterator[Session]:
    engine = create_engine("sqlite://")
    Table.metadata.create_all(engine)
    with Session(engine) as session:
        yield session


@pytest.fixture
def ana(session: Session) -> WebCitizen:
    """Two questions, each with its answer behind it, all of it shown."""
    ana = WebCitizen(1, [0], Notes(), listens=False, conversation="c_ana")
    session.add(Conversation(id="c_ana", channel="web", agency="aldealba", language="es"))
    for number, (question, topic) in enumerate(QUESTIONS.items()):
        asked, turn = 2 * number + 1, f"t_{number}"
        _say(session, asked, "citizen", turn)
        _say(session, asked + 1, "assistant", turn, topic)
        session.add(
            Inbox(
                channel="web",
                external_id=f"c_ana:m{number}",
                conversation_id="c_ana",
                message_seq=asked,
                kind="text",
                turn_id=turn,
                answered_at=now(),
            )
        )
        session.add(Turn(id=turn, conversation_id="c_ana", message_seq=asked, outcome="answered"))
        ana.accepted.append(Accepted(f"m{number}", asked, question, 0.0))
    ana.seen = [{"seq": seq} for seq in (1, 2, 3, 4)]
    session.commit()
    return ana


def _say(session: Session, seq: int, author: str, turn: str, topic: str | None = None) -> None:
    response = f"utter_faq/{topic}" if topic else None
    session.add(
        Message(
            conversation_id="c_ana",
            seq=seq,
            author=author,
            text="…",
            language="es",
            turn_id=turn,
            topic=topic,
            response=response,
        )
    )


def judged(session: Session, ana: WebCitizen) -> Verdict:
    session.flush()
    topics: dict[str, set[str | None]] = {question: {topic} for question, topic in QUESTIONS.items()}
    return judge(Books(session), topics, [ana], [], None, [])


def test_what_is_answered_once_and_in_order_is_clean(session: Session, ana: WebCitizen) -> None:
    verdict = judged(session, ana)
    assert (verdict.sent, verdict.answered, verdict.is_clean) == (2, 2, True)


def test_an_accepted_message_that_is_not_stored_is_lost(session: Session, ana: WebCitizen) -> None:
    ana.accepted.append(Accepted("m9", 9, "un sofá", 0.0))
    assert judged(session, ana).lost == 1


def test_a_turn_without_a_reply_is_lost(session: Session, ana: WebCitizen) -> None:
    session.query(Message).filter_by(seq=4).delete()
    ana.seen.pop()
    assert judged(session, ana).lost == 1


def test_a_line_that_her_page_never_showed_is_lost(session: Session, ana: WebCitizen) -> None:
    ana.seen.pop()
    assert judged(session, ana).lost == 1


def test_a_reply_made_twice_is_doubled(session: Session, ana: WebCitizen) -> None:
    _say(session, 5, "assistant", "t_1", "registration")
    ana.seen.append({"seq": 5})
    assert judged(session, ana).doubled == 1


def test_a_line_shown_twice_is_doubled(session: Session, ana: WebCitizen) -> None:
    ana.seen.append({"seq": 4})
    assert judged(session, ana).doubled == 1


def test_replies_in_another_order_than_the_questions_are_out_of_order(session: Session, ana: WebCitizen) -> None:
    session.query(Message).filter_by(seq=2).update({"seq": 5})
    ana.seen = [{"seq": seq} for seq in (1, 3, 4, 5)]
    assert judged(session, ana).out_of_order == 1


def test_the_answer_to_another_question_is_wrong(session: Session, ana: WebCitizen) -> None:
    session.query(Message).filter_by(seq=4).update({"topic": "bulky_waste"})
    assert judged(session, ana).wrong_answers == 1


def test_a_count_of_waiting_messages_that_is_wrong_is_seen(session: Session, ana: WebCitizen) -> None:
    session.query(Conversation).update({"waiting_messages": 1})
    assert judged(session, ana).counts_adrift == 1
