"""What becomes a link in a text. `links` of widget/drawing.js is the same rule; tests/web/links.json holds both to it.

A bracket belongs to an address if it was opened in it; closing quotes and stops at its end never do.
"""

import re
from dataclasses import dataclass

from markupsafe import Markup, escape

_LINK = re.compile(
    r"\b(?:https?://(?=[^\s!-/:-@\[-`{-~])|www\.(?=[\w-]+\.))[^\s<>\"«»“”]+"
    r"|[A-Za-z0-9_][A-Za-z0-9_.+'-]{0,63}@[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+"
    r"|(?:(?:\+34 ?)?[6-9](?: ?[0-9]){8}|112|0(?:1[026]|24|6[0-2]|8[05]|9[12]))"
    r"(?![A-Za-z0-9_€%]|[.,/:-][0-9]| ?[€%])",
    re.IGNORECASE,
)
_PHONE = re.compile(r"\+?[0-9 ]+")
_PART_OF_MORE = re.compile(r"[A-Za-z0-9_.,/+-]$|[0-9][: ]$")  # what stands before a number that is no phone's
_AT_THE_END = ".,;:!?…'’([{"


@dataclass(frozen=True)
class Link:
    """`shown` stands at `start` of the text and leads to `address`."""

    start: int
    shown: str
    address: str


def find_links(text: str, *, phones: bool = False) -> list[Link]:
    """Web and mail addresses, in order; also telephone numbers where `phones`."""
    found = []
    for match in _LINK.finditer(text):
        start, shown = match.start(), match.group()
        if _PHONE.fullmatch(shown):
            if phones and not _PART_OF_MORE.search(text[max(0, start - 2) : start]):
                found.append(Link(start, shown, "tel:" + shown.replace(" ", "")))
            continue
        shown = shown[: _closed_too_often(shown)].rstrip(_AT_THE_END)
        found.append(Link(start, shown, _address_of(shown)))
    return found


def linked(text: str, *, phones: bool = False) -> Markup:
    """`text` for a page: escaped, with its links."""
    parts, behind = [], 0
    for link in find_links(text, phones=phones):
        parts += [escape(text[behind : link.start]), _anchor(link)]
        behind = link.start + len(link.shown)
    return Markup("").join([*parts, escape(text[behind:])])


def _anchor(link: Link) -> Markup:
    return Markup('<a href="{}" rel="noopener noreferrer">{}</a>').format(link.address, link.shown)


def _address_of(shown: str) -> str:
    if shown[:4].lower() == "http":
        return shown
    return ("https://" if shown[:4].lower() == "www." else "mailto:") + shown


def _closed_too_often(shown: str) -> int:
    """Where the first bracket closes that was not opened in `shown`; its end when there is none."""
    opened = 0
    for at, character in enumerate(shown):
        opened += (character in "([{") - (character in ")]}")
        if opened < 0:
            return at
    return len(shown)
