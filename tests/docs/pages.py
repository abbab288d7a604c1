"""The project's pages, read: their links, headings and tables."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bot.settings import ROOT

_FENCE = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"\]\(<?([^)>\s]+)>?(?: \"[^\"]*\")?\)")
_IMAGE = re.compile(r"<(?:img|a)\b[^>]*?\b(?:src|href)=\"([^\"]+)\"")
_HEADING = re.compile(r"^#+ +(.+?) *#*$", re.MULTILINE)
_OUTSIDE = ("http://", "https://", "mailto:")


@dataclass(frozen=True)
class Page:
    """One page of Markdown."""

    path: Path

    @property
    def name(self) -> str:
        """Its path below the root."""
        return self.path.relative_to(ROOT).as_posix()

    @cached_property
    def text(self) -> str:
        """What stands in it."""
        return self.path.read_text(encoding="utf-8")

    def links(self) -> list[str]:
        """Where it leads within the project: links and images, not those in examples."""
        words = _CODE.sub("", _FENCE.sub("", self.text))
        found = [*_LINK.findall(words), *_IMAGE.findall(words)]
        return [target for target in found if not target.startswith(_OUTSIDE)]

    def anchors(self) -> set[str]:
        """The names of its headings, as GitHub makes them."""
        return {slug(heading) for heading in _HEADING.findall(_FENCE.sub("", self.text))}

    def rows(self) -> list[list[str]]:
        """The cells of its tables, without head and rule."""
        lines = [line for line in _FENCE.sub("", self.text).splitlines() if line.startswith("|")]
        return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def slug(heading: str) -> str:
    """The anchor of a heading."""
    plain = unicodedata.normalize("NFC", re.sub(r"[`*]", "", heading)).lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def pages() -> list[Page]:
    """README and its neighbours, and everything under docs/."""
    top = (ROOT / name for name in ("README.md", "LEEME.md", "CONTRIBUTING.md", "CHANGELOG.md"))
    return [Page(path) for path in (*top, *sorted((ROOT / "docs").rglob("*.md")))]


def problem_of(page: Page, link: str) -> str | None:
    """What is wrong with a link; None when it leads somewhere."""
    target, _, anchor = link.partition("#")
    path = (page.path.parent / target).resolve() if target else page.path
    if not path.is_relative_to(ROOT):
        return f"{page.name}: {link} leads out of the project"
    if not path.exists():
        return f"{page.name}: {link} is not there"
    if anchor and anchor not in Page(path).anchors():
        return f"{page.name}: {link} names no heading"
    return None
