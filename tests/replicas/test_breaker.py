"""The breaker: after three failures in a row no turn passes, after a pause one does, and decides."""

from bot.replicas.breaker import FAILURES, PAUSE, Breaker


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def opened(clock: Clock) -> Breaker:
    breaker = Breaker(clock)
    for _ in range(FAILURES):
        breaker.begin()
        breaker.end(False)
    return breaker


def test_failures_in_a_row_open_it() -> None:
    assert opened(Clock()).state == "open" and not opened(Clock()).allows()


def test_a_success_between_them_keeps_it_closed() -> None:
    breaker = Breaker(Clock())
    for worked in (False, False, True, False, False):
        breaker.begin()
        breaker.end(worked)
    assert breaker.state == "closed"


def test_after_the_pause_one_turn_passes_and_closes_it() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += PAUSE
    assert breaker.state == "half-open" and breaker.allows()
    breaker.begin()
    assert not breaker.allows()
    breaker.end(True)
    assert breaker.state == "closed" and breaker.openings == 0


def test_the_turn_after_the_pause_opens_it_again_when_it_fails() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += PAUSE
    breaker.begin()
    breaker.end(False)
    assert breaker.state == "open" and breaker.openings == 2


def test_turns_that_fail_late_do_not_count_as_new_openings() -> None:
    clock = Clock()
    breaker = opened(clock)
    breaker.end(False)
    assert breaker.openings == 1


def test_a_trial_that_is_given_up_leaves_room_for_the_next() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += PAUSE
    breaker.begin()
    breaker.end(None)
    assert breaker.allows()
