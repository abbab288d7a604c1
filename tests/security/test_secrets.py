"""Secrets come from files or the environment, and are in nothing that is printed."""

from pathlib import Path

import pytest

from bot.commands.serve import migrate
from bot.settings import Settings
from bot.setup.problems import Problem
from bot.setup.reading import read_settings

PASSWORD = "p@ss-w0rd"
URL = "postgresql+psycopg://ventanilla:p%40ss-w0rd@127.0.0.1:9/ventanilla"


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DATABASE_URL", "TELEGRAM_TOKEN", "CREDENTIALS_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("VENTANILLA_HOME", str(tmp_path / "home"))


def test_a_secret_is_read_from_the_file_that_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "token").write_text("123456789:abcdefghijklmnop\n")
    (tmp_path / "url").write_text(URL)
    monkeypatch.setenv("TELEGRAM_TOKEN_FILE", str(tmp_path / "token"))
    monkeypatch.setenv("DATABASE_URL_FILE", str(tmp_path / "url"))
    settings = read_settings()
    assert settings.telegram_token.get_secret_value() == "123456789:abcdefghijklmnop"
    assert settings.database_url == URL


def test_systemds_credentials_are_read_by_themselves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "telegram_token").write_text("123456789:abcdefghijklmnop\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert read_settings().telegram_token.get_secret_value() == "123456789:abcdefghijklmnop"


def test_a_file_that_cannot_be_read_or_a_secret_given_twice_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TELEGRAM_TOKEN_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(Problem, match="TELEGRAM_TOKEN_FILE cannot be read"):
        read_settings()
    monkeypatch.setenv("TELEGRAM_TOKEN", "123456789:abcdefghijklmnop")
    with pytest.raises(Problem, match="both set"):
        read_settings()


def test_a_database_that_cannot_be_opened_does_not_tell_its_password(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, database_url=URL)
    assert PASSWORD not in repr(settings) and "p%40ss" not in repr(settings)
    with pytest.raises(Problem) as told:
        migrate(settings)
    assert PASSWORD not in str(told.value) and "p%40ss" not in str(told.value)
    assert settings.without_secrets(f"cannot open {URL} with {PASSWORD}").count("…") == 2
