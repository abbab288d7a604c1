"""`python -m engine <arguments>` is Rasa's own command line (`train`, `run`, `shell`, `test`, `data validate` …).

Run it at the repository's root. It differs from `rasa` in three things: TensorFlow may be missing, nothing calls home,
and `run` and `shell` listen on the loopback interface unless told otherwise.
"""

from __future__ import annotations

import os
import sys
import warnings
from typing import List

from engine import no_tensorflow

# What `endpoints.yml` and `credentials.yml` name must exist, or Rasa refuses to read them (also in `shell` and `test`).
DEFAULTS = {
    "RASA_TELEMETRY_ENABLED": "false",
    "ENGINE_SECRET": "",
    "ACTION_ENDPOINT": "http://127.0.0.1:5055/webhook",
    "ACTION_TOKEN": "",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "OMP_NUM_THREADS": "1",
}


def with_loopback(arguments: List[str]) -> List[str]:
    """The arguments, with a server bound to 127.0.0.1 when they do not say where to listen."""
    chosen = any(a in ("-i", "--interface", "-h", "--help") or a.startswith("--interface=") for a in arguments)
    serves = arguments[:1] in (["run"], ["shell"]) and arguments[1:2] not in (["actions"], ["nlu"])
    if not serves or chosen:
        return arguments
    return [*arguments, "--interface", "127.0.0.1"]


def main() -> None:
    """Prepares the process, then hands over to Rasa."""
    for name, value in DEFAULTS.items():
        os.environ.setdefault(name, value)
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    no_tensorflow.install()
    # The topic classifier speaks for Rasa's ResponseSelector, which would need TensorFlow.
    warnings.filterwarnings("ignore", message=".*does not include a response selector.*")
    sys.argv = ["rasa", *with_loopback(sys.argv[1:])]

    from rasa.__main__ import main as rasa_main

    rasa_main()


if __name__ == "__main__":
    main()
