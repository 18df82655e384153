"""The encoder that the settings name (M-3): in this process, behind a model server or endpoint, or Titan's."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from mangaassist.domain.encoding import Encoder
from mangaassist.errors import StartFailed
from mangaassist.models.encoder import OnnxEncoder
from mangaassist.models.provisioning import provision
from mangaassist.models.remote_encoder import Endpoint, HttpEndpoint, RemoteEncoder
from mangaassist.settings import Settings

Progress = Callable[[str, int, int], None]


def silent(stage: str, done: int, total: int) -> None:
    pass


@asynccontextmanager
async def opened_onnx_encoder(settings: Settings, progress: Progress = silent) -> AsyncGenerator[OnnxEncoder]:
    """The encoder in this process, warm."""
    model = await asyncio.to_thread(provision, settings.cache, settings.models.encoder.folder, progress)
    encoder = OnnxEncoder(model, settings.timeout_factor)
    try:
        await encoder.warm_up()
        yield encoder
    finally:
        await encoder.close()


@asynccontextmanager
async def opened_encoder(settings: Settings, progress: Progress = silent) -> AsyncGenerator[Encoder]:
    """The encoder that the settings name: in this process, behind a model server or endpoint, or Titan's."""
    match settings.models.encoder.provider:
        case "onnx":
            opening = opened_onnx_encoder(settings, progress)
        case "titan":
            opening = _titan(settings, progress)
        case _:
            opening = _remote(settings)
    async with opening as encoder:
        yield encoder


@asynccontextmanager
async def _remote(settings: Settings) -> AsyncGenerator[Encoder]:
    chosen = settings.models.encoder
    if chosen.provider == "http":
        endpoint: Endpoint = HttpEndpoint(chosen.url or "")
    else:
        try:
            from mangaassist.stores.sagemaker.endpoint import SageMakerEndpoint
        except ImportError as error:
            raise StartFailed("An encoder in SageMaker needs AWS's client: install mangaassist[aws].") from error
        endpoint = await SageMakerEndpoint.open(
            chosen.endpoint, chosen.region, chosen.endpoint_url, settings.timeout_factor
        )
    try:
        yield await RemoteEncoder.open(endpoint, settings.timeout_factor)
    finally:
        await endpoint.close()


@asynccontextmanager
async def _titan(settings: Settings, progress: Progress) -> AsyncGenerator[Encoder]:
    chosen = settings.models.encoder
    try:
        from mangaassist.stores.bedrock.titan import TitanEncoder
    except ImportError as error:
        raise StartFailed("Titan's vectors need AWS's client: install mangaassist[aws].") from error
    async with opened_onnx_encoder(settings, progress) as reader:
        titan = await TitanEncoder.open(
            reader, chosen.model, chosen.dimensions, chosen.region, chosen.endpoint_url, settings.timeout_factor
        )
        try:
            yield titan
        finally:
            await titan.close()
