"""The matters of a message: a citizen tells of a lamp and of a bin, and each becomes a report of its own."""

import re
from collections.abc import Iterator

from actions.context import current
from bot.suggestions.guess import guess_named_subject

# Where one matter may end and another begin; only what names another subject is one.
JOINS = r"(?:y|e|and|plus|más)\s+"
# A run of blanks is looked at once, from where it begins: many of them cost no more than they are.
BLANKS = r"(?:,\s++|(?<![\s,])\s++)"
CUT = re.compile(rf"(?<=[.!?;\n])\s++|{BLANKS}{JOINS}(?=\S+\s+\S+\s+\S+)", re.IGNORECASE)


def matters_of(text: str) -> list[str]:
    """The matters of a text that are about different subjects, as they were typed; one when it names fewer than two.

    What joins two of them ("and") is in neither; what joins the words of one stays in it.
    """
    matters = list[tuple[str, int, int]]()  # subject, begin, end
    for begin, end in _pieces(text):
        subject = guess_named_subject(current().knowledge, text[begin:end])
        before = matters[-1] if matters else None
        if before and (subject is None or before[0] in ("", subject.id)):  # no other, or a greeting before the first
            matters[-1] = (before[0] or (subject.id if subject else ""), before[1], end)
        else:
            matters.append((subject.id if subject else "", begin, end))
    return [text[begin:end].strip() for _, begin, end in matters]


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Where the pieces of a text begin and end that may be about something else."""
    begin = 0
    for cut in CUT.finditer(text):
        yield begin, cut.start()
        begin = cut.end()
    yield begin, len(text)
