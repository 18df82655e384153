"""Models behind OpenAI's chat completions: OpenAI's own, and whatever speaks alike, such as vLLM, Ollama and llama.cpp (M-6).

Their client makes the call and words its errors; the events are read here, since decoding each token into its models takes ten
times as long as all that we do with one.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Mapping
from itertools import groupby
from typing import Any, Final

import aiohttp
import httpx2
import msgspec
import openai
from msgspec import Struct
from openai.types.chat import ChatCompletionMessageParam

from mangaassist.domain.writing import StopReason
from mangaassist.errors import ModelFailure, ModelFailureKind
from mangaassist.models.clients import AnswerForm, Counted, ModelCall, ModelEvent, Served, Stopped
from mangaassist.models.prompts import Prompt, PromptMessage
from mangaassist.models.writers.server_sent_events import EventDecoder

CONNECT_S: Final = 5.0
DONE: Final = b"[DONE]"
GATHERED_S: Final = 0.02
"""Once the model speaks, its pieces are looked at so often: a frame leaves every 40 ms, and each look costs more than a piece."""
NO_KEY: Final = "none"
"""What a server that wants no key is sent; the client insists on one."""

FAILURES: Final[Mapping[type[Exception], ModelFailureKind]] = {
    openai.APITimeoutError: "unreachable",  # nothing but connecting has a limit there
    openai.APIConnectionError: "unreachable",
    openai.RateLimitError: "busy",
    openai.InternalServerError: "error",
    openai.AuthenticationError: "rejected",
    openai.OAuthError: "rejected",
    openai.PermissionDeniedError: "rejected",
    openai.BadRequestError: "rejected",
    openai.NotFoundError: "rejected",
    openai.ConflictError: "rejected",
    openai.UnprocessableEntityError: "rejected",
    openai.APIStatusError: "rejected",
    openai.APIResponseValidationError: "contract",
    openai.LengthFinishReasonError: "contract",
    openai.ContentFilterFinishReasonError: "filtered",
    openai.APIError: "error",
    openai.OpenAIError: "failed",
    httpx2.TimeoutException: "unreachable",
    httpx2.ConnectError: "unreachable",
    httpx2.ProxyError: "unreachable",
    httpx2.UnsupportedProtocol: "rejected",
    httpx2.TooManyRedirects: "rejected",
    httpx2.TransportError: "contract",
    httpx2.DecodingError: "contract",
    httpx2.HTTPError: "error",
    httpx2.StreamError: "contract",
    httpx2.InvalidURL: "rejected",
    aiohttp.ClientError: "contract",
    msgspec.MsgspecError: "contract",
    ValueError: "contract",
}
"""The nearest of an exception's classes says what it is to us."""

_ANY: Final = (
    openai.OpenAIError, httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL, aiohttp.ClientError,
    msgspec.MsgspecError, ValueError,
)  # fmt: skip

STATUSES: Final[Mapping[int, ModelFailureKind]] = {408: "timeout", 429: "busy", 503: "busy", 529: "busy"}
"""Where a status says more than the class of its exception."""
SPENT: Final = "insufficient_quota"
"""A throttling that no waiting helps: the account is empty."""

STOPS: Final[Mapping[str, StopReason]] = {
    "stop": "end",
    "eos_token": "end",
    "length": "length",
    "content_filter": "filtered",
}


class _Delta(Struct, frozen=True):
    content: str | None = None


class _Choice(Struct, frozen=True):
    delta: _Delta = _Delta()
    finish_reason: str | None = None


class _Details(Struct, frozen=True):
    cached_tokens: int | None = None


class _Usage(Struct, frozen=True):
    prompt_tokens: int
    completion_tokens: int = 0
    prompt_tokens_details: _Details | None = None


class _Error(Struct, frozen=True):
    message: str = ""
    code: str | int | None = None


class _Chunk(Struct, frozen=True):
    model: str | None = None
    choices: tuple[_Choice, ...] = ()
    usage: _Usage | None = None
    error: _Error | str | None = None


_decoder: Final = msgspec.json.Decoder(_Chunk)


class OpenAiClient:
    """One provider's address and key, and the connections to it."""

    def __init__(self, name: str, url: str | None, key: str) -> None:
        """``name`` is what failures call the model; ``url`` None is OpenAI's own."""
        self._name = name
        self._limit_field = "max_tokens" if url else "max_completion_tokens"
        self._client = openai.AsyncOpenAI(
            api_key=key or NO_KEY,
            base_url=url,
            max_retries=0,  # M-6: another target, another model or the offline writer goes on, and no time is lost
            timeout=openai.Timeout(None, connect=CONNECT_S),  # the writer watches the rest
            http_client=openai.DefaultAioHttpClient(),
        )

    async def stream(self, call: ModelCall) -> AsyncGenerator[ModelEvent]:
        """One call's events. Raises ``ModelFailure``."""
        try:
            async with self._client.chat.completions.with_streaming_response.create(
                model=call.target,
                messages=_messages(call.prompt),
                stream=True,
                stream_options={"include_usage": True},
                extra_body={self._limit_field: call.answer_tokens, **_in_form(call.form)},
            ) as response:
                decoder = EventDecoder()
                async for content in response.iter_bytes():
                    is_speaking = False
                    for event in _joined(self._read(decoder, content)):
                        yield event
                        is_speaking = isinstance(event, str)
                    if is_speaking:
                        await asyncio.sleep(GATHERED_S)
        except _ANY as error:
            raise ModelFailure(self._name, type(error).__name__, failure_kind(error)) from error

    async def close(self) -> None:
        await self._client.close()

    def _read(self, decoder: EventDecoder, content: bytes) -> Iterator[ModelEvent]:
        for data in decoder.feed(content):
            if data != DONE:
                yield from self._events(_decoder.decode(data))

    def _events(self, chunk: _Chunk) -> Iterator[ModelEvent]:
        if chunk.error is not None:
            code = chunk.error.code if isinstance(chunk.error, _Error) else None
            raise ModelFailure(self._name, f"an error in mid-stream ({code})", STATUSES.get(_number(code), "error"))
        for choice in chunk.choices:
            if choice.delta.content:
                yield choice.delta.content
            if choice.finish_reason:
                yield Served(chunk.model or "")
                yield self._stop(choice.finish_reason)
        if (usage := chunk.usage) is not None:
            details = usage.prompt_tokens_details
            cached = (details.cached_tokens or 0) if details else 0
            yield Counted(usage.prompt_tokens, usage.completion_tokens, cache_read=cached)

    def _stop(self, reason: str) -> Stopped:
        if reason not in STOPS:
            raise ModelFailure(self._name, f"it stopped for a reason that nobody knows ({reason})", "contract")
        return Stopped(STOPS[reason])


def _joined(events: Iterator[ModelEvent]) -> Iterator[ModelEvent]:
    """The same, with pieces that follow each other as one."""
    for is_text, alike in groupby(events, lambda event: isinstance(event, str)):
        if is_text:
            yield "".join(event for event in alike if isinstance(event, str))
        else:
            yield from alike


def failure_kind(error: Exception) -> ModelFailureKind:
    """What an exception of the client is to us."""
    if isinstance(error, openai.APIStatusError):
        if error.code == SPENT:
            return "rejected"
        if error.status_code in STATUSES:
            return STATUSES[error.status_code]
    return next(FAILURES[known] for known in type(error).__mro__ if known in FAILURES)


def _messages(prompt: Prompt) -> list[ChatCompletionMessageParam]:
    return [{"role": "system", "content": prompt.system}, *map(_message, prompt.messages)]


def _message(said: PromptMessage) -> ChatCompletionMessageParam:
    if said.role == "user":
        return {"role": "user", "content": said.content}
    return {"role": "assistant", "content": said.content}


def _in_form(form: AnswerForm | None) -> dict[str, Any]:
    if form is None:
        return {}
    described = {"name": form.name, "description": form.means, "strict": True, "schema": form.schema}
    return {"response_format": {"type": "json_schema", "json_schema": described}}


def _number(code: str | int | None) -> int:
    return int(code) if isinstance(code, int) or (code and code.isdecimal()) else 0
