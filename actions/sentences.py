"""The sentences and clauses of what was told, and the text without one of them: every other word and end stays."""

import re

ENDS = ".!?…"
PAUSES = ",;:"
# A run of blanks is looked at once, from where it begins: many of them cost no more than they are.
LINE = r"(?<!\s)[^\S\n]*+\n\s*+"
SENTENCE = re.compile(rf"(?<=[{ENDS}])\s++|{LINE}")
CLAUSE = re.compile(rf"(?<=[{ENDS}{PAUSES}])\s++|{LINE}|(?<!\s)\s++(?=(?:y|e|and)\s)", re.IGNORECASE)
JOINED = re.compile(r"(?:y|e|and)\s+", re.IGNORECASE)
Span = tuple[int, int]


def spans(text: str, cut: re.Pattern[str]) -> list[Span]:
    """Where the pieces of `text` begin and end between the places that `cut` finds."""
    cuts = [match.span() for match in cut.finditer(text)]
    begins, ends = [0, *(end for _, end in cuts)], [*(start for start, _ in cuts), len(text)]
    return list(zip(begins, ends, strict=True))


def without_spans(text: str, gone: list[Span]) -> str:
    """`text` without these pieces of it, which follow one another."""
    for start, end in reversed(gone):
        text = _cut(text, start, end)
    return text.strip()


def _cut(text: str, start: int, end: int) -> str:
    """`text` without a piece. A sentence that goes on keeps its end; what now begins one begins like one."""
    before, gone, behind = text[:start].rstrip(), text[start:end].strip(), text[end:]
    if not before or before[-1] in ENDS:
        behind = behind.lstrip(f" \t{ENDS}{PAUSES}")
        behind = behind[match.end() :] if (match := JOINED.match(behind)) else behind
        begins = behind[:1].upper() if gone[:1].isupper() else behind[:1]
        return _glued(before, begins + behind[1:], text[len(before) : start])
    if gone[-1:] in ENDS and gone:
        return _glued(before.rstrip(PAUSES) + gone[-1], behind.lstrip(" \t"), " ")
    bare = before.rstrip(PAUSES) if behind.lstrip()[:1] in ("", *ENDS, *PAUSES) else before
    return _glued(bare, behind.lstrip(" \t"), " ")


def _glued(before: str, behind: str, gap: str) -> str:
    """Both with what stood between them; nothing before what ends or pauses a sentence, and where there is nothing."""
    tight = not before or not behind or behind[0] in f"{ENDS}{PAUSES}\n"
    return before + ("" if tight else gap or " ") + behind
