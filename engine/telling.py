"""What of an answer is told to who asks about it: the parts that fit, one for each thing that is asked, or those of two answers."""

from __future__ import annotations

from typing import Dict, List, Tuple

from engine.acts import ASKS, BEGIN
from engine.cards import Cards
from engine.closed import is_closed
from engine.comparing import asked_of
from engine.labels import Parsed, labelled
from engine.naming import TOPIC
from engine.passages import MOST, SAID, UNSAID, Near, passages
from engine.several import Clause
from engine.situation import Situation

ASKS_EACH = 0.5  # a clause that asks so much about an answer gets a part of it for itself


class Parts:
    """Chooses parts of answers; `near` as in the reader."""

    def __init__(self, cards: Cards, near: Near) -> None:
        self.cards = cards
        self.near = near

    def part(
        self, parsed: Parsed, topic: str, situation: Situation, sure: float, others: List[str], again: bool
    ) -> Parsed:
        """The parts of an answer that fit the question, the best first; `others` are topics that may be meant instead, `again`
        tells that the whole is asked for, unless it was said just now.
        """
        card = self.cards.get(topic, situation.language)
        if card is None:
            return labelled(parsed, f"{TOPIC}{topic}", sure)
        found = passages(parsed, card, self.near)
        names = ",".join(part.name for part in found.parts)
        marks = {
            "unsaid": found.said < UNSAID,
            "perhaps": UNSAID <= found.said < SAID,
            "closed": is_closed(parsed["text"]),
            "again": again,
        }
        more = {mark: "1" for mark, stands in marks.items() if stands}
        if others:
            more["others"] = ",".join(others)
        return labelled(parsed, "ask_part", sure, {"topic": topic, "parts": names, **more})

    def each(self, read: Parsed, clauses: List[Tuple[Clause, Parsed]], situation: Situation) -> Parsed:
        """`read`; where its clauses ask several things about an answer ("without an appointment? And what does it cost?"), with the
        part that answers each.
        """
        carried = {entity["entity"]: entity["value"] for entity in read["entities"]}
        card = self.cards.get(str(carried.get("topic")), situation.language)
        if read["intent"]["name"] != "ask_part" or "against" in carried or card is None or len(clauses) < 2:
            return read
        asked = [passages(told, card, self.near) for _, told in clauses if asking(told["acts"]) >= ASKS_EACH]
        names = list(dict.fromkeys(found.parts[0].name for found in asked if found.parts and found.said >= SAID))
        if len(names) < 2:
            return read
        kept = [one for one in read["entities"] if one["entity"] not in ("parts", "unsaid", "perhaps")]
        parts = {"entity": "parts", "value": ",".join(names[:MOST]), "start": 0, "end": 0}
        return {**read, "entities": [*kept, parts]}

    def compared(self, parsed: Parsed, pair: Tuple[str, ...], situation: Situation) -> Parsed:
        """What is asked of two answers; of one that is not here, all of the other."""
        cards = [card for topic in pair if (card := self.cards.get(topic, situation.language)) and card.parts]
        share = parsed["acts"]["compare"]
        if len(cards) < len(pair):
            return labelled(parsed, f"{TOPIC}{pair[0]}", share)
        parts, against = [",".join(part.name for part in found) for found in asked_of(parsed, cards, self.near)]
        both = {"topic": pair[0], "parts": parts, "against": pair[1], "against_parts": against}
        return labelled(parsed, "ask_part", share, {name: value for name, value in both.items() if value})


def asking(acts: Dict[str, float]) -> float:
    """How much a message asks about something that was said, beside being a matter of its own."""
    asks, new = sum(acts.get(act, 0.0) for act in ASKS), sum(acts.get(act, 0.0) for act in ("topic", BEGIN))
    return asks / (asks + new) if asks else 0.0
