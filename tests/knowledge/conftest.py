"""An index on disk, an encoder that knows words but no meaning, and the real one where meaning matters."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mangaassist.models.encoder import OnnxEncoder
from mangaassist.models.provisioning import ProvisionedEncoder
from mangaassist.stores.sqlite.chunk_index import SqliteChunkIndex
from mangaassist.testing.word_encoder import WordEncoder
from tests.patience import PATIENCE


@pytest.fixture
def words() -> WordEncoder:
    return WordEncoder()


@pytest.fixture
async def index(tmp_path: Path, words: WordEncoder) -> AsyncIterator[SqliteChunkIndex]:
    opened = await SqliteChunkIndex.open(tmp_path / "index", words.dimensions, words.digest, timeout_factor=PATIENCE)
    yield opened
    await opened.close()


@pytest.fixture
async def encoder(provisioned: ProvisionedEncoder) -> AsyncIterator[OnnxEncoder]:
    opened = OnnxEncoder(provisioned, PATIENCE)
    yield opened
    await opened.close()
