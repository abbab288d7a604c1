"""Which language a message is in. A conversation keeps its language until a message clearly speaks another."""

import re

from bot.assistant.guards import plain
from bot.knowledge.knowledge import Knowledge


def detect(text: str, current: str, knowledge: Knowledge) -> str:
    """`es` or `en`: the one with more of its frequent words in `text`; `current` when that does not tell."""
    found = re.findall(r"[a-z']+", plain(text))
    score = {"es": 0, "en": 0}
    for language, name in (("es", "spanish_hints"), ("en", "english_hints")):
        hints = frozenset(knowledge.words.get(name) or ())
        score[language] = sum(word in hints for word in found)
    score["es"] += len(re.findall(r"[ñ¿¡]", text.lower()))
    other = "en" if current == "es" else "es"
    return other if score[other] > score[current] else current
