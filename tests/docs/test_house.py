"""The house stands: nothing asks upwards, no two packages ask each other, two worlds share nothing but the wire."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.settings import ROOT

# Each may ask those before it and none behind it.
ORDER = [
    *("errors", "states", "characters", "text", "apart", "metrics", "tracing", "logs", "settings", "workers", "limits"),
    *("setup", "store", "knowledge", "privacy", "conversation", "handoff", "suggestions", "replicas", "turns"),
    *("services", "web", "desk", "studio", "channels.web", "channels.telegram", "health"),
    *("nightly", "app", "training", "rehearsal", "commands", "town_cli", "model_cli", "cli"),
]
# What still asks upwards, and why. An arrow that is gone must leave this list.
STILL = {
    ("bot.handoff.holders", "bot.services"): "is handed all services instead of what it uses",
    ("bot.web.security", "bot.desk.sessions"): "the desk holds who somebody is, until staff is a package",
}
WORLDS = {"bot": {"engine", "actions", "tests", "bench"}, "engine": {"bot", "actions", "tests", "bench"}}


def test_nobody_asks_upwards() -> None:
    found = {(asks, asked) for asks, asked in arrows() if floor(asked) > floor(asks)}
    assert found - STILL.keys() == set()


def test_what_is_listed_as_asking_upwards_still_does() -> None:
    assert STILL.keys() - arrows() == set()


def test_every_package_has_its_floor() -> None:
    assert {package(name) for name in modules()} - {""} == set(ORDER)


@pytest.mark.parametrize("world", WORLDS)
def test_the_two_worlds_never_import_each_other(world: str) -> None:
    files = [path for path in (ROOT / world).rglob("*.py") if ".venv" not in path.parts]
    assert files
    found = {(path.name, name.split(".")[0]) for path in files for name in imported(path)}
    # The counter serves its actions, which the engine asks for over the wire.
    serving = {("app.py", "actions"), ("serve.py", "actions")}
    assert {(file, name) for file, name in found if name in WORLDS[world]} - serving == set()


def arrows() -> set[tuple[str, str]]:
    """Which module of `bot` asks which one of another package."""
    known = modules()
    found = set()
    for name, path in known.items():
        for asked in imported(path):
            module = asked if asked in known else asked.rpartition(".")[0]
            if module in known and package(module) not in ("", package(name)):
                found.add((name, module))
    return found


def modules() -> dict[str, Path]:
    """Every module of `bot` by its name."""
    paths = sorted((ROOT / "bot").rglob("*.py"))
    return {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in paths}


def package(module: str) -> str:
    """The package that a module belongs to; a module of the top is one of its own. The root is ""."""
    parts = module.split(".")[1:]
    if parts[:1] == ["channels"]:
        return ".".join(parts[:2]) if len(parts) > 1 else ""
    return parts[0] if parts else ""


def floor(module: str) -> int:
    """How high its package stands."""
    return ORDER.index(package(module))


def imported(path: Path) -> Iterator[str]:
    """What a module imports, wherever in it, each as `module.name`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
