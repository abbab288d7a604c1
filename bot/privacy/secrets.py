"""The installation's secrets: made once, kept in files that only their owner may read."""

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet


class Secrets:
    """Seals what must come back (addresses), and hashes what must only be recognised (tokens, address keys)."""

    def __init__(self, home: Path) -> None:
        self._key = _load(home / "secrets" / "installation.key")
        derived = hmac.digest(self._key, b"seal", "sha256")
        self._seal = Fernet(base64.urlsafe_b64encode(derived))

    def seal(self, plain: str) -> str:
        """Encrypt `plain` for storage."""
        return self._seal.encrypt(plain.encode()).decode()

    def unseal(self, sealed: str) -> str:
        """The plain text of `sealed`. Raises cryptography's InvalidToken when another key sealed it."""
        return self._seal.decrypt(sealed.encode()).decode()

    def key_of(self, kind: str, value: str) -> str:
        """A pseudonym that stays the same for the same value: HMAC-SHA256, 64 hex characters."""
        return hmac.digest(self._key, f"{kind}:{value}".encode(), "sha256").hex()

    def derived(self, purpose: str) -> str:
        """A secret of its own for `purpose`, the same at every start."""
        return hmac.digest(self._key, purpose.encode(), "sha256").hex()


def hash_token(token: str) -> str:
    """What is stored of a random token: SHA-256, since the token itself has 256 bits of chance."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_token() -> str:
    """A random token of 256 bits."""
    return secrets.token_urlsafe(32)


def _load(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(descriptor, "wb") as file:
        key = secrets.token_bytes(32)
        file.write(key)
    return key
