"""An index on disk, an embedder that knows words but no meaning, and the real encoder where meaning matters."""

import hashlib
import re
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from mangaassist.knowledge.embedding import Vectors
from mangaassist.models.encoder import Encoder
from mangaassist.models.provisioning import ProvisionedEncoder, default_cache, provision
from mangaassist.stores.sqlite.chunk_index import SqliteChunkIndex


class WordEmbedder:
    """Texts that share words point the same way. ``embedded`` lists what it was given; ``fails`` raises for a text."""

    dimensions = 64
    max_tokens = 512
    digest = "words"

    def __init__(self) -> None:
        self.embedded: list[str] = []
        self.fails: Callable[[str], Exception | None] = lambda _: None

    async def encode(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self._vector(text) for text in texts])

    async def encode_many(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> Vectors:
        for text in texts:
            if (failure := self.fails(text)) is not None:
                raise failure
        self.embedded += texts
        return await self.encode(texts)

    def spans(self, text: str) -> list[tuple[int, int]]:
        return [found.span() for found in re.finditer(r"\w+|[^\w\s]", text)]

    def _vector(self, text: str) -> Vectors:
        vector = np.full(self.dimensions, 1e-3, np.float32)
        for word in re.findall(r"\w+", text.lower()):
            vector[int.from_bytes(hashlib.blake2b(word.encode(), digest_size=4).digest()) % self.dimensions] += 1
        return vector / np.linalg.norm(vector)


@pytest.fixture
def embedder() -> WordEmbedder:
    return WordEmbedder()


@pytest.fixture
async def index(tmp_path: Path) -> AsyncIterator[SqliteChunkIndex]:
    opened = await SqliteChunkIndex.open(tmp_path / "index", WordEmbedder.dimensions, WordEmbedder.digest)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def provisioned() -> ProvisionedEncoder:
    return provision(default_cache())


@pytest.fixture
async def encoder(provisioned: ProvisionedEncoder) -> AsyncIterator[Encoder]:
    opened = Encoder(provisioned)
    yield opened
    await opened.close()
