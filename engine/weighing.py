"""How likely each label is what a message asks about after an answer.

A conditional logit: a label's score is the sum of what speaks for it, each times its weight, and the scores become
probabilities. The weights were fitted on turns of conversations whose writers knew neither product nor examples;
docs/understanding.md says on how many, and what they are right in when they are fitted on others.
"""

from __future__ import annotations

from typing import Dict, FrozenSet, List, Tuple

import numpy as np

from engine.situation import Situation

TOPIC, OUT_OF_SCOPE = "faq/", "out_of_scope"
LEAST = 1e-6
FLOOR = float(np.log(LEAST))
OWN, LED, BOTH = 1.07, 1.13, -0.84  # by itself; behind the last topic's title; what both say counts once
NEAR = 20.3  # of how much nearer its nearest passage is than the other topics' are in the mean
LAST, LAST_ASKED, LAST_WORDS, LAST_WRONG = 2.97, 2.95, -2.47, -3.86  # the last topic's
EARLIER, EARLIER_BACK = 4.12, 1.93  # of what was answered before it
RELATED = 1.97  # of what its answer names
OUT, TALK = -0.5, 1.5  # of what is nobody's business here, and of what is no topic either: chosen, not fitted
MOST_WORDS = 12  # from here on a message is long
SCALE = 14.0
ASKED_BACK, NOT_THAT = ("earlier", "compare"), ("wrong", "rephrase")


def weighed(
    own: Dict[str, float],
    led: Dict[str, float],
    situation: Situation,
    related: FrozenSet[str],
    acts: Dict[str, float],
    asking: float,
    words: int,
    near: Dict[str, float],
) -> List[Tuple[str, float]]:
    """The labels with their probabilities, the likeliest first.

    `own` and `led` are the labels' probabilities of the message by itself and behind the last topic's title, `related`
    the topics that the last answer or the offered buttons name, `asking` (0 to 1) how much the message asks about
    something said, `words` how many it has, `near` the cosine of each topic's nearest passage (empty without an encoder).
    """
    if not situation.last:
        return sorted(own.items(), key=lambda pair: -pair[1])
    back, wrong = (sum(acts.get(act, 0.0) for act in some) for some in (ASKED_BACK, NOT_THAT))
    last = LAST + LAST_ASKED * asking + LAST_WORDS * min(words, MOST_WORDS) / MOST_WORDS + LAST_WRONG * wrong
    earlier = EARLIER + EARLIER_BACK * back
    usual = sum(near.values()) / len(near) if near else 0.0
    places = {topic: earlier for topic in situation.topics if topic not in situation.last}
    places.update({topic: last for topic in situation.last})

    def score(label: str, share: float) -> float:
        alone, behind = float(np.log(share + LEAST)), float(np.log(led.get(label, 0.0) + LEAST))
        both = BOTH * (alone - FLOOR) * (behind - FLOOR) / SCALE
        topic = label[len(TOPIC) :] if label.startswith(TOPIC) else ""
        if not topic:
            return OWN * alone + LED * behind + both + (OUT if label == OUT_OF_SCOPE else TALK)
        meant = NEAR * (near.get(topic, usual) - usual)
        return OWN * alone + LED * behind + both + meant + places.get(topic, 0.0) + RELATED * (topic in related)

    scores = np.array([score(label, share) for label, share in own.items()])
    raised = np.exp(scores - scores.max())
    likely = zip(own, map(float, raised / raised.sum()), strict=True)
    return sorted(likely, key=lambda pair: -pair[1])
