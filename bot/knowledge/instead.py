"""What is said about a topic that nobody has written an answer to here: who does it, and how to reach them."""

from typing import TYPE_CHECKING, Any

from bot.knowledge.opening import hours_in_words

if TYPE_CHECKING:
    from bot.knowledge.entries import Agency, Answer, Topic
    from bot.knowledge.knowledge import Knowledge

OFF, DONE_AT, UNWRITTEN = "utter_topic_off", "utter_topic_done_at", "utter_topic_unwritten"
HOURS = "utter_topic_hours"
OTHER, LEVELS = "utter_topic_other", {"regional": "utter_topic_regional", "state": "utter_topic_state"}


def instead(knowledge: "Knowledge", topic: "Topic", language: str, agency: str) -> "Answer | None":
    """The words that stand for an answer, with telephone and page as facts; None when not even they are written.

    By what the town's `topics.yml` says of the topic: not done here (`off`), done elsewhere (`done_at`), in the charge
    of another of its agencies, or of a level of which it has none; else its own office knows. A topic that `tells` the
    hours is answered by them.
    """
    here = knowledge.agencies[agency or topic.agency]
    charge = knowledge.agencies[knowledge.in_charge(topic, here.id)]
    response, name, ways = _which(topic, here, charge, language)
    hours = hours_in_words(knowledge, here, language) if response == UNWRITTEN and topic.tells == "hours" else ""
    response = HOURS if hours else response
    told = knowledge.answer(response, language)
    if told is None:
        return None
    args = {"title": topic.title.get(language, topic.id), "name": name, "here": here.name.get(language, here.id)}
    custom: dict[str, Any] = {"instead": response} | ({"agency": charge.id} if ways else {})
    facts = {"hours": hours, "where": _place(here, language) if hours else "", "phone": str(ways.get("phone") or "")}
    custom["facts"] = {fact: words for fact, words in facts.items() if words}
    if ways.get("url"):
        custom["link"] = {"title": name, "url": str(ways["url"])}
    return told.told_as(f"utter_faq/{topic.id}", args, custom)


def _place(here: "Agency", language: str) -> str:
    """The address of an office; empty where none is written."""
    address = here.data.get("address") or {}
    return str(address.get(language) or next(iter(address.values()), ""))


def _which(topic: "Topic", here: "Agency", charge: "Agency", language: str) -> tuple[str, str, dict[str, Any]]:
    """The response, whose name it says, and the ways to reach them."""
    ways = {"phone": charge.data.get("phone"), "url": charge.data.get("web")}
    if topic.off:
        return OFF, here.name.get(language, here.id), ways
    if topic.done_at:
        name = topic.done_at["name"]
        return DONE_AT, name.get(language) or next(iter(name.values())), topic.done_at
    if charge.id != here.id:
        return OTHER, charge.name.get(language, charge.id), ways
    if topic.level in LEVELS and topic.level != here.level:
        return LEVELS[topic.level], "", {}
    return UNWRITTEN, charge.name.get(language, charge.id), ways
