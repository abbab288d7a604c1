"""Who changed an answer and when: the training data's own version control, asked through git."""

import asyncio
import datetime as dt
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.errors import BotError
from bot.knowledge.files import is_head
from bot.knowledge.owned import Own

MOST = 50
# Our own commits need no set-up of git, and run none of the operator's hooks or keys.
OURS = (
    *("-c", "user.name=Ventanilla", "-c", "user.email=ventanilla@localhost"),
    *("-c", "core.hooksPath=/dev/null", "-c", "commit.gpgsign=false"),
)
BY_HAND = "Changed by hand <ventanilla@localhost>"
SEPARATOR = "\x1f"


# What git takes off the ends of a name; it refuses one of which nothing is left.
CRUD = ".,:;<>\"\\'"


def author_of(name: str, email: str) -> str:
    """Somebody as the author of a commit, by her e-mail when git would take nothing of her name."""
    return f"{_bare(name) or email} <{_bare(email)}>"


@dataclass(frozen=True)
class Version:
    """One commit that touched an answer."""

    commit: str
    author: str
    at: dt.datetime
    summary: str


def commit(folder: Path, names: list[str], summary: str) -> bool:
    """One commit of these files alone, below `folder`; whether there is one. Blocks: commands have no loop."""
    told = ["commit", "--quiet", "--message", summary, "--only", "--", *names]
    return all(_git(folder, *words) for words in (["add", "--", *names], [*OURS, *told]))


def begin(folder: Path) -> bool:
    """Version control of its own for a folder that lies in none; whether it has one now."""
    return _git(folder, "rev-parse", "--is-inside-work-tree") or _git(folder, "init", "--quiet")


def _git(folder: Path, *words: str) -> bool:
    try:
        return not subprocess.run(["git", *words], cwd=folder, env=_surroundings(), capture_output=True).returncode
    except OSError:
        return False


class Versions:
    """The history of the files under `root`, which lies in a git work tree."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def check(self, path: Path) -> None:
        """Raise BotError `versions_failed` unless a change of this file could be committed.

        What somebody changed by hand and did not commit gets a commit of its own, so that nobody else signs it.
        """
        if await self._git("status", "--porcelain", "--", self._name(path)):
            await self.do_commit(path, BY_HAND, f"{path.stem}: changed by hand")

    async def do_commit(self, path: Path, author: str, message: str) -> str:
        """Commit this one file, whatever else is staged; the commit's id. Raises BotError `versions_failed`."""
        name = self._name(path)
        await self._git("add", "--", name)
        await self._git(*OURS, "commit", "--quiet", "--only", "--author", author, "--message", message, "--", name)
        return (await self._git("rev-parse", "HEAD")).strip()

    async def read(self, path: Path, own: Own, most: int = MOST) -> list[Version]:
        """The commits that touched an agency's own answer, newest first."""
        text = await self._git("show", f"HEAD:./{self._name(path)}")
        lines = await asyncio.to_thread(own_lines, text, own)
        if not lines:
            return []
        form = SEPARATOR.join(("%H", "%an", "%aI", "%s"))
        ranges = [f"-L{first},{last}:{self._name(path)}" for first, last in lines]
        told = await self._git("log", *ranges, "--no-patch", f"--max-count={most}", f"--format={form}")
        versions = []
        for line in told.splitlines():
            commit, author, at, summary = line.split(SEPARATOR, 3)
            versions.append(Version(commit, author, dt.datetime.fromisoformat(at), summary))
        return versions

    async def read_file(self, path: Path, commit: str) -> str:
        """The file as it was at `commit`. Raises BotError `not_found` for a commit that does not hold it."""
        if not (commit.isalnum() and len(commit) == 40):
            raise BotError("not_found")
        try:
            return await self._git("show", f"{commit}:./{self._name(path)}")
        except BotError as error:
            raise BotError("not_found") from error

    def _name(self, path: Path) -> str:
        return path.relative_to(self._root).as_posix()

    async def _git(self, *arguments: str) -> str:
        try:
            process = await asyncio.create_subprocess_exec(
                "git",
                *arguments,
                cwd=self._root,
                env=_surroundings(),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
        except OSError as error:
            raise BotError("versions_failed", reason="git") from error
        output, problem = await process.communicate()
        if process.returncode:
            lines = problem.decode(errors="replace").strip().splitlines()
            raise BotError("versions_failed", reason=lines[-1] if lines else "git")
        return output.decode(errors="replace")


def _bare(text: str) -> str:
    printable = "".join(sign if sign.isprintable() else " " for sign in text if sign not in "<>")
    return " ".join(printable.split()).strip(f"{CRUD} ")


def own_lines(text: str, own: Own) -> list[tuple[int, int]]:
    """The first and last line of each of the agency's wordings in the text of a file. Raises BotError `not_found`."""
    first, last = _lines_of(text, own.topic)
    try:
        [variations] = YAML().load("\n".join(text.splitlines()[first - 1 : last])).values()
        begins = [first + variations.lc.item(number)[0] for number in range(len(variations or ()))]
    except (YAMLError, AttributeError, ValueError) as error:
        raise BotError("not_found") from error
    ends = [*(begin - 1 for begin in begins[1:]), last]
    return [(begin, end) for one, begin, end in zip(variations, begins, ends, strict=True) if own.has(one)]


def _lines_of(text: str, topic: str) -> tuple[int, int]:
    """The first and last line of the topic's answer in the text of its file."""
    lines = text.splitlines()
    start = next((n for n, line in enumerate(lines) if is_head(line, topic)), None)
    if start is None:
        raise BotError("not_found")
    after = range(start + 1, len(lines))
    end = next((n for n in after if lines[n].startswith("  utter_")), len(lines))
    return start + 1, end


def _surroundings() -> dict[str, str]:
    """Our environment without what a git hook or an operator's shell points elsewhere."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return kept | {"LC_ALL": "C.UTF-8", "GIT_TERMINAL_PROMPT": "0"}
