"""The conversations that are timed."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.parts.figures import differences, median, percentile, ratio, spread
from bench.parts.machine import say
from bench.parts.product import Asked, Citizen, Engine, Product
from bench.parts.stock import Stock

QUESTIONS = (Path(__file__).parent / "questions.txt").read_text(encoding="utf-8").splitlines()


@dataclass
class Turns:
    """Milliseconds of the same questions, asked in three ways; lists run in step."""

    stored: list[float] = field(default_factory=list)  # the citizen sends → the product has stored the reply
    seen: list[float] = field(default_factory=list)  # the citizen sends → the reply is on her page
    engine: list[float] = field(default_factory=list)  # the same turn, sent straight to an engine
    clock: list[float] = field(default_factory=list)  # received → answered less the engine, by the product's own clock
    stock: list[float] = field(default_factory=list)  # the same question over stock Rasa's REST channel
    answered: int = 0  # of ours, how many were an answer of a topic

    def as_json(self) -> dict[str, Any]:
        """The figures; what the counter adds is the median of the differences turn by turn."""
        return {
            "turns": len(self.seen),
            "answered_with_a_topic": self.answered,
            "stored_ms": spread(self.stored),
            "seen_ms": spread(self.seen),
            "engine_ms": spread(self.engine),
            "added_until_stored_ms": spread(differences(self.stored, self.engine)),
            "added_until_seen_ms": spread(differences(self.seen, self.engine)),
            "added_by_own_clock_ms": spread(self.clock),
        }


def take_turns(product: Product, engine: Engine, stock: Stock | None, conversations: int, length: int) -> Turns:
    """Ask questions in turn: the product, the engine alone, stock Rasa, each first as often as the others."""
    _converse(product, engine, stock, "warm-up", length, Turns())
    turns = Turns()
    for number in range(1, conversations + 1):
        _converse(product, engine, stock, f"bench-{number}", length, turns)
    return turns


def _converse(product: Product, engine: Engine, stock: Stock | None, name: str, length: int, turns: Turns) -> None:
    citizen = Citizen(product)
    asked: list[Asked] = []
    for number in range(length):
        question = QUESTIONS[number % len(QUESTIONS)]
        remembered = product.remembered(citizen.conversation)
        ways = ["product", "engine", "stock"] if stock else ["product", "engine"]
        for way in ways[number % len(ways) :] + ways[: number % len(ways)]:
            if way == "product":
                asked.append(citizen.asks(question))
            elif way == "engine":
                turns.engine.append(engine.asks(question, remembered).milliseconds)
            elif stock:
                turns.stock.append(stock.asks(question, name).milliseconds)
    stored = product.turns_of(citizen.conversation)
    citizen.leaves()
    turns.seen += [one.milliseconds for one in asked]
    turns.stored += [(row.answered - one.sent) * 1_000 for row, one in zip(stored, asked, strict=True)]
    turns.clock += [(row.answered - row.received) * 1_000 - row.engine_ms for row in stored]
    turns.answered += sum(one.topic is not None for one in asked)


def grow(product: Product, late: int, window: int, rounds: int) -> dict[str, Any]:
    """Compare turns around the tenth with turns around `late`, asked in turn so that both meet the same disturbances.

    Each round a conversation that has come near `late` answers in turn with one that begins; that one is then taken on.
    """
    early_turn = 10
    early_times: list[float] = []
    late_times: list[float] = []
    old, taken = Citizen(product), 0
    for number in range(1, rounds + 1):
        say(f"A conversation of {late:,} turns: {number} of {rounds}")
        for turn in range(taken, late - window // 2):
            old.asks(QUESTIONS[turn % len(QUESTIONS)])
        young = Citizen(product)
        for turn in range(early_turn - window // 2):
            young.asks(QUESTIONS[turn])
        for turn in range(window):
            question = QUESTIONS[turn % len(QUESTIONS)]
            pair = [(old, late_times), (young, early_times)]
            for citizen, times in pair if turn % 2 else reversed(pair):
                times.append(citizen.asks(question).milliseconds)
        old.leaves()
        old, taken = young, early_turn - window // 2 + window
    old.leaves()
    return {
        "conversations": rounds,
        "early": {"turn": early_turn, "window": window, "seen_ms": spread(early_times)},
        "late": {"turn": late, "window": window, "seen_ms": spread(late_times)},
        "ratio": ratio(percentile(late_times, 0.5), percentile(early_times, 0.5)),
        "median_of_ratios": median(b / a for a, b in zip(early_times, late_times, strict=True)),
    }
