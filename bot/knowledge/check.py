"""Whether the files of the knowledge fit together: each by itself first, then what one says about another."""

import difflib
from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bot.knowledge.languages import LANGUAGES
from bot.knowledge.shapes import LOOKUP, NEEDED, Responses
from bot.knowledge.slips import Slip

ANSWER = "utter_faq/"
# Without these somebody meets silence, or the name of a response instead of words.
SAID = (
    "utter_welcome",
    "utter_crisis",
    "utter_engine_failed",
    "utter_not_found",
    "utter_handed_over",
    "utter_handed_over_closed",
    "utter_handed_over_crisis",
    "utter_handed_over_crisis_closed",
)


def check(
    lookup: dict[str, Any], responses: dict[str, Any], wanted: Collection[str] = (), served: Collection[str] = ()
) -> list[Slip]:
    """Everything that is wrong in the files' contents, by name without and with `.yml`; empty when they pass.

    `wanted` are agencies that have to be there for the settings, `served` those that citizens and staff belong to now.
    """
    slips = [Slip(f"lookup/{name}.yml", (), "this file is missing or empty") for name in NEEDED if not lookup.get(name)]
    for name, contents in lookup.items():
        if name in LOOKUP and contents is not None:
            slips += _misshapen(f"lookup/{name}.yml", LOOKUP[name], contents)
    for file, contents in responses.items():
        slips += _misshapen(f"responses/{file}", Responses, contents or {})
    if slips:
        return slips
    return [*_agencies(lookup, wanted, served), *_entries(lookup), *_answers(lookup, responses)]


def _misshapen(file: str, shape: type[BaseModel], contents: Any) -> list[Slip]:
    try:
        shape.model_validate(contents)
    except ValidationError as error:
        return [Slip(file, tuple(told["loc"]), _says(told)) for told in error.errors(include_url=False)]
    return []


def _says(told: ErrorDetails) -> str:
    if told["type"] == "wrong":
        return told["msg"]
    if told["type"] == "missing":
        return "it is missing"
    given = told["input"] if isinstance(told["input"], str | int | float) else type(told["input"]).__name__
    return f'"{given}" does not fit here: {told["msg"][:1].lower()}{told["msg"][1:]}'


def _agencies(lookup: dict[str, Any], wanted: Collection[str], served: Collection[str]) -> Iterator[Slip]:
    file, entries = "lookup/agencies.yml", lookup["agencies"]["agencies"]
    ids = [entry["id"] for entry in entries]
    for field in ("id", "prefix"):
        for value, times in Counter(entry[field] for entry in entries).items():
            if times > 1:
                yield Slip(file, ("agencies",), f'{times} agencies have the {field} "{value}", each needs its own')
    for gone in sorted(set(served) - set(ids)):
        yield Slip(
            file, ("agencies",),
            f'the agency "{gone}" is gone, and people and conversations belong to it: write its entry back '
            "(an id is never renamed; stop the counter to give one up)",
        )  # fmt: skip
    for missing in sorted(set(wanted) - set(ids) - set(served)):
        yield Slip(file, ("agencies",), f'VENTANILLA_AGENCY names "{missing}": {_unknown("agency", missing, ids)}')
    for number, entry in enumerate(entries):
        if entry.get("parent") and entry["parent"] not in ids:
            yield Slip(file, ("agencies", number, "parent"), _unknown("agency", entry["parent"], ids))


def _entries(lookup: dict[str, Any]) -> Iterator[Slip]:
    """Topics, subjects and districts: every id once, every agency known."""
    ids = [entry["id"] for entry in lookup["agencies"]["agencies"]]
    for kind in ("topics", "subjects", "districts"):
        file, entries = f"lookup/{kind}.yml", (lookup.get(kind) or {}).get(kind) or []
        for value, times in Counter(entry["id"] for entry in entries).items():
            if times > 1:
                yield Slip(file, (kind,), f'the id "{value}" stands there {times} times, each entry needs its own')
        for number, entry in enumerate(entries):
            if kind != "districts" and entry["agency"] not in ids:
                yield Slip(file, (kind, number, "agency"), _unknown("agency", entry["agency"], ids))


def _answers(lookup: dict[str, Any], responses: dict[str, Any]) -> Iterator[Slip]:
    """Every topic has its answer, every wording stands once, and what has to be said is written."""
    ids = [entry["id"] for entry in lookup["agencies"]["agencies"]]
    seen: dict[tuple[str, str, str], str] = {}
    for file, contents in responses.items():
        for name, variations in ((contents or {}).get("responses") or {}).items():
            for number, variation in enumerate(variations):
                place = ("responses", name, number)
                language, agency = addressed_to(variation)
                if language not in LANGUAGES:
                    yield Slip(f"responses/{file}", place, _unknown("language", language, LANGUAGES))
                for named in filter(None, (agency, (variation.get("custom") or {}).get("agency"))):
                    if named not in ids:
                        yield Slip(f"responses/{file}", place, _unknown("agency", named, ids))
                if first := seen.get((name, language, agency)):
                    yield Slip(f"responses/{file}", place, f'it is written twice in "{language}" (also in {first})')
                seen[name, language, agency] = file
    yield from _unwritten(lookup, {name: file for (name, _, _), file in seen.items()})


def _unwritten(lookup: dict[str, Any], written: dict[str, str]) -> Iterator[Slip]:
    """What should be answered or said and is not; `written` is each response with its file."""
    topics = [entry["id"] for entry in lookup["topics"]["topics"]]
    without = [name for name in written if name.startswith(ANSWER) and name.removeprefix(ANSWER) not in topics]
    for number, topic in enumerate(topics):
        name = ANSWER + topic
        if name in written:
            continue
        if near := difflib.get_close_matches(name, without, 1, 0.9):
            place = ("responses", near[0])
            yield Slip(f"responses/{written[near[0]]}", place, f'there is no such topic, write "{name}"')
        else:
            yield Slip(
                "lookup/topics.yml", ("topics", number), f'no file of responses answers it, write "{name}" there'
            )
    for name in SAID:
        if name not in written:
            yield Slip("responses/people.yml", (), f'"{name}" is missing in all files of responses, write it')


def addressed_to(variation: dict[str, Any]) -> tuple[str, str]:
    """The language of a wording, and the agency that it is for; empty for all of them."""
    named = {condition["name"]: str(condition["value"]) for condition in variation.get("condition") or ()}
    return named.get("language", LANGUAGES[0]), named.get("agency", "")


def _unknown(kind: str, given: str, known: Collection[str]) -> str:
    return f'there is no {kind} "{given}", there are: {", ".join(known)}'
