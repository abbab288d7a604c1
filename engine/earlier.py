"""What somebody has told before a report begins: kept, so that the report can begin with it and need not ask again."""

from __future__ import annotations

import json
from typing import Any, Dict, Optional

from engine.beginning import BEGINS
from engine.clauses import judged_acts, spans
from engine.labels import Parsed
from engine.reading import Reading
from engine.situation import Situation

TOLD = "told"
LEAST = 0.1  # how likely a message would tell a report something
SURE = 0.5  # from here on the last message counts, and not the likeliest
LEAST_WORDS, MOST = 4, 600  # characters: what is longer finds no room in the state
PEOPLE = frozenset({"crisis", "ask_human", "my_data"})


def told_now(reading: Reading, own: Parsed, situation: Situation, before: Optional[str]) -> Optional[str]:
    """The slot `told` after this message; None where it stays as it was."""
    name = reading.parsed[0]["intent"]["name"]
    text = str(own["text"])
    if situation.slot or name in BEGINS or name in PEOPLE or len(text) > MOST or len(text.split()) < LEAST_WORDS:
        return None
    if text.rstrip().endswith("?") and len(spans(text)) == 1:
        return None
    acts = judged_acts(own, Situation(slot="item_text", later=True))
    share = acts.get("text", 0.0) + acts.get("add", 0.0)
    if share < max(LEAST, min(_share(before), SURE)):
        return None
    streets = [entity["value"] for entity in own.get("entities") or [] if entity.get("entity") == "street"]
    return json.dumps(
        {"text": text, "place": streets[0] if streets else "", "share": round(share, 2)}, ensure_ascii=False
    )


def _share(before: Optional[str]) -> float:
    try:
        kept: Dict[str, Any] = json.loads(before or "{}")
        return float(kept.get("share") or 0.0)
    except (TypeError, ValueError, AttributeError):
        return 0.0
