"""What the engine says: a response's name on the turn channel, its words everywhere else.

The counter knows the words; so an edited answer is live without training. `rasa shell` has no counter, there the words
are read from `data/responses/`.
"""

from __future__ import annotations

import logging
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

from rasa.core.nlg.generator import NaturalLanguageGenerator
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.utils.io import read_yaml_file
from rasa.utils.endpoints import EndpointConfig

from engine.shelves import folders, is_pack

logger = logging.getLogger(__name__)

TURN_CHANNEL = "turn"
FALLBACK_LANGUAGE = "es"
# What Rasa and rasa-sdk add by themselves to the arguments of a response.
NOT_ARGUMENTS = {"domain_responses", "text", "image", "attachment", "custom", "elements", "template", "quick_replies"}

Variations = Dict[str, List[Dict[str, Any]]]


@lru_cache(maxsize=1)
def read_words(shelves: Optional[Tuple[Path, ...]] = None) -> Variations:
    """All responses of library and town by name. A file that cannot be read raises Rasa's `YamlException`."""
    words: Variations = {}
    for folder in shelves or folders():
        for path in sorted((folder / "responses").glob("*.yml")):
            for name, variations in ((read_yaml_file(path) or {}).get("responses") or {}).items():
                words[name] = [*words.get(name, ()), *variations] if is_pack(folder) else variations
    return words


def flatten(message: Dict[str, Any]) -> Dict[str, Any]:
    """A response for a plain screen: its text, steps, facts and source in lines, without the structured part."""
    custom = message.pop("custom", None) or {}
    lines = [message.get("text") or ""]
    lines += [f"- {step}" for step in custom.get("steps", [])]
    lines += [f"{name}: {value}" for name, value in (custom.get("facts") or {}).items()]
    lines += [f"({custom['source']['title']})"] if custom.get("source") else []
    return {**message, "text": "\n".join(line for line in lines if line)}


class NameNLG(NaturalLanguageGenerator):
    """Names the response on the turn channel, words it elsewhere."""

    def __init__(self, endpoint_config: Optional[EndpointConfig] = None, domain: Optional[Domain] = None) -> None:
        """Rasa calls it with the `nlg` entry of `endpoints.yml` and the model's domain; neither is needed."""

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> Optional[Dict[str, Any]]:
        """Rasa's message for the response `utter_action`; None when no words are known outside the turn channel."""
        args = {name: value for name, value in kwargs.items() if name not in NOT_ARGUMENTS and value not in (None, [])}
        if output_channel == TURN_CHANNEL:
            return {"custom": {"response": utter_action, "args": args}}
        return self._in_words(utter_action, tracker, output_channel, args)

    def _in_words(
        self, name: str, tracker: DialogueStateTracker, channel: str, args: Dict[str, Any]
    ) -> Optional[Dict[str, Any]]:
        slots = tracker.current_slot_values()
        slots["language"] = slots.get("language") or FALLBACK_LANGUAGE
        message = TemplatedNaturalLanguageGenerator(read_words()).generate_from_slots(name, slots, channel, **args)
        if message is None:
            logger.warning("No words for %s in %s", name, slots["language"])
            return None
        return flatten(message)
