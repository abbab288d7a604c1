"""Settings, read once at the start: the environment first, then `ventanilla.toml`, then the defaults."""

import ipaddress
import json
import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import unquote

from limits import parse_many
from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

ROOT = Path(__file__).resolve().parent.parent
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?/?")
_AGENCY = re.compile(r"[a-z0-9_-]{1,40}")


def opening_agency(town: Path) -> str:
    """The agency that `town.yml` of a town's folder names; empty when it names none or cannot be read."""
    try:
        told = YAML(typ="safe").load((town / "town.yml").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError):
        return ""
    return str((told if isinstance(told, dict) else {}).get("agency") or "")


def _name(name: str, *, plain: bool = False) -> Any:
    """Called `VENTANILLA_NAME` in the environment, or just `NAME` where other tools use that; `name` in the file.

    Only those: a bare `HOME` or `PORT` of the environment belongs to somebody else.
    """
    return name.upper() if plain else f"VENTANILLA_{name.upper()}"


class FileSource(PydanticBaseSettingsSource):
    """A setting whose value stands in a file: named by `NAME_FILE`, or lying as `name` in systemd's credentials."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """The file's text without its line end. Raises ValueError when it cannot be read, or both ways are used."""
        outside = str(field.validation_alias or field_name)
        named, folder = os.environ.get(f"{outside}_FILE"), os.environ.get("CREDENTIALS_DIRECTORY")
        if named and os.environ.get(outside):
            raise ValueError(f"{outside} and {outside}_FILE are both set")
        laid = Path(folder) / field_name if folder else None
        path = Path(named) if named else laid if laid and laid.is_file() else None
        if path is None:
            return None, field_name, False
        try:
            return path.read_text(encoding="utf-8").rstrip("\r\n"), field_name, False
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"{outside}_FILE cannot be read: {type(error).__name__}") from None

    def __call__(self) -> dict[str, Any]:
        """Every setting that a file gives, by the name that the other sources know it by."""
        fields = self.settings_cls.model_fields
        values = {str(one.validation_alias or name): self.get_field_value(one, name)[0] for name, one in fields.items()}
        return {name: value for name, value in values.items() if value is not None}


class Settings(BaseSettings):
    """Everything that an operator may set; `docs/settings.md` holds the same table and a test compares the two."""

    model_config = SettingsConfigDict(
        toml_file=ROOT / "ventanilla.toml",
        env_prefix="VENTANILLA_",
        extra="forbid",
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    host: str = Field("127.0.0.1", validation_alias=_name("host"), description="address to listen on")
    port: int = Field(8000, ge=1, le=65535, validation_alias=_name("port"), description="port to listen on")
    home: Path = Field(ROOT / "var", validation_alias=_name("home"), description="database, models and secrets")
    knowledge: Path = Field(ROOT / "demo", validation_alias=_name("knowledge"), description="the town's folder")
    agency: str = Field("", validation_alias=_name("agency"), description="agency that the chat opens with")
    engine_replicas: int = Field(
        1, ge=1, le=16, validation_alias=_name("engine_replicas"), description="engine processes"
    )
    engine_timeout: float = Field(
        20.0, gt=0, validation_alias=_name("engine_timeout"), description="seconds given to a turn, half to each try"
    )
    engine_cache: int = Field(
        2_000, ge=0, le=100_000, validation_alias=_name("engine_cache"), description="replies of the engine remembered"
    )
    form_left_hours: float = Field(
        24.0, gt=0, le=720, validation_alias=_name("form_left_hours"), description="hours until a form counts as left"
    )
    chat_origins: str = Field(
        "", validation_alias=_name("chat_origins"), description="web addresses that may embed the chat, by comma"
    )
    limit_messages: str = Field(
        "30/minute", validation_alias=_name("limit_messages"), description="messages of one conversation"
    )
    limit_address: str = Field(
        "300/minute",
        validation_alias=_name("limit_address"),
        description="messages from one address",
    )
    limit_starts: str = Field(
        "60/minute", validation_alias=_name("limit_starts"), description="conversations begun from one address"
    )
    limit_references: str = Field(
        "10/hour", validation_alias=_name("limit_references"), description="others' references asked for by one person"
    )
    limit_references_address: str = Field(
        "60/hour",
        validation_alias=_name("limit_references_address"),
        description="others' references asked for from one address",
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
    limit_reads: str = Field(
        "", validation_alias=_name("limit_reads"), description="transcripts and streams from one address"
    )
    limit_sign_in: str = Field(
        "20/minute;200/hour",
        validation_alias=_name("limit_sign_in"),
        description="wrong passwords and codes from one address",
    )
    streams_conversation: int = Field(
        10, ge=0, validation_alias=_name("streams_conversation"), description="open event streams of a conversation"
    )
    streams_address: int = Field(
        2500, ge=0, validation_alias=_name("streams_address"), description="open event streams from one address"
    )
    trusted_proxies: str = Field(
        "", validation_alias=_name("trusted_proxies"), description="proxies whose X-Forwarded-For is believed"
    )
    second_factor_administrators: bool = Field(
        False,
        validation_alias=_name("second_factor_administrators"),
        description="whether administrators need a second factor",
    )
    oidc_issuer: str = Field("", validation_alias=_name("oidc_issuer"), description="issuer of the single sign-on")
    oidc_client_id: str = Field("", validation_alias=_name("oidc_client_id"), description="what it calls us")
    oidc_client_secret: SecretStr = Field(
        SecretStr(""), validation_alias=_name("oidc_client_secret"), description="our secret at the single sign-on"
    )
    oidc_name: str = Field("", validation_alias=_name("oidc_name"), description="what its button says")
    oidc_only: bool = Field(
        False, validation_alias=_name("oidc_only"), description="whether passwords are switched off"
    )
    database_url: str = Field(
        "",
        repr=False,
        validation_alias=_name("database_url", plain=True),
        description="SQLAlchemy address; empty: SQLite in home",
    )
    telegram_token: SecretStr = Field(
        SecretStr(""), validation_alias=_name("telegram_token", plain=True), description="token of the Telegram bot"
    )
    telegram_tokens: Annotated[dict[str, SecretStr], NoDecode] = Field(
        {}, validation_alias=_name("telegram_tokens"), description="tokens of further agencies' bots, by agency"
    )
    telegram_api_base: str = Field(
        "https://api.telegram.org",
        validation_alias=_name("telegram_api_base", plain=True),
        description="address of the Bot API",
    )
    public_url: str = Field(
        "", validation_alias=_name("public_url", plain=True), description="https address that the world sees"
    )

    @model_validator(mode="after")
    def _opens_with_the_towns_agency(self) -> "Settings":
        """Where nothing names an agency, it is the one that the town's folder opens with."""
        if not self.agency:
            self.agency = opening_agency(self.knowledge)
        return self

    @field_validator("home", "knowledge")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        return path.expanduser().resolve()

    @field_validator(
        "limit_messages",
        "limit_address",
        "limit_starts",
        "limit_reads",
        "limit_sign_in",
        "limit_references",
        "limit_references_address",
    )
    @classmethod
    def _readable(cls, allowed: str) -> str:
        try:
            return allowed if not allowed or parse_many(allowed) else ""
        except ValueError:
            raise ValueError("must be like 30/minute, or 30/minute;200/hour, or empty") from None

    @field_validator("chat_origins")
    @classmethod
    def _origins(cls, listed: str) -> str:
        for origin in filter(None, (part.strip() for part in listed.split(","))):
            if origin != "*" and not _ORIGIN.fullmatch(origin):
                raise ValueError("must be web addresses without a path, like https://town.example, or *")
        return listed

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, listed: str) -> str:
        for network in filter(None, (part.strip() for part in listed.split(","))):
            try:
                ipaddress.ip_network(network)
            except ValueError:
                raise ValueError("must be addresses or networks, like 127.0.0.1, 10.0.0.0/8") from None
        return listed

    @field_validator("telegram_tokens", mode="before")
    @classmethod
    def _by_agency(cls, given: Any) -> Any:
        """The environment and files hold JSON. What is wrong is not repeated: it may be the token."""
        try:
            tokens = json.loads(given or "{}") if isinstance(given, str) else given
        except ValueError:
            tokens = None
        is_read = isinstance(tokens, dict) and all(
            _AGENCY.fullmatch(str(agency)) and isinstance(token, str | SecretStr) for agency, token in tokens.items()
        )
        if not is_read:
            raise ValueError('must be like {"pinares": "123456789:AA…"}: a bot\'s token for each agency\'s id')
        return tokens

    @field_validator("public_url", "telegram_api_base", "oidc_issuer")
    @classmethod
    def _no_slash(cls, url: str) -> str:
        if url and not url.startswith(("http://", "https://")):
            raise ValueError("must start with https://")
        return url.rstrip("/")

    @property
    def proxies(self) -> list[str]:
        """Addresses and networks of the proxies that are believed."""
        return [part.strip() for part in self.trusted_proxies.split(",") if part.strip()]

    @property
    def bots(self) -> dict[str, str]:
        """Tokens of the bots on Telegram: that of the installation's agency under "", others under their agency's."""
        tokens = {"": self.telegram_token} | self.telegram_tokens
        return {agency: token.get_secret_value() for agency, token in tokens.items() if token.get_secret_value()}

    def without_secrets(self, words: str) -> str:
        """The words without any secret of these settings: errors of libraries quote what they were given."""
        given = (self.oidc_client_secret, self.metrics_token)
        secret = [*self.bots.values(), *(value.get_secret_value() for value in given)]
        if "@" in self.database_url:
            account = self.database_url.rpartition("@")[0].rpartition("//")[2]
            secret += [account.partition(":")[2], unquote(account.partition(":")[2])]
        for value in sorted(filter(None, secret), key=len, reverse=True):
            words = words.replace(value, "…")
        return words

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
        return init_settings, env_settings, FileSource(settings_cls), TomlConfigSettingsSource(settings_cls)
