"""Reads the settings and turns what is wrong with them into one sentence."""

import os
import re
import tomllib

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.settings import ROOT, Settings
from bot.setup.problems import Problem

EXAMPLES = {
    "host": "VENTANILLA_HOST=127.0.0.1",
    "port": "VENTANILLA_PORT=8000",
    "home": "VENTANILLA_HOME=/var/lib/ventanilla",
    "knowledge": "VENTANILLA_KNOWLEDGE=/srv/knowledge",
    "agency": "VENTANILLA_AGENCY=aldealba",
    "engine_replicas": "VENTANILLA_ENGINE_REPLICAS=2",
    "engine_timeout": "VENTANILLA_ENGINE_TIMEOUT=20",
    "engine_cache": "VENTANILLA_ENGINE_CACHE=2000",
    "chat_origins": "VENTANILLA_CHAT_ORIGINS=https://town.example",
    "limit_messages": "VENTANILLA_LIMIT_MESSAGES=30/minute",
    "limit_address": "VENTANILLA_LIMIT_ADDRESS=300/minute",
    "limit_starts": "VENTANILLA_LIMIT_STARTS=60/minute",
    "log_format": "VENTANILLA_LOG_FORMAT=json",
    "log_level": "VENTANILLA_LOG_LEVEL=info",
    "metrics_token": "VENTANILLA_METRICS_TOKEN=a long random text",
    "otel_endpoint": "VENTANILLA_OTEL_ENDPOINT=http://127.0.0.1:4318",
    "database_url": "DATABASE_URL=postgresql+psycopg://ventanilla@localhost/ventanilla",
    "telegram_token": "TELEGRAM_TOKEN=123456789:AA… as BotFather gives it",
    "telegram_api_base": "TELEGRAM_API_BASE=https://api.telegram.org",
    "public_url": "PUBLIC_URL=https://town.example",
}
TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]{10,}")
DATABASES = ("sqlite", "postgresql")


def read_settings() -> Settings:
    """The settings of this installation, whatever folder the command was called from."""
    os.chdir(ROOT)
    try:
        settings = Settings()
    except tomllib.TOMLDecodeError as error:
        raise Problem("toml_broken", file="ventanilla.toml", reason=str(error)) from None
    except ValidationError as error:
        raise _explain(error.errors()[0]) from None
    _check_rest(settings)
    return settings


def _check_rest(settings: Settings) -> None:
    token = settings.telegram_token.get_secret_value()
    if token and not TOKEN.fullmatch(token):
        raise _wrong("telegram_token", "it does not look like a bot's token")
    if settings.database_url and not settings.database_url.startswith(DATABASES):
        raise _wrong("database_url", "only SQLite and PostgreSQL are known")
    if settings.home.exists() and not settings.home.is_dir():
        raise _wrong("home", f"{settings.home} is not a folder")


def _explain(error: ErrorDetails) -> Problem:
    where = str(error["loc"][0]) if error["loc"] else ""
    field = field_of(where)
    if field is None:
        known = ", ".join(sorted(Settings.model_fields))
        return Problem("setting_unknown", name=where, source="ventanilla.toml", known=known)
    reason = error["msg"].removeprefix("Value error, ")
    return _wrong(field, reason[:1].lower() + reason[1:])


def _wrong(field: str, reason: str) -> Problem:
    name, source = source_of(field)
    return Problem("setting_wrong", name=name, source=source, reason=reason, example=EXAMPLES.get(field, name + "=…"))


def outside_name(field: str) -> str:
    """What the setting is called in the environment."""
    return str(Settings.model_fields[field].validation_alias or field)


def field_of(name: str) -> str | None:
    """The setting that goes by this name, in either place."""
    known = {outside_name(field).lower(): field for field in Settings.model_fields}
    return name if name in Settings.model_fields else known.get(name.lower())


def source_of(field: str) -> tuple[str, str]:
    """The name it was set by, and where that was."""
    name = outside_name(field)
    if name.lower() in (known.lower() for known in os.environ):
        return name, "the environment"
    return field, "ventanilla.toml"
