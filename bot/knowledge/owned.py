"""Whose the wordings of an answer are: several agencies answer one topic, each in its own words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.knowledge.check import ANSWER, addressed_to
from bot.knowledge.languages import LANGUAGES

if TYPE_CHECKING:
    from bot.knowledge.entries import Answer, Topic
    from bot.knowledge.knowledge import Knowledge


@dataclass(frozen=True)
class Own:
    """One agency's wordings of one topic.

    `first` is whose a wording is that names nobody, `alone` tells that the agency is the only one of its level,
    `languages` are the town's.
    """

    topic: str
    agency: str
    first: str
    alone: bool
    languages: tuple[str, ...] = LANGUAGES

    @property
    def response(self) -> str:
        """The response that answers the topic."""
        return ANSWER + self.topic

    def find(self, variations: Sequence[Any], language: str) -> Any | None:
        """The agency's wording in this language: the one for it alone before what it says to all."""
        mine = [one for one in variations if addressed_to(one)[0] == language and self.has(one)]
        return next((one for one in mine if addressed_to(one)[1]), mine[0] if mine else None)

    def has(self, variation: Any) -> bool:
        """Whether a wording is the agency's: for it alone, or said to be its own."""
        whose = addressed_to(variation)[1] or str((variation.get("custom") or {}).get("agency") or self.first)
        return whose == self.agency

    def condition(self, variations: Sequence[Any], language: str) -> list[dict[str, str]]:
        """For whom a new wording is: it need not say whose it is where no other agency has one or may have one."""
        taken = any(addressed_to(one) == (language, "") for one in variations)
        named = [{"type": "slot", "name": "language", "value": language}]
        if self.alone and not taken:
            return named
        return [*named, {"type": "slot", "name": "agency", "value": self.agency}]


@dataclass(frozen=True)
class Origin:
    """Where what an agency says about a topic comes from, and the name of who has written or does it.

    `kind` is own, above, all, done_at, off or none.
    """

    kind: str
    name: str = ""


def own(knowledge: "Knowledge", topic: str, agency: str) -> Own:
    """The agency's wordings of a topic, be it known or new."""
    known = knowledge.topics.get(topic)
    level = knowledge.agencies[agency].level
    alone = [one.level for one in knowledge.agencies.values()].count(level) == 1
    return Own(topic, agency, known.agency if known else agency, alone, knowledge.languages)


def origin(knowledge: "Knowledge", topic: "Topic", agency: str, language: str) -> Origin:
    """Where the text comes from that people who talk to this agency get about the topic."""
    if topic.off:
        return Origin("off")
    if topic.done_at:
        name = topic.done_at["name"]
        return Origin("done_at", name.get(language) or next(iter(name.values())))
    if knowledge.own_answer(topic.id, language, agency):
        return Origin("own")
    said = knowledge.answer(ANSWER + topic.id, language, agency)
    if said is None or said.custom.get("instead"):
        return Origin("none")
    return (
        Origin("above", knowledge.agencies[said.agency].name.get(language, said.agency))
        if said.agency
        else Origin("all")
    )


def newer_above(knowledge: "Knowledge", topic: str, agency: str, language: str) -> "Answer | None":
    """What an agency above has reviewed since this one reviewed its own; None where none has, or it has no own."""
    mine = knowledge.own_answer(topic, language, agency)
    above = (knowledge.own_answer(topic, language, one) for one in knowledge.chain(agency)[1:])
    theirs = next((one for one in above if one), None)
    reviewed = (mine.date("reviewed"), theirs.date("reviewed")) if mine and theirs else (None, None)
    return theirs if reviewed[1] and (reviewed[0] is None or reviewed[1] > reviewed[0]) else None
