"""`./ventanilla bench topics`: how well a topic is understood that a town has added, by how many examples it has.

Every fifth topic of the library is made such a topic: it keeps its title, its answer and K examples per language; all
others keep theirs, out of scope and danger, too. Asked are the messages of the development set. `--size` teaches the
intents of BANKING77 and CLINC150 as further topics instead, and says what they cost the others.
"""

import argparse
import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from statistics import median
from typing import Any

from bench.parts.machine import commit, describe, load
from bench.parts.sets import OUT, PUBLIC, Asked, Set, evenly, own, public, texts_by_intent
from bench.parts.taught import Heard, ask, teach
from bench.understanding import our_config
from bot.knowledge.knowledge import LANGUAGES, Knowledge
from bot.knowledge.parts import parts_of
from bot.settings import ROOT, Settings
from bot.setup.environments import ENGINE, say
from bot.setup.home import prepare_home

COUNTS = (0, 3, 6, 12, 24)
EVERY = 5
SURE = 0.55  # the gate's threshold of `config.yml`: under it the citizen is asked back
TOWN = ROOT / "demo"


def main() -> None:
    """Parse the command line, measure, print."""
    parser = argparse.ArgumentParser(prog="./ventanilla bench topics", description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="six examples alone")
    parser.add_argument("--counts", type=int, nargs="*", default=None, help="examples per language")
    parser.add_argument("--size", action="store_true", help="what 227 further topics cost")
    asked = parser.parse_args()
    if asked.size:
        rows = measure_size(Settings())
        print(json.dumps(rows, indent=1) if asked.json else "\n".join(map(str, rows)))
        return
    counts = asked.counts or ((6,) if asked.quick else COUNTS)
    result = measure(Settings(), counts)
    print(json.dumps(result, ensure_ascii=False, indent=1) if asked.json else "\n".join(lines_of(result)))


def measure(settings: Settings, counts: tuple[int, ...] | list[int]) -> dict[str, Any]:
    """The figures for each number of examples."""
    prepare_home(settings.home)
    knowledge = Knowledge(TOWN)
    new = set(sorted(knowledge.topics)[::EVERY])
    rows = []
    for count in counts:
        one = set_with(knowledge, new, count)
        say(f"{count} examples per language")
        taught = teach(settings.home / "bench", f"topics-{count}", ENGINE, our_config(), one.examples)
        heard = [_bare(answer) for answer in ask(taught, [asked.text for asked in one.asked])[0]]
        rows.append({"examples": count, "training_s": taught.seconds, **scored(one, heard, new)})
    return {
        "bench": "topics",
        "measured_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "machine": describe() | {"load_at_end": load()},
        "new_topics": len(new),
        "rows": rows,
    }


def measure_size(settings: Settings) -> list[dict[str, Any]]:
    """The library alone, and with the intents of the public sets: labels, seconds of training, median milliseconds of a
    message, share of the library's messages whose likeliest label is right.
    """
    prepare_home(settings.home)
    asked = own().asked
    mine = [(text, intent) for intent, texts in texts_by_intent(TOWN).items() for text in texts]
    more = [(text, f"faq/{name}_{label}") for name in PUBLIC for text, label in public(name).examples]
    rows = []
    for name, examples in (("library", mine), ("with public sets", [*mine, *more])):
        taught = teach(settings.home / "bench", f"size-{name.split()[0]}", ENGINE, our_config(), examples)
        heard = [_bare(answer) for answer in ask(taught, [one.text for one in asked])[0]]
        rows.append(
            {
                "name": name,
                "labels": len({label for _, label in examples}),
                "training_s": taught.seconds,
                "median_ms": round(median(answer.milliseconds for answer in heard), 2),
                "likeliest": share([_first(pair) for pair in zip(asked, heard, strict=True)]),
            }
        )
    return rows


def set_with(knowledge: Knowledge, new: set[str], count: int) -> Set:
    """The training data with `count` examples per language of the new topics, and what the importer adds to them."""
    known = texts_by_intent(TOWN)
    few = evenly({f"faq/{topic}": known[f"faq/{topic}"] for topic in new}, count * len(LANGUAGES)) if count else {}
    kept = {intent: texts for intent, texts in known.items() if intent.removeprefix("faq/") not in new} | few
    examples = [(text, intent) for intent, texts in kept.items() for text in texts]
    examples += [(text, f"faq/{topic}") for topic in sorted(new) for text in words_of(knowledge, topic)]
    return Set(f"{count} examples", examples, own().asked)


def words_of(knowledge: Knowledge, topic: str) -> Iterator[str]:
    """What a topic says of itself: its title, and behind it each sentence and step of its answer."""
    for language in LANGUAGES:
        title = knowledge.topics[topic].title[language]
        yield title
        answer = knowledge.answer(f"utter_faq/{topic}", language)
        yield from (f"{title}. {part.words}" for part in parts_of(answer) if not part.fact) if answer else ()


def scored(one: Set, heard: list[Heard], new: set[str]) -> dict[str, Any]:
    """Shares of the messages about new topics and, to see that they do not suffer, about all others."""
    pairs = list(zip(one.asked, heard, strict=True))
    mine = [pair for pair in pairs if pair[0].label in new]
    others = [pair for pair in pairs if pair[0].label not in new and pair[0].label != OUT]
    outside = [answer for asked, answer in pairs if asked.label == OUT]
    return {
        "messages": len(mine),
        "likeliest": share([_first(pair) for pair in mine]),
        "answered_right": share([_first(pair) and pair[1].confidences[0] >= SURE for pair in mine]),
        "among_three": share([asked.label in answer.labels[:3] for asked, answer in mine]),
        "taken_for_out_of_scope": share([answer.labels[0] == OUT for _, answer in mine]),
        "others_likeliest": share([_first(pair) for pair in others]),
        "out_of_scope_refused": share([answer.labels[0] == OUT or answer.confidences[0] < SURE for answer in outside]),
    }


def _bare(answer: Heard) -> Heard:
    """The labels as the development set has them."""
    return replace(answer, labels=[label.removeprefix("faq/") for label in answer.labels])


def _first(pair: tuple[Asked, Heard]) -> bool:
    return pair[0].label == pair[1].labels[0]


def share(right: list[bool]) -> float:
    """How many of them, from 0 to 1."""
    return round(sum(right) / len(right), 4) if right else 0.0


def lines_of(result: dict[str, Any]) -> Iterator[str]:
    """The figures as a table."""
    yield f"{result['new_topics']} topics made new; commit {result['commit']}"
    yield "examples  likeliest  answered right  among three  as out of scope | others  out of scope refused"
    for row in result["rows"]:
        figures = [row[name] for name in ("likeliest", "answered_right", "among_three", "taken_for_out_of_scope")]
        rest = [row[name] for name in ("others_likeliest", "out_of_scope_refused")]
        yield f"{row['examples']:>8}  " + "  ".join(f"{100 * value:9.1f}" for value in (*figures, *rest))


if __name__ == "__main__":
    main()
