"""Titan's vectors to search with, through Bedrock; intents are still read in this process, by the encoder beside it (M-3)."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
import numpy as np
from msgspec import Struct

from mangaassist.domain.encoding import Encoded, Encoder, Vectors
from mangaassist.errors import ModelFailure, ServiceFailure
from mangaassist.stores.aws.client import Client, Limits
from mangaassist.stores.aws.failures import model_failure

LIMITS: Final = Limits(connect_s=0.5, reply_s=0.4, all_s=0.5, tries=1)
"""A shopper waits: a reply that is later than this is none (M-11)."""
INDEX_LIMITS: Final = Limits(reply_s=10, all_s=60, tries=5)
MOST_CHARS: Final = 40_000
"""Titan refuses texts of more than 50 000."""
AT_ONCE: Final = 8
"""Texts of an index that are under way together: Titan takes one a call."""
_EMPTY: Final = "."
"""Titan refuses an empty text."""


class _Reply(Struct, frozen=True):
    embedding: list[float]


class TitanEncoder:
    """The encoder ``reader`` counts the tokens and reads the intents; texts are cut where it cuts them, so that chunks fit both."""

    def __init__(self, reader: Encoder, model: str, dimensions: int, shoppers: Client, index: Client) -> None:
        self.dimensions = dimensions
        self.max_tokens = reader.max_tokens
        self.digest = f"{model}/{dimensions}"
        self.reader = reader
        self._model = model
        self._shoppers = shoppers
        self._index = index

    @classmethod
    async def open(
        cls,
        reader: Encoder,
        model: str,
        dimensions: int,
        region: str | None,
        endpoint_url: str | None,
        timeout_factor: float,
    ) -> "TitanEncoder":
        """``dimensions``: 256, 512 or 1024. Raises ``StartFailed`` when Bedrock cannot be called with the settings."""

        async def client(limits: Limits) -> Client:
            named = ("titan", "bedrock-runtime", region, endpoint_url)
            return await Client.open(*named, limits.stretched(timeout_factor))

        return cls(reader, model, dimensions, await client(LIMITS), await client(INDEX_LIMITS))

    async def encode(self, texts: Sequence[str]) -> Vectors:
        return self._stacked(await asyncio.gather(*(self._vector(self._shoppers, text) for text in texts)))

    async def read(self, texts: Sequence[str]) -> Encoded:
        """Both are asked at once."""
        vectors, encoded = await asyncio.gather(self.encode(texts), self.reader.read(texts))
        return Encoded(vectors, encoded.features, encoded.risks)

    async def encode_many(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> Vectors:
        rows: list[list[float]] = []
        for start in range(0, len(texts), AT_ONCE):
            part = texts[start : start + AT_ONCE]
            rows += await asyncio.gather(*(self._vector(self._index, text) for text in part))
            if progress:
                progress(len(rows), len(texts))
        return self._stacked(rows)

    def spans(self, text: str) -> list[tuple[int, int]]:
        return self.reader.spans(text)

    async def close(self) -> None:
        await self._shoppers.close()
        await self._index.close()

    async def _vector(self, client: Client, text: str) -> list[float]:
        asked = {"inputText": self._cut(text), "dimensions": self.dimensions, "normalize": True}
        try:
            body: Any = await client.ask("invoke_model", "body", modelId=self._model, body=msgspec.json.encode(asked))
            embedding = msgspec.json.decode(await body.read(), type=_Reply).embedding
        except ServiceFailure as failure:
            raise model_failure("titan", failure) from failure
        except msgspec.MsgspecError as error:
            raise ModelFailure("titan", "an answer without a vector", "contract") from error
        if len(embedding) != self.dimensions:
            raise ModelFailure("titan", f"a vector of {len(embedding)} dimensions", "contract")
        return embedding

    def _cut(self, text: str) -> str:
        sendable = text.encode(errors="replace").decode()[:MOST_CHARS]
        spans = self.reader.spans(sendable)
        cut = sendable if len(spans) <= self.max_tokens else sendable[: spans[self.max_tokens - 1][1]]
        return cut if cut.strip() else _EMPTY

    def _stacked(self, rows: Sequence[list[float]]) -> Vectors:
        """float32 [texts, dimensions], of length 1 whatever the model's rounding."""
        if not rows:
            return np.zeros((0, self.dimensions), np.float32)
        vectors = np.asarray(rows, np.float32)
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.float32(1e-9))
