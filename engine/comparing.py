"""Two matters side by side: which two a message compares, and what each answer says of what is asked."""

from __future__ import annotations

from typing import List, Sequence, Tuple

import numpy as np

from engine.cards import Card, Part
from engine.labels import Parsed, shares
from engine.naming import TOPIC
from engine.passages import SAID, Near, fitting, said
from engine.situation import Situation

# From here on it compares what was answered, and what it names besides; when that is likelier than any act but a matter of its own.
COMPARES, COMPARES_NEW = 0.25, 0.5
NAMES, LIKELY = 0.5, 0.1  # so much a matter is named that is compared: by its words, and all together
ASKED = 0.4  # so likely, in the mean of both answers, the fact that is best in one of them is asked of both
CLEAR = 0.5  # so sure of its part, in both answers, that it is told instead of the first line
FEE = "fact:fee"
COMPARED = (FEE, "fact:deadline", "fact:hours", "fact:documents")  # of two places or numbers none is better


def pair_of(parsed: Parsed, situation: Situation) -> Tuple[str, ...]:
    """The two topics that a message compares, the earlier one first; empty where it compares none.

    Those it names, beside the last answer; else the last two that were answered.
    """
    acts = {act: share for act, share in (parsed.get("acts") or {}).items() if act != "topic"}
    share = acts.get("compare", 0.0)
    if situation.slot or share < COMPARES or share < max(acts.values()):
        return ()
    named = [topic for topic in named_in(parsed) if topic in situation.topics or share >= COMPARES_NEW]
    told = [topic for topic in situation.topics if topic not in named]
    chosen = named[:2] if len(named) > 1 else [*named, *told][:2]
    before, last = situation.topics[situation.together :], situation.answered  # of one turn they stay in its order
    order = [*reversed(before), *last, *named]
    return tuple(sorted(chosen, key=order.index)) if len(chosen) == 2 else ()


def named_in(parsed: Parsed) -> List[str]:
    """The topics that a message names, the likeliest first."""
    own, named = shares(parsed), parsed.get("named") or {}
    found = [
        label for label in own if label.startswith(TOPIC) and named.get(label, 0.0) >= NAMES and own[label] >= LIKELY
    ]
    return [label[len(TOPIC) :] for label in sorted(found, key=lambda label: -own[label])]


def asked_of(parsed: Parsed, cards: Sequence[Card], near: Near) -> List[List[Part]]:
    """Of each card the part that is asked: the same fact of all (none where a card lacks it), else its best part, or the first and the fee."""
    fit = [fitting(parsed, card, near) for card in cards]
    best = [card.parts[int(np.argmax(one))] for card, one in zip(cards, fit, strict=True)]
    asked = {part.kind: mean_of(part.kind, cards, fit) for part in best if part.kind in COMPARED}
    fact = max(asked, key=lambda kind: asked[kind], default="")
    if fact and asked[fact] >= ASKED:
        return [[part for part in card.parts if part.kind == fact] for card in cards]
    clear = all(
        max(one) >= CLEAR and said(parsed, card, near, one) >= SAID for card, one in zip(cards, fit, strict=True)
    )
    return [[part] if clear else opening(card) for part, card in zip(best, cards, strict=True)]


def opening(card: Card) -> List[Part]:
    """What a card is about, and what it costs: the most of what is compared."""
    return [card.parts[0], *(part for part in card.parts[1:] if part.kind == FEE)]


def mean_of(kind: str, cards: Sequence[Card], fit: Sequence[Sequence[float]]) -> float:
    """How likely a part of this kind is what is asked, in the mean of the cards."""
    told = [
        sum(share for part, share in zip(card.parts, one, strict=True) if part.kind == kind)
        for card, one in zip(cards, fit, strict=True)
    ]
    return sum(told) / len(told)
