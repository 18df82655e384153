"""The model server as a SageMaker endpoint, called by AWS's own client."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from mangaassist.domain.encoding import Encoder
from mangaassist.errors import ModelFailure
from mangaassist.model_server import ModelService, model_app
from mangaassist.models.encoder import OnnxEncoder
from mangaassist.models.provisioning import ProvisionedEncoder
from mangaassist.models.remote_encoder import RemoteEncoder
from mangaassist.stores.sagemaker.endpoint import SageMakerEndpoint
from mangaassist.understanding.heads import TrainedHeads
from tests.contracts.test_encoder import EncoderContract
from tests.patience import PATIENCE
from tests.served import served

NAME = "manga-encoder"
REGION = "eu-west-1"


class Runtime:
    """SageMaker's runtime before a container: it hands the body on, and knows one endpoint."""

    def __init__(self, container: Any) -> None:
        self._container = container

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path = "/invocations" if scope["path"] == f"/endpoints/{NAME}/invocations" else "/nowhere"
        await self._container({**scope, "path": path, "raw_path": path.encode()}, receive, send)


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")


@pytest.fixture
async def runtime(provisioned: ProvisionedEncoder) -> AsyncIterator[str]:
    onnx = OnnxEncoder(provisioned, PATIENCE)
    async with served(Runtime(model_app(ModelService(onnx, TrainedHeads.load())))) as url:
        yield url
    await onnx.close()


class TestSageMakerEncoder(EncoderContract):
    @pytest.fixture
    async def encoder(self, runtime: str) -> AsyncIterator[Encoder]:
        opened = await RemoteEncoder.open(await SageMakerEndpoint.open(NAME, REGION, runtime, PATIENCE), PATIENCE)
        yield opened
        await opened.close()


async def test_an_endpoint_that_is_not_there_is_a_failure(runtime: str) -> None:
    endpoint = await SageMakerEndpoint.open("another", REGION, runtime, PATIENCE)
    with pytest.raises(ModelFailure, match="rejected"):
        await endpoint.invoke(b"{}")
    await endpoint.close()
