"""Cuts a text into the word pieces that the encoder knows: the likeliest cut under the scores of its vocabulary (a unigram
model, Kudo 2018, https://arxiv.org/abs/1804.10959; Viterbi's algorithm, as SentencePiece does it)."""

from __future__ import annotations

import re
from array import array
from functools import lru_cache
from typing import List, Tuple
from zlib import crc32

import numpy as np

from engine.packed import Packed

SPACE = "\u2581"  # SentencePiece's mark of a word's beginning
WORD = re.compile(f"{SPACE}[^{SPACE}]*|[^{SPACE}]+")
KEPT = 20_000  # words whose cut is remembered
LONGEST_WORD = 200  # characters: nobody's word is longer, and the search takes the square of it
PENALTY = 10.0  # how much less likely than the unlikeliest piece a character is that no piece has


class Pieces:
    """The vocabulary, in a hash table of its own: a Python dict of 250,000 pieces would take ten times the memory."""

    def __init__(self, packed: Packed) -> None:
        self._text = packed.pieces
        self._offsets = array("I", packed.offsets.tobytes())
        self._scores = array("f", packed.scores.tobytes())
        self._normalised = packed.normalised
        self._begin, self._end, self._unknown = packed.begin, packed.end, packed.unknown
        self._longest = int(np.diff(packed.offsets).max())
        self._unknown_score = float(packed.scores.min()) - PENALTY
        self._mask = (1 << (2 * len(self._scores)).bit_length()) - 1
        self._table = self._hash()
        self._cut = lru_cache(maxsize=KEPT)(self._search)

    def of(self, text: str, most: int) -> List[int]:
        """The pieces' numbers, with the marks of begin and end; of a long text the first `most`."""
        plain = re.sub(" {2,}", " ", text.translate(self._normalised))
        marked = plain.replace(" ", SPACE)
        found: List[int] = []
        for word in WORD.findall(marked if plain.startswith(" ") else SPACE + marked):
            found.extend(self._cut(word[:LONGEST_WORD]))
            if len(found) >= most:
                break
        return [self._begin, *found[:most], self._end]

    def _hash(self) -> "array[int]":
        table = array("i", bytes(4 * (self._mask + 1)))
        for number in range(len(self._scores)):
            slot = crc32(self._piece(number)) & self._mask
            while table[slot]:
                slot = (slot + 1) & self._mask
            table[slot] = number + 1
        return table

    def _piece(self, number: int) -> memoryview:
        return self._text[self._offsets[number] : self._offsets[number + 1]]

    def _find(self, piece: bytes) -> int:
        """The piece's number, −1 where there is none."""
        slot = crc32(piece) & self._mask
        while self._table[slot]:
            number = self._table[slot] - 1
            if self._piece(number) == piece:
                return number
            slot = (slot + 1) & self._mask
        return -1

    def _search(self, word: str) -> Tuple[int, ...]:
        characters = [c.encode("utf-8", "replace") for c in word]
        best = [0.0] + [-np.inf] * len(characters)
        last: List[Tuple[int, int]] = [(0, 0)] * (len(characters) + 1)  # where the last piece begins, and its number
        for start in range(len(characters)):
            piece = b""
            for stop in range(start + 1, len(characters) + 1):
                piece += characters[stop - 1]
                if len(piece) > self._longest:
                    break
                number = self._find(piece)
                if number >= 0 and number != self._unknown and best[start] + self._scores[number] > best[stop]:
                    best[stop], last[stop] = best[start] + self._scores[number], (start, number)
            if best[start] + self._unknown_score > best[start + 1]:
                best[start + 1], last[start + 1] = best[start] + self._unknown_score, (start, self._unknown)
        found: List[int] = []
        at = len(characters)
        while at:
            at, number = last[at]
            found.append(number)
        return tuple(reversed(found))
