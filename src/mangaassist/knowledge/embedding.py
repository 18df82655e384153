"""What knowledge needs of an encoder: the port that ``models`` fulfils and ``assembly`` hands in."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""Unit vectors, float32 [texts, dimensions]."""
Spans = Callable[[str], list[tuple[int, int]]]
"""Where each token of a text stands, (start, end) in characters."""


class Embedder(Protocol):
    dimensions: int
    max_tokens: int
    digest: str
    """Names the model: vectors of two digests are not comparable."""

    async def encode_many(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> Vectors:
        """Encode texts for the index. Raises ``ModelFailure``."""
        ...

    async def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode what a shopper asks. Raises ``ModelFailure``."""
        ...

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where each token of the whole text stands, without special ones."""
        ...
