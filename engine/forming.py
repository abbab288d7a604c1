"""What a message means inside a form (design §9.6): what is no sure command and no sure question is kept as words for it."""

from __future__ import annotations

from typing import Dict

from engine.acts import ASKS
from engine.labels import COMMAND, FRESH_SURE, INTENTS, SMALL_TALK, Parsed, best, labelled, shares
from engine.situation import Situation
from engine.weighing import TOPIC

BESIDE_FORM = 0.9  # small talk inside a form is answered beside it
# Who surely asks something beside a form is answered though its matter is not that sure.
SURELY_ASKS, PERHAPS_ABOUT = 0.65, 0.4
ASKS_BACK, NAMES_ANSWERED = 0.6, 0.2  # so much it asks about something said, and looks like a matter that was answered
# From here on a person is called; under it that is asked ("tell whoever mends it" calls nobody): a report that is laid aside by
# mistake ends for many there.
CALLS = 0.85
LOSES = 0.5  # what loses something that was typed
MATTER = "item_text"  # the question what it is about: who has had an answer about it tells what it is
CONTACT = "item_contact"  # the question that is often answered with a "no"
REFUSES = 2.0  # how many times as likely as a refusal a giving up has to be, where a contact is asked for
SENDS = ("send", "yes", "ack")
FORM_COMMANDS = {"cancel": LOSES, "send": COMMAND, "person": 0.6, "two": LOSES}


def in_form(parsed: Parsed, situation: Situation, acts: Dict[str, float]) -> Parsed:
    """What a message is to do inside a form: an answer, an addition, a command, or something that is answered beside it."""
    act, share = best(acts)
    if act == "no" and situation.wary:
        act = "safe"  # to "are you in danger?"
    if act == "no" and situation.asked:  # to "shall I give it up?", not to the form's question
        return labelled(parsed, "form", share, {"act": "nothing"})
    if act in ("topic", "aside"):
        label, sure = best(shares(parsed)) if shares(parsed) else ("", 0.0)
        had = situation.slot == MATTER and label in {f"{TOPIC}{topic}" for topic in situation.topics}
        needed = needed_beside(label, share)
        if share >= COMMAND and sure >= needed and not had:
            return labelled(parsed, label, sure)
        act = "aside" if act == "aside" and share >= COMMAND and not had else "say"
    if act == "cancel" and situation.slot == CONTACT:
        refuses = acts.get("skip", 0.0) + acts.get("no", 0.0)
        act = "skip" if refuses * REFUSES >= share else act  # who leaves no contact has not given up her report
    if act == "cancel" and share < LOSES:
        return labelled(parsed, "form", share, {"act": "perhaps_cancel"})
    if act == "send" and share < COMMAND <= sum(acts.get(one, 0.0) for one in SENDS):
        act = "yes"  # "perfect, go": what sends agrees, and what agrees sends
    if act in FORM_COMMANDS and share < FORM_COMMANDS[act]:
        act = "say"
    if act == "person" and share < CALLS:
        act = "perhaps_person"
    if act in ("cancel", "person", "safe"):
        return labelled(parsed, INTENTS.get(act, act), share)
    return labelled(parsed, "form", share, {"act": act})


def asks_answered(parsed: Parsed, situation: Situation) -> bool:
    """Whether a message for the form asks instead about something that was answered, and names it ("how long is that for the
    sofa?").
    """
    acts, own = parsed.get("acts") or {}, shares(parsed)
    asks = sum(acts.get(act, 0.0) for act in (*ASKS, "earlier"))
    topics = {label: share for label, share in own.items() if label.startswith(TOPIC)}
    label, share = best(topics) if topics else ("", 0.0)
    return asks >= ASKS_BACK and share >= NAMES_ANSWERED and label[len(TOPIC) :] in situation.topics


def needed_beside(label: str, asks: float) -> float:
    """How sure a label has to be to be answered beside a form; `asks` is how surely something is asked."""
    if label.startswith(TOPIC):
        return PERHAPS_ABOUT if asks >= SURELY_ASKS else FRESH_SURE
    return BESIDE_FORM if label in SMALL_TALK else 1.0
