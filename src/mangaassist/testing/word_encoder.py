"""An encoder that knows words and no meaning: texts that share words point the same way, the same on every machine."""

import hashlib
import re
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from mangaassist.domain.encoding import INJECTION, RISKS, TOXICITY, Encoded, Encoder, Risks, Vector, Vectors

FEATURES: Final = 384
"""What the shipped intent head reads; these features tell it nothing, so that it answers as it would to an empty text."""

INJECTED, INSULTING = "abracadabra", "fopdoodle"
"""The words of which it knows that they are risky."""

_WORD: Final = re.compile(r"\w+")
_TOKEN: Final = re.compile(r"\w+|[^\w\s]")


def _nothing(_: str) -> None:
    return None


class WordEncoder:
    """``given`` lists the texts of every pass in order. ``fails`` gets each text and gives the error to raise, or None."""

    def __init__(self, dimensions: int = 64, fails: Callable[[str], Exception | None] = _nothing) -> None:
        self.dimensions = dimensions
        self.max_tokens = 512
        self.digest = f"words-{dimensions}"
        self.fails = fails
        self.given: list[str] = []

    @property
    def reader(self) -> Encoder:
        return self

    async def encode(self, texts: Sequence[str]) -> Vectors:
        self.given += texts
        for text in texts:
            if (failure := self.fails(text)) is not None:
                raise failure
        return np.stack([self.vector(text) for text in texts]) if texts else np.zeros((0, self.dimensions), np.float32)

    async def read(self, texts: Sequence[str]) -> Encoded:
        return Encoded(await self.encode(texts), np.zeros((len(texts), FEATURES), np.float32), self.risks(texts))

    def risks(self, texts: Sequence[str]) -> Risks:
        """Sure of the texts that hold one of its two words, and as sure that any other is harmless."""
        rows = np.zeros((len(texts), len(RISKS)), np.float32)
        for row, text in zip(rows, texts, strict=True):
            row[INJECTION], row[TOXICITY] = INJECTED in text, INSULTING in text
        return rows

    async def encode_many(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> Vectors:
        vectors = await self.encode(texts)
        if progress and texts:
            progress(len(texts), len(texts))
        return vectors

    def spans(self, text: str) -> list[tuple[int, int]]:
        return [found.span() for found in _TOKEN.finditer(text)]

    def vector(self, text: str) -> Vector:
        """Each word of the first ``max_tokens`` adds to a direction that its letters choose."""
        vector = np.full(self.dimensions, 1e-3, np.float32)
        for word in _WORD.findall(text.lower())[: self.max_tokens]:
            vector[int.from_bytes(hashlib.blake2b(word.encode(), digest_size=4).digest()) % self.dimensions] += 1
        return (vector / np.linalg.norm(vector)).astype(np.float32)
