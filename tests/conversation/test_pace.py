"""How fast a channel is sent to."""

from bot.conversation.pace import Pace


class Clock:
    """A time that a test moves."""

    at = 100.0

    def __call__(self) -> float:
        return self.at


def test_one_chat_may_burst_and_then_waits_without_holding_others() -> None:
    clock = Clock()
    pace = Pace((1.0, 3), (100.0, 50), clock)
    for _ in range(3):
        assert pace.waiting() == []
        pace.take("ana")
    pace.take("bea")
    assert pace.waiting() == ["ana"]
    assert pace.next_in() == 1.0
    clock.at += 1.0
    assert pace.waiting() == []
    pace.take("ana")
    assert pace.waiting() == ["ana"]


def test_no_second_sees_more_than_the_rate_and_the_burst() -> None:
    clock = Clock()
    pace = Pace((1.0, 3), (25.0, 5), clock)
    left = []
    for step in range(3_000):
        for _ in range(pace.room()):
            pace.take(f"chat {len(left)}")
            left.append(clock.at)
        clock.at = 100.0 + step / 1_000
    assert max(sum(1 for at in left if start <= at < start + 1) for start in left) <= 30
    assert len(left) >= 25 * 2.9


def test_a_chat_at_rest_is_forgotten() -> None:
    clock = Clock()
    pace = Pace((1.0, 3), (25.0, 5), clock)
    pace.take("ana")
    clock.at += 10
    assert pace.waiting() == [] and not pace._chats
    assert pace.next_in() == 0.0 and pace.room() == 5
