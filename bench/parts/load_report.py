"""The result of `bench load` as a person reads it."""

from typing import Any

from bench.parts.figures import table
from bench.parts.report import machine_lines, targets_table

HEAD = ("messages/s", "p50 ms", "p95 ms", "p99 ms", "n", "processor ms per message")


def text(result: dict[str, Any]) -> str:
    """The whole report."""
    parts = [machine_lines(result)]
    parts += [_crowd(f"{senders} senders", sides) for senders, sides in result["side_by_side"].items()]
    new = {name: phase for name, phase in result["never_repeated"].items() if isinstance(phase, dict)}
    parts.append(_crowd(f"{result['never_repeated']['senders']} senders, nothing repeated", new))
    parts.append(_memory(result["memory"]))
    if two := result.get("two_counters"):
        sides = {name: phase for name, phase in two.items() if isinstance(phase, dict)}
        parts.append(_crowd("PostgreSQL", sides) if sides else f"Two counters: left out. {two['left_out']}")
    parts.append(_streams(result["streams"]))
    parts += [_cost(name, cost) for name, cost in result.get("conversation", {}).items()]
    if result["targets"]:
        parts.append(targets_table(result["targets"]))
    return "\n\n".join(parts)


def _crowd(title: str, sides: dict[str, dict[str, Any]]) -> str:
    rows = [
        [
            name.replace("_", " "),
            *(phase[key] for key in ("per_second", "p50_ms", "p95_ms", "p99_ms", "messages")),
            ", ".join(f"{part} {spent}" for part, spent in phase["processor_ms_per_message"].items()),
        ]
        for name, phase in sides.items()
    ]
    return table((title, *HEAD), rows)


def _memory(sides: dict[str, dict[str, Any]]) -> str:
    rows = [
        [name.replace("_", " "), part, one["rss_mb"], one["pss_mb"]]
        for name, parts in sides.items()
        for part, one in parts.items()
    ]
    return table(("memory, MB", "part", "resident", "proportional"), rows)


def _cost(name: str, cost: dict[str, Any]) -> str:
    rows: list[list[object]] = [[table, one["rows"], one["bytes"]] for table, one in cost["tables"].items()]
    rows.append(["in all", cost["rows"], cost["bytes"]])
    spent = ", ".join(f"{part} {milliseconds}" for part, milliseconds in cost["processor_ms"].items())
    head = f"A conversation of {cost['questions_each']} questions, {name}"
    return table((head, "rows", "bytes"), rows) + f"\nprocessor ms: {spent}"


def _streams(streams: dict[str, Any]) -> str:
    rows = [
        ["kilobytes of the counter per stream", streams["kb_per_stream"]],
        ["share of a core while nobody writes", streams["idle_processor_share"]],
        ["a message meanwhile, p50 (ms)", streams["message_ms"]["p50"]],
        ["a message meanwhile, p95 (ms)", streams["message_ms"]["p95"]],
    ]
    return table((f"{streams['streams']:,} open event streams", ""), rows)
