"""Single sign-on by OpenID Connect: who somebody is, told by the agency's own provider and checked here.

Code flow with PKCE (RFC 7636). The ID token's signature is checked with the provider's keys, then issuer, audience,
nonce and times (OpenID Connect Core §3.1.3.7, by authlib). Nobody gets an account this way: decisions/0021.
"""

import hmac
import json
import secrets as chance
import time
import warnings
from dataclasses import asdict, dataclass
from typing import Any

import httpx
import structlog
from cryptography.fernet import InvalidToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from bot.errors import BotError
from bot.privacy.secrets import Secrets
from bot.settings import Settings

with warnings.catch_warnings():
    from authlib.deprecate import AuthlibDeprecationWarning

    # authlib prefers httpx2; ours is httpx until everything else has moved.
    warnings.simplefilter("ignore", AuthlibDeprecationWarning)
    from authlib.common.errors import AuthlibBaseError
    from authlib.integrations.httpx_client import AsyncOAuth2Client
    from authlib.oidc.core import CodeIDToken

log = structlog.get_logger()
PATH = "/desk/sso"
BACK = "/desk/sso/back"
SCOPE = "openid email"
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA"]
SECONDS = 10.0
LIFE = 600  # seconds from leaving to coming back
LEEWAY = 60  # seconds that the provider's clock may be off
CACHED_FOR = 3600.0


@dataclass(frozen=True)
class Asked:
    """What we remember of somebody who has left for the provider, sealed in her browser."""

    state: str
    nonce: str
    verifier: str
    following: str
    at: float
    agency: str = ""  # of which she means her account, when her e-mail has several

    def sealed(self, secrets: Secrets) -> str:
        """For the cookie."""
        return secrets.seal(json.dumps(asdict(self)))

    @classmethod
    def read(cls, secrets: Secrets, cookie: str) -> "Asked":
        """From the cookie. Raises BotError `sso_invalid` when there is none, it is not ours or too old."""
        try:
            asked = cls(**json.loads(secrets.unseal(cookie)))
        except (InvalidToken, ValueError, TypeError):
            raise BotError("sso_invalid") from None
        if asked.at < time.time() - LIFE:
            raise BotError("sso_invalid")
        return asked


class Provider:
    """The provider that the settings name. All methods raise BotError `sso_away` when it cannot be reached."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._metadata: dict[str, Any] = {}
        self._keys: KeySet | None = None
        self._read_at = 0.0

    async def begin(self, following: str, agency: str = "") -> tuple[str, Asked]:
        """The provider's address to go to, and what to remember meanwhile."""
        metadata = await self._read_metadata()
        nonce, verifier = chance.token_urlsafe(24), chance.token_urlsafe(48)
        async with self._client() as client:
            address, state = client.create_authorization_url(
                metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce
            )
        return str(address), Asked(str(state), nonce, verifier, following, time.time(), agency)

    async def read_email(self, asked: Asked, state: str, code: str) -> str:
        """The verified e-mail of whoever came back. Raises BotError `sso_invalid` or `sso_unverified`."""
        if not code or not hmac.compare_digest(asked.state.encode(), state.encode()):
            raise BotError("sso_invalid")
        token = await self._exchange(asked, code)
        claims = await self._check(asked, token)
        email = claims.get("email")
        if not isinstance(email, str) or claims.get("email_verified") is not True:
            raise BotError("sso_unverified")
        return email.strip().lower()

    async def _exchange(self, asked: Asked, code: str) -> dict[str, Any]:
        metadata = await self._read_metadata()
        try:
            async with self._client() as client:
                return dict(
                    await client.fetch_token(metadata["token_endpoint"], code=code, code_verifier=asked.verifier)
                )
        except AuthlibBaseError as error:
            log.warning("sso.code_refused", problem=type(error).__name__)
            raise BotError("sso_invalid") from None
        except (httpx.HTTPError, ValueError) as error:
            raise self._away(error) from None

    async def _check(self, asked: Asked, token: dict[str, Any]) -> dict[str, Any]:
        metadata = await self._read_metadata()
        try:
            decoded = await self._decode(str(token.get("id_token", "")))
            options = {
                "iss": {"essential": True, "value": metadata["issuer"]},
                "aud": {"essential": True, "value": self._settings.oidc_client_id},
            }
            params = {
                "nonce": asked.nonce,
                "client_id": self._settings.oidc_client_id,
                "access_token": token.get("access_token"),
            }
            claims = CodeIDToken(decoded.claims, decoded.header, options, params)
            claims.validate(leeway=LEEWAY)
        except (JoseError, AuthlibBaseError, ValueError, TypeError, KeyError) as error:
            log.warning("sso.token_refused", problem=type(error).__name__)
            raise BotError("sso_invalid") from None
        return dict(claims)

    async def _decode(self, value: str) -> jwt.Token:
        """The token with its signature checked; a key that we do not know yet is looked for once more."""
        try:
            return jwt.decode(value, await self._read_keys(), ALGORITHMS)
        except (JoseError, ValueError):
            return jwt.decode(value, await self._read_keys(fresh=True), ALGORITHMS)

    async def _read_metadata(self) -> dict[str, Any]:
        if self._metadata and time.monotonic() - self._read_at < CACHED_FOR:
            return self._metadata
        found = await self._get(f"{self._settings.oidc_issuer}/.well-known/openid-configuration")
        needed = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
        right = all(isinstance(found.get(name), str) for name in needed)
        if not right or found["issuer"].rstrip("/") != self._settings.oidc_issuer:
            raise self._away(ValueError("metadata"))
        self._metadata, self._read_at = found, time.monotonic()
        return found

    async def _read_keys(self, *, fresh: bool = False) -> KeySet:
        if self._keys is None or fresh:
            metadata = await self._read_metadata()
            self._keys = KeySet.import_key_set(await self._get(metadata["jwks_uri"]))  # type: ignore[arg-type]
        return self._keys

    async def _get(self, address: str) -> dict[str, Any]:
        try:
            async with httpx.AsyncClient(timeout=SECONDS) as http:
                answer = await http.get(address)
                answer.raise_for_status()
                found = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise self._away(error) from None
        if not isinstance(found, dict):
            raise self._away(ValueError("json"))
        return found

    def _client(self) -> AsyncOAuth2Client:
        secret = self._settings.oidc_client_secret.get_secret_value()
        return AsyncOAuth2Client(
            client_id=self._settings.oidc_client_id,
            client_secret=secret or None,
            token_endpoint_auth_method="client_secret_basic" if secret else "none",
            scope=SCOPE,
            redirect_uri=self._settings.public_url + BACK,
            code_challenge_method="S256",
            timeout=SECONDS,
        )

    def _away(self, error: Exception) -> BotError:
        log.warning("sso.away", problem=type(error).__name__)
        return BotError("sso_away")
