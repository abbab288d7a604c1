"""`./ventanilla understand`: what the assistant makes of each line, without a conversation and without a server."""

import json
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.characters import usual_forms
from bot.errors import BotError
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.knowledge_check import read_knowledge
from bot.replicas.engine import Wire, engine_environment
from bot.settings import ROOT, Settings
from bot.setup.environments import ENGINE, python_of
from bot.setup.home import prepare_home
from bot.setup.problems import Problem
from bot.states import Outcome
from bot.text import check_text
from bot.training.model import ensure_model
from bot.turns.danger import is_crisis
from bot.turns.language import detect, foreign

LANGUAGE = "es"  # of a message that does not tell its own
CANDIDATES = 5
FALLBACK, CRISIS = "nlu_fallback", "crisis"
OUTCOMES = {
    "ask_human": Outcome.HANDED_OVER,
    "make_suggestion": Outcome.FORM_STEP,
    "report_problem": Outcome.FORM_STEP,
    "make_complaint": Outcome.FORM_STEP,
    "check_status": Outcome.STATUS_GIVEN,
    "crisis": Outcome.CRISIS,
    "insult": Outcome.REFUSED,
    "out_of_scope": Outcome.OUT_OF_SCOPE,
    FALLBACK: Outcome.CLARIFIED,
}


@dataclass(frozen=True)
class Line:
    """One line of the input: `text` as it was written, `clean` as the engine gets it; `heard` is a third language.

    `crisis`: a rule has heard danger.
    """

    text: str
    clean: str
    language: str
    refused: bool
    crisis: bool
    heard: str | None = None


def understand(settings: Settings, source: Iterable[str]) -> Iterator[dict[str, Any]]:
    """One answer per line of JSON in `source`, in the same order."""
    knowledge = read_knowledge(settings)
    lines = [_read(line, number, knowledge) for number, line in enumerate(source, 1) if line.strip()]
    prepare_home(settings.home)
    model = ensure_model(settings.home, settings.knowledge)
    asked = [line for line in lines if not line.refused]
    answers = _ask(model, settings, asked)
    for line in lines:
        yield _answer(line, {} if line.refused else next(answers))


def _read(raw: str, number: int, knowledge: Knowledge) -> Line:
    try:
        data = json.loads(raw)
        text = data["text"]
        if not isinstance(text, str):
            raise TypeError("text is not a string")
    except (ValueError, KeyError, TypeError) as error:
        reason = 'it has no "text"' if isinstance(error, KeyError) else str(error)
        raise Problem("bad_line", line=number, reason=reason) from None
    heard = foreign(text, knowledge.languages)
    language = data.get("lang") or (LANGUAGE if heard else detect(text, LANGUAGE, knowledge))
    try:
        clean = usual_forms(check_text(text))
    except BotError:
        return Line(text, "", language, refused=True, crisis=False)
    crisis = is_crisis(clean, knowledge.words)
    return Line(text, clean, language, refused=False, crisis=crisis, heard=heard)


def _ask(model: Path, settings: Settings, lines: list[Line]) -> Iterator[dict[str, Any]]:
    """The engine's view of each line; one process for all of them."""
    if not lines:
        return
    log = settings.home / "log" / "understand.log"
    with log.open("w") as output:
        done = subprocess.run(
            [str(python_of(ROOT, ENGINE)), "-m", "engine.understand", str(model)],
            cwd=ROOT,
            env=engine_environment(Wire.new(), settings.knowledge) | {"PYTHONWARNINGS": "ignore"},
            input="".join(json.dumps(_asked(line)) + "\n" for line in lines),
            stdout=subprocess.PIPE,
            stderr=output,
            text=True,
            encoding="utf-8",
        )
    if done.returncode:
        raise Problem("understanding_failed", status=done.returncode, log=log)
    yield from map(json.loads, done.stdout.splitlines())


def _asked(line: Line) -> dict[str, Any]:
    return {"text": line.clean, "heard": line.heard, "alarmed": line.crisis}


def _answer(line: Line, parsed: dict[str, Any]) -> dict[str, Any]:
    candidates = [_candidate(entry) for entry in parsed.get("ranking", [])[:CANDIDATES]]
    best = candidates[0] if candidates else {"label": "out_of_scope", "confidence": 0.0}
    heard = parsed.get("intent") or {}
    if heard.get("name") == CRISIS:
        best = {"label": CRISIS, "confidence": round(float(heard["confidence"]), 4)}
    return {
        "text": line.text,
        "label": best["label"],
        "confidence": best["confidence"],
        "outcome": _outcome(line, parsed, str(best["label"])),
        "candidates": candidates,
        "language": line.language,
    }


def _candidate(entry: dict[str, Any]) -> dict[str, Any]:
    return {"label": str(entry["name"]).removeprefix("faq/"), "confidence": round(float(entry["confidence"]), 4)}


def _outcome(line: Line, parsed: dict[str, Any], label: str) -> str:
    """How the turn would end if it were the first of a conversation."""
    if line.refused:
        return Outcome.REFUSED
    heard = (parsed.get("intent") or {}).get("name")
    if heard == CRISIS:
        return Outcome.CRISIS
    unsure = heard == FALLBACK
    return OUTCOMES.get(FALLBACK if unsure else label, Outcome.ANSWERED)
