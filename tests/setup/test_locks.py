"""What the locks promise a fresh machine: one Python, and nothing that has to be compiled."""

import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

from bot.settings import ROOT
from bot.setup.environments import COUNTER, ENGINE

# Published as source alone, and pure Python: building one asks for no compiler.
PURE = {"docopt", "mattermostwrapper", "randomname"}
ELSEWHERE = {"pywin32", "tensorflow-macos"}  # never installed on Linux


@pytest.mark.parametrize("env", [COUNTER, ENGINE], ids=lambda env: env.name)
def test_a_fresh_linux_machine_compiles_nothing(env) -> None:
    wheels = defaultdict(list)  # of all versions of a package: some are for another Python
    for package in packages(ROOT / env.folder / "uv.lock"):
        if not {"virtual", "editable"} & set(package["source"]):
            wheels[package["name"]] += [wheel["url"].rsplit("/", 1)[-1] for wheel in package.get("wheels", ())]
    assert {name for name, found in wheels.items() if not any(map(fits, found))} <= PURE | ELSEWHERE


def test_one_python_runs_both_worlds() -> None:
    wanted = (ROOT / ".python-version").read_text().split()
    assert [COUNTER.python, ENGINE.python] == wanted * 2


def packages(lock: Path) -> list[dict]:
    return tomllib.loads(lock.read_text(encoding="utf-8"))["package"]


def fits(wheel: str) -> bool:
    """Whether a wheel installs on Linux with a PC's processor and the Python of both worlds."""
    python, abi, platform = wheel.removesuffix(".whl").split("-")[-3:]
    if platform == "any":
        return "py3" in python
    mine = f"cp{COUNTER.python.replace('.', '')}" in python or abi == "abi3" or "py3" in python
    return mine and "linux" in platform and "x86_64" in platform
