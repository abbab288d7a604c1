"""The result of `bench turns` as a person reads it."""

from typing import Any

from bench.parts.figures import table

HEAD = ("", "p50", "p95", "min", "max", "n")


def text(result: dict[str, Any]) -> str:
    """The whole report."""
    parts = [
        machine_lines(result),
        _turns(result),
        _growth(result["growth"]),
        _memory(result["memory"]),
    ]
    if "installation" in result:
        parts.append(_installation(result["installation"]))
    parts.append(targets_table(result["targets"]))
    return "\n\n".join(parts)


def _turns(result: dict[str, Any]) -> str:
    turn = result["turn"]
    rows = {
        "engine alone": turn["engine_ms"],
        "product, until stored": turn["stored_ms"],
        "product, until seen": turn["seen_ms"],
        "the counter adds, until stored": turn["added_until_stored_ms"],
        "the counter adds, until seen": turn["added_until_seen_ms"],
        "the counter adds, by its own clock": turn["added_by_own_clock_ms"],
    }
    if "stock_turn" in result:
        rows["stock Rasa"] = result["stock_turn"]["stock_ms"]
    return table(("One turn (ms)", *HEAD[1:]), [_row(name, figures) for name, figures in rows.items()])


def _growth(growth: dict[str, Any]) -> str:
    rows = [_row(f"around turn {part['turn']:,}", part["seen_ms"]) for part in (growth["early"], growth["late"])]
    return table(("A long conversation (ms)", *HEAD[1:]), rows) + f"\nratio of the medians: {growth['ratio']}"


def _row(name: str, figures: dict[str, Any]) -> list[object]:
    return [name, *(figures[key] for key in ("p50", "p95", "min", "max")), figures["count"]]


def _memory(memory: dict[str, Any]) -> str:
    rows = [[name, memory[name]["rss_mb"], memory[name]["pss_mb"]] for name in memory if "ratio" not in name]
    return table(("Memory (MB)", "resident", "proportional"), rows)


def _installation(costs: dict[str, Any]) -> str:
    size, start = costs["installed_mb"], costs["start_up_s"]
    rows = [
        ["environments (MB)", size["ours"], size["stock"]],
        ["  of these the engine's (MB)", size["engine"], size["stock"]],
        ["model (MB)", costs["model_mb"]["ours"], costs["model_mb"]["stock"]],
        ["training (s)", costs["training_s"]["ours"], costs["training_s"]["stock"]],
        ["start to ready, whole product (s)", start["product"], start["stock"]],
        ["start to ready, engine alone (s)", start["engine"], start["stock"]],
    ]
    return table(("Installation", "ours", "stock"), rows)


def machine_lines(result: dict[str, Any]) -> str:
    """What was measured, where and when."""
    machine = result["machine"]
    return (
        f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gb']} GB, {machine['system']}, "
        f"Python {machine['python']}; load {machine['load']} before, {machine['load_at_end']} after\n"
        f"commit {result['commit']}, {result['measured_at']}"
    )


def targets_table(targets: list[dict[str, Any]]) -> str:
    """Each target with its verdict."""
    rows = [
        [one["name"], one["value"], _wanted(one), one["unit"], "met" if one["met"] else "MISSED"] for one in targets
    ]
    return table(("Target", "value", "target", "unit", "verdict"), rows)


def _wanted(target: dict[str, Any]) -> str:
    return f"{'≥' if target['at_least'] else '≤'} {target['target']}"
