"""Which characters of a text people see: what hides goes, and a letter carries no more marks than any script gives it.

One pass over the text, so that nobody can make it cost more than its length.
"""

import re
import unicodedata

MOST_MARKS = 8  # on one letter: Tibetan and Hebrew with all its points need five; sorting a heap of them is quadratic
_KEPT_CONTROLS = frozenset("\n\t")
# Control, format (bidirectional marks, zero-width, tag characters), private use and lone surrogates. What this Python
# does not know (Cn) is mostly an emoji younger than its tables.
_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs"})
# Unassigned for ever or set aside for what is not shown, and letters without a shape (Hangul fillers).
_NOTHING = re.compile("[\u2065\ufff0-\ufff8\ufdd0-\ufdef\U000e0000-\U000e0fff\u115f\u1160\u3164\uffa0]")
_NO_CHARACTERS = frozenset({0xFFFE, 0xFFFF})  # the last two of every plane
_FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f")
_JOINERS = frozenset("\u200c\u200d")
# Arabic to Mandaic, the scripts of India, Burmese, Khmer and Mongolian: there a joiner decides how letters look.
_JOINING = re.compile(
    "[\u0600-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u18af\ua840-\ua87f\ua8e0-\ua8ff\uaa60-\uaa7f\ufb50-\ufdff\ufe70-\ufefc]"
)
_VIRAMA = 9  # the combining class of the mark that takes a letter's vowel away
_OF_PICTURES = frozenset({"So", "Sk", "Cn"})
_SHOWN_AS_PICTURE = "\ufe0f"


class _Forms(dict[int, str]):
    """Other forms of letters and digits → the usual one. What is not kept is worked out anew: a text cannot fill it."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if (digit := unicodedata.decimal(character, None)) is not None:
            return str(digit)
        return unicodedata.normalize("NFKC", character) if _OTHER_WIDTH.match(character) else character


_OTHER_WIDTH = re.compile("[\uff01-\uff5e\U0001d400-\U0001d7ff]")  # full width, and letters of formulas
_FORMS = _Forms({code: chr(code) for code in range(0x250)})


def usual_forms(text: str) -> str:
    """`text` with full-width and formula letters and the digits of all scripts as the usual ones; as long as before."""
    return text if text.isascii() else text.translate(_FORMS)


def visible(raw: str) -> str:
    """`raw` without what hides; marks above MOST_MARKS on one letter are left out."""
    if raw.isascii() and raw.isprintable():
        return raw
    kept: list[str] = []
    marks, flag_ends = 0, 0
    for at, character in enumerate(raw):
        kind = unicodedata.category(character)
        if kind[0] == "M":
            marks += 1
            if marks > MOST_MARKS:
                continue
        elif at >= flag_ends and _hides(character, kind):
            if not (character in _JOINERS and kept and _joins(kept[-1], character, raw[at + 1 : at + 2])):
                continue
        else:
            marks = 0
            if flag := _FLAG.match(raw, at):
                flag_ends = flag.end()
        kept.append(character)
    return "".join(kept)


def _hides(character: str, kind: str) -> bool:
    if kind in _HIDDEN:
        return character not in _KEPT_CONTROLS
    if kind == "Cn" and ord(character) & 0xFFFF in _NO_CHARACTERS:
        return True
    return _NOTHING.match(character) is not None


def _joins(before: str, joiner: str, after: str) -> bool:
    """Whether a joiner between the two shows: it makes one picture of two emoji, or gives letters their form."""
    if joiner == "\u200d" and (before == _SHOWN_AS_PICTURE or unicodedata.category(before) in _OF_PICTURES):
        return unicodedata.category(after or " ") in _OF_PICTURES
    if _JOINING.match(before) is None:
        return False
    return _JOINING.match(after) is not None or unicodedata.combining(before) == _VIRAMA
