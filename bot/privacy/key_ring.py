"""The installation's keys on disk: a ring, the newest first, one of which is written with.

An installation begins with one key of 32 random bytes in the file. From the first rotation on the file is JSON, under
the same name: a backup, a restore and a second node's copy need to know of one file only.
"""

import base64
import hmac
import json
import os
import secrets
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cryptography.fernet import Fernet, MultiFernet

KEY_BYTES = 32


@dataclass(frozen=True)
class Key:
    """One key; what it is used for is derived from it, so that no use tells of another."""

    secret: bytes

    @cached_property
    def fernet(self) -> Fernet:
        """Seals."""
        return Fernet(base64.urlsafe_b64encode(self.digest(b"seal")))

    @cached_property
    def fingerprint(self) -> str:
        """Names the key without telling it: 32 hex characters."""
        return self.digest(b"fingerprint").hex()[:32]

    def digest(self, message: bytes) -> bytes:
        """HMAC-SHA256."""
        return hmac.digest(self.secret, message, "sha256")


@dataclass(frozen=True)
class Ring:
    """Keys that can be read with, the newest first; `written` is the place of the one that is written with."""

    keys: tuple[Key, ...]
    written: int = 0

    @property
    def writing(self) -> Key:
        """The key for what is stored from now on."""
        return self.keys[self.written]

    @cached_property
    def seal(self) -> MultiFernet:
        """Seals with the writing key, opens with any."""
        return MultiFernet([self.writing.fernet, *(key.fernet for key in self.keys if key is not self.writing)])

    def with_new(self) -> "Ring":
        """A new key is readable, and not written with yet."""
        return Ring((Key(secrets.token_bytes(KEY_BYTES)), *self.keys), self.written + 1)

    def with_newest_written(self) -> "Ring":
        """From now on the newest is written with."""
        return Ring(self.keys)

    def without_old(self) -> "Ring":
        """Only the writing key is left."""
        return Ring((self.writing,))


class RingFile:
    """The ring in its file, which only its owner may read. It is read again when another process has changed it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int, int] | None = None
        self._ring = Ring(())

    def read(self) -> Ring:
        """Today's ring; a first one when there is none. While the file cannot be read, what it said last."""
        try:
            self._read_if_changed()
        except FileNotFoundError:
            if not self._ring.keys:
                self._make_first()
                self._read_if_changed()
        return self._ring

    def do_write(self, ring: Ring) -> None:
        """Put `ring` in place: another process reads the old one or this one, nothing between."""
        data = {"keys": [base64.b64encode(key.secret).decode() for key in ring.keys], "written": ring.written}
        beside = self._path.with_name(f".{self._path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(data, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, self._path)

    def _read_if_changed(self) -> None:
        found = self._path.stat()
        seen = (found.st_mtime_ns, found.st_ino, found.st_size)
        if seen != self._seen:
            self._ring, self._seen = _parse(self._path.read_bytes()), seen

    def _make_first(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside = self._path.with_name(f".{self._path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
        try:
            os.link(beside, self._path)  # fails where another process was first: then its key counts
        except FileExistsError:
            pass
        finally:
            beside.unlink()


def _parse(content: bytes) -> Ring:
    if len(content) == KEY_BYTES:
        return Ring((Key(content),))
    data = json.loads(content)
    return Ring(tuple(Key(base64.b64decode(key)) for key in data["keys"]), int(data["written"]))
