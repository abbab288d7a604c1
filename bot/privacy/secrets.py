"""The installation's secrets: what must come back is sealed, what must only be recognised is hashed."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import InvalidToken

from bot.privacy.key_ring import Key, Ring, RingFile

SEALED_START = "gAAAAA"


@dataclass(frozen=True)
class Concealed:
    """An address as it is stored, by one ring: a rotation that comes between cannot part its key from its seal."""

    key: str
    old_keys: tuple[str, ...]  # the same address under keys that are being rotated out
    sealed: str


class Secrets:
    """Seals addresses and the like; hashes address keys. Uses a rotated key from the moment it is in the file."""

    def __init__(self, home: Path) -> None:
        self.file = RingFile(home / "secrets" / "installation.key")
        self.file.read()

    @property
    def ring(self) -> Ring:
        """Today's keys."""
        return self.file.read()

    def seal(self, plain: str) -> str:
        """Encrypt `plain` for storage. The column is marked `info=SEALED`, so that a rotation finds it."""
        return self.ring.seal.encrypt(plain.encode()).decode()

    def unseal(self, sealed: str) -> str:
        """The plain text of `sealed`. Raises cryptography's InvalidToken when none of our keys sealed it."""
        return self.ring.seal.decrypt(sealed.encode()).decode()

    def reveal(self, stored: str | None) -> str | None:
        """What a sealed column holds; what is older and not sealed, as it is. None when no key of ours opens it"""
        if stored is None or not is_sealed(stored):
            return stored
        try:
            return self.unseal(stored)
        except InvalidToken:
            return None

    def key_of(self, kind: str, value: str) -> str:
        """A pseudonym that is the same for the same value until the next rotation: HMAC-SHA256, 64 hex characters."""
        return _key_of(self.ring.writing, kind, value)

    def keys_of(self, kind: str, value: str) -> list[str]:
        """The pseudonyms that `value` may have while keys are rotated; the one to write first."""
        return _keys_of(self.ring, kind, value)

    def conceal(self, kind: str, value: str) -> Concealed:
        """`value` as it is stored: the pseudonyms that it may have, and sealed."""
        ring = self.ring
        key, *old = _keys_of(ring, kind, value)
        return Concealed(key, tuple(old), ring.seal.encrypt(value.encode()).decode())

    def derived(self, purpose: str) -> str:
        """A secret of its own for `purpose`, the same at every start until the next rotation."""
        return self.ring.writing.digest(purpose.encode()).hex()

    def is_derived(self, purpose: str, given: str) -> bool:
        """Whether `given` is the secret for `purpose`, or was until the key that is being rotated out."""
        message = purpose.encode()
        matches = [hmac.compare_digest(key.digest(message).hex().encode(), given.encode()) for key in self.ring.keys]
        return any(matches)


def is_sealed(stored: str) -> bool:
    """Whether `Secrets.seal` wrote it, with whatever key: a token begins with a version and a time."""
    return stored.startswith(SEALED_START)


def hash_token(token: str) -> str:
    """What is stored of a random token: SHA-256, since the token itself has 256 bits of chance."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_token() -> str:
    """A random token of 256 bits."""
    return secrets.token_urlsafe(32)


def _key_of(key: Key, kind: str, value: str) -> str:
    return key.digest(f"{kind}:{value}".encode()).hex()


def _keys_of(ring: Ring, kind: str, value: str) -> list[str]:
    others = [key for key in ring.keys if key is not ring.writing]
    return [_key_of(key, kind, value) for key in (ring.writing, *others)]
