"""The browser of the tests: the one of the system, installed when it can be."""

import os
import shutil
import subprocess
from pathlib import Path

from bot.setup.environments import say
from bot.setup.problems import Problem

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
VARIABLE = "VENTANILLA_TEST_BROWSER"  # the tests start what it names


def find_browser() -> str | None:
    """The path of a Chromium, or None."""
    chosen = os.environ.get(VARIABLE)
    if chosen and Path(chosen).is_file():
        return chosen
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def get_browser() -> str:
    """The path of a Chromium; installs Debian's when there is none and we may."""
    found = find_browser()
    if found is None:
        _install()
        found = find_browser()
    if found is None:
        raise Problem("no_browser", reason="it is still not on the PATH")
    return found


def _install() -> None:
    if shutil.which("apt-get") is None:
        raise Problem("no_browser", reason="this system has no apt-get")
    if os.geteuid() != 0:
        raise Problem("no_browser", reason="installing it takes root")
    say("Installing Chromium for the browser tests …")
    surroundings = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-q"], ["apt-get", "install", "-qy", "--no-install-recommends", "chromium"]):
        done = subprocess.run(
            command, env=surroundings, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        if done.returncode:
            lines = done.stdout.decode(errors="replace").strip().splitlines()
            raise Problem("no_browser", reason=lines[-1] if lines else "apt-get failed")
