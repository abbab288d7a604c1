"""Which model is served: trained and released, gone back to, listed. Running counters follow within seconds."""

import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from bot.commands.backup import knowledge_version
from bot.commands.checks import serving
from bot.knowledge.yaml_check import check_yaml
from bot.replicas.releases import SUFFIX, Releases, ask, wanted
from bot.settings import ROOT, Settings
from bot.setup.environments import say
from bot.setup.problems import Problem
from bot.store.tables import ModelRelease
from bot.training.model import (
    engine_state,
    ensure_hasty_model,
    ensure_model,
    fingerprint,
    model_path,
    remove_old,
)

T = TypeVar("T")
TAKEN_UP = 180.0  # seconds; two engines start on a slow machine
LOOK = 0.2


def do_train(settings: Settings, *, force: bool) -> Path:
    """Train unless a model fits, release it, and see that the counter of this home serves it."""
    path = ensure_model(settings.home, settings.knowledge, force=force)
    remove_old(path)
    name = path.name.removesuffix(".tar.gz")
    latest = wanted(read_releases(settings))
    if latest is None or latest.name != name or force:
        _do_take_up(settings, name, lambda releases: releases.do_release(name, path.read_bytes(), **_summary(settings)))
    return path


def do_use(settings: Settings, name: str) -> None:
    """Release a model that is kept, by the beginning of its name."""
    known = read_releases(settings)
    found = [one.name for one in known if one.name == name] or [one.name for one in known if one.name.startswith(name)]
    if len(found) != 1:
        raise Problem("no_release", name=name, known=", ".join(one.name for one in known) or "none yet")
    _do_take_up(settings, found[0], lambda releases: releases.do_release(found[0]))


def do_go_back(settings: Settings) -> None:
    """Release the model that was served before this one."""
    known = read_releases(settings)
    now = wanted(known)
    before = wanted(known, {now.number}) if now else None
    if now is None or before is None or before is now:
        raise Problem("no_release", name="before", known=", ".join(one.name for one in known) or "none yet")
    do_use(settings, before.name)


def prepare_release(settings: Settings) -> tuple[ModelRelease, Path, bool]:
    """What a starting counter serves, its file, and whether a model for new training data has yet to be learned.

    Nobody waits for that: the model before goes on, or one of words alone where this engine can use none.
    """
    name = fingerprint(settings.knowledge)
    learned = name in [one.name for one in read_releases(settings)]
    if not learned and model_path(settings.home, settings.knowledge).is_file():
        _do_release(settings, ensure_model(settings.home, settings.knowledge))
        learned = True
    if not learned:
        _prepare_meanwhile(settings)
    release = wanted(read_releases(settings))
    assert release is not None  # noqa: S101 - one has just been released, if there was none
    if learned and release.name != name:
        say(f"Serving the model {release.name}, as released; the training data fits {name}.")
        say(f"  To serve that one: ./ventanilla model use {name}")
    path = _ask(settings, lambda releases: releases.fetch(release, settings.home / "models"))
    remove_old(path)
    return release, path, not learned


def _prepare_meanwhile(settings: Settings) -> None:
    """Sees that something can serve while the model for this training data is learned."""
    check_yaml(settings.knowledge)
    before = wanted(read_releases(settings))
    if before is not None and before.trained_on.get("engine") == engine_state():
        say(f"Serving the model {before.name} while the new training data is learned.")
        return
    path = ensure_hasty_model(settings.home, settings.knowledge)
    _do_release(settings, path)
    say("Serving by words alone until the meaning is learned, too (minutes).")


def _do_release(settings: Settings, path: Path) -> None:
    name, archive = path.name.removesuffix(SUFFIX), path.read_bytes()
    _ask(settings, lambda releases: releases.do_release(name, archive, **_summary(settings)))


def read_releases(settings: Settings) -> Sequence[ModelRelease]:
    """The models that are kept, the latest first. A Problem when the database cannot be read."""
    return _ask(settings, Releases.read_all)


def lines_of(settings: Settings) -> Iterator[str]:
    """The list as an operator reads it."""
    releases = read_releases(settings)
    now = wanted(releases)
    fits = fingerprint(settings.knowledge)
    for one in releases:
        state = "refused: " + one.refused if one.refused else "serves" if one is now else ""
        if one is now and one.served_at is None and not one.refused:
            state = "released, not served yet"
        notes = ", ".join(note for note in (state, "fits the training data" if one.name == fits else "") if note)
        trained = one.trained_on
        about = f"{trained.get('topics', 0)} topics, {trained.get('examples', 0)} examples"
        commit = f", commit {str(trained['commit'])[:8]}" if trained.get("commit") else ""
        yield f"{one.name}  {one.made_at:%Y-%m-%d %H:%M}  {about}{commit}" + (f"  ({notes})" if notes else "")


def _do_take_up(settings: Settings, name: str, do_release: Callable[[Releases], Coroutine[Any, Any, int]]) -> None:
    """Release it; where a counter works in this home, wait until it serves it, or say why it does not."""
    number = _ask(settings, do_release)
    if not serving(settings):
        say(f"Released {name}. Counters that run elsewhere take it up within seconds; this home's with its next start.")
        return
    started = time.monotonic()
    while time.monotonic() - started < TAKEN_UP:
        release = next((one for one in read_releases(settings) if one.number == number), None)
        if release is None:
            return  # released once more meanwhile
        if release.refused:
            raise Problem("model_refused", name=name, reason=release.refused, log=settings.home / "log")
        if release.served_at:
            say(f"Serving {name} after {time.monotonic() - started:.1f} s.")
            return
        time.sleep(LOOK)
    raise Problem("model_refused", name=name, reason="nobody took it up", log=settings.home / "log")


def _ask(settings: Settings, question: Callable[[Releases], Coroutine[Any, Any, T]]) -> T:
    try:
        return ask(settings, question)
    except (SQLAlchemyError, OSError) as error:
        raise Problem("database_failed", reason=str(error).strip().splitlines()[0]) from error


def _summary(settings: Settings) -> dict[str, object]:
    """What the model was trained on, in numbers."""
    lines = [
        line.strip()
        for folder in (ROOT, settings.knowledge)
        for path in (folder / "data" / "nlu").rglob("*.y*ml")
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    return {
        "topics": len({line for line in lines if line.startswith("- intent: faq/")}),
        "examples": sum(line.startswith("- ") and not line.startswith("- intent:") for line in lines),
        "commit": knowledge_version(settings.knowledge)["commit"],
        "engine": engine_state(),
    }
