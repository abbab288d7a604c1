"""Settings, read once at the start: the environment first, then `ventanilla.toml`, then the defaults."""

from pathlib import Path
from typing import Any, Literal

from limits import parse_many
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

ROOT = Path(__file__).resolve().parent.parent


def _name(name: str, *, plain: bool = False) -> Any:
    """Called `VENTANILLA_NAME` in the environment, or just `NAME` where other tools use that; `name` in the file.

    Only those: a bare `HOME` or `PORT` of the environment belongs to somebody else.
    """
    return name.upper() if plain else f"VENTANILLA_{name.upper()}"


class Settings(BaseSettings):
    """Everything that an operator may set; `docs/settings.md` holds the same table and a test compares the two."""

    model_config = SettingsConfigDict(
        toml_file=ROOT / "ventanilla.toml", env_prefix="VENTANILLA_", extra="forbid", populate_by_name=True
    )

    host: str = Field("127.0.0.1", validation_alias=_name("host"), description="address to listen on")
    port: int = Field(8000, ge=1, le=65535, validation_alias=_name("port"), description="port to listen on")
    home: Path = Field(ROOT / "var", validation_alias=_name("home"), description="database, models and secrets")
    knowledge: Path = Field(
        ROOT, validation_alias=_name("knowledge"), description="folder of config.yml, domain.yml and data/"
    )
    agency: str = Field("aldealba", validation_alias=_name("agency"), description="agency that the chat opens with")
    engine_replicas: int = Field(
        1, ge=1, le=16, validation_alias=_name("engine_replicas"), description="engine processes"
    )
    engine_timeout: float = Field(
        20.0, gt=0, validation_alias=_name("engine_timeout"), description="seconds given to a turn, half to each try"
    )
    engine_cache: int = Field(
        2_000, ge=0, le=100_000, validation_alias=_name("engine_cache"), description="replies of the engine remembered"
    )
    chat_origins: str = Field(
        "*", validation_alias=_name("chat_origins"), description="web addresses that may embed the chat, by comma"
    )
    limit_messages: str = Field(
        "30/minute", validation_alias=_name("limit_messages"), description="messages of one conversation"
    )
    limit_address: str = Field(
        "300/minute", validation_alias=_name("limit_address"), description="messages from one address"
    )
    limit_starts: str = Field(
        "60/minute", validation_alias=_name("limit_starts"), description="conversations begun from one address"
    )
    log_format: Literal["auto", "json", "text"] = Field(
        "auto", validation_alias=_name("log_format"), description="how log lines are written"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", validation_alias=_name("log_level"), description="the least that is logged"
    )
    metrics_token: SecretStr = Field(
        SecretStr(""), validation_alias=_name("metrics_token"), description="opens /metrics and /readyz from elsewhere"
    )
    otel_endpoint: str = Field(
        "", validation_alias=_name("otel_endpoint"), description="where traces are sent; empty: none are made"
    )
    database_url: str = Field(
        "", validation_alias=_name("database_url", plain=True), description="SQLAlchemy address; empty: SQLite in home"
    )
    telegram_token: SecretStr = Field(
        SecretStr(""), validation_alias=_name("telegram_token", plain=True), description="token of the Telegram bot"
    )
    telegram_api_base: str = Field(
        "https://api.telegram.org",
        validation_alias=_name("telegram_api_base", plain=True),
        description="address of the Bot API",
    )
    public_url: str = Field(
        "", validation_alias=_name("public_url", plain=True), description="https address that the world sees"
    )

    @field_validator("home", "knowledge")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        return path.expanduser().resolve()

    @field_validator("limit_messages", "limit_address", "limit_starts")
    @classmethod
    def _readable(cls, allowed: str) -> str:
        try:
            return allowed if not allowed or parse_many(allowed) else ""
        except ValueError:
            raise ValueError("must be like 30/minute, or 30/minute;200/hour, or empty") from None

    @field_validator("public_url", "telegram_api_base")
    @classmethod
    def _no_slash(cls, url: str) -> str:
        if url and not url.startswith(("http://", "https://")):
            raise ValueError("must start with https://")
        return url.rstrip("/")

    @property
    def database(self) -> str:
        """The address that SQLAlchemy opens, with a driver that works asynchronously and not."""
        scheme, separator, rest = self.database_url.partition("://")
        if scheme in ("postgres", "postgresql"):
            return f"postgresql+psycopg{separator}{rest}"
        return self.database_url or f"sqlite+aiosqlite:///{self.home / 'ventanilla.db'}"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)
