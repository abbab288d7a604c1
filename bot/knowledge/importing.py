"""Topics and answers from a sheet: every change shown first, all of them written or none."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.knowledge.editing import ADDRESS, MOST, Fields, answer_of, field_names, fields_of, languages_in
from bot.knowledge.entries import Agency
from bot.knowledge.knowledge import LANGUAGES, Knowledge
from bot.knowledge.parts import FACTS
from bot.knowledge.sheet import EXAMPLES, Row
from bot.knowledge.values import a_year_after, day_meant

ID = re.compile(r"[a-z0-9_]{1,60}")
STEP = re.compile(r"\s*(?:\d{1,2}[.)]|[-•*])\s+(.+)")
LONGEST = {"title": 80, "unit": 120, "phone": 60, EXAMPLES: 500}
LONG = 400  # characters of any other cell


@dataclass(frozen=True)
class Wrong:
    """What keeps a row from being imported: where, and what to write."""

    row: int
    column: str
    says: str

    def __str__(self) -> str:
        return f"row {self.row}, {self.column}: {self.says}"


SHOWN = 60  # characters of what a field was and becomes


@dataclass
class Change:
    """What a row does: a topic that is new or known, its titles, the fields of its answer, its examples."""

    topic: str
    new: bool
    titles: dict[str, str]
    fields: Fields
    examples: list[str]
    before: Fields | None = None

    @property
    def answered(self) -> bool:
        """Whether the row has an answer in any language."""
        return any(self.fields[f"{language}.text"] for language in languages_in(self.fields))

    @property
    def changed(self) -> list[str]:
        """The fields that become others."""
        return [name for name, text in self.fields.items() if text != (self.before or {}).get(name, "")]


@dataclass
class Plan:
    """All that a sheet would do, and what is wrong in it. With anything wrong nothing is done."""

    changes: list[Change] = field(default_factory=list)
    wrong: list[Wrong] = field(default_factory=list)


def plan(knowledge: Knowledge, rows: Sequence[Row], agency: str) -> Plan:
    """What importing `rows` for `agency` would do. Reads only."""
    made = Plan()
    seen: dict[str, int] = {}
    topics = {*knowledge.topics, *(row.cells.get("topic", "") for row in rows)}
    for row in rows:
        wrong = [*_wrong(row, knowledge, topics)]
        topic = row.cells.get("topic", "")
        if topic and (first := seen.setdefault(topic, row.number)) != row.number:
            wrong.append(Wrong(row.number, "topic", f'"{topic}" stands in row {first} already; put both into one row'))
        made.wrong += wrong
        if not wrong:
            made.changes.append(_change(knowledge, row, knowledge.agencies[agency]))
    return made


def _wrong(row: Row, knowledge: Knowledge, topics: set[str]) -> Iterator[Wrong]:
    cells, topic = row.cells, row.cells.get("topic", "")
    if not ID.fullmatch(topic):
        meant = re.sub(r"[^a-z0-9]+", "_", topic.lower()).strip("_")[:60]
        example = meant if ID.fullmatch(meant) else "beach_towels"
        yield Wrong(row.number, "topic", f'"{topic}" is no id: small letters, digits and _, as {example}')
        return
    if topic not in knowledge.topics and not _in_some(cells, "title"):
        yield Wrong(row.number, "title_" + knowledge.languages[0], "a new topic needs a title in one language at least")
    yield from _too_long(row, knowledge.languages)
    yield from _wrong_links(row, knowledge.languages)
    if "reviewed" in cells and not day_meant(cells["reviewed"]):
        yield Wrong(row.number, "reviewed", f'"{cells["reviewed"]}" is no day, write it as 2026-11-25')
    for other in cells.get("related", "").split():
        if other not in topics:
            yield Wrong(row.number, "related", f'there is no topic "{other}", neither here nor in this file')


def _too_long(row: Row, languages: tuple[str, ...]) -> Iterator[Wrong]:
    """Cells that hold more than an answer shows; of examples each line counts, of an answer what is no step."""
    for column, text in row.cells.items():
        name = column.rpartition("_")[0] if column.rpartition("_")[2] in languages else column
        counted = text.splitlines() if name == EXAMPLES else [_split(text)[0] if name == "answer" else text]
        longest, most = max(map(len, counted)), MOST if name == "answer" else LONGEST.get(name, LONG)
        if longest > most:
            yield Wrong(row.number, column, f"{longest:,} characters, {most:,} at most; nothing is cut, so shorten it")


def _wrong_links(row: Row, languages: tuple[str, ...]) -> Iterator[Wrong]:
    for column in ("link_url", "source_url"):
        if column in row.cells and not ADDRESS.fullmatch(row.cells[column]):
            yield Wrong(row.number, column, f'"{row.cells[column][:60]}" is no address, write it as https://…')
    if "link_url" in row.cells and not _in_some(row.cells, "link_title"):
        yield Wrong(row.number, "link_title_" + languages[0], "the link needs a title")


def _change(knowledge: Knowledge, row: Row, agency: Agency) -> Change:
    """What a row without a slip does. An empty cell leaves what is there; unit and source are else the agency's."""
    topic, cells, languages = row.cells["topic"], row.cells, knowledge.languages
    new = topic not in knowledge.topics
    own = {language: knowledge.own_answer(topic, language, agency.id) for language in languages}
    before = fields_of(own, languages) if any(own.values()) else None
    fields = dict(before or dict.fromkeys(field_names(languages), ""))
    for language in languages:
        fields |= _worded(fields, cells, language, agency.name.get(language, agency.id))
    fields["reviewed"] = day_meant(cells.get("reviewed", "")) or fields["reviewed"]
    if before is None and fields["reviewed"]:  # the sheet has no column for it, and the studio asks for it
        fields["next_review"] = a_year_after(fields["reviewed"])
    fields["related"] = cells.get("related", fields["related"])
    titles = {language: cells[f"title_{language}"] for language in languages if f"title_{language}" in cells}
    if new:
        titles = {language: _in_some(cells, "title") for language in LANGUAGES} | titles
    told = (cells.get(f"{EXAMPLES}_{language}", "").splitlines() for language in languages)
    return Change(topic, new, titles, fields, [line for lines in told for line in lines if line], before)


def _worded(fields: Fields, cells: dict[str, str], language: str, agency: str) -> Fields:
    """The fields of one language that the cells change; none where there is no answer in it."""
    made: Fields = {}
    if text := cells.get(f"answer_{language}"):
        made["text"], made["steps"] = _split(text)
    if not (made.get("text") or fields[f"{language}.text"]):
        return {}
    for name in (*FACTS, "unit", "link_title", "source_title", "link_url", "source_url"):
        made[name] = cells.get(f"{name}_{language}") or cells.get(name) or fields[f"{language}.{name}"]
    made["unit"], made["source_title"] = made["unit"] or agency, made["source_title"] or agency
    if made["link_url"]:
        made["link_title"] = made["link_title"] or _in_some(cells, "link_title")
    return {f"{language}.{name}": value for name, value in made.items()}


def lines_of(made: Plan, knowledge: Knowledge) -> Iterator[str]:
    """The plan as an administrator reads it."""
    for change in made.changes:
        title = next(iter(change.titles.values()), "") or knowledge.title_of(change.topic, knowledge.languages[0])
        languages = "+".join(lang for lang in knowledge.languages if change.fields[f"{lang}.text"]) or "no answer yet"
        if change.new:
            kind = f"new topic ({languages})"
        elif change.before is None:
            kind = f"first answer here ({languages})" if change.answered else "no answer yet"
        else:
            kind = f"changes {', '.join(change.changed)}" if change.changed else "the same answer"
        examples = f", {len(change.examples)} examples" if change.examples else ""
        yield f"{change.topic} «{title}»: {kind}{examples}"
        if change.before:
            for name in change.changed:
                yield f"    {name}: «{_cut(change.before[name])}» → «{_cut(change.fields[name])}»"


def _cut(text: str) -> str:
    """The beginning of a field's text on one line."""
    line = " / ".join(text.split("\n"))
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 1]}…"


def row_of(knowledge: Knowledge, topic: str, agency: str, examples: dict[str, list[str]]) -> dict[str, str]:
    """A topic as a row of the sheet: the titles, this agency's own answer, and the town's own examples."""
    known = knowledge.topics[topic]
    languages = knowledge.languages
    row = {"topic": topic, **{f"title_{lang}": known.title.get(lang, "") for lang in languages}}
    fields = fields_of({lang: knowledge.own_answer(topic, lang, agency) for lang in languages}, languages)
    for lang in languages:
        steps = "".join(f"\n{n}. {step}" for n, step in enumerate(fields[f"{lang}.steps"].splitlines(), 1))
        row[f"answer_{lang}"] = fields[f"{lang}.text"] + steps
        for name in (*FACTS, "unit", "link_title", "source_title"):
            row["phone" if name == "phone" else f"{name}_{lang}"] = fields[f"{lang}.{name}"]
    first = next((lang for lang in languages if fields[f"{lang}.text"]), languages[0])
    row |= {name: fields[f"{first}.{name}"] for name in ("phone", "link_url", "source_url")}
    row |= {"reviewed": fields["reviewed"], "related": fields["related"]}
    return row | {f"{EXAMPLES}_{lang}": "\n".join(lines) for lang, lines in examples.items()}


def custom_in(change: Change, agency: str, language: str) -> dict[str, Any]:
    """What stands beside the text of one wording."""
    return answer_of(change.fields, change.topic, agency, language).custom


def _split(text: str) -> tuple[str, str]:
    """The text of an answer, and its steps: the numbered or dotted lines at its end."""
    lines = text.splitlines()
    count = 0
    while count < len(lines) and STEP.fullmatch(lines[-1 - count]):
        count += 1
    steps = [match.group(1) for line in lines[len(lines) - count :] if (match := STEP.fullmatch(line))]
    words = "\n".join(lines[: len(lines) - count]).strip()
    return (words, "\n".join(steps)) if words else (text, "")


def _in_some(cells: dict[str, str], name: str) -> str:
    """The cell of a column in the first language in which it is filled."""
    return next((text for column, text in cells.items() if column.rpartition("_")[0] == name), "")
