"""An encoder that runs elsewhere: behind ``mangaassist models serve``, or the same in a SageMaker endpoint (M-3)."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, Protocol

import aiohttp
import msgspec
import numpy as np
from tokenizers import Tokenizer

from mangaassist.domain.encoding import RISKS, Encoded, Encoder, Risks, Vectors
from mangaassist.errors import ModelFailure, ModelFailureKind, StartFailed
from mangaassist.models.passes import PASS_LIMIT_S
from mangaassist.wire.inference import (
    INVOCATIONS,
    MOST_CHARS,
    MOST_TEXTS,
    InferenceReply,
    InferenceRequest,
    ModelDescription,
    Wanted,
)

WAY_S: Final = 0.12
"""There and back, beside the time that a pass may take (M-10)."""
BACKGROUND_S: Final = 60.0
"""Texts of an index wait behind everybody's shoppers."""
START_S: Final = 10.0

_KINDS: Final[dict[int, ModelFailureKind]] = {429: "busy", 503: "busy"}
"""By the status of a reply; any other is an error of the server's or a request that it refuses."""

_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(InferenceReply)


class Endpoint(Protocol):
    """Where a model is asked. Raises ``ModelFailure``, transient when another try may help."""

    async def invoke(self, body: bytes) -> bytes: ...

    async def close(self) -> None: ...


class HttpEndpoint:
    """A model server at an address."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/") + INVOCATIONS
        self._http: aiohttp.ClientSession | None = None

    async def invoke(self, body: bytes) -> bytes:
        if self._http is None:
            self._http = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        try:
            async with self._http.post(self._url, data=body, headers={"content-type": "application/json"}) as reply:
                if reply.status != 200:
                    kind = _KINDS.get(reply.status, "error" if reply.status >= 500 else "rejected")
                    raise ModelFailure("encoder", f"its server answered {reply.status}", kind)
                return await reply.read()
        except aiohttp.ClientError as error:
            raise ModelFailure("encoder", f"its server is away ({type(error).__name__})", "unreachable") from error

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()


class RemoteEncoder:
    """Vectors and features by an endpoint; tokens are counted here, with the endpoint's own tokenizer."""

    def __init__(self, endpoint: Endpoint, described: ModelDescription, timeout_factor: float = 1.0) -> None:
        self.dimensions = described.dimensions
        self.max_tokens = described.max_tokens
        self.digest = described.digest
        self._read = _told_by(described)
        self._tokenizer = Tokenizer.from_str(described.tokenizer)
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._endpoint = endpoint
        self._factor = timeout_factor

    @classmethod
    async def open(cls, endpoint: Endpoint, timeout_factor: float = 1.0) -> "RemoteEncoder":
        """Asks the endpoint about its model. Raises ``StartFailed`` when it does not tell."""
        try:
            reply = await _asked(endpoint, InferenceRequest(describe=True), START_S * timeout_factor)
        except ModelFailure as failure:
            raise StartFailed(f"The model endpoint of the settings cannot be used: {failure.detail}.") from failure
        if reply.description is None:
            raise StartFailed("The model endpoint of the settings does not say which model it serves.")
        return cls(endpoint, reply.description, timeout_factor)

    @property
    def reader(self) -> Encoder:
        return self

    async def encode(self, texts: Sequence[str]) -> Vectors:
        return (await self._encoded(texts, ("vectors",))).vectors

    async def read(self, texts: Sequence[str]) -> Encoded:
        return await self._encoded(texts, self._read)

    async def encode_many(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> Vectors:
        """Encode any number of texts for an index: float32 [texts, dimensions], one call under way at a time."""
        parts = [np.zeros((0, self.dimensions), np.float32)]
        for start in range(0, len(texts), MOST_TEXTS):
            part = texts[start : start + MOST_TEXTS]
            parts.append((await self._encoded(part, ("vectors",), background=True)).vectors)
            if progress:
                progress(start + len(part), len(texts))
        return np.concatenate(parts)

    def spans(self, text: str) -> list[tuple[int, int]]:
        return self._tokenizer.encode(text, add_special_tokens=False).offsets

    async def close(self) -> None:
        await self._endpoint.close()

    async def _encoded(self, texts: Sequence[str], wanted: tuple[Wanted, ...], *, background: bool = False) -> Encoded:
        if not texts:
            return Encoded(np.zeros((0, self.dimensions), np.float32), None)
        cut = tuple(text[:MOST_CHARS].encode(errors="replace").decode() for text in texts)
        request = InferenceRequest(texts=cut, wanted=wanted, background=background)
        limit = BACKGROUND_S if background else PASS_LIMIT_S + WAY_S
        reply = await _asked(self._endpoint, request, limit * self._factor)
        vectors = _rows(reply.vectors, len(texts), self.dimensions)
        features = None if reply.features is None else _rows(reply.features, len(texts))
        return Encoded(vectors, features, None if reply.risks is None else _risks(reply.risks, len(texts)))


def _told_by(described: ModelDescription) -> tuple[Wanted, ...]:
    """What of a text this endpoint can tell."""
    known: tuple[tuple[Wanted, bool], ...] = (
        ("vectors", True),
        ("features", described.reads_intents),
        ("risks", described.reads_risks),
    )
    return tuple(wanted for wanted, is_told in known if is_told)


def _risks(given: list[dict[str, float]], texts: int) -> Risks:
    """float32 [texts, risks]. Raises ``ModelFailure`` as ``_rows`` does."""
    return _rows([[row[risk] for risk in RISKS if risk in row] for row in given], texts, len(RISKS))


async def _asked(endpoint: Endpoint, request: InferenceRequest, limit_s: float) -> InferenceReply:
    try:
        async with asyncio.timeout(limit_s):
            return _DECODER.decode(await endpoint.invoke(_ENCODER.encode(request)))
    except TimeoutError as error:
        raise ModelFailure("encoder", f"no answer within {limit_s:.2f} s", "timeout") from error
    except msgspec.MsgspecError as error:
        raise ModelFailure("encoder", f"an answer that cannot be read ({error})", "contract") from error


def _rows(given: list[list[float]] | None, texts: int, columns: int | None = None) -> Vectors:
    """float32 [texts, columns]. Raises ``ModelFailure`` when it is of another shape, or holds what is no number."""
    shape = {len(row) for row in given or ()}
    if given is None or len(given) != texts or len(shape) != 1 or (columns is not None and shape != {columns}):
        raise ModelFailure("encoder", "vectors of another shape than its own", "contract")
    rows = np.asarray(given, np.float32)
    if not np.isfinite(rows).all():
        raise ModelFailure("encoder", "vectors that hold no numbers", "contract")
    return rows
