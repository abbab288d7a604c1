"""Reading short answers inside forms: skips, corrections, places. Word lists come from `data/lookup/words.yml`."""

import re
from typing import Any

from rasa_sdk.interfaces import Tracker

from actions.context import current
from bot.assistant.guards import plain


def intent_of(tracker: Tracker) -> str:
    """What the engine took the latest message for; `nlu_fallback` when it was unsure.

    The SDK's own helper reads the ranking, which does not know that the engine was unsure.
    """
    return str((tracker.latest_message.get("intent") or {}).get("name") or "")


def listed(name: str, language: str) -> list[str]:
    """The words of a list, in one language, plain (lower case, no accents)."""
    entry: Any = current().knowledge.words.get(name) or []
    words = entry.get(language, []) if isinstance(entry, dict) else entry
    return [plain(str(word)) for word in words]


def is_one_of(text: str, name: str) -> bool:
    """Whether the whole text is one of the list's words, in any language."""
    said = " ".join(re.sub(r"[^\w'@]", " ", plain(text)).split())
    return any(said == word for language in ("es", "en") for word in listed(name, language))


def correction(text: str) -> str | None:
    """What stands behind "no, …" or "I meant …"; None when the text does not begin like a correction."""
    said = plain(text)
    starts = [word for language in ("es", "en") for word in listed("correction_starts", language)]
    for start in sorted(starts, key=len, reverse=True):
        if said.startswith(start) and len(said) > len(start) and not said[len(start)].isalnum():
            rest = text.strip()[len(start) :] if len(plain(text)) == len(text.strip()) else said[len(start) :]
            return rest.strip(" ,.:;-") or None
        if said.startswith(start) and not start[-1].isalnum():
            return text.strip()[len(start) :].strip(" ,.:;-") or None
    return None


def content_words(text: str) -> list[str]:
    """The words of `text` that say something: those of "I want to make a suggestion" are all taken away."""
    generic = {word for language in ("es", "en") for word in listed("generic_item", language)}
    return [word for word in re.findall(r"[a-z0-9]+", plain(text)) if word not in generic and len(word) > 2]


def is_question(text: str) -> bool:
    """Whether the text asks something, by its marks or its first word."""
    said = plain(text)
    asks = r"(que|cual|cuanto|cuanta|cuando|como|donde|quien|puedo|what|which|how|when|where|who|can i|do i|is there)\b"
    return "?" in text or re.match(asks, said) is not None
