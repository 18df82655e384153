"""Serves encoder and heads as a SageMaker container does: ``GET /ping``, ``POST /invocations`` (M-3).

Requests that come at once share passes through the model (``models/passes.py``), so nothing is batched here.
"""

import contextlib
from collections.abc import Callable
from typing import Any, Final

import msgspec
from litestar import Litestar, Request, Response, get, post
from litestar.datastructures import State
from msgspec import Struct
from rich.console import Console

from mangaassist.assembly.encoders import opened_onnx_encoder
from mangaassist.domain.encoding import RISKS, Encoded, Vectors
from mangaassist.edge import server
from mangaassist.edge.listening import listen
from mangaassist.errors import ModelFailure
from mangaassist.models.encoder import OnnxEncoder
from mangaassist.serving import Bars, Signals
from mangaassist.settings import Settings
from mangaassist.telemetry import logs
from mangaassist.understanding.heads import TrainedHeads
from mangaassist.wire.inference import (
    INVOCATIONS,
    MAX_REQUEST_BYTES,
    PING,
    InferenceReply,
    InferenceRequest,
    ModelDescription,
    Wanted,
)
from mangaassist.wire.problems import MEDIA_TYPE, problem

_log = logs.logger("models")

_DECODER: Final = msgspec.json.Decoder(InferenceRequest)
_ENCODER: Final = msgspec.json.Encoder()


class ModelService(Struct, frozen=True):
    """Answers one request at a time or many: what is limited, is limited by the encoder."""

    encoder: OnnxEncoder
    heads: TrainedHeads

    async def answer(self, request: InferenceRequest) -> InferenceReply:
        """Raises ``ModelFailure``, transient when the line is full or too slow."""
        if request.describe:
            return InferenceReply(description=self._description())
        return self._worded(await self._encoded(request), request)

    def _description(self) -> ModelDescription:
        encoder = self.encoder
        return ModelDescription(
            digest=encoder.digest,
            dimensions=encoder.dimensions,
            max_tokens=encoder.max_tokens,
            reads_intents=encoder.reads_intents,
            tokenizer=encoder.tokenizer_json,
            reads_risks=encoder.reads_intents,
        )

    async def _encoded(self, request: InferenceRequest) -> Encoded:
        if request.background:
            return Encoded(await self.encoder.encode_many(request.texts), None)
        if request.wanted == ("vectors",) or not request.texts:
            return Encoded(await self.encoder.encode(request.texts), None)
        return await self.encoder.read(request.texts)

    def _worded(self, encoded: Encoded, request: InferenceRequest) -> InferenceReply:
        """What was wanted, as far as this model can tell it."""
        wanted: list[Wanted] = [one for one in request.wanted if one == "vectors" or encoded.features is not None]
        return InferenceReply(**{one: _TOLD[one](self.heads, encoded) for one in wanted})


_TOLD: Final[dict[Wanted, Callable[[TrainedHeads, Encoded], Any]]] = {
    "vectors": lambda _, encoded: encoded.vectors.tolist(),
    "features": lambda _, encoded: _features(encoded).tolist(),
    "intents": lambda heads, encoded: [dict(heads.intent_scores(row)) for row in _features(encoded)],
    "acts": lambda heads, encoded: [heads.act_scores(row) for row in _features(encoded)],
    "risks": lambda _, encoded: [dict(zip(RISKS, row, strict=True)) for row in _risks(encoded).tolist()],
}


def _features(encoded: Encoded) -> Vectors:
    assert encoded.features is not None
    return encoded.features


def _risks(encoded: Encoded) -> Vectors:
    assert encoded.risks is not None
    return encoded.risks


@get(PING)
async def ping() -> Response[bytes]:
    """Asked by who starts the container: it listens once the model is warm."""
    return Response(b"{}", media_type="application/json")


@post(INVOCATIONS, status_code=200, request_max_body_size=MAX_REQUEST_BYTES)
async def invocations(request: Request[Any, Any, State], state: State) -> Response[bytes]:
    service: ModelService = state.service
    try:
        asked = _DECODER.decode(await request.body())
        return Response(_ENCODER.encode(await service.answer(asked)), media_type="application/json")
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        return _refused(400, "invalid_field", str(error))
    except ModelFailure as failure:
        return (
            _refused(503, "overloaded", failure.detail)
            if failure.transient
            else _refused(500, "internal", failure.detail)
        )


def _refused(status: int, code: str, detail: str) -> Response[bytes]:
    worded = problem(status, code, detail)
    headers = dict(worded.headers)
    return Response(_ENCODER.encode(worded), status_code=status, media_type=MEDIA_TYPE, headers=headers)


def model_app(service: ModelService) -> Litestar:
    """The ASGI application of a model that is warm."""
    return Litestar([ping, invocations], state=State({"service": service}), openapi_config=None, logging_config=None)


async def serve_models(settings: Settings, port: int, console: Console) -> None:
    """Serve until a signal says stop; what is under way is finished. Raises ``StartFailed``."""
    logs.configure(settings.logs.level, settings.logs.format)
    with (
        Signals() as signals,
        contextlib.closing(listen(settings.server.host, port, "model", "--port")) as taken,
    ):
        async with contextlib.AsyncExitStack() as exits:
            with Bars(console) as bars:
                encoder = await exits.enter_async_context(opened_onnx_encoder(settings, bars))
            app = model_app(ModelService(encoder, TrainedHeads.load()))
            address = f"http://{settings.server.host}:{taken.getsockname()[1]}"
            serving = server.Server(server.inner(app), lambda: _log.info("open", address=address))
            signals.react = serving.finish
            await serving.serve(sockets=[taken])
