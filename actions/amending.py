"""Mends what was noted by what is said to be wrong with it: "it's not number 14, it's 41", "Olmo, not Olma".

No grammar is known here. A correction names what was wrong, which stands in the text, and what is right, which does
not: of the words that are of the same sort (numbers, or names) the first is replaced by the second, wherever it stands.
So is the one word in which two clauses differ: "it was not on monday, it was on tuesday".
"""

import re

from bot.text import plain

PAUSE = re.compile(r"[,;.]\s*")
SHORT = 2  # letters of a word that hardly says anything
TOKEN = re.compile(r"\w+(?:['’]\w+)?")


def mended(noted: str, said: str) -> str | None:
    """`noted` with what `said` corrects; None when that leaves a choice, or nothing is like it.

    Only what leaves no choice is replaced: one wrong and one right number, or one name written almost alike.
    """
    known = [match.group() for match in TOKEN.finditer(noted)]
    folded = {plain(word) for word in known}
    words = [match.group() for match in TOKEN.finditer(said)]
    for sort in (str.isdigit, _is_name):
        wrong = [word for word in words if sort(word) and plain(word) in folded]
        right = [word for word in words if sort(word) and plain(word) not in folded]
        if not wrong and len(right) == 1:
            wrong = _alone(right[0], [word for word in known if sort(word)])
        if len(set(map(plain, wrong))) == 1 and len(set(map(plain, right))) == 1:
            return replaced(noted, wrong[0], right[0])
    found = _contrasted(said, folded)
    return replaced(noted, *found) if found else None


def _contrasted(said: str, there: set[str]) -> tuple[str, str] | None:
    """The wrong word and the right one of "it was not on monday, it was on tuesday": clauses alike but for these."""
    clauses = [TOKEN.findall(clause) for clause in PAUSE.split(said) if clause.strip()]
    if len(clauses) != 2:
        return None
    for one, other in (clauses, clauses[::-1]):
        both = {plain(word) for word in one} & {plain(word) for word in other}
        wrong = [word for word in one if plain(word) not in both and plain(word) in there]
        right = [word for word in other if plain(word) not in both and len(word) > SHORT]
        if both and len(wrong) == len(right) == 1 and len(wrong[0]) > SHORT and plain(right[0]) not in there:
            return wrong[0], right[0]
    return None


def replaced(noted: str, wrong: str, right: str) -> str:
    """`noted` with `right` for each `wrong`, as whole words, however they are accented or capitalised."""
    said, target = [], [plain(word) for word in TOKEN.findall(wrong)]
    matches = list(TOKEN.finditer(noted))
    place, copied = 0, 0
    while place < len(matches):
        span = matches[place : place + len(target)]
        if target and [plain(match.group()) for match in span] == target:
            said += [noted[copied : span[0].start()], right]
            copied, place = span[-1].end(), place + len(target)
        else:
            place += 1
    return "".join([*said, noted[copied:]])


def _is_name(word: str) -> bool:
    return len(word) > 2 and word[0].isupper() and word[1:].islower()


def _alone(right: str, candidates: list[str]) -> list[str]:
    """The one number of the text, or the one name that is written almost like `right`."""
    if right.isdigit():
        return candidates if len(candidates) == 1 else []
    near = [word for word in candidates if _distance(plain(word), plain(right)) <= 2]
    return near if len(near) == 1 else []


def _distance(one: str, other: str) -> int:
    """Levenshtein's distance (1966), by rows."""
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, 1):
        before, row[0] = row[0], number
        for place, against in enumerate(other, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (letter != against))
    return row[-1]
