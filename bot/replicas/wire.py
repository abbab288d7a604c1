"""A turn as it is sent to the engine and as it comes back: `docs/contracts.md` §1."""

from dataclasses import dataclass, field
from typing import Any

TURN = "/webhooks/turn/turn"
SECRET = "X-Engine-Secret"  # noqa: S105 - the header's name


@dataclass(frozen=True)
class EngineTurn:
    """One turn as it is sent."""

    turn_id: str
    text: str | None
    payload: str | None
    slots: dict[str, Any]
    state: dict[str, Any] | None

    def body(self) -> dict[str, Any]:
        """The JSON of the request."""
        return {
            "turn_id": self.turn_id,
            "text": self.text,
            "payload": self.payload,
            "slots": self.slots,
            "state": self.state,
        }


@dataclass(frozen=True)
class EngineReply:
    """The engine's answer, and what it cost: `milliseconds` of the try that succeeded, `tries` made."""

    say: list[dict[str, Any]]
    topic: str | None
    ranking: list[dict[str, Any]]
    entities: list[dict[str, Any]]
    state: dict[str, Any]
    active_form: str | None
    form_gone: str | None = None  # the form of the state that was sent, when this model does not have it
    milliseconds: float = 0.0
    tries: int = 1
    slots: dict[str, Any] = field(default_factory=dict)
    intent: str = ""  # what the message was read as


def slots_of(
    language: str,
    agency: str,
    misunderstood: int,
    *,
    has_location: bool,
    heard: str | None = None,
    alarmed: bool = False,
    people: str = "",
) -> dict[str, Any]:
    """The slots that every turn sets before its message is processed; `heard` is a third language that it is in."""
    return {
        "language": language,
        "agency": agency,
        "misunderstood": misunderstood,
        "has_location": has_location,
        "heard": heard,
        "alarmed": alarmed,
        "people": people,
    }


def read_reply(answer: dict[str, Any], milliseconds: float = 0.0, tries: int = 1) -> EngineReply:
    """The answer's parts. Raises KeyError or TypeError when it is not one."""
    state = answer["state"]
    return EngineReply(
        say=[{"response": said["response"], "args": said.get("args") or {}} for said in answer["say"]],
        topic=answer.get("topic"),
        ranking=answer.get("ranking") or [],
        entities=answer.get("entities") or [],
        state=state,
        active_form=answer.get("active_form"),
        form_gone=answer.get("form_gone"),
        milliseconds=milliseconds,
        tries=tries,
        slots=state.get("slots") or {},
        intent=str(answer.get("intent") or ""),
    )
