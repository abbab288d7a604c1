"""How likely each label is what a message asks about after an answer.

A conditional logit: a label's score is the sum of what speaks for it, each times its weight, and the scores become
probabilities. The weights were fitted on turns of conversations whose writers knew neither product nor examples;
docs/understanding.md says on how many, and what they are right in when they are fitted on others.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Dict, FrozenSet, List, Tuple

import numpy as np

from engine.naming import TOPIC
from engine.situation import Situation

OUT_OF_SCOPE = "out_of_scope"
LEAST = 1e-6
OWN, LED = 0.15, 0.38  # by itself; behind the last topic's title
NAMED = 5.38  # by its words, each for itself
NEAR = 36.5  # of how much nearer its nearest passage is than the other topics' are in the mean
LAST, LAST_ASKED, LAST_WORDS, LAST_WRONG = 2.74, 1.8, -0.78, -2.1  # the last answer's
EARLIER, EARLIER_BACK = 3.9, 1.89  # of what was answered before it
SPOKEN = 1.5  # of what was spoken of and not answered; chosen on the development conversations, not fitted
RELATED = 1.24  # of what its answer names
OUT, TALK = -0.5, 1.5  # of what is nobody's business here, and of what is no topic either: chosen, not fitted
HALF, OUT_SURELY = 0.5, 3.0  # of what is surely nobody's business, and asks nothing about what was said
MOST_WORDS = 12  # from here on a message is long
ASKED_BACK, NOT_THAT = ("earlier", "compare"), ("wrong", "rephrase")


@dataclass(frozen=True)
class Asked:
    """What is known of a message: `own` and `led` are the labels' probabilities by itself and behind the last topic's title,
    `asking` (0 to 1) how much it asks about something said, `words` how many it has, `named` how much its words name each
    topic (`naming.py`), `related` the topics that the last answer names, `near` the cosine of each topic's nearest passage
    (empty without an encoder).
    """

    own: Dict[str, float]
    led: Dict[str, float]
    acts: Dict[str, float]
    asking: float
    words: int
    named: Dict[str, float] = field(default_factory=dict)
    related: FrozenSet[str] = frozenset()
    near: Dict[str, float] = field(default_factory=dict)


def weighed(asked: Asked, situation: Situation) -> List[Tuple[str, float]]:
    """The labels with their probabilities, the likeliest first."""
    if not situation.last:
        return sorted(asked.own.items(), key=lambda pair: -pair[1])
    places = placed(asked, situation)
    scores = np.array([score(asked, label) + places.get(label, _elsewhere(asked, label)) for label in asked.own])
    raised = np.exp(scores - scores.max())
    likely = zip(asked.own, map(float, raised / raised.sum()), strict=True)
    return sorted(likely, key=lambda pair: -pair[1])


def score(asked: Asked, label: str) -> float:
    """What the words of the message say for a label: all together, behind the title, and each for itself."""
    alone, behind = (float(np.log(shares.get(label, 0.0) + LEAST)) for shares in (asked.own, asked.led))
    return OWN * alone + LED * behind + NAMED * asked.named.get(label, 0.0)


def placed(asked: Asked, situation: Situation) -> Dict[str, float]:
    """Topic's label → what its place in the conversation says for it, and the nearness of its answer."""
    back, wrong = (sum(asked.acts.get(act, 0.0) for act in some) for some in (ASKED_BACK, NOT_THAT))
    long = min(asked.words, MOST_WORDS) / MOST_WORDS
    last = LAST + LAST_ASKED * asked.asking + LAST_WORDS * long + LAST_WRONG * wrong
    spoken = dict.fromkeys(situation.spoken, SPOKEN + EARLIER_BACK * back)
    said = {
        **spoken,
        **dict.fromkeys(situation.topics, EARLIER + EARLIER_BACK * back),
        **dict.fromkeys(situation.answered, last),
    }
    usual = sum(asked.near.values()) / len(asked.near) if asked.near else 0.0
    return {
        f"{TOPIC}{topic}": said.get(topic, 0.0)
        + RELATED * (topic in asked.related)
        + NEAR * (asked.near.get(topic, usual) - usual)
        for topic in {*said, *asked.related, *asked.near}
    }


def _elsewhere(asked: Asked, label: str) -> float:
    if label == OUT_OF_SCOPE:
        surely = max(0.0, asked.own[label] - HALF) / HALF
        return OUT + OUT_SURELY * surely * (1.0 - asked.asking)
    return 0.0 if label.startswith(TOPIC) else TALK
