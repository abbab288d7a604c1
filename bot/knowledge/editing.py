"""An answer as a form holds it: its fields, what keeps them from being saved, and the answer that they make."""

import contextlib
import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from bot.knowledge.entries import Answer
from bot.knowledge.knowledge import LANGUAGES, Knowledge
from bot.knowledge.parts import FACTS, sentences_of
from bot.knowledge.yearly import as_typed, from_typed
from bot.text import clean

Fields = dict[str, str]
# What exists per language, named `es.text`, `en.fee` …; the rest is shared by all languages.
WORDS = ("text", "steps", *FACTS, "link_title", "link_url", "source_title", "source_url", "unit")
SHARED = ("reviewed", "next_review", "periods", "related")
REQUIRED = ("text", "source_title", "unit")
MOST = 1_200
MOST_WORDS = 25
ADDRESS = re.compile(r"https?://[^\s<>\"]+")


def field_names(languages: Iterable[str] = LANGUAGES) -> list[str]:
    """Every field of the form, in its order."""
    return [f"{language}.{name}" for language in languages for name in WORDS] + list(SHARED)


def is_field(name: str) -> bool:
    """Whether a field of any language goes by this name."""
    return name in SHARED or name.partition(".")[2] in WORDS


def languages_in(fields: Fields) -> list[str]:
    """The languages of a form."""
    return list(dict.fromkeys(name.partition(".")[0] for name in fields if "." in name))


def needs_words(fields: Fields, language: str) -> bool:
    """Whether an answer has to be complete in a language: in those of the library, in others once it is begun."""
    return language in LANGUAGES or any(fields[f"{language}.{name}"] for name in WORDS)


def fields_of(answers: Mapping[str, Answer | None], languages: Iterable[str] = LANGUAGES) -> Fields:
    """The form of an answer that exists, from its wordings by language."""
    fields: Fields = dict.fromkeys(field_names(languages), "")
    for language, answer in answers.items():
        if answer is None:
            continue
        custom = answer.custom
        values = {"text": answer.text, "unit": custom.get("unit"), "steps": "\n".join(custom.get("steps") or ())}
        values |= {name: _line(value) for name, value in (custom.get("facts") or {}).items()}
        for part in ("link", "source"):
            values |= {f"{part}_{key}": (custom.get(part) or {}).get(key) for key in ("title", "url")}
        fields |= {f"{language}.{name}": str(value or "") for name, value in values.items() if name in WORDS}
        shared = {"reviewed": custom.get("reviewed"), "next_review": custom.get("next_review")}
        fields |= {name: str(value or "") for name, value in shared.items()}
        fields["related"] = " ".join(custom.get("related") or ())
        fields["periods"] = as_typed(custom.get("periods") or ())
    return fields


def cleaned(sent: Mapping[str, str], languages: Iterable[str] = LANGUAGES) -> Fields:
    """What a browser sent, without hidden characters, stray spaces and fields that do not exist."""
    return {name: _tidy(name, sent.get(name, "")) for name in field_names(languages)}


def version_of(fields: Fields) -> str:
    """A short fingerprint of an answer: two people who saw the same answer saw the same version."""
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()[:16]


def problems_of(fields: Fields, knowledge: Knowledge) -> dict[str, str]:
    """What keeps the answer from being saved: field → key of the sentence."""
    problems: dict[str, str] = {}
    for language in languages_in(fields):
        for name in REQUIRED if needs_words(fields, language) else ():
            if not fields[f"{language}.{name}"]:
                problems[f"{language}.{name}"] = f"studio.wrong.{name}"
        if len(fields[f"{language}.text"]) > MOST:
            problems[f"{language}.text"] = "studio.wrong.long"
        for part in ("link", "source"):
            title, url = fields[f"{language}.{part}_title"], fields[f"{language}.{part}_url"]
            if url and not ADDRESS.fullmatch(url):
                problems[f"{language}.{part}_url"] = "studio.wrong.url"
            elif part == "link" and bool(title) != bool(url):
                problems[f"{language}.link_url"] = "studio.wrong.link"
    problems |= _date_problems(fields)
    if _periods(fields) is None:
        problems["periods"] = "studio.wrong.periods"
    if any(topic not in knowledge.topics for topic in fields["related"].split()):
        problems["related"] = "studio.wrong.related"
    return problems


def warnings_of(fields: Fields) -> dict[str, str]:
    """What is hard to read but may be saved: field → the sentence that is too long."""
    found = {}
    for language in languages_in(fields):
        for sentence in sentences_of(fields[f"{language}.text"]):
            if len(sentence.split()) > MOST_WORDS:
                found[f"{language}.text"] = sentence
    return found


def answer_of(fields: Fields, topic: str, agency: str, language: str) -> Answer:
    """The answer that these fields make, for the preview."""
    return Answer(f"utter_faq/{topic}", language, fields[f"{language}.text"], (), custom_of(fields, agency, language))


def custom_of(fields: Fields, agency: str, language: str) -> dict[str, Any]:
    """What stands beside the text of one wording, without what is empty."""
    own = {name: fields[f"{language}.{name}"] for name in WORDS}
    custom: dict[str, Any] = {
        "steps": own["steps"].splitlines(),
        "facts": {name: own[name] for name in FACTS if own[name]},
        "link": {"title": own["link_title"], "url": own["link_url"]} if own["link_url"] else None,
        "source": {key: own[f"source_{key}"] for key in ("title", "url") if own[f"source_{key}"]},
        "unit": own["unit"],
        "agency": agency,
        "reviewed": fields["reviewed"],
        "next_review": fields["next_review"],
        "periods": _periods(fields),
        "related": fields["related"].split(),
    }
    return {name: value for name, value in custom.items() if value}


def _tidy(name: str, raw: str) -> str:
    text = re.sub("[\u2028\u2029]", "\n", clean(raw, 4 * MOST))
    if name.endswith(".text"):
        return text.strip()
    if name == "periods":
        with contextlib.suppress(ValueError):
            return as_typed(from_typed(text))
    lines = [" ".join(line.split()) for line in text.splitlines()]
    return ("\n" if name.endswith(".steps") else " ").join(line for line in lines if line)


def _periods(fields: Fields) -> list[str] | None:
    """The periods as a file keeps them; None when what was typed is none."""
    try:
        return from_typed(fields["periods"])
    except ValueError:
        return None


def _date_problems(fields: Fields) -> dict[str, str]:
    days: dict[str, dt.date] = {}
    problems = {}
    for name in ("reviewed", "next_review"):
        try:
            days[name] = dt.date.fromisoformat(fields[name])
        except ValueError:
            problems[name] = "studio.wrong.date"
    if len(days) == 2 and days["next_review"] <= days["reviewed"]:
        problems["next_review"] = "studio.wrong.order"
    return problems


def _line(value: object) -> str:
    return ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)
