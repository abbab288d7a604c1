"""What a message says that it is not about: "NOT the passport. How long does the register take?"

A clause that names the topic of the last answer, and of which, without the words that name it, is left what a "no" or a "not
that" looks like. "I have no passport" is none: "I have no" refuses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Awaitable, Callable, Optional

from engine.labels import Parsed
from engine.naming import TOPIC, without, words_of
from engine.several import LEAST_WORDS, spans
from engine.situation import Situation

NAMES = 0.25  # from here on a clause names the topic
REFUSES = ("no", "wrong", "rephrase", "fix_kind")
LIKELY, SURELY = 0.35, 0.7  # from here on a clause refuses the topic, and the rest is about another


@dataclass(frozen=True)
class Meant:
    """What is left of a message, and of its situation, without the topic that it refuses."""

    text: str
    topic: str
    situation: Situation


async def meant(
    parsed: Parsed, situation: Situation, understand: Callable[[str], Awaitable[Parsed]]
) -> Optional[Meant]:
    """What a message means of which one clause refuses what was answered last; None where none does."""
    text = parsed["text"]
    found = spans(text)
    for start, end in found if len(found) > 1 else []:
        clause, rest = text[start:end], f"{text[:start]}{text[end:]}".strip()
        for topic in situation.last if len(rest.split()) >= LEAST_WORDS else ():
            if not (bare := _bare(clause, f"{TOPIC}{topic}", parsed)):
                continue
            acts = (await understand(bare))["acts"]
            if sum(acts.get(act, 0.0) for act in REFUSES) >= LIKELY:
                others = tuple(one for one in situation.topics if one != topic)
                left = replace(situation, topics=others, together=1, offered=(), asked="")
                return Meant(rest, topic, left)
    return None


def _bare(clause: str, label: str, parsed: Parsed) -> str:
    """The clause without the words that name the topic; empty where they hardly do, or nothing else is left."""
    naming = parsed.get("naming") or {}
    names = sum(naming.get(word, {}).get(label, 0.0) for word in words_of(clause))
    return without(clause, label, naming) if names >= NAMES else ""
