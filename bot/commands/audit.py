"""`./ventanilla audit`: both locks compared with the published vulnerabilities, and with the list that we keep.

uv asks the service (https://osv.dev) about every locked package. What is known of the engine's old libraries stands in
`engine/findings.yml` with the reason why it cannot be reached; anything else is for somebody to act on.
"""

import json
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.setup.problems import Problem
from bot.setup.uv import get_uv

FINDINGS = Path("engine") / "findings.yml"
PARTS = {"counter": Path(), "engine": Path("engine")}
SECONDS = 300
_COMMAND = ("audit", "--frozen", "--no-dev", "--output-format", "json")
_PREVIEW = ("--preview-features", "audit-command,json-output")


@dataclass(frozen=True)
class Finding:
    """A published vulnerability of a locked package."""

    part: str  # counter or engine
    package: str
    version: str
    id: str
    aliases: tuple[str, ...]
    summary: str
    fixed_in: tuple[str, ...]

    def is_named_by(self, id: str) -> bool:
        """Whether `id` is one of its names."""
        return id == self.id or id in self.aliases


@dataclass(frozen=True)
class Audit:
    """What the service knows of both locks, beside what we keep."""

    packages: int
    new: list[Finding]  # on no list: to be acted on
    known: list[Finding]
    gone: list[str]  # on our list, and known of no locked version any more: to be taken off it

    def lines(self) -> list[str]:
        """For people."""
        told = [f"{self.packages} packages of both locks were looked up."]
        for one in self.new:
            fixed = f" (fixed in {', '.join(one.fixed_in)})" if one.fixed_in else ""
            told.append(f"NEW    {one.part}: {one.package} {one.version}: {one.id} {one.summary}{fixed}")
        told += [f"known  {one.part}: {one.package} {one.version}: {one.id}" for one in self.known]
        told += [f"GONE   {id} is in {FINDINGS} and applies to no locked version: take it off." for id in self.gone]
        return told

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return asdict(self)

    @property
    def clean(self) -> bool:
        """Whether nobody has to do anything."""
        return not self.new and not self.gone


def audit(root: Path, service: str = "") -> Audit:
    """Look up both locks below `root`. Raises Problem when the service does not answer, or our list is no list."""
    accepted = read_accepted(root / FINDINGS)
    packages, found = 0, []
    uv = get_uv(root)  # one for both: below the engine's folder it would install another
    for part, folder in PARTS.items():
        answer = _ask(uv, root / folder, part, service)
        packages += int(answer["summary"]["audited_packages"])
        found += [_finding(part, one) for one in answer["vulnerabilities"]]
    known = [one for one in found if one.part == "engine" and any(one.is_named_by(id) for id in accepted)]
    gone = [id for id in accepted if not any(one.is_named_by(id) for one in known)]
    return Audit(packages, [one for one in found if one not in known], known, gone)


def read_accepted(path: Path) -> list[str]:
    """The ids of the list that we keep, which says of each why it cannot be reached."""
    try:
        return [str(one["id"]) for one in yaml.safe_load(path.read_text(encoding="utf-8"))["findings"]]
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise Problem("no_findings", where=path, reason=type(error).__name__) from None


def _ask(uv: list[str], folder: Path, part: str, service: str) -> dict[str, Any]:
    command = [*uv, *_COMMAND, *_PREVIEW, *(("--service-url", service) if service else ())]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS)
        answer = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        raise Problem("no_audit", part=part) from None
    return dict(answer)


def _finding(part: str, one: dict[str, Any]) -> Finding:
    package = one["dependency"]
    return Finding(
        part,
        str(package["name"]),
        str(package["version"]),
        str(one["id"]),
        tuple(one.get("aliases") or ()),
        str(one.get("summary") or ""),
        tuple(one.get("fix_versions") or ()),
    )
