"""Formatted text: HTML as Telegram takes it, and lengths as Telegram counts them."""

from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser

from emulator.calls import Refused
from emulator.description import Json

TAGS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline",
    "ins": "underline", "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough",
    "tg-spoiler": "spoiler", "span": "spoiler", "a": "text_link", "tg-emoji": "custom_emoji",
    "code": "code", "pre": "pre", "blockquote": "blockquote",
}  # fmt: skip
ALLOWED = {
    "a": {"href"}, "span": {"class"}, "code": {"class"}, "tg-emoji": {"emoji-id"},
    "blockquote": {"expandable"},
}  # fmt: skip
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}


def length(text: str) -> int:
    """UTF-16 code units: entities are counted so, and it is the stricter count for limits."""
    return len(text.encode("utf-16-le")) // 2


def unparsable(reason: str) -> Refused:
    return Refused(400, f"Bad Request: can't parse entities: {reason}", breach=True)


@dataclass
class Open:
    """A tag that waits for its end."""

    tag: str
    offset: int
    extra: Json = field(default_factory=dict)


class Html(HTMLParser):
    """Telegram's small and strict HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.text = ""
        self.entities: list[Json] = []
        self._open: list[Open] = []

    def handle_data(self, data: str) -> None:
        if "<" in data:
            raise unparsable(f"Unclosed start tag in {data[:30]!r}")
        self.text += data

    def handle_entityref(self, name: str) -> None:
        self.text += NAMED.get(name, f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.text += unescape(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        raise unparsable(f"Unsupported start tag in {data[:30]!r}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in TAGS:
            raise unparsable(f'Unsupported start tag "{tag}"')
        if not given.keys() <= ALLOWED.get(tag, set()):
            raise unparsable(f'Unsupported attributes of tag "{tag}": {sorted(given)}')
        if tag == "span" and given.get("class") != "tg-spoiler":
            raise unparsable('Tag "span" must have class "tg-spoiler"')
        extra = {"url": given["href"]} if given.get("href") else {}
        if "emoji-id" in given:
            extra = {"custom_emoji_id": given["emoji-id"]}
        self._open.append(Open(tag, length(self.text), extra))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        raise unparsable(f'Unsupported start tag "{tag}/"')

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1].tag != tag:
            raise unparsable(f'Unexpected end tag "{tag}"')
        opened = self._open.pop()
        size = length(self.text) - opened.offset
        if size and (tag != "a" or opened.extra):
            entity = {"type": TAGS[tag], "offset": opened.offset, "length": size}
            self.entities.append({**entity, **opened.extra})

    def close(self) -> None:
        super().close()
        if self._open:
            raise unparsable(f'Can\'t find end tag corresponding to start tag "{self._open[-1].tag}"')


def parsed(text: str, mode: str | None, entities: list[Json] | None) -> tuple[str, list[Json]]:
    """The text that the citizen sees, with its entities."""
    if not mode:
        check_entities(text, entities or [])
        return text, list(entities or [])
    if mode.lower() != "html":
        raise Refused(400, f"Bad Request: the emulator plays HTML only, not {mode}", breach=True)
    parser = Html()
    parser.feed(text)
    parser.close()
    return parser.text, sorted(parser.entities, key=lambda entity: int(entity["offset"]))


def check_entities(text: str, entities: list[Json]) -> None:
    """Entities given by the bot must lie inside the text and not cut a character."""
    units = text.encode("utf-16-le")
    for entity in entities:
        start, end = entity["offset"], entity["offset"] + entity["length"]
        if start < 0 or entity["length"] <= 0 or end > len(units) // 2:
            raise unparsable(f"entity outside the text: {entity}")
        try:
            units[start * 2 : end * 2].decode("utf-16-le")
        except UnicodeDecodeError as error:
            raise unparsable(f"entity cuts a character: {entity}") from error
