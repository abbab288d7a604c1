"""Questions and answers of a saved web page, where it marks them as schema.org's FAQPage in JSON-LD."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from bot.knowledge.knowledge import LANGUAGES
from bot.knowledge.sheet import MOST_BYTES, SheetError
from bot.text import plain


class _Scripts(HTMLParser):
    """Collects the JSON-LD of a page, its language and its own address."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.language = ""
        self.address = ""
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self._inside = tag == "script" and named.get("type") == "application/ld+json"
        if tag == "html":
            self.language = str(named.get("lang") or "")[:2].lower()
        if tag == "link" and named.get("rel") == "canonical":
            self.address = str(named.get("href") or "")

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.found.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._inside = False


class _Words(HTMLParser):
    """The text of a fragment of HTML, a line for each paragraph or item."""

    def __init__(self) -> None:
        super().__init__()
        self.told = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.told += {"li": "\n- ", "br": "\n", "p": "\n", "div": "\n"}.get(tag, "")

    def handle_data(self, data: str) -> None:
        self.told += data


def read_faq_page(path: Path, languages: tuple[str, ...] = LANGUAGES) -> list[dict[str, str]]:
    """A row of the sheet for each question, in the page's language if that is among `languages`.

    Raises SheetError when the page marks none; OSError.
    """
    if path.stat().st_size > MOST_BYTES:
        raise SheetError(f"{path.name} has more than {MOST_BYTES // 1_000_000} MB")
    page = _Scripts()
    page.feed(path.read_text(encoding="utf-8", errors="replace"))
    language = page.language if page.language in languages else languages[0]
    rows: dict[str, dict[str, str]] = {}
    for question, answer in (pair for text in page.found for pair in _pairs(_json(text))):
        topic = _id(question, set(rows))
        rows[topic] = {"topic": topic, f"title_{language}": question[:80], f"answer_{language}": answer}
        rows[topic] |= {f"examples_{language}": question, "source_url": page.address}
    if not rows:
        raise SheetError(f"{path.name} marks no questions as schema.org FAQPage (JSON-LD); fill in a sheet instead")
    return list(rows.values())


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _pairs(found: Any) -> Iterator[tuple[str, str]]:
    """Every question with its accepted answer, wherever it stands."""
    if isinstance(found, list):
        for one in found:
            yield from _pairs(one)
    elif isinstance(found, dict):
        kinds = found.get("@type")
        if "Question" in (kinds if isinstance(kinds, list) else [kinds]):
            answer = found.get("acceptedAnswer") or {}
            answer = answer[0] if isinstance(answer, list) and answer else answer
            question, told = _words(found.get("name")), _words(answer.get("text") if isinstance(answer, dict) else "")
            if question and told:
                yield question, told
        else:
            for value in found.values():
                yield from _pairs(value)


def _words(html: Any) -> str:
    words = _Words()
    words.feed(str(html or ""))
    lines = (" ".join(line.split()) for line in words.told.splitlines())
    return "\n".join(line for line in lines if line)


def _id(question: str, taken: set[str]) -> str:
    base = re.sub(r"[^a-z0-9]+", "_", plain(question)).strip("_")[:40] or "question"
    return base if base not in taken else next(f"{base}_{n}" for n in range(2, 10_000) if f"{base}_{n}" not in taken)
