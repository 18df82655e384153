"""Text as vectors: what one pass of an encoder gives, and the port of whatever gives it (M-3)."""

from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""Unit vectors, float32 [texts, dimensions]."""
Vector = NDArray[np.float32]
"""One unit vector, float32 [dimensions]."""
Risks = NDArray[np.float32]
"""How likely each risk of ``RISKS`` is, float32 [texts, risks], 0 to 1."""
RISKS: Final = ("injection", "toxicity")
INJECTION, TOXICITY = range(len(RISKS))
Spans = Callable[[str], list[tuple[int, int]]]
"""Where each token of a text stands, (start, end) in characters."""


class Encoded(Struct, frozen=True, eq=False):
    """Views of the same texts from one pass: ``vectors`` to search with, ``features`` to tell intents by, and ``risks`` (G-1, G-3).

    The first two are float32 [texts, dimensions] with rows of length 1. ``features`` is None when the encoder knows nothing of
    intents, ``risks`` when it knows nothing of those.
    """

    vectors: Vectors
    features: Vectors | None
    risks: Risks | None = None

    def rows(self, which: Any) -> "Encoded":
        """Some of the texts: a slice of them, or their places."""
        features, risks = self.features, self.risks
        return Encoded(
            self.vectors[which],
            None if features is None else features[which],
            None if risks is None else risks[which],
        )


class Encoder(Protocol):
    """Turns text into vectors. ``digest`` names the model: vectors of two digests are not comparable.

    Texts of more than ``max_tokens`` tokens are cut there, and a shopper's text sooner where a pass would else take longer than
    it may (M-10). Everything that encodes raises ``ModelFailure``, transient when a second try may help, and keeps its own
    limits: they count its own time, and not that in which others are served.
    """

    @property
    def dimensions(self) -> int: ...

    @property
    def max_tokens(self) -> int: ...

    @property
    def digest(self) -> str: ...

    @property
    def reader(self) -> "Encoder":
        """The encoder that reads intents and risks: this one, or another beside it where this one is good for searching alone."""
        ...

    async def encode(self, texts: Sequence[str]) -> Vectors:
        """The vectors of a shopper's texts alone: a little less work than ``read``."""
        ...

    async def read(self, texts: Sequence[str]) -> Encoded:
        """Vectors, features and risks of a shopper's texts, from one pass."""
        ...

    async def encode_many(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> Vectors:
        """The vectors of any number of texts for an index, behind the shoppers. ``progress`` gets (texts done, texts in all)."""
        ...

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where each token of the whole text stands, without special ones and past ``max_tokens`` too."""
        ...
