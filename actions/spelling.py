"""Mail addresses as people spell them aloud: "ana arroba correo punto es", "joe (at) terra dot es"."""

import re
from dataclasses import dataclass
from functools import cached_property

EMAIL = re.compile(r"(?<![\w.+'-])[\w.+'-]+@[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
SPACED = re.compile(r"\s*@\s*")
# In brackets a word is a sign, in either language.
BRACKETED = tuple(
    (re.compile(rf"\s?[(\[]\s?(?:{words})\s?[)\]]\s?", re.IGNORECASE), sign)
    for words, sign in (("arroba|at", "@"), ("punto|dot", "."))
)
# "joe at terra.es" is an address where nothing else is said: people also look "at" a page.
BARE = re.compile(r"([\w.+'-]+) at ((?:[a-z0-9-]+\.)+[a-z]{2,24})\W*", re.IGNORECASE)
WORD, LABEL = r"[\w.+'-]+", r"[a-z0-9-]+"
# "at" and "dot" are words like others: behind them an address ends as most addresses do.
COMMON_ENDS = "[a-z]{2}|com|org|net|edu|gov|info|int|cat|gal|eus|biz|pro|name|app|dev|online|example"


@dataclass(frozen=True)
class Spelling:
    """The words of one language for the signs of an address, as patterns, and what its last part may be."""

    at: str
    dot: str
    hyphen: str
    underscore: str
    end: str = "[a-z]{2,24}"
    typed_dot: str = r"\."

    @cached_property
    def _address(self) -> re.Pattern[str]:
        joint = rf"\s+(?:{self.dot}|{self.hyphen}|{self.underscore})\s+"
        label = rf"{LABEL}(?:\s+(?:{self.hyphen})\s+{LABEL})*"
        return re.compile(
            rf"(?<![\w.+'-])(?P<local>{WORD}(?:{joint}{WORD})*)(?:\s+{self.at}\s+|@)"
            rf"(?P<domain>(?:{label}(?:\s+{self.dot}\s+|{self.typed_dot}))+(?:{self.end}))(?![\w@])",
            re.IGNORECASE,
        )

    def in_signs(self, text: str) -> str:
        """The text with the addresses that are spelt in this language as they are written."""
        return self._address.sub(lambda match: f"{self._signs(match['local'])}@{self._signs(match['domain'])}", text)

    def _signs(self, spelt: str) -> str:
        for word, sign in ((self.underscore, "_"), (self.hyphen, "-"), (self.dot, ".")):
            spelt = re.sub(rf"\s+(?:{word})\s+", sign, spelt, flags=re.IGNORECASE)
        return spelt


SPELLINGS = (
    Spelling("arroba", "punto", "gui[oó]n", "gui[oó]n bajo"),
    Spelling("at", "dot", "hyphen|dash", "underscore", COMMON_ENDS, typed_dot="(?!)"),
)


def in_signs(text: str) -> str:
    """The text with its addresses in signs, where they were spaced out or spelt aloud; else as it is."""
    if EMAIL.search(text):
        return text
    signs = text
    for pattern, sign in (*BRACKETED, (SPACED, "@")):
        signs = pattern.sub(sign, signs)
    if bare := BARE.fullmatch(signs):
        return f"{bare[1]}@{bare[2]}"
    for spelling in SPELLINGS:
        signs = spelling.in_signs(signs)
    return signs if EMAIL.search(signs) else text
