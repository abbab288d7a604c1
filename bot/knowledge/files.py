"""The file that holds an answer: reading its fields and writing them back, whole or not at all."""

import fcntl
import json
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

from bot.knowledge.editing import Fields, custom_of, fields_of, needs_words
from bot.knowledge.entries import Answer
from bot.knowledge.knowledge import Knowledge, KnowledgeError, read_yaml
from bot.knowledge.owned import Own

WIDE = 4_096
FIRST_ANSWERS = "data/responses/answers.yml"  # of topics that no file answers yet


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Hold the right to change the knowledge, as one process of an installation. BlockingIOError: another does."""
    with (home / "knowledge.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


def find_file(knowledge: Knowledge, topic: str) -> Path:
    """The town's file that holds the topic's answer, or the one in which its first answer is to stand."""
    for path in sorted((knowledge.root / "data" / "responses").glob("*.yml")):
        # Looked for as text: to parse a file takes a hundred times as long.
        if any(is_head(line, topic) for line in path.read_text(encoding="utf-8", errors="replace").splitlines()):
            return path
    return knowledge.root / FIRST_ANSWERS


def is_head(line: str, topic: str) -> bool:
    """Whether the topic's answer begins at this line of a file."""
    return (
        _name(topic) in line and re.fullmatch(rf"\s*[\"']?{re.escape(_name(topic))}[\"']?:\s*(#.*)?", line) is not None
    )


def read_fields(path: Path, own: Own) -> Fields:
    """An agency's answer as its file has it now; all empty when it has none.

    Raises KnowledgeError naming file and line when it cannot be read.
    """
    return _fields_in(read_yaml(path) if path.is_file() else {}, own)


def fields_in(text: str, own: Own) -> Fields:
    """The same in the text of a file. Raises KnowledgeError."""
    try:
        return _fields_in(YAML(typ="safe").load(text), own)
    except YAMLError as error:
        raise KnowledgeError(str(error)) from error


def write_fields(path: Path, own: Own, fields: Fields) -> None:
    """Put an agency's answer into its file; comments, the other answers and other agencies' stay as they are.

    Raises KnowledgeError when what would be written does not read as these fields, OSError when the disk refuses;
    the file is then as it was.
    """
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = WIDE
    contents = (yaml.load(path.read_text(encoding="utf-8")) if path.is_file() else None) or {"version": "3.1"}
    variations = contents.setdefault("responses", {}).setdefault(own.response, [])
    theirs = _others_in(contents, own)
    for language in own.languages:
        variation = own.find(variations, language)
        if not needs_words(fields, language):
            variations[:] = [one for one in variations if one is not variation]
            continue
        if variation is None:
            variation = {"condition": own.condition(variations, language)}
            variations.append(variation)
        if str(variation.get("text", "")).strip() != (text := fields[f"{language}.text"]):
            variation["text"] = LiteralScalarString(text)
        _update(variation.setdefault("custom", {}), custom_of(fields, own.agency, language))
    made = StringIO()
    yaml.dump(contents, made)
    if fields_in(made.getvalue(), own) != fields or _others_in(YAML(typ="safe").load(made.getvalue()), own) != theirs:
        raise KnowledgeError(f"{path.name}: the answer {own.topic} would not be read as it was written")
    replace_file(path, made.getvalue().encode())


def replace_file(path: Path, contents: bytes) -> None:
    """Give the file, or a new one, contents in one step: whoever reads it sees the old or the new. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(contents)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, path.stat().st_mode & 0o777 if path.exists() else 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def dumped(contents: dict[str, Any]) -> str:
    """Contents as the text of a YAML file, long lines whole."""
    yaml, made = YAML(), StringIO()
    yaml.width = WIDE
    yaml.dump(contents, made)
    return made.getvalue()


def _fields_in(contents: Any, own: Own) -> Fields:
    variations, answers = _variations(contents, own), {}
    for language in own.languages:
        if variation := own.find(variations, language):
            text, custom = str(variation.get("text", "")).strip(), variation.get("custom") or {}
            answers[language] = Answer(own.response, language, text, (), custom)
    return fields_of(answers, own.languages)


def _others_in(contents: Any, own: Own) -> list[str]:
    """What is not the agency's own, to be compared."""
    return [json.dumps(one, default=str, sort_keys=True) for one in _variations(contents, own) if not own.has(one)]


def _variations(contents: Any, own: Own) -> list[Any]:
    return list(((contents or {}).get("responses") or {}).get(own.response) or ())


def _update(old: Any, new: dict[str, Any]) -> None:
    for name in [name for name in old if name not in new]:
        del old[name]
    for name, value in new.items():
        if isinstance(value, dict) and isinstance(old.get(name), dict):
            _update(old[name], value)
        elif isinstance(value, list):
            if list(old.get(name) or ()) != value:
                old[name] = [_scalar(one) for one in value]
        elif str(old.get(name)) != value:
            old[name] = _scalar(value) if isinstance(value, str) else {key: _scalar(v) for key, v in value.items()}


def _scalar(value: str) -> str:
    """Quoted where YAML would read something else than this text."""
    return value if _reads_alike(value) else DoubleQuotedScalarString(value)


def _reads_alike(value: str) -> bool:
    if any(sign in value for sign in ":#{}[]"):
        return False
    try:
        return bool(YAML(typ="safe").load(value) == value)
    except YAMLError:
        return False


def _name(topic: str) -> str:
    return f"utter_faq/{topic}"
