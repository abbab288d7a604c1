"""Stand-ins for the far ends: an engine that says what it is told, a channel that keeps what it is given."""

from collections.abc import Callable, Sequence
from typing import Any

from bot.conversation.outbox import Keep, Parcel
from bot.conversation.pace import Pace
from bot.errors import ChannelError, EngineError
from bot.replicas.client import EngineReply, EngineTurn

Answering = Callable[[EngineTurn], EngineReply]


def says(
    *responses: str,
    form: str | None = None,
    ranking: Sequence[dict[str, Any]] = (),
    slots: dict[str, Any] | None = None,
    **args: Any,
) -> EngineReply:
    """An engine's reply that says `responses`, each with the same arguments."""
    state = {"v": 1, "slots": slots or {}, "active_form": form, "requested_slot": None, "events": []}
    return EngineReply(
        say=[{"response": response, "args": args} for response in responses],
        topic=None,
        ranking=list(ranking),
        entities=[],
        state=state,
        active_form=form,
        milliseconds=1.0,
    )


class FakeEngine:
    """Answers every turn with `reply`, which a test may change; remembers what it was asked.

    Like the real one it says that there is danger where a rule has heard it.
    """

    def __init__(self) -> None:
        self.reply: EngineReply | Answering | EngineError = says("utter_faq/bulky_waste")
        self.asked: list[EngineTurn] = []

    async def ask(self, turn: EngineTurn) -> EngineReply:
        """The reply, or the failure, that the test has set."""
        self.asked.append(turn)
        if isinstance(self.reply, EngineError):
            raise self.reply
        if turn.slots.get("alarmed"):
            return says("utter_crisis")
        return self.reply if isinstance(self.reply, EngineReply) else self.reply(turn)

    async def close(self) -> None:
        """Nothing to return."""


class FakeEngines:
    """One replica that is always there."""

    model, problem, switches = "a-model", "", 0
    learning, unlearned = False, ""

    def urls(self) -> list[str]:
        """Its address, which nobody calls."""
        return ["http://engine.invalid"]

    async def take(self, patience: float, avoid: object = None) -> None:
        """None: the services of a test ask the fake engine instead."""

    def give(self, replica: object, worked: bool | None) -> None:
        """Nothing was taken."""

    async def wait_ready(self, timeout: float) -> bool:  # noqa: ASYNC109
        """At once."""
        return True

    def status(self) -> list[dict[str, Any]]:
        """One ready replica."""
        return [{"replica": 1, "pid": None, "state": "ready", "restarts": 0, "rss": 0}]


class FakeChannel:
    """Keeps what is sent; fails as often as `failures` says."""

    def __init__(self) -> None:
        self.sent: list[Parcel] = []
        self.failures: list[ChannelError] = []
        self.pace = Pace((1_000, 1_000), (10_000, 10_000))

    async def send(self, parcel: Parcel, keep: Keep) -> list[Any]:
        """Keep the parcel, or raise the next failure."""
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append(parcel)
        return [len(self.sent)]
