"""What stops a start is said in one sentence, before anything long has begun."""

import socket
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.commands.checks import CHECKS
from bot.commands.serve import Went, addresses
from bot.knowledge.knowledge_check import check_knowledge
from bot.replicas.engine import Wire, engine_environment
from bot.settings import ROOT, Settings
from bot.setup import reading
from bot.setup.home import hold_home, prepare_home
from bot.setup.ports import take_port
from bot.setup.problems import PROBLEMS, Problem
from bot.setup.reading import read_settings


def test_a_taken_port_is_named_with_a_free_one() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Problem, match=f"Port {port} on 127.0.0.1 is taken") as raised:
            take_port("127.0.0.1", port)
    assert "VENTANILLA_PORT=" in raised.value.mend


def test_a_free_port_is_taken() -> None:
    with take_port("127.0.0.1", 0) as taken:
        assert taken.getsockname()[1] > 0


@pytest.mark.parametrize("host", ["192.0.2.1"])
def test_an_address_of_another_machine_is_refused(host: str) -> None:
    with pytest.raises(Problem, match="cannot be served from this machine"):
        take_port(host, 8000)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("VENTANILLA_PORT", "eighty", "valid integer"),
        ("VENTANILLA_PORT", "70000", "less than or equal to 65535"),
        ("TELEGRAM_TOKEN", "secret-words", "does not look like a bot's token"),
        (
            "VENTANILLA_TELEGRAM_TOKENS",
            '{"pinares": "secret-words"}',
            "that of pinares does not look like a bot's token",
        ),
        ("VENTANILLA_TELEGRAM_TOKENS", "secret-words", "must be like"),
        ("VENTANILLA_TELEGRAM_TOKENS", '["secret-words"]', "must be like"),
        ("VENTANILLA_TELEGRAM_TOKENS", '{"pinares": ["secret-words"]}', "must be like"),
        ("VENTANILLA_TELEGRAM_TOKENS", '{"123456789:secret-words": "pinares"}', "must be like"),
        ("PUBLIC_URL", "town.example", "must start with https"),
        ("DATABASE_URL", "mysql://x", "only SQLite and PostgreSQL"),
        ("VENTANILLA_HOME", __file__, "is not a folder"),
    ],
)
def test_a_wrong_setting_is_named_with_its_place_and_an_example(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, reason: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Problem) as raised:
        read_settings()
    assert raised.value.what.startswith(f"The setting {name} (from the environment)")
    assert reason in raised.value.what and name in raised.value.mend
    assert "secret-words" not in str(raised.value)


ONE, OTHER = "123456789:abcdefghijklmnop", "987654321:ponmlkjihgfedcba"


def test_further_bots_are_named_by_their_agency_in_the_file_and_in_the_environment(
    settings_file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings_file.write_text(f'telegram_token = "{ONE}"\ntelegram_tokens = {{pinares = "{OTHER}"}}\n')
    assert read_settings().bots == {"": ONE, "pinares": OTHER}
    monkeypatch.setenv("VENTANILLA_TELEGRAM_TOKENS", f'{{"robledal": "{OTHER}"}}')
    assert read_settings().bots == {"": ONE, "robledal": OTHER}
    monkeypatch.delenv("VENTANILLA_TELEGRAM_TOKENS")
    (tmp_path / "tokens").write_text(f'{{"soto": "{OTHER}"}}\n')
    monkeypatch.setenv("VENTANILLA_TELEGRAM_TOKENS_FILE", str(tmp_path / "tokens"))
    assert read_settings().bots == {"": ONE, "soto": OTHER}


def test_two_agencies_cannot_share_one_bot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_TOKEN", ONE)
    for tokens in (f'{{"pinares": "{ONE}"}}', f'{{"pinares": "{OTHER}", "soto": "{OTHER}"}}'):
        monkeypatch.setenv("VENTANILLA_TELEGRAM_TOKENS", tokens)
        with pytest.raises(Problem, match="one bot belongs to one agency") as raised:
            read_settings()
        assert ONE not in str(raised.value) and OTHER not in str(raised.value)


def test_a_bot_of_an_agency_that_is_not_there_stops_the_start() -> None:
    settings = Settings(telegram_tokens={"nowhere": OTHER})  # type: ignore[dict-item]
    with pytest.raises(Problem, match="there is no agency nowhere, there are: aldealba") as raised:
        check_knowledge(settings)
    assert OTHER not in str(raised.value)


def test_no_bots_token_is_printed() -> None:
    settings = Settings(telegram_token=ONE, telegram_tokens={"riomar": OTHER})  # type: ignore[arg-type, dict-item]
    assert OTHER not in repr(settings) and OTHER not in str(settings.model_dump())
    assert settings.without_secrets(f"{ONE} and {OTHER}") == "… and …"
    told = CHECKS["telegram"](settings)
    assert told.state == "ok" and "riomar" in told.says and OTHER not in told.line()
    wrong = CHECKS["telegram"](settings.model_copy(update={"telegram_tokens": {"riomar": SecretStr("secret-words")}}))
    assert wrong.state == "fail" and "riomar" in wrong.says and "secret-words" not in wrong.line()


def test_a_broken_settings_file_is_one_sentence(settings_file: Path) -> None:
    settings_file.write_text("port = x\n")
    with pytest.raises(Problem, match=r"ventanilla\.toml cannot be read: Invalid value \(at line 1"):
        read_settings()


def test_other_programs_variables_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "HOST", "PORT", "AGENCY"):
        monkeypatch.setenv(name, "/somebody/elses")
    assert Settings().home == ROOT / "var" and Settings().port == 8000


@pytest.fixture
def settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setitem(Settings.model_config, "toml_file", tmp_path / "ventanilla.toml")
    return tmp_path / "ventanilla.toml"


def test_a_wrong_setting_of_the_file_is_named_with_its_place(settings_file: Path) -> None:
    settings_file.write_text('port = "eighty"\n')
    with pytest.raises(Problem, match=r"The setting port \(from ventanilla\.toml\) is not valid"):
        read_settings()


def test_a_misspelt_setting_of_the_file_is_named_with_those_there_are(settings_file: Path) -> None:
    settings_file.write_text("prot = 8001\n")
    with pytest.raises(Problem, match="There is no setting called prot") as raised:
        read_settings()
    assert "port" in raised.value.mend


def test_every_setting_has_an_example() -> None:
    assert set(reading.EXAMPLES) == set(Settings.model_fields)


def test_one_counter_at_a_time_works_in_a_home(tmp_path: Path) -> None:
    prepare_home(tmp_path / "home")
    with hold_home(tmp_path / "home"), pytest.raises(Problem, match="is being served") as raised:
        hold_home(tmp_path / "home")
    assert raised.value.code == "serving"
    hold_home(tmp_path / "home").close()


def test_a_home_below_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Problem, match="cannot be written to"):
        prepare_home(tmp_path / "file" / "home")


def test_the_engine_never_sees_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_TOKEN", "1:secret")
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    monkeypatch.setenv("LOG_LEVEL", "DEBUG")
    environment = engine_environment(Wire.new("http://127.0.0.1:1/webhook"), ROOT / "demo")
    assert not any(("secret" in value and "1:" in value) or "postgresql" in value for value in environment.values())
    assert environment["RASA_TELEMETRY_ENABLED"] == "false" and environment["OMP_NUM_THREADS"] == "1"
    assert environment["ENGINE_SECRET"] != Wire.new().engine_secret
    assert "LOG_LEVEL" not in environment, "it would write down what citizens say"


def test_addresses_are_those_that_the_world_sees() -> None:
    assert addresses(Settings(host="0.0.0.0", port=8001))["for the staff"] == "http://localhost:8001/desk"
    assert addresses(Settings(public_url="https://town.example/"))["the assistant"] == "https://town.example/"


def test_every_problem_says_what_to_do() -> None:
    for code, (what, mend, exit_code) in PROBLEMS.items():
        assert what.endswith(".") and mend and exit_code != 0, code


def test_the_launcher_needs_nothing_but_python() -> None:
    allowed = {"bot.setup", "__future__"}
    for name in ("launch", "environments", "uv", "problems"):
        for line in (ROOT / "bot" / "setup" / f"{name}.py").read_text().splitlines():
            if line.startswith(("import ", "from ")):
                module = line.split()[1]
                known = module.split(".")[0] in __import__("sys").stdlib_module_names
                assert known or any(module.startswith(prefix) for prefix in allowed), f"{name}: {line}"


def test_a_start_says_what_its_seconds_went_into(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VENTANILLA_STARTED", "100")
    assert Went(began=160.0, prepared=192.4).told(200.0) == "100 s (environments 60, model 32, engine 8)"
