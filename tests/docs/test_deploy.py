"""What lies under deploy/ fits the program: its settings, its metrics, its files."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.commands.serve import GRACE_SECONDS
from bot.conversation.outbox import LAST_DELIVERIES
from bot.replicas.process import TERMINATE_SECONDS
from bot.settings import ROOT, Settings
from bot.setup.reading import outside_name
from bot.turns.lane import LAST_TURNS

DEPLOY = ROOT / "deploy"
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file() and "secrets" not in path.parts)
SETTING = re.compile(r"\b((?:VENTANILLA|TELEGRAM|DATABASE|PUBLIC)_[A-Z_]+)\b")
METRIC = re.compile(r"\bventanilla_[a-z_]+")


@pytest.fixture
def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((DEPLOY / "compose.yml").read_text()))


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.relative_to(DEPLOY).as_posix())
def test_every_setting_that_it_names_exists(file: Path) -> None:
    known = {outside_name(field) for field in Settings.model_fields}
    known |= {f"{name}_FILE" for name in known}
    assert set(SETTING.findall(file.read_text())) - known == set()


def test_the_metrics_that_the_alerts_ask_for_are_in_the_table() -> None:
    table = (ROOT / "docs" / "operations.md").read_text()
    rules = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())["groups"][0]["rules"]
    asked = {name for rule in rules for name in METRIC.findall(rule["expr"])}
    told = {re.sub(r"_(bucket|count|sum|total)$", "", name) for name in asked}
    assert [name for name in sorted(told) if f"`{name}" not in table] == []
    assert all(rule["annotations"]["summary"] for rule in rules)


def test_what_the_compose_file_names_is_there(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        assert set(service.get("secrets", [])) <= set(compose["secrets"])
        named = {volume.partition(":")[0] for volume in service.get("volumes", [])}
        assert named <= set(compose["volumes"])
        assert service["restart"] == "unless-stopped"
    build = compose["services"]["counter"]["build"]
    assert (DEPLOY / build["context"] / build["dockerfile"]).is_file()


def test_no_secret_stands_in_the_compose_file(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for name in service["environment"]:
            secret = any(word in name for word in ("PASSWORD", "TOKEN", "DATABASE_URL"))
            assert not secret or name.endswith("_FILE"), name


def test_containers_keep_nothing_to_themselves_that_an_attacker_could_use(compose: dict[str, Any]) -> None:
    counter = compose["services"]["counter"]
    assert counter["read_only"] and counter["cap_drop"] == ["ALL"]
    assert all(port.startswith("127.0.0.1:") for port in counter["ports"])
    assert "ports" not in compose["services"]["database"]
    lines = (DEPLOY / "Containerfile").read_text().splitlines()
    stages = [number for number, line in enumerate(lines) if line.startswith("FROM ")]
    assert "USER ventanilla" in lines[stages[-1] :]


def test_what_an_image_copies_exists() -> None:
    ignored = (ROOT / ".containerignore").read_text().splitlines()
    for line in (DEPLOY / "Containerfile").read_text().splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            for source in line.split()[1:-1]:
                assert (ROOT / source).exists(), source
                assert source not in ignored


def test_a_stop_has_the_time_that_it_needs(compose: dict[str, Any]) -> None:
    unit = (DEPLOY / "systemd" / "ventanilla.service").read_text()
    seconds = int(re.findall(r"^TimeoutStopSec=(\d+)", unit, re.MULTILINE)[0])
    needed = GRACE_SECONDS + LAST_TURNS + LAST_DELIVERIES + TERMINATE_SECONDS
    assert seconds >= needed
    assert compose["services"]["counter"]["stop_grace_period"] == f"{seconds}s"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
def test_systemd_understands_the_units() -> None:
    units = sorted(map(str, (DEPLOY / "systemd").glob("ventanilla*")))
    said = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False).stderr
    # Where it will be installed there is nothing yet.
    wrong = [line for line in said.splitlines() if "is not executable: No such file" not in line]
    assert wrong == []
