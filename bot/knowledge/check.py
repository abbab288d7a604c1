"""Whether the files of the knowledge fit together: each by itself first, then what one says about another."""

import difflib
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bot.knowledge.languages import LANGUAGES
from bot.knowledge.shapes import LOOKUP, NEEDED, Responses
from bot.knowledge.shelves import TOWN, is_library, joined, pack_of
from bot.knowledge.slips import Slip
from bot.knowledge.values import NEEDED_WORDS

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


@dataclass(frozen=True)
class Speaks:
    """What a town says of its languages, and those that there are."""

    told: Any = None
    known: tuple[str, ...] = LANGUAGES

    def wrong(self) -> Iterator[Slip]:
        """What it says that cannot be."""
        if self.told is None:
            return
        if not isinstance(self.told, list) or not self.told:
            yield Slip(TOWN, ("languages",), "a list of codes is expected here, as [es, en]")
            return
        for number, one in enumerate(self.told):
            if one not in self.known:
                yield Slip(TOWN, ("languages", number), _unknown("language", str(one), self.known))

    def needed(self, file: str) -> tuple[str, ...]:
        """The languages in which a file of this name has to have all words."""
        if pack := pack_of(file):
            return (pack,)
        chosen = tuple(self.told) if self.told else LANGUAGES
        return tuple(one for one in LANGUAGES if is_library(file) or one in chosen) or chosen[:1]


def check(
    files: dict[str, Any],
    responses: dict[str, Any],
    wanted: Collection[str] = (),
    served: Collection[str] = (),
    speaks: Speaks | None = None,
) -> list[Slip]:
    """Everything that is wrong in the contents of the files of `lookup` and `responses`, by their names; else nothing.

    `wanted` are agencies that have to be there for the settings, `served` those that citizens and staff belong to now.
    """
    speaks = speaks or Speaks()
    if slips := list(speaks.wrong()):
        return slips
    there = {PurePosixPath(name).stem for name, contents in files.items() if contents}
    slips = [Slip(f"lookup/{kind}.yml", (), "this file is missing or empty") for kind in NEEDED if kind not in there]
    for name, contents in files.items():
        if (shape := LOOKUP.get(PurePosixPath(name).stem)) and contents is not None:
            slips += _misshapen(name, shape, contents, speaks)
    for name, contents in responses.items():
        slips += _misshapen(name, Responses, contents or {}, speaks)
    if slips:
        return slips
    lookup = joined(files)
    return [*_agencies(lookup, wanted, served), *_entries(files, lookup), *_answers(lookup, responses, speaks.known)]


def _misshapen(file: str, shape: type[BaseModel], contents: Any, speaks: Speaks) -> list[Slip]:
    try:
        shape.model_validate(contents, context={NEEDED_WORDS: speaks.needed(file)})
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


def _entries(files: dict[str, Any], lookup: dict[str, Any]) -> Iterator[Slip]:
    """Topics, subjects and districts: ids once in a file, agencies known, a town's own topic with its title."""
    ids = [entry["id"] for entry in lookup["agencies"]["agencies"]]
    titled = {entry["id"] for entry in lookup["topics"]["topics"] if entry.get("title")}
    for file, contents in files.items():
        if (kind := PurePosixPath(file).stem) not in ("topics", "subjects", "districts"):
            continue
        entries = (contents or {}).get(kind) or []
        for value, times in Counter(entry["id"] for entry in entries).items():
            if times > 1:
                yield Slip(file, (kind,), f'the id "{value}" stands there {times} times, each entry needs its own')
        for number, entry in enumerate(entries):
            if kind != "districts" and entry.get("agency", ids[0]) not in ids:
                yield Slip(file, (kind, number, "agency"), _unknown("agency", entry["agency"], ids))
            if kind == "topics" and entry["id"] not in titled:
                yield Slip(file, (kind, number), "the library has no such topic, so it needs a title: {es: …, en: …}")


def _answers(lookup: dict[str, Any], responses: dict[str, Any], known: Collection[str]) -> Iterator[Slip]:
    """Every topic has its answer, every wording stands once, and what has to be said is written."""
    ids = [entry["id"] for entry in lookup["agencies"]["agencies"]]
    seen: dict[tuple[str, str, str], str] = {}
    for file, contents in responses.items():
        for name, variations in ((contents or {}).get("responses") or {}).items():
            for number, variation in enumerate(variations):
                place = ("responses", name, number)
                language, agency = addressed_to(variation)
                if language not in known:
                    yield Slip(file, place, _unknown("language", language, known))
                for named in filter(None, (agency, (variation.get("custom") or {}).get("agency"))):
                    if named not in ids:
                        yield Slip(file, place, _unknown("agency", named, ids))
                first = seen.get((name, language, agency))
                if first and is_library(first) == is_library(file):  # the town's words stand for the library's
                    also = PurePosixPath(first).name
                    yield Slip(file, place, f'it is written twice in "{language}" (also in {also})')
                seen[name, language, agency] = file
    yield from _unwritten(lookup, {name: file for (name, _, _), file in seen.items()})


def _unwritten(lookup: dict[str, Any], written: dict[str, str]) -> Iterator[Slip]:
    """Answers to what is no topic, and what has to be said and is not; `written` is each response with its file.

    A topic may be without an answer: then people are told who knows it.
    """
    topics = [ANSWER + entry["id"] for entry in lookup["topics"]["topics"]]
    for name in (name for name in written if name.startswith(ANSWER) and name not in topics):
        near = difflib.get_close_matches(name, [topic for topic in topics if topic not in written], 1, 0.9)
        meant = f'write "{near[0]}"' if near else "name it with a title in lookup/topics.yml"
        yield Slip(written[name], ("responses", name), f"there is no such topic, {meant}")
    for name in SAID:
        if name not in written:
            yield Slip("responses/people.yml", (), f'"{name}" is missing in all files of responses, write it')


def addressed_to(variation: dict[str, Any]) -> tuple[str, str]:
    """The language of a wording, and the agency that it is for; empty for all of them."""
    named = {condition["name"]: str(condition["value"]) for condition in variation.get("condition") or ()}
    return named.get("language", LANGUAGES[0]), named.get("agency", "")


def _unknown(kind: str, given: str, known: Collection[str]) -> str:
    return f'there is no {kind} "{given}", there are: {", ".join(known)}'
