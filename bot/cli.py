"""The commands of `./ventanilla`, thin: each calls one function of bot/commands or its neighbours."""

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from bot import logs
from bot.knowledge.knowledge import KnowledgeError
from bot.model_cli import model, with_tables
from bot.privacy.mask import mask
from bot.settings import ROOT
from bot.setup.environments import say
from bot.setup.problems import Problem
from bot.setup.reading import read_settings
from bot.town_cli import knowledge, new

app = typer.Typer(
    name="ventanilla",
    help="The assistant of a public agency, on Telegram and on its web page.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
user = typer.Typer(help="Accounts of staff and administrators.", no_args_is_help=True)
app.add_typer(user, name="user")
app.add_typer(model, name="model")
assistant = typer.Typer(help="Switch the assistant off and on.", no_args_is_help=True)
app.add_typer(assistant, name="assistant")
app.add_typer(knowledge, name="knowledge")
app.command()(new)

AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]
File = Annotated[Path, typer.Argument(help="The file of the backup.", resolve_path=True)]
OfAgency = Annotated[str, typer.Option("--agency", help="One agency only; without it, all.")]
PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True}


@app.command()
def start() -> None:
    """Serve: trains the model if none fits, makes the database, starts the engine."""
    from bot.commands.serve import do_start

    do_start(read_settings())


@app.command()
def train(force: Annotated[bool, typer.Option(help="Train even when a model fits.")] = False) -> None:
    """Train the model, if none fits the training data yet, and serve it; a running counter changes to it."""
    from bot.commands.releasing import do_train

    print(do_train(with_tables(), force=force))


@app.command()
def understand() -> None:
    """Read JSON lines with a "text", write what the assistant makes of each."""
    from bot.training.understand import understand as answers

    for answer in answers(read_settings(), sys.stdin):
        print(json.dumps(answer, ensure_ascii=False), flush=True)


@app.command()
def evaluate(
    file: Annotated[Path, typer.Argument(help='JSON lines with "text" and "label".', resolve_path=True)],
    as_json: AsJson = False,
) -> None:
    """Say how often messages are understood whose label a person wrote; a report with pictures goes to reports/."""
    from bot.training.evaluate import evaluate as score
    from bot.training.evaluate import lines_of
    from bot.training.report import write_report

    result = score(read_settings(), file)
    report = write_report(result, file)
    print(json.dumps(result, ensure_ascii=False) if as_json else "\n".join([*lines_of(result), f"report: {report}"]))


@app.command()
def converse(
    file: Annotated[Path, typer.Argument(help="A YAML list of conversations.", resolve_path=True)],
    address: Annotated[str, typer.Option(help="Where the counter answers; without it, as the settings say.")] = "",
    show: Annotated[bool, typer.Option(help="Print every conversation.")] = False,
    as_json: AsJson = False,
) -> None:
    """Play conversations against the running counter and judge every turn."""
    from bot.rehearsal.converse import play, read_conversations
    from bot.rehearsal.judging import count
    from bot.rehearsal.retelling import lines_of, retold

    played = asyncio.run(play(read_settings(), read_conversations(file), address))
    if as_json:
        print(json.dumps({"figures": count(played), "conversations": retold(played)}, ensure_ascii=False))
    else:
        print("\n".join(lines_of(played, show=show)))


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Say what is wrong with this installation, and how to mend it."""
    from bot.commands.checks import FAIL, examine

    logs.configure(mask, "text", "error")
    findings = []
    for finding in examine(read_settings()):
        findings.append(finding)
        if not as_json:
            print(finding.line(), flush=True)
    if as_json:
        print(json.dumps([finding.data() for finding in findings], indent=2, ensure_ascii=False))
    raise typer.Exit(1 if any(finding.state == FAIL for finding in findings) else 0)


@app.command()
def audit(
    as_json: AsJson = False,
    service: Annotated[
        str, typer.Option("--service", help="Another address than osv.dev's that speaks as it does.")
    ] = "",
) -> None:
    """Compare both locks with the published vulnerabilities, and with the list of those that cannot be reached."""
    from bot.commands.audit import audit as look_up

    found = look_up(ROOT, service)
    print(json.dumps(found.as_json(), indent=2, ensure_ascii=False) if as_json else "\n".join(found.lines()))
    raise typer.Exit(0 if found.clean else 1)


@app.command(context_settings=PASS_ON)
def test(context: typer.Context) -> None:
    """Run every check of the project; with arguments, pytest alone with those."""
    from bot.commands.testing import do_test

    raise typer.Exit(do_test(read_settings(), context.args))


@app.command(context_settings=PASS_ON)
def bench(context: typer.Context, name: Annotated[str, typer.Argument(help="One of bench/.")]) -> None:
    """Measure something: bench NAME [--json]."""
    from bot.commands.bench import do_bench

    raise typer.Exit(do_bench(name, context.args))


@app.command()
def backup(target: File) -> None:
    """Write a backup of the database and the secrets; serving goes on."""
    from bot.commands.backup import do_backup

    say(f"Written: {do_backup(read_settings(), target)}. It holds personal data and keys: keep it safe.")


@app.command("rotate-keys")
def rotate_keys(
    step: Annotated[str, typer.Option(help="One step only (new, use, finish), where more nodes serve.")] = "",
    key_lost: Annotated[
        bool, typer.Option("--key-lost", help="Go on with this home's key; the right one is lost.")
    ] = False,
) -> None:
    """Seal everything that is encrypted in the database with a new key, while serving goes on."""
    from bot.commands.keys import do_accept_loss, do_rotate

    settings = with_tables()
    say(do_accept_loss(settings) if key_lost else do_rotate(settings, step))


@app.command()
def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be erased.")] = False,
) -> None:
    """Erase what is older than data/privacy/retention.yml allows, now; a counter does it every night by itself."""
    from bot.commands.retention import do_retain

    print("\n".join(do_retain(with_tables(), dry_run=dry_run)))


@app.command()
def restore(source: File) -> None:
    """Put a backup in place; what was there is kept beside it."""
    from bot.commands.backup import do_restore, knowledge_version
    from bot.commands.serve import migrate

    settings = read_settings()
    manifest = do_restore(settings, source)
    migrate(settings)
    say(f"Restored the backup of {manifest.get('made_at')}.")
    then, today = manifest.get("knowledge"), knowledge_version(settings.knowledge)
    if isinstance(then, dict) and then.get("commit") != today["commit"]:
        say(f"Its training data stood at commit {then.get('commit')}, today's stands at {today['commit']}.")


@user.callback()
def accounts() -> None:
    """Accounts of staff and administrators."""


@user.command("add")
def add(
    email: str,
    role: Annotated[str, typer.Option(help="staff or administrator.")],
    agency: Annotated[str, typer.Option(help="The agency whose conversations the person sees.")],
    name: Annotated[str, typer.Option(help="What citizens and colleagues read.")] = "",
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read the password from there.")] = False,
) -> None:
    """Add somebody who signs in at /desk."""
    from bot.commands.accounts import add_user, read_password
    from bot.commands.serve import migrate
    from bot.setup.home import prepare_home

    settings = read_settings()
    password = read_password(password_stdin)
    prepare_home(settings.home)
    migrate(settings)
    asyncio.run(add_user(settings, email, name, role, agency, password))
    say(f"{email} can sign in at /desk as {role} of {agency}.")


@assistant.callback()
def switch() -> None:
    """The switch: while the assistant is off, citizens are told so and people answer."""


@assistant.command("off")
def off(agency: OfAgency = "", reason: Annotated[str, typer.Option(help="What staff read about it.")] = "") -> None:
    """Switch the assistant off: citizens are told, and each who writes is handed over to people."""
    from bot.commands.switch import turn_off

    say(turn_off(read_settings(), agency, reason))


@assistant.command("on")
def on(agency: OfAgency = "") -> None:
    """Switch the assistant on again."""
    from bot.commands.switch import turn_on

    say(turn_on(read_settings(), agency))


@assistant.command("status")
def status(as_json: AsJson = False) -> None:
    """Say whether the assistant answers."""
    from bot.commands.switch import lines_of, read_switch

    found = read_switch(read_settings())
    print(json.dumps([vars(off) for off in found], ensure_ascii=False) if as_json else "\n".join(lines_of(found)))


@app.command(context_settings=PASS_ON)
def rasa() -> None:
    """Run Rasa in the engine's environment: rasa shell, rasa data validate, rasa test …"""
    raise AssertionError("the launcher runs it in the engine's environment")


def _stopped(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def main() -> int:
    """Run a command; problems become one sentence and an exit code."""
    logs.configure(mask, "text", "warning")  # answers alone on standard output
    signal.signal(signal.SIGTERM, _stopped)
    try:
        code = app(prog_name="./ventanilla", standalone_mode=False)
    except Problem as problem:
        say(str(problem))
        return problem.exit_code
    except typer.Exit as ended:
        return ended.exit_code
    except KnowledgeError as error:
        say(f"The training data cannot be used: {error}")
        return 2
    except (KeyboardInterrupt, typer.Abort):
        say("\nStopped.")
        return 130
    except Exception as error:
        if not hasattr(error, "show"):
            raise
        error.show()  # click's own: a wrong option or argument
        return int(getattr(error, "exit_code", 2))
    return int(code or 0)


if __name__ == "__main__":
    sys.exit(main())
