"""What can go wrong around an installation, each with one sentence and what to do about it.

Read by the launcher before any environment exists: standard library only, Python 3.8 and later.
"""

from __future__ import annotations

# code: (the sentence, what to do, exit code)
PROBLEMS: dict[str, tuple[str, str, int]] = {
    "no_uv": (
        "uv, the tool that makes the environments, is missing and could not be installed ({reason}).",
        "Check the network, or install uv by hand (python3 -m pip install uv), and run this again.",
        3,
    ),
    "no_pip": (
        "uv is missing and this Python ({python}) has no pip to install it with.",
        "On Debian and Ubuntu: apt-get install python3-pip python3-venv. Then run this again.",
        3,
    ),
    "no_python": (
        "Python {version}, which {part} needs, is not on this machine and could not be fetched.",
        "Install Python {version} (pyenv install {version}, or the system's packages), then run this again.",
        3,
    ),
    "no_network": (
        "The packages of {part} could not be fetched: the package index cannot be reached.",
        "Check the network or the proxy (HTTPS_PROXY, UV_INDEX_URL) and run this again; what was fetched is kept.",
        4,
    ),
    "no_disk": (
        "There is not enough room on the disk: {where} has {free} MB free, {part} needs about {need} MB.",
        "Free some room, or put the project on another disk, and run this again.",
        5,
    ),
    "disk_full": (
        "The disk filled up while {part} was being made; what was half made has been removed.",
        "Free about {need} MB at {where} and run this again.",
        5,
    ),
    "not_writable": (
        "{where} cannot be written to by this user.",
        "Run this as the owner of the folder, or set VENTANILLA_HOME to a folder of your own.",
        5,
    ),
    "environment_failed": (
        "Making {part} failed: {reason}.",
        "The full output is in {log}. Run this again; if it stays, run ./ventanilla doctor.",
        3,
    ),
    "no_lock": (
        "{lock} is missing: this checkout is not complete.",
        "Fetch the whole project again (git status shows what is missing).",
        3,
    ),
    "no_audit": (
        "The vulnerabilities of {part} could not be looked up: no answer, or uv is too old to ask. Nothing is claimed.",
        "Check the network (https://api.osv.dev), bring uv up to date (python3 -m pip install -U uv), run this again.",
        4,
    ),
    "no_findings": (
        "{where} cannot be read ({reason}).",
        "It holds `findings:`, a list of entries with an `id`; git restores the last good one.",
        2,
    ),
    "port_taken": (
        "Port {port} on {host} is taken by another program.",
        "Choose another: VENTANILLA_PORT={other} ./ventanilla start (or port = {other} in ventanilla.toml).",
        6,
    ),
    "address_unusable": (
        "The address {host} (VENTANILLA_HOST) cannot be served from this machine.",
        "Use 127.0.0.1 for this machine alone, 0.0.0.0 for the whole network.",
        6,
    ),
    "port_forbidden": (
        "Port {port} may only be opened by the system's administrator.",
        "Choose one above 1023, for example VENTANILLA_PORT=8000.",
        6,
    ),
    "setting_wrong": (
        "The setting {name} (from {source}) is not valid: {reason}.",
        "For example: {example}.",
        2,
    ),
    "setting_file": (
        "A setting that is kept in a file cannot be used: {reason}.",
        "Give it once, either itself or as NAME_FILE with the path of a file that the service may read.",
        2,
    ),
    "setting_unknown": (
        "There is no setting called {name} ({source}).",
        "Known are: {known}.",
        2,
    ),
    "toml_broken": (
        "{file} cannot be read: {reason}.",
        "One setting a line, for example: port = 8000",
        2,
    ),
    "yaml_broken": (
        "{file}, line {line}: {reason}.",
        "Mend that line and run this again.",
        2,
    ),
    "knowledge_missing": (
        "The training data is not complete: {file} is missing in {where}.",
        "Fetch it again (git status shows what is missing), or set VENTANILLA_KNOWLEDGE to its folder.",
        2,
    ),
    "knowledge_old": (
        "{where} is a folder of the time before a town's own data stood apart: it holds config.yml and no town.yml.",
        "Run ./ventanilla knowledge upgrade {where}: it keeps what is the town's own, the rest is the product's.",
        2,
    ),
    "new_town": ("The town's folder could not be made: {reason}.", "Mend that and run the same again.", 2),
    "sheet_wrong": (
        "The sheet was not imported: {reason}.",
        "Mend it in the spreadsheet and import it again; --dry-run shows what would change.",
        2,
    ),
    "not_upgraded": ("The folder was left as it is: {reason}.", "docs/upgrade.md says what an upgrade needs.", 2),
    "knowledge_wrong": (
        "The training data does not pass: {reason}.",
        "Mend what is named and run this again (a counter that is serving goes on with the last state that passed).",
        2,
    ),
    "training_failed": (
        "Training the model failed: {reason}.",
        "The full output is in {log}.",
        2,
    ),
    "no_release": (
        "There is no model called {name} among those that are kept.",
        "There are: {known}. ./ventanilla model list tells more.",
        2,
    ),
    "model_refused": (
        "The model {name} could not be used ({reason}). The one before goes on serving.",
        "Mend the training data and run ./ventanilla train again; {log} has the engine's own words.",
        7,
    ),
    "no_figures": (
        "The model {model} says nothing about its topics ({reason}).",
        "Run ./ventanilla train --force, and ask again.",
        2,
    ),
    "engine_not_ready": (
        "The engine did not become ready within {seconds} seconds ({reason}).",
        "Its output is in {log}; ./ventanilla doctor checks the rest.",
        7,
    ),
    "not_served": (
        "The counter could not begin to serve (the reason stands above).",
        "Run ./ventanilla doctor.",
        7,
    ),
    "database_failed": (
        "The database cannot be used: {reason}.",
        "Check DATABASE_URL and that the folder of the database can be written to; ./ventanilla doctor tells more.",
        8,
    ),
    "serving": (
        "Ventanilla is being served from {where} (process {pid}).",
        "Stop it first, then run this again.",
        9,
    ),
    "not_a_backup": (
        "{file} is not a backup of Ventanilla: {reason}.",
        "Choose a file that ./ventanilla backup wrote.",
        2,
    ),
    "no_file": (
        "There is no file {file}.",
        "Give the path of one that is there.",
        2,
    ),
    "file_exists": (
        "{file} is there already.",
        "Choose another name, or remove it first.",
        2,
    ),
    "other_database": (
        "{file} comes from the other kind of database: SQLite and PostgreSQL do not read each other's backups.",
        "Set DATABASE_URL to the kind of database that the backup was made from.",
        2,
    ),
    "serving_elsewhere": (
        "Another counter is serving from this PostgreSQL database.",
        "Stop the counters of all nodes first, then run this again.",
        9,
    ),
    "bad_conversations": (
        "{file} holds no conversations to play: {reason}.",
        "Write a YAML list with id, lang, kind and turns; docs/understanding.md says how.",
        2,
    ),
    "not_serving": (
        "Nobody answers at {address}.",
        "Start the product first (./ventanilla start), or name its address with --address.",
        4,
    ),
    "no_reply": (
        "A message got no answer in {seconds:.0f} seconds.",
        "Look at the counter's log; ./ventanilla doctor says what is wrong.",
        4,
    ),
    "refused": (
        "The counter refused a call: {reason} ({status}).",
        "Look at the counter's log; ./ventanilla doctor says what is wrong.",
        4,
    ),
    "bad_line": (
        'Line {line} of the input is not JSON with a "text": {reason}.',
        'One object a line, for example {{"text": "hola"}}.',
        2,
    ),
    "understanding_failed": (
        "The engine could not read the input (exit code {status}).",
        "What it said is in {log}.",
        7,
    ),
    "unknown_bench": (
        "There is no measurement called {name}.",
        "There are: {names}.",
        2,
    ),
    "no_browser": (
        "The browser tests need Chromium, which is not on this machine and could not be installed ({reason}).",
        "Install it (on Debian: apt-get install chromium) and run this again.",
        3,
    ),
    "no_language": (
        "Nobody has described the language {name}.",
        "There are: {names}. Another one is a folder of data/languages with its words (docs/answers.md).",
        2,
    ),
    "no_agency": (
        "There is no agency {name}.",
        "There are: {names}.",
        2,
    ),
    "no_tracing": (
        "Traces are asked for (VENTANILLA_OTEL_ENDPOINT), but OpenTelemetry is not installed.",
        "Install it: uv sync --frozen --no-dev --inexact --extra tracing (or take the setting away).",
        2,
    ),
    "other_key": (
        "The database is written with a key that is not in {where}/secrets.",
        "Copy installation.key there from the node that serves, or from a backup. If it is lost for good: "
        "./ventanilla rotate-keys --key-lost",
        8,
    ),
    "no_step": (
        "There is no step {step}.",
        "There are, in this order: {steps}.",
        2,
    ),
    "no_new_key": (
        "There is no new key in this home that this step could go on with.",
        "Begin with ./ventanilla rotate-keys --step new, then --step use; copy the key to every home after each.",
        2,
    ),
    "bad_account": (
        "The account was not made: {reason}.",
        "See ./ventanilla user add --help.",
        2,
    ),
}


class Problem(Exception):
    """Something that a person has to mend. `what` says what is wrong, `mend` what to do."""

    def __init__(self, code: str, **values: object) -> None:
        what, mend, exit_code = PROBLEMS[code]
        self.code = code
        self.what = what.format(**values)
        self.mend = mend.format(**values)
        self.exit_code = exit_code
        super().__init__(self.what)

    def __str__(self) -> str:
        return self.what + "\n  " + self.mend
