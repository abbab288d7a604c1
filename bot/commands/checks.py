"""The checks of `./ventanilla doctor`: each looks at one thing and says how to mend it."""

import asyncio
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from bot.commands.browser import find_browser
from bot.commands.keys import check_key
from bot.knowledge.knowledge_check import check_knowledge
from bot.knowledge.yaml_check import check_yaml
from bot.replicas.engine import Wire, engine_launch
from bot.replicas.releases import SUFFIX, Releases, ask
from bot.replicas.supervisor import Supervisor
from bot.settings import ROOT, Settings
from bot.setup.environments import COUNTER, ENGINE, Environment, fits, python_of
from bot.setup.home import NEEDED_MEGABYTES, hold_home, loose
from bot.setup.ports import take_port
from bot.setup.problems import Problem
from bot.setup.reading import TOKEN
from bot.setup.uv import find_uv
from bot.store.migrate import is_current
from bot.store.tables import ModelRelease
from bot.training.encoder import has_encoder
from bot.training.model import model_path

OK, WARN, FAIL = "ok", "warn", "fail"
ENGINE_SECONDS = 90.0
MOST_NAMED = 5  # files of the home in one line


@dataclass(frozen=True)
class Finding:
    """One line of the doctor."""

    check: str
    state: str
    says: str
    mend: str = ""

    def line(self) -> str:
        """As an operator reads it."""
        mend = f"\n     → {self.mend}" if self.mend else ""
        return f"{self.state:<4} {self.check}: {self.says}{mend}"

    def data(self) -> dict[str, str]:
        """As a program reads it."""
        return asdict(self)


Check = Callable[[Settings], Finding]


def examine(settings: Settings) -> Iterator[Finding]:
    """Every check, one after the other; one that breaks is a finding itself."""
    for name, check in CHECKS.items():
        try:
            yield check(settings)
        except Problem as problem:
            yield Finding(name, FAIL, problem.what, problem.mend)
        except Exception as error:  # a doctor that falls ill is of no use
            yield Finding(name, FAIL, f"could not be checked ({type(error).__name__}: {error})", "Report this line.")


def _uv(_: Settings) -> Finding:
    found = find_uv(ROOT)
    if found is None:
        return Finding("uv", WARN, "not found", "./ventanilla start installs it under var/tools.")
    return Finding("uv", OK, " ".join(found))


def _environment(env: Environment) -> Check:
    def check(_: Settings) -> Finding:
        name = f"{env.name} environment"
        if not python_of(ROOT, env).exists():
            return Finding(name, FAIL, "not made yet", "Run ./ventanilla start.")
        version = _output([str(python_of(ROOT, env)), "--version"]).removeprefix("Python ")
        if not version:
            return Finding(name, FAIL, "its Python does not answer", "Run ./ventanilla start: it is made again.")
        if not version.startswith(env.python + "."):
            return Finding(name, FAIL, f"has Python {version} and needs {env.python}", "Remove it and start again.")
        if not fits(ROOT, env):
            return Finding(name, WARN, f"Python {version}, not made from today's lock", "Run ./ventanilla start.")
        return Finding(name, OK, f"Python {version}, as its lock says")

    return check


def _disk(settings: Settings) -> Finding:
    place = next(folder for folder in (settings.home, *settings.home.parents) if folder.exists())
    free = shutil.disk_usage(place).free // 1_000_000
    if free < NEEDED_MEGABYTES:
        return Finding("disk", FAIL, f"{free} MB free at {place}", f"Free at least {NEEDED_MEGABYTES} MB.")
    state = WARN if free < 5 * NEEDED_MEGABYTES else OK
    return Finding("disk", state, f"{free} MB free at {place}", "Free some room soon." if state == WARN else "")


def _port(settings: Settings) -> Finding:
    where = f"{settings.host}:{settings.port}"
    if serving(settings):
        return Finding("port", OK, f"{where}, this installation is being served")
    take_port(settings.host, settings.port).close()
    return Finding("port", OK, f"{where} is free")


def _knowledge(settings: Settings) -> Finding:
    check_yaml(settings.knowledge)
    check_knowledge(settings)
    return Finding("training data", OK, "every file can be read, and they fit together")


def _model(settings: Settings) -> Finding:
    path = model_path(settings.home, settings.knowledge)
    name = path.name.removesuffix(SUFFIX)
    released = _releases(settings)
    if released and released[0].refused:
        says = f"{released[0].name} could not be used ({released[0].refused}); the one before goes on"
        return Finding("model", WARN, says, "Mend the training data and run ./ventanilla train.")
    if released and released[0].name != name:
        return Finding(
            "model", WARN, f"{released[0].name} is served; the training data fits {name}",
            "Leave it, or run ./ventanilla train to serve the one that fits.",
        )  # fmt: skip
    if not released and not path.is_file():
        return Finding("model", WARN, "none fits the training data", "./ventanilla train (start does it as well).")
    return Finding("model", OK, f"{name} fits the training data")


def _encoder(_: Settings) -> Finding:
    if has_encoder():
        return Finding("encoder", OK, "installed: messages are understood by their words and by their meaning")
    return Finding(
        "encoder", WARN, "not installed for this processor: messages are understood by their words alone",
        "Nothing to mend; docs/understanding.md says what it costs. A Linux machine with an x86-64 processor has it.",
    )  # fmt: skip


def _releases(settings: Settings) -> Sequence[ModelRelease]:
    """The models in the database; none when it cannot be read, which another check tells."""
    if not settings.database_url and not (settings.home / "ventanilla.db").exists():
        return []
    try:
        return ask(settings, Releases.read_all)
    except (SQLAlchemyError, OSError):
        return []


def _database(settings: Settings) -> Finding:
    if not settings.database_url and not (settings.home / "ventanilla.db").exists():
        return Finding("database", WARN, "not made yet", "./ventanilla start makes it.")
    try:
        current = is_current(settings)
    except Exception as error:
        reason = str(error).splitlines()[0]
        raise Problem("database_failed", reason=reason) from None
    if not current:
        return Finding(
            "database", WARN, "reachable, its tables are of an older version", "./ventanilla start migrates it."
        )
    return Finding("database", OK, "reachable, its tables are current")


def _engine(settings: Settings) -> Finding:
    """Start one and see: the only proof."""
    model = model_path(settings.home, settings.knowledge)
    if serving(settings):
        return Finding("engine", OK, "runs under the counter that is serving (GET /readyz tells its state)")
    if not model.is_file() or not python_of(ROOT, ENGINE).exists():
        return Finding("engine", WARN, "not tried: environment or model is missing", "Run ./ventanilla train first.")
    seconds, reason = asyncio.run(_try_engine(settings, model))
    if reason:
        log = settings.home / "log" / "engine-1.log"
        problem = Problem("engine_not_ready", seconds=f"{seconds:.0f}", reason=reason, log=log)
        return Finding("engine", FAIL, problem.what, problem.mend)
    return Finding("engine", OK, f"ready after {seconds:.0f} s")


async def _try_engine(settings: Settings, model: Path) -> tuple[float, str]:
    loop = asyncio.get_running_loop()
    started = loop.time()
    supervisor = Supervisor(engine_launch(settings, model, Wire.new("http://127.0.0.1:9/webhook")))
    await supervisor.start()
    try:
        ready = await supervisor.wait_ready(ENGINE_SECONDS)
        reason = "" if ready else str(supervisor.status()[0]["reason"] or "still starting")
    finally:
        await supervisor.stop()
    return loop.time() - started, reason


def _git(settings: Settings) -> Finding:
    if shutil.which("git") is None:
        return Finding("git", WARN, "not found: the studio cannot keep versions of answers", "apt-get install git")
    if _output(["git", "-C", str(settings.knowledge), "rev-parse", "--is-inside-work-tree"]) != "true":
        return Finding(
            "git", WARN, f"{settings.knowledge} is not under version control",
            "The studio needs it to keep versions: git init && git add -A && git commit -m 'First version'",
        )  # fmt: skip
    return Finding("git", OK, "the training data is under version control")


def _telegram(settings: Settings) -> Finding:
    bots = {agency or settings.agency: token for agency, token in settings.bots.items()}
    if not bots:
        return Finding("telegram", OK, "no token set: the web chat alone is served")
    if wrong := [agency for agency, token in bots.items() if not TOKEN.fullmatch(token)]:
        says = f"the token of {', '.join(wrong)} has not the form of one"
        return Finding("telegram", FAIL, says, "Copy it again from @BotFather.")
    how = "by webhook" if settings.public_url.startswith("https://") else "by long polling"
    return Finding("telegram", OK, f"the tokens of {', '.join(bots)} have the right form, messages come {how}")


def _secrets(settings: Settings) -> Finding:
    if found := loose(settings.home):
        names = ", ".join(str(path) for path in found[:MOST_NAMED])
        return Finding(
            "secrets", WARN, f"other users of this machine can get at {names}",
            f"As its owner: chmod 700 {settings.home}. Where all share it, set VENTANILLA_HOME to another folder.",
        )  # fmt: skip
    return Finding("secrets", OK, "readable by their owner alone")


def _key(settings: Settings) -> Finding:
    if _database(settings).state != OK:
        return Finding("key", WARN, "not tried: the database is missing or of an older version")
    try:
        check_key(settings)
    except Problem as problem:
        return Finding("key", FAIL, problem.what, problem.mend)
    return Finding("key", OK, "opens what is sealed in the database")


def _browser(_: Settings) -> Finding:
    found = find_browser()
    if found is None:
        return Finding("browser", WARN, "no Chromium: only needed for ./ventanilla test", "apt-get install chromium")
    return Finding("browser", OK, found)


def serving(settings: Settings) -> bool:
    """Whether a counter works in this home now."""
    if not (settings.home / "serving.lock").exists():
        return False
    try:
        hold_home(settings.home).close()
    except Problem:
        return True
    return False


def _output(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


CHECKS: dict[str, Check] = {
    "uv": _uv,
    "counter environment": _environment(COUNTER),
    "engine environment": _environment(ENGINE),
    "disk": _disk,
    "port": _port,
    "training data": _knowledge,
    "model": _model,
    "encoder": _encoder,
    "database": _database,
    "engine": _engine,
    "git": _git,
    "telegram": _telegram,
    "secrets": _secrets,
    "key": _key,
    "browser": _browser,
}
