"""An answer as the citizen reads it: complete plain text for every channel, and the same as a card for pages."""

import datetime as dt
import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bot.knowledge import languages
from bot.knowledge.entries import Answer, Button, fill
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.parts import FACTS, in_words
from bot.knowledge.periods import line_about

MAX_BUTTONS = 4
EACH = "lang.*"  # a button that stands for one in each of the town's languages


@dataclass(frozen=True)
class Rendered:
    """What is said: `text` alone is complete; `card` is the same, structured."""

    text: str
    buttons: tuple[Button, ...] = ()
    card: dict[str, Any] | None = None
    topic: str | None = None


def render(
    knowledge: Knowledge, response: str, language: str, args: dict[str, Any] | None = None, agency: str = ""
) -> Rendered:
    """Word `response` in `language`, as `agency` does if it has words of its own.

    A response that nobody wrote comes back as its name, which a test forbids.
    """
    answer = knowledge.answer(response, language, agency)
    if answer is None:
        return Rendered(response)
    args = args or {}
    given = tuple(Button(b["title"], b["payload"]) for b in args.get("buttons") or ())
    buttons = given or tuple(Button(fill(b.title, args), b.payload) for b in answer.buttons if b.payload != EACH)
    if any(b.payload == EACH for b in answer.buttons):
        buttons += tuple(Button(name_of(knowledge, one), f"lang.{one}") for one in knowledge.languages)
    if answer.topic is None:
        return Rendered(fill(answer.text, args), buttons, topic=args.get("topic_id"))
    made = card(knowledge, answer, language)
    return Rendered(as_text(made), answer.buttons or related(knowledge, answer, language), made, answer.topic)


def name_of(knowledge: Knowledge, language: str) -> str:
    """What a language calls itself."""
    return knowledge.text(f"utter_label_lang.{language}", language)


def card(knowledge: Knowledge, answer: Answer, language: str) -> dict[str, Any]:
    """An answer's parts with their labels, as `docs/contracts.md` §5 lists them."""
    custom = answer.custom
    facts = custom.get("facts") or {}
    agency = knowledge.agencies.get(str(custom.get("agency")))
    made: dict[str, Any] = {
        "text": _text_in(language, knowledge, answer),
        "steps": [str(step) for step in custom.get("steps") or ()],
        "facts": [
            {"name": name, "label": knowledge.text(f"utter_label_{name}", language), "value": in_words(facts[name])}
            for name in FACTS
            if facts.get(name)
        ],
        "source": dict(custom.get("source") or {}),
        "unit": str(custom.get("unit") or ""),
        "agency": {"id": agency.id, "name": agency.name.get(language, agency.id)} if agency else None,
        "reviewed": as_day(answer.date("reviewed"), language),
        "labels": {name: knowledge.text(f"utter_label_{name}", language) for name in ("source", "reviewed")},
    }
    if agency:
        _say_once(made, agency.name.get(language, agency.id))
    if custom.get("link"):
        made["link"] = dict(custom["link"])
    if line := line_about(knowledge, answer, language):
        made["period"] = line
    return made


def _text_in(language: str, knowledge: Knowledge, answer: Answer) -> str:
    """An answer's text; one that is there in another language only says so first."""
    if answer.language == language or answer.custom.get("instead"):
        return answer.text
    line = knowledge.text("utter_other_language", language, other=name_of(knowledge, answer.language))
    return f"{line}\n{answer.text}"


def _say_once(made: dict[str, Any], agency: str) -> None:
    """Leave out a unit and a source that only name the agency again, which stands beside them."""
    if made["unit"] == agency:
        made["unit"] = ""
    if made["source"].get("title") == agency and not made["source"].get("url"):
        made["source"] = {}


def as_text(made: dict[str, Any]) -> str:
    """A card as plain text: the answer, the steps, the facts, and where it comes from."""
    parts = [made["text"]]
    if made["steps"]:
        parts.append("\n".join(f"{number}. {step}" for number, step in enumerate(made["steps"], 1)))
    if made["facts"]:
        parts.append("\n".join(f"{fact['label']}: {fact['value']}" for fact in made["facts"]))
    if link := made.get("link"):
        parts.append(f"{link['title']}: {link['url']}")
    if made.get("period"):
        parts.append(made["period"])
    of = f"{made['source'].get('title', '')} {made['source'].get('url', '')}".strip()
    source = " · ".join(
        piece
        for piece in (
            f"{made['labels']['source']}: {of}" if of else "",
            made["unit"],
            made["agency"]["name"] if made["agency"] else "",
            f"{made['labels']['reviewed']} {made['reviewed']}" if made["reviewed"] else "",
        )
        if piece
    )
    return "\n\n".join(filter(None, (*parts, source)))


def related(knowledge: Knowledge, answer: Answer, language: str) -> tuple[Button, ...]:
    """Buttons to the topics that people ask about next."""
    found = [knowledge.topics[t] for t in answer.custom.get("related") or () if t in knowledge.topics]
    return tuple(Button(t.title.get(language, t.id), f"/faq/{t.id}") for t in found[:MAX_BUTTONS])


def kinds_in_words(knowledge: Knowledge, kinds: Iterable[str], language: str) -> str:
    """Kinds of personal data as people call them, in one line."""
    return ", ".join(knowledge.text(f"utter_label_pii_{kind}", language) for kind in kinds)


@functools.lru_cache(maxsize=4096)
def as_day(day: dt.date | None, language: str) -> str:
    """A day as the language writes it without being misread; empty for none."""
    return languages.in_words(day, language, "short") if day else ""
