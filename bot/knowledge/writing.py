"""Writes topics, answers and examples into a town's folder: tried as a whole on a copy first, and committed as one."""

import re
import shutil
import tempfile
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import LiteralScalarString

from bot.knowledge.files import FIRST_ANSWERS, WIDE, replace_file
from bot.knowledge.importing import Change, Plan, custom_in
from bot.knowledge.knowledge import LANGUAGES, Knowledge
from bot.knowledge.owned import Own, own
from bot.knowledge.versions import commit

TOPICS, EXAMPLES = "data/lookup/topics.yml", "data/nlu/topics.yml"
MARKS = re.compile(r"[\[\]{}<>]|^[/\-\s]+")  # what Rasa would read as more than words
IGNORED = shutil.ignore_patterns(".git", "*.tmp")


def do_write(knowledge: Knowledge, plan: Plan, agency: str, summary: str) -> list[Path]:
    """Write what a plan without slips says; the files that changed.

    Raises KnowledgeError when the folder would not pass afterwards, OSError when the disk refuses; nothing is changed
    then.
    """
    contents = _contents(knowledge, plan, agency)
    with tempfile.TemporaryDirectory(prefix="ventanilla-import-") as scratch:
        trial = Path(scratch) / "town"
        shutil.copytree(knowledge.root, trial, ignore=IGNORED)
        for name, text in contents.items():
            (trial / name).parent.mkdir(parents=True, exist_ok=True)
            (trial / name).write_text(text, encoding="utf-8")
        Knowledge(trial, agency, knowledge.shelves.library)
    there = [name for name in contents if (knowledge.root / name).is_file()]
    commit(knowledge.root, there, "Changed by hand")  # what somebody has not committed is signed by nobody else
    _replace(knowledge.root, contents)
    commit(knowledge.root, list(contents), summary)
    return [knowledge.root / name for name in contents]


def _replace(town: Path, contents: dict[str, str]) -> None:
    """All the files or none: what was there comes back when one cannot be written."""
    before = {name: (town / name).read_bytes() if (town / name).is_file() else None for name in contents}
    try:
        for name, text in contents.items():
            replace_file(town / name, text.encode())
    except OSError:
        for name, old in before.items():
            if old is None:
                (town / name).unlink(missing_ok=True)
            else:
                replace_file(town / name, old)
        raise


def _contents(knowledge: Knowledge, plan: Plan, agency: str) -> dict[str, str]:
    """The files that change, by name below the town's folder, with their new text."""
    folder = _Folder(knowledge.root)
    for change in plan.changes:
        _put_topic(folder, knowledge, change, agency)
        if change.answered and change.changed:
            _put_answer(folder, change, own(knowledge, change.topic, agency))
        if change.examples:
            _put_examples(folder, change)
    return folder.texts()


class _Folder:
    """The YAML files of a town as they are being changed."""

    def __init__(self, town: Path) -> None:
        self._town = town
        self._yaml = YAML()
        self._yaml.preserve_quotes = True
        self._yaml.width = WIDE
        self._read: dict[str, Any] = {}
        self._changed: set[str] = set()

    def get(self, name: str, empty: dict[str, Any]) -> Any:
        """The contents of a file; `empty` for one that is not there, which is the beginning of one."""
        if not self._read.get(name):
            path = self._town / name
            self._read[name] = (self._yaml.load(path.read_text("utf-8")) if path.is_file() else None) or CommentedMap(
                empty
            )
        return self._read[name]

    def names(self, folder: str, first: str) -> list[str]:
        """The files of a folder, `first` last: what is new goes there."""
        found = sorted((self._town / folder).glob("*.yml"))
        return [*(f"{folder}/{path.name}" for path in found if f"{folder}/{path.name}" != first), first]

    def touch(self, name: str) -> None:
        """Say that a file has changed."""
        self._changed.add(name)

    def texts(self) -> dict[str, str]:
        """The new text of what has changed."""
        told = {}
        for name in sorted(self._changed):
            made = StringIO()
            self._yaml.dump(self._read[name], made)
            told[name] = made.getvalue()
        return told


def _put_topic(folder: _Folder, knowledge: Knowledge, change: Change, agency: str) -> None:
    """A new topic, other titles, and the end of `off` and `done_at` where there is an answer now."""
    contents = folder.get(TOPICS, {"topics": CommentedSeq()})
    if contents.get("topics") is None:
        contents["topics"] = CommentedSeq()
    entry = next((one for one in contents["topics"] if one["id"] == change.topic), None)
    known = knowledge.topics.get(change.topic)
    titles = {lang: text for lang, text in change.titles.items() if known is None or known.title.get(lang) != text}
    if entry is None and (change.new or titles):
        entry = CommentedMap({"id": change.topic})
        if change.new:
            entry["level"] = knowledge.agencies[agency].level
        contents["topics"].append(entry)
        folder.touch(TOPICS)
    if entry is None:
        return
    if titles:
        ours = {language: words for language, words in known.title.items() if language in LANGUAGES} if known else {}
        entry["title"] = {**ours, **(entry.get("title") or {}), **change.titles}
        folder.touch(TOPICS)
    for name in ("off", "done_at"):
        if change.answered and name in entry:
            del entry[name]
            folder.touch(TOPICS)


def _put_answer(folder: _Folder, change: Change, own: Own) -> None:
    names = folder.names("data/responses", FIRST_ANSWERS)
    held = [name for name in names if own.response in (folder.get(name, {}).get("responses") or {})]
    name = held[0] if held else FIRST_ANSWERS
    contents = folder.get(name, {"version": "3.1", "responses": CommentedMap()})
    if contents.get("responses") is None:
        contents["responses"] = CommentedMap()
    variations = contents["responses"].setdefault(own.response, CommentedSeq())
    for language in own.languages:
        if not change.fields[f"{language}.text"]:
            continue
        before = own.find(variations, language)
        for_whom = before.get("condition") if before else own.condition(variations, language)
        text, custom = LiteralScalarString(change.fields[f"{language}.text"]), custom_in(change, own.agency, language)
        wording = CommentedMap({"condition": for_whom, "text": text, "custom": custom})
        if before is None:
            variations.append(wording)
        else:
            variations[next(n for n, one in enumerate(variations) if one is before)] = wording
    folder.touch(name)


def _put_examples(folder: _Folder, change: Change) -> None:
    intent = f"faq/{change.topic}"
    for name in folder.names("data/nlu", EXAMPLES):
        entries = folder.get(name, {"version": "3.1", "nlu": CommentedSeq()}).get("nlu")
        entry = next((one for one in entries or () if one.get("intent") == intent), None)
        if entry is not None:
            break
    else:
        entry = CommentedMap({"intent": intent, "examples": ""})
        folder.get(EXAMPLES, {"version": "3.1", "nlu": CommentedSeq()})["nlu"].append(entry)
    there = [line[2:].strip() for line in str(entry["examples"]).splitlines() if line.startswith("- ")]
    plain = [MARKS.sub("", line).strip() for line in change.examples]
    lines = dict.fromkeys([*there, *(line for line in plain if line)])
    if list(lines) != there:
        entry["examples"] = LiteralScalarString("".join(f"- {line}\n" for line in lines))
        folder.touch(name)
