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
    "agency": "VENTANILLA_AGENCY=pinares",
    "engine_replicas": "VENTANILLA_ENGINE_REPLICAS=2",
    "engine_timeout": "VENTANILLA_ENGINE_TIMEOUT=20",
    "engine_cache": "VENTANILLA_ENGINE_CACHE=2000",
    "form_left_hours": "VENTANILLA_FORM_LEFT_HOURS=24",
    "chat_origins": "VENTANILLA_CHAT_ORIGINS=https://town.example",
    "limit_messages": "VENTANILLA_LIMIT_MESSAGES=30/minute",
    "limit_address": "VENTANILLA_LIMIT_ADDRESS=300/minute",
    "limit_starts": "VENTANILLA_LIMIT_STARTS=60/minute",
    "limit_references": "VENTANILLA_LIMIT_REFERENCES=10/hour",
    "limit_references_address": "VENTANILLA_LIMIT_REFERENCES_ADDRESS=60/hour",
    "log_format": "VENTANILLA_LOG_FORMAT=json",
    "log_level": "VENTANILLA_LOG_LEVEL=info",
    "metrics_token": "VENTANILLA_METRICS_TOKEN=a long random text",
    "otel_endpoint": "VENTANILLA_OTEL_ENDPOINT=http://127.0.0.1:4318",
    "limit_reads": "VENTANILLA_LIMIT_READS=1200/minute",
    "limit_sign_in": "VENTANILLA_LIMIT_SIGN_IN=20/minute;200/hour",
    "streams_conversation": "VENTANILLA_STREAMS_CONVERSATION=10",
    "streams_address": "VENTANILLA_STREAMS_ADDRESS=2500",
    "trusted_proxies": "VENTANILLA_TRUSTED_PROXIES=127.0.0.1",
    "second_factor_administrators": "VENTANILLA_SECOND_FACTOR_ADMINISTRATORS=true",
    "oidc_issuer": "VENTANILLA_OIDC_ISSUER=https://login.town.example",
    "oidc_client_id": "VENTANILLA_OIDC_CLIENT_ID=ventanilla",
    "oidc_client_secret": "VENTANILLA_OIDC_CLIENT_SECRET_FILE=/run/secrets/oidc",
    "oidc_name": "VENTANILLA_OIDC_NAME=the town's account",
    "oidc_only": "VENTANILLA_OIDC_ONLY=true",
    "database_url": "DATABASE_URL=postgresql+psycopg://ventanilla@localhost/ventanilla",
    "telegram_token": "TELEGRAM_TOKEN=123456789:AA… as BotFather gives it",
    "telegram_tokens": 'VENTANILLA_TELEGRAM_TOKENS={"pinares": "123456789:AA… as BotFather gives it"}',
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
    except ValueError as error:
        raise Problem("setting_file", reason=str(error)) from None
    _check_rest(settings)
    return settings


def _check_rest(settings: Settings) -> None:
    _check_bots(settings)
    if settings.database_url and not settings.database_url.startswith(DATABASES):
        raise setting_wrong("database_url", "only SQLite and PostgreSQL are known")
    if settings.oidc_issuer and not (settings.oidc_client_id and settings.public_url):
        raise setting_wrong("oidc_issuer", "single sign-on also needs VENTANILLA_OIDC_CLIENT_ID and PUBLIC_URL")
    if settings.oidc_only and not settings.oidc_issuer:
        reason = "passwords are switched off, and there is no single sign-on (VENTANILLA_OIDC_ISSUER)"
        raise setting_wrong("oidc_only", reason)
    if settings.home.exists() and not settings.home.is_dir():
        raise setting_wrong("home", f"{settings.home} is not a folder")


def _check_bots(settings: Settings) -> None:
    for agency, token in settings.bots.items():
        if not TOKEN.fullmatch(token) and agency:
            raise setting_wrong("telegram_tokens", f"that of {agency} does not look like a bot's token")
        if not TOKEN.fullmatch(token):
            raise setting_wrong("telegram_token", "it does not look like a bot's token")
    if len(set(settings.bots.values())) < len(settings.bots):
        raise setting_wrong("telegram_tokens", "one token stands there twice, and one bot belongs to one agency")


def _explain(error: ErrorDetails) -> Problem:
    where = str(error["loc"][0]) if error["loc"] else ""
    field = field_of(where)
    if field is None:
        known = ", ".join(sorted(Settings.model_fields))
        return Problem("setting_unknown", name=where, source="ventanilla.toml", known=known)
    reason = error["msg"].removeprefix("Value error, ")
    return setting_wrong(field, reason[:1].lower() + reason[1:])


def setting_wrong(field: str, reason: str) -> Problem:
    """The Problem that a setting has, with where it was set and an example."""
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
