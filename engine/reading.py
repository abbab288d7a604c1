"""Reads a message in its situation, once: which act it is, and of a question which topic and which part of its answer.

The classifiers (`topics.py`, `acts.py`) say what a message looks like by itself. Here that is weighed with what is known
of the conversation: an act that is impossible is not heard, and a question is either one of its own or about the last
answer, each as likely as the acts say. The topic of the latter is looked for behind the last topic's title.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Awaitable, Callable, Dict, FrozenSet, List, Optional, Tuple

from engine.acts import ASKS, BEGIN, DANGER
from engine.alarm import danger_in, danger_of
from engine.beginning import BEGINS, begins, begun, reports
from engine.cards import Cards
from engine.comparing import pair_of
from engine.forming import asks_answered, in_form
from engine.gate import FALLBACK
from engine.heard import NOTHING, Heard, heard
from engine.labels import COMMAND, FRESH_SURE, INTENTS, SMALL_TALK, Parsed, best, labelled, pointed, shares, topic_of
from engine.naming import without
from engine.passages import Near, nearest
from engine.several import LEAST_WORDS, Clause, asking_of, only_tells
from engine.situation import CHOICES, CHOOSE, Situation
from engine.telling import Parts, asking
from engine.unmeant import SURELY, meant
from engine.weighing import NOT_THAT, OUT_OF_SCOPE, TOPIC, Asked, weighed

Understands = Callable[[str], Awaitable[Parsed]]
Presses = Callable[[str], Optional[Parsed]]
RANKED = 10
ALONE = 0.98  # a question that is so sure by itself is none about the last answer
NAMED, A_LITTLE = 0.9, 0.02  # who names the matter again, and asks about nothing in it, gets the whole answer again
# From here on a question is answered, under it the citizen is asked back: one later than the first of a conversation; and one
# about the last answer, beside which the other matters are offered.
SURE, LAST_SURE = 0.42, 0.25
LIKELY, MOST_OTHERS = 0.15, 2  # other matters that are offered beside what was not sure
# A report that was not meant is cancelled with a tap; after an answer it may be a question.
BEGINNING, LATER_BEGINNING = 0.35, 0.45
ASKS_LITTLE = 0.3  # a message that asks more about the last answer begins no report
AGREES = ("yes", "ack")
CALLS = ("greet", "presence")
TALKS = 0.6  # from here on something is about the chat itself, whatever was answered before
NEW = frozenset({"topic", "begin", "capabilities"})  # matters of their own
QUESTIONS = NEW | ASKS | {"earlier", "compare"}
CHANGES = frozenset({"add_filed", "fix_filed", "withdraw"})  # what was filed
ERASING = frozenset({"cancel", "withdraw", "leave_out", "yes"})  # after it was said what is kept
TELLING = frozenset({BEGIN, "add_filed", "fix_filed", "note", "case", "next", "more"})
# Who goes back, or gets a person, leaves where she is; what may be a note for the person who is waited for is best one.
NEEDED = {"back": 0.6, "person": 0.65, "note": 0.4, "withdraw": 0.45, "add_filed": 0.45, "fix_filed": 0.45}
MOST_ANSWERS = 2  # to a message that asks several things


@dataclass(frozen=True)
class Reading:
    """What a turn is to do: Rasa's parse data in the order of doing, whether it may be danger, and what is spoken of besides."""

    parsed: List[Parsed]
    perhaps: bool = False
    heard: Heard = NOTHING


class Reader:
    """Reads with the answers at hand.

    `near` gives the cosines of a message with passages (None without an encoder), `whose` whose business a message is that is
    none of ours (None where that is not known).
    """

    def __init__(
        self,
        cards: Cards,
        near: Near,
        whose: Callable[[str], Optional[str]] = lambda _: None,
    ) -> None:
        self.cards = cards
        self.near = near
        self.whose = whose
        self.parts = Parts(cards, near)

    async def read(self, parsed: Parsed, situation: Situation, understand: Understands, press: Presses) -> Reading:
        """What `parsed`, the message by itself, means in `situation`.

        `understand` reads other words by themselves, `press` gives what a button means (None: it is no longer known).
        """
        sure, perhaps = danger_in(parsed, situation)
        if sure:
            return Reading([labelled(parsed, DANGER, danger_of(parsed))])
        parsed = await self._beside_reference(parsed, situation, understand)
        acts = situation.weighed(pointed(parsed))
        if not acts:
            return Reading([parsed], perhaps)
        if other := await self._meant(parsed, situation, understand, press):
            return Reading([other], perhaps)
        read = await self._harmless(parsed, situation, acts, understand, press)
        if read["intent"]["name"] == OUT_OF_SCOPE and (whose := self.whose(parsed["text"])):
            return Reading([labelled(read, OUT_OF_SCOPE, read["intent"]["confidence"], {"whose": whose})], perhaps)
        if situation.slot or begins(read):
            return Reading([read], perhaps)
        clauses = [(clause, await understand(clause.text)) for clause in asking_of(parsed["text"])]
        said = await self._several(parsed, read, clauses, situation, understand) or [
            self.parts.each(read, clauses, situation)
        ]
        return Reading(said, perhaps, self._beside(parsed, said, clauses, situation))

    def _beside(
        self, parsed: Parsed, said: List[Parsed], clauses: List[Tuple[Clause, Parsed]], situation: Situation
    ) -> Heard:
        """What is spoken of beside what is answered: nothing where the message asks about an answer that was given."""
        topics = frozenset(map(topic_of, said))
        if "" in topics or any(one["intent"]["name"] == "ask_part" for one in said):
            return NOTHING
        return heard(parsed, clauses, topics.union(situation.topics))

    async def _beside_reference(self, parsed: Parsed, situation: Situation, understand: Understands) -> Parsed:
        """With a reference nearly everything looks like "how is it going?": what is done to a report is in the other words."""
        found = [entity for entity in parsed["entities"] if entity.get("entity") == "reference"]
        text = parsed["text"]
        for entity in sorted(found, key=lambda one: -int(one["start"])):
            text = (text[: entity["start"]] + text[entity["end"] :]).strip()
        if situation.slot or not found or len(text.split()) < LEAST_WORDS:
            return parsed
        told = await understand(text)
        act, share = best(replace(situation, filed=True).weighed(pointed(told)))
        return {**parsed, "acts": told["acts"]} if act in CHANGES and share >= COMMAND else parsed

    async def _meant(
        self, parsed: Parsed, situation: Situation, understand: Understands, press: Presses
    ) -> Optional[Parsed]:
        """What a message is about that says it is not about the last answer; None where it does not say that surely."""
        found = None if situation.slot else await meant(parsed, situation, understand)
        if found is None:
            return None
        rest = await understand(found.text)
        if not (acts := found.situation.weighed(pointed(rest))):
            return None
        read = await self._harmless(rest, found.situation, acts, understand, press)
        surely = read["intent"]["confidence"] >= SURELY
        new = topic_of(read) not in ("", found.topic, *situation.answered) or begins(read)
        return {**read, "text": parsed["text"]} if surely and new else None

    async def _several(
        self,
        parsed: Parsed,
        read: Parsed,
        clauses: List[Tuple[Clause, Parsed]],
        situation: Situation,
        understand: Understands,
    ) -> List[Parsed]:
        """The questions of a message that asks several, or the one of a long story; empty where the whole says it better.

        A clause after a question is read as a message after its answer: what it only asks about that is no other question.
        """
        lost, whole = read["intent"]["name"] == FALLBACK, read["intent"].get("full_retrieval_intent_name")
        asked: Dict[str, Parsed] = {}
        before = replace(situation, topics=(), offered=())
        for clause, told in clauses:
            label, sure = best(shares(told))
            if before.topics and label.startswith(TOPIC):
                told = self._question(told, await self._led(told, before, understand), before)
                label, sure = told["intent"].get("full_retrieval_intent_name") or "", told["intent"]["confidence"]
            if not label.startswith(TOPIC) or sure < FRESH_SURE:
                continue
            if whole not in (label, *asked) and only_tells(clause, label, shares(parsed), [one for one, _ in clauses]):
                continue
            asked.setdefault(label, labelled(told, label, sure))
            before = replace(before, topics=(label[len(TOPIC) :],))
        better = bool(asked) if lost else len(asked) > 1 and whole in asked
        return list(asked.values())[:MOST_ANSWERS] if better else []

    async def _harmless(
        self, parsed: Parsed, situation: Situation, acts: Dict[str, float], understand: Understands, press: Presses
    ) -> Parsed:
        act, share = best(acts)
        beside = sum(acts.get(name, 0.0) for name in (*ASKS, "topic")) if situation.aside else 0.0
        if (payload := chosen(situation, act, share)) and (pressed := press(payload)):
            return pressed
        if situation.slot and beside < COMMAND and not asks_answered(parsed, situation):
            return in_form(parsed, situation, acts)
        if act in CHOOSE:
            return labelled(parsed, FALLBACK, share)
        if situation.about_data and act in ERASING:
            return labelled(parsed, "my_data", share)
        if situation.needs and tells(act, parsed):
            return labelled(parsed, "add_filed", share, {"value": situation.needs})
        if act == BEGIN and share >= (LATER_BEGINNING if situation.last else BEGINNING):
            return labelled(parsed, begun(parsed), share)
        if situation.is_new and reports(parsed):
            return labelled(parsed, begun(parsed), share)
        talk, surely = best(shares(parsed))
        if talk in SMALL_TALK and surely >= TALKS:
            return labelled(parsed, talk, surely)
        alone = situation.is_new and not pair_of(parsed, situation)
        if alone and parsed["intent"]["name"] not in (FALLBACK, *SMALL_TALK):
            return parsed
        if act in NOT_THAT and share >= COMMAND:
            asked = self._question(parsed, await self._led(parsed, situation, understand), situation)
            return asked if another(asked, situation) else labelled(parsed, INTENTS.get(act, act), share)
        if act in AGREES:
            share = sum(acts.get(one, 0.0) for one in AGREES)
        if act in CALLS and share < COMMAND:
            # "hello? anybody there?" is each of both by half, and no question about the last answer.
            act, share = ("presence" if "presence" in acts else act), sum(acts.get(one, 0.0) for one in CALLS)
        if act not in QUESTIONS and share >= NEEDED.get(act, COMMAND):
            return labelled(parsed, INTENTS.get(act, act), share)
        asked = self._question(parsed, await self._led(parsed, situation, understand), situation)
        return await self._reported(parsed, asked, situation, understand) or asked

    async def _reported(
        self, parsed: Parsed, asked: Parsed, situation: Situation, understand: Understands
    ) -> Optional[Parsed]:
        """The report that begins with words about the last answer ("a leak in the pavement, Mill Street 4", after the water
        supply): what the message does shows without the words that name its topic. None where it only asks.
        """
        topic, naming = topic_of(asked), parsed.get("naming") or {}
        bare = without(parsed["text"], f"{TOPIC}{topic}", naming) if topic in situation.answered else ""
        if not bare or "?" in parsed["text"] or asking(parsed["acts"]) > ASKS_LITTLE:
            return None
        told = await understand(bare)
        share = situation.weighed(pointed(told)).get(BEGIN, 0.0)
        return labelled(parsed, begun(told), share) if share >= LATER_BEGINNING else None

    # -- a question

    async def _led(self, parsed: Parsed, situation: Situation, understand: Understands) -> Optional[Parsed]:
        """The message behind the last topic's title; None where there is none, or the message needs none."""
        if not situation.last or max(shares(parsed).values(), default=0.0) >= ALONE:
            return None
        titles = [self.cards.title(topic, situation.language) for topic in situation.last]
        return await understand(f"{'. '.join(titles)}. {parsed['text']}")

    def _question(self, parsed: Parsed, led: Optional[Parsed], situation: Situation) -> Parsed:
        if pair := pair_of(parsed, situation):
            return self.parts.compared(parsed, pair, situation)
        acts = parsed["acts"]
        near = nearest(parsed["text"], self.cards, situation.language, self.near) if situation.last else {}
        words, related = len(parsed["text"].split()), self._related(situation)
        own, named = shares(parsed), parsed.get("named") or {}
        asked = Asked(own, shares(led or parsed), acts, asking(acts), words, named, related, near)
        ranking = weighed(asked, situation)
        label, sure = ranking[0] if ranking else ("", 0.0)
        told = [{"name": name, "confidence": round(share, 4)} for name, share in ranking[:RANKED]]
        read = {**parsed, "intent_ranking": told}
        topic = label[len(TOPIC) :] if label.startswith(TOPIC) else ""
        needed = LAST_SURE if topic in situation.answered else SURE if situation.last else FRESH_SURE
        if sure < (TALKS if label in SMALL_TALK else needed):
            return labelled(read, FALLBACK, sure)
        again = own.get(label, 0.0) >= NAMED and asking(acts) < A_LITTLE
        if topic in (situation.answered if again else situation.topics):
            others = [] if sure >= SURE else [name[len(TOPIC) :] for name in likely(ranking[1:])]
            return self.parts.part(read, topic, situation, sure, others, again)
        return labelled(read, label, sure)

    def _related(self, situation: Situation) -> FrozenSet[str]:
        """The topics that the last answer names."""
        cards = [card for topic in situation.answered if (card := self.cards.get(topic, situation.language))]
        return frozenset(topic for card in cards for topic in card.related)


def tells(act: str, parsed: Parsed) -> bool:
    """Whether a message tells something, rather than to ask, to greet or to call somebody."""
    surely_asks = parsed["intent"]["name"] not in (FALLBACK, OUT_OF_SCOPE, *BEGINS)
    return act in TELLING or (act in NEW and not surely_asks)


def chosen(situation: Situation, act: str, share: float) -> Optional[str]:
    """The payload that the message agrees to, or chooses by its place among what was offered."""
    if act in AGREES and situation.asked and share >= COMMAND:
        return situation.asked
    places = {name: place for place, name in enumerate(CHOICES)}
    place = len(situation.offered) - 1 if act == "choose_last" else places.get(act, -1)
    sure = share >= COMMAND and 0 <= place < len(situation.offered)
    return situation.offered[place].payload if sure else None


def another(read: Parsed, situation: Situation) -> bool:
    """Whether what was read is about another topic than the last answer, surely enough to be answered."""
    return topic_of(read) not in ("", *situation.answered)


def likely(ranking: List[Tuple[str, float]]) -> List[str]:
    """The topics that are likely enough to be offered beside an answer."""
    return [name for name, share in ranking if name.startswith(TOPIC) and share >= LIKELY][:MOST_OTHERS]
