"""The wire between the counter and the engine: `POST /webhooks/turn/turn`, a state and a message in, a state and what to
say out. Nothing is kept between two turns, so any engine can serve any turn. The shapes are in `docs/contracts.md` §1.
"""

from __future__ import annotations

import hmac
import logging
import traceback
from typing import Any, Awaitable, Callable, Dict, List, Optional, Tuple

from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.core.processor import MessageProcessor
from rasa.shared.core.constants import DEFAULT_SLOT_NAMES, REQUESTED_SLOT
from rasa.shared.core.events import SlotSet
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException
from sanic import Blueprint, response
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse

from engine.agreeing import agreed
from engine.cards import ANSWER, Cards
from engine.clauses import told
from engine.earlier import TOLD, told_now
from engine.elsewhere import Elsewhere
from engine.heard import Heard, unanswered, waiting
from engine.labels import INTENTS, matter_of
from engine.nlg import TURN_CHANNEL
from engine.passages import nearness
from engine.reading import Reader, Reading
from engine.request import RequestRefused, TurnRequest, check_payload, check_request
from engine.shelves import folders
from engine.situation import ANSWERS, answered, situation_of
from engine.state import compact, restore
from engine.store import held
from engine.watch import watch

logger = logging.getLogger(__name__)

SECRET_HEADER = "X-Engine-Secret"
TOPICS, SPOKEN, WARY, ASKED = "topics", "spoken", "wary", "asked"
ALSO, ALSO_REPORT = "utter_also", "utter_also_report"
WAITS, REPORT = "item_more", '/report_problem{"slot": "item_more", "value": "next"}'
RANKED = 5
DEPTH = 12
ONCE = ("offered", "asked", "wary")
BUILT_IN = DEFAULT_SLOT_NAMES | {REQUESTED_SLOT}  # slots that Rasa adds to every domain


class TurnOutput(CollectingOutputChannel):
    """Collects what is said as names with arguments, in the order it was said."""

    def __init__(self) -> None:
        super().__init__()
        self.say: List[Dict[str, Any]] = []

    @classmethod
    def name(cls) -> str:
        return TURN_CHANNEL

    async def send_response(self, recipient_id: str, message: Dict[str, Any]) -> None:
        """Takes a response that `NameNLG` made. Words without a name are a defect of the action: the turn fails."""
        named = message.get("custom") or {}
        if "response" not in named:
            raise ValueError("an action said words instead of a response's name")
        args = dict(named["args"])
        if message.get("buttons"):
            args["buttons"] = message["buttons"]
        self.say.append({"response": named["response"], "args": args})


async def understand(processor: MessageProcessor, text: str, heard: Optional[str] = None) -> Dict[str, Any]:
    """Rasa's parse data of a text; `heard` is the third language that it is in.

    Only a button may name an intent: a slash typed by a citizen is no command.
    """
    harmless = "∕" + text[1:] if text.startswith("/") else text
    parsed = await processor.parse_message(UserMessage(harmless, metadata={"heard": heard}))
    return {**parsed, "text": text}


async def read(processor: MessageProcessor, request: TurnRequest) -> Tuple[Reading, Optional[str]]:
    """What the turn is to do, in the light of what was said before it; and what it tells that a report may want later."""
    if request.parse_data is not None:
        return Reading([request.parse_data]), None
    heard = request.slots.get("heard")

    def pressed(payload: str) -> Optional[Dict[str, Any]]:
        try:
            return {**check_payload(payload, processor.domain), "text": request.text}
        except RequestRefused:  # a topic that was offered may be gone from this model
            return None

    async def by_itself(text: str) -> Dict[str, Any]:
        return await understand(processor, text, heard)

    situation = situation_of(request.state, request.slots)
    own = await by_itself(request.text)
    reading = await READER.read(own, situation, by_itself, pressed)
    reading = agreed(reading, own, situation, request.state, pressed)
    reading = await told(reading, own, situation, by_itself)
    return reading, told_now(reading, own, situation, request.state["slots"].get(TOLD))


async def run_turn(agent: Agent, request: TurnRequest) -> Dict[str, Any]:
    """The answer to a checked turn. Raises whatever went wrong on the way; nothing of the turn is left behind."""
    processor = agent.processor
    assert processor is not None, "the caller has checked that a model is loaded"
    watch(processor)
    reading, telling = await read(processor, request)
    output = TurnOutput()
    # What was offered or asked can be chosen or agreed to in the next message only.
    slots = {**request.slots, **{name: None for name in ONCE if name in request.state["slots"]}}
    if telling:
        slots[TOLD] = telling
    with held(restore(request.turn_id, request.state, slots, processor.domain)) as tracker:
        for parsed in reading.parsed:
            said = UserMessage(parsed["text"], output, request.turn_id, parse_data=parsed, input_channel=TURN_CHANNEL)
            await processor.handle_message(said)
    return answer(request, tracker, reading, output.say, processor)


def answer(
    request: TurnRequest,
    tracker: DialogueStateTracker,
    reading: Reading,
    say: List[Dict[str, Any]],
    processor: MessageProcessor,
) -> Dict[str, Any]:
    """The body of the 200."""
    parsed = reading.parsed[0]
    intent = parsed["intent"]
    known = [slot.name for slot in processor.domain.slots if slot.name not in BUILT_IN]
    topics = topics_of(say)
    matter = matter_of(parsed) if intent["name"] == INTENTS["person"] else ""
    about = topics or ([matter] if matter else [])  # what is asked next is about it too
    before = situation_of(request.state, request.slots)
    if about and TOPICS in known:
        tracker.update(SlotSet(TOPICS, answered(about, before.topics)))
    if SPOKEN in known and (left := unanswered(reading.heard, before.spoken, about)):
        tracker.update(SlotSet(SPOKEN, left))
    say = [*say, *offer(reading.heard, tracker)]
    if reading.perhaps:
        if WARY in known:
            tracker.update(SlotSet(WARY, True))
        say = [*say, {"response": "utter_perhaps_danger", "args": {}}]
    return {
        "say": say,
        "topic": topics[-1] if topics else None,
        "intent": intent.get("full_retrieval_intent_name") or intent["name"],
        "ranking": parsed.get("intent_ranking", [])[:RANKED],
        "entities": [
            {key: entity.get(key) for key in ("entity", "value", "start", "end")} for entity in parsed["entities"]
        ],
        "state": compact(tracker, request.state, known),
        "active_form": tracker.active_loop_name,
        "form_gone": form_gone(request, processor),
    }


def offer(heard: Heard, tracker: DialogueStateTracker) -> List[Dict[str, Any]]:
    """Offers the report, else the matters, of which the message spoke besides; a yes takes the first."""
    if heard.report:
        tracker.update(SlotSet(WAITS, waiting(tracker.get_slot(WAITS), heard)))
        tracker.update(SlotSet(ASKED, REPORT))
        return [{"response": ALSO_REPORT, "args": {"matter": heard.report}}]
    titles = {topic: READER.cards.title(topic, str(tracker.get_slot("language") or "")) for topic in heard.topics}
    buttons = [{"title": title, "payload": f"{ANSWERS}{topic}"} for topic, title in titles.items() if title]
    if not buttons:
        return []
    tracker.update(SlotSet(ASKED, buttons[0]["payload"]))
    return [{"response": ALSO, "args": {"buttons": buttons}}]


def form_gone(request: TurnRequest, processor: MessageProcessor) -> Optional[str]:
    """The form that the state was in, when this model no longer has it; None when there is nothing to tell."""
    form = request.state["active_form"]
    return form if form and form not in processor.domain.form_names else None


def topics_of(say: List[Dict[str, Any]]) -> List[str]:
    """The topics whose answers are said, whole or in part, in the order in which they are."""
    names = [said["args"].get("topic_id") or answer_of(said["response"]) for said in say]
    return list(dict.fromkeys(str(name) for name in names if name))


def answer_of(response: str) -> Optional[str]:
    return response[len(ANSWER) :] if response.startswith(ANSWER) else None


READER = Reader(Cards(folders()), nearness, Elsewhere(folders()).whose)


def problem(status: int, detail: str) -> HTTPResponse:
    return response.json({"detail": detail}, status=status)


def read_json(request: Request) -> Any:
    """The request's JSON; raises RequestRefused when there is none."""
    try:
        return request.json
    except SanicException:
        raise RequestRefused("The body is not valid JSON.") from None


class TurnInput(InputChannel):
    """Rasa's input channel for the counter."""

    def __init__(self, secret: str) -> None:
        self.secret = secret.encode()

    @classmethod
    def name(cls) -> str:
        return TURN_CHANNEL

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[str, Any]]) -> InputChannel:
        """The channel for the entry in `credentials.yml`. Raises RasaException without a secret."""
        secret = str((credentials or {}).get("secret") or "")
        if not secret:
            raise RasaException("ENGINE_SECRET is not set: the turn channel does not open without it.")
        return cls(secret)

    def knows(self, request: Request) -> bool:
        """Whether the request carries the secret, compared in constant time."""
        return hmac.compare_digest(request.headers.get(SECRET_HEADER, "").encode(), self.secret)

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The routes. They ask the agent themselves, since an answer is more than the messages that Rasa would pass on."""
        routes = Blueprint("turn_webhook")

        @routes.get("/")
        async def health(request: Request) -> HTTPResponse:
            agent: Optional[Agent] = request.app.ctx.agent
            if agent is None:
                return response.json({"status": "loading", "model": None}, status=503)
            if not agent.is_ready():  # Rasa goes on without a model that it could not load
                return response.json({"status": "failed", "model": None}, status=500)
            return response.json({"status": "ok", "model": agent.processor.model_filename})

        @routes.post("/turn")
        async def turn(request: Request) -> HTTPResponse:
            if not self.knows(request):
                return problem(401, "The engine's secret is missing or wrong.")
            return await serve(request.app.ctx.agent, request)

        return routes


async def serve(agent: Optional[Agent], request: Request) -> HTTPResponse:
    """Checks and runs one turn; every failure becomes a status."""
    if agent is None or not agent.is_ready():
        return problem(503, "No model is loaded yet.")
    try:
        checked = check_request(read_json(request), agent.processor.domain)
    except RequestRefused as refused:
        return problem(422, str(refused))
    try:
        return response.json(await run_turn(agent, checked))
    except Exception as error:
        logger.error("Turn %s failed: %s", checked.turn_id, traced(error))
        return problem(500, "The turn failed.")


def traced(error: BaseException) -> str:
    """Kinds and places of an exception and of what caused it. Its words may quote a citizen: they are left out."""
    told: List[str] = []
    seen: Optional[BaseException] = error
    while seen is not None:
        frames = traceback.extract_tb(seen.__traceback__)[-DEPTH:]
        told.append(
            type(seen).__name__ + "".join(f"\n  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames)
        )
        seen = seen.__cause__ or seen.__context__
    return "\ncaused by ".join(told)
