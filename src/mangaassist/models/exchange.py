"""What every call of a model does alike, whatever it is for: targets in order, both time limits, usage. The client has the wire."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, closing
from typing import Final, TypeVar

import msgspec

from mangaassist.domain.writing import StopReason, Usage
from mangaassist.errors import ModelFailure, ModelFailureKind
from mangaassist.models.clients import (
    UNWATCHED,
    AnswerForm,
    CallWatcher,
    Counted,
    Guarded,
    ModelCall,
    ModelClient,
    ModelEvent,
    Served,
    Stopped,
)
from mangaassist.models.profiles import FIRST_TOKEN_S, ModelProfile
from mangaassist.models.prompts import Prompt
from mangaassist.models.tokens import estimated_tokens
from mangaassist.models.writers.moving_limit import MovingLimit
from mangaassist.models.writers.targets import Targets
from mangaassist.models.writers.thoughts import Thoughts

T = TypeVar("T")

COUNTS_S: Final = 1.0
"""How long the provider's figures are waited for once the answer is whole."""

_NOTHING_READ: Final[frozenset[ModelFailureKind]] = frozenset({"busy", "unreachable", "rejected"})
"""Failures before anything is said after which the provider sends no bill."""


class CalledModel:
    """A profile's model and who serves it. Lives as long as the process, and remembers which of its targets are throttled."""

    def __init__(
        self, profile: ModelProfile, client: ModelClient, factor: float = 1.0, watcher: CallWatcher = UNWATCHED
    ) -> None:
        """``factor`` makes both time limits this many times as long."""
        self.profile = profile
        self.client = client
        self.factor = factor
        self.watcher = watcher
        self.targets = Targets(profile.targets or (profile.name,))

    def asked(self, prompt: Prompt, answer_tokens: int, form: AnswerForm | None = None) -> "Exchange":
        """One answer to one prompt; nothing is called before its pieces are."""
        return Exchange(self, prompt, answer_tokens, form)


class Exchange:
    """One answer of a model, in the pieces that it comes in. Left early, its call is closed; ``usage`` tells at any time what it
    took so far."""

    def __init__(self, model: CalledModel, prompt: Prompt, answer_tokens: int, form: AnswerForm | None) -> None:
        profile = model.profile
        self._model = model
        self._profile = profile
        self._prompt = prompt
        self._answer_tokens = answer_tokens
        self._form = form
        self._first_s = (profile.first_token_s or FIRST_TOKEN_S) * model.factor
        self._between_s = profile.between_tokens_s * model.factor
        self._said: list[str] = []
        self._guarded: tuple[str, ...] = ()
        self._served = ""
        self._is_read = False
        self._counted: Counted | None = None
        self.stop: StopReason = ""

    @property
    def usage(self) -> Usage:
        """The provider's figures where it told any that can be, else our own estimate of what it read and wrote."""
        told = self._counted
        is_told = told is not None and self._can_be(told)
        counted = told if told is not None and is_told else self._estimated()
        profile = self._profile
        return Usage(
            model=profile.name,
            tokens_in=counted.tokens_in,
            tokens_out=counted.tokens_out,
            cost_usd=profile.cost(counted.tokens_in, counted.tokens_out, counted.cache_read, counted.cache_write),
            cache_read=counted.cache_read,
            cache_write=counted.cache_write,
            stop=self.stop,
            estimated=not is_told,
            guarded=self._guarded,
            served=self._served,
        )

    async def __aiter__(self) -> AsyncGenerator[str]:
        if self._prompt.tokens > self._profile.prompt_tokens:  # what is never left out takes more than it may read
            raise ModelFailure(self._profile.name, "the least prompt is longer than it may be", "rejected")
        clock, known = asyncio.get_running_loop().time, self._model.targets
        targets = known.order(clock())
        for target in targets:
            try:
                async with aclosing(self._watched(target)) as pieces:
                    async for piece in pieces:
                        yield piece
            except ModelFailure as failure:
                if failure.kind == "busy":
                    known.throttled(target, clock())
                if failure.kind != "busy" or self._said or target == targets[-1]:
                    raise
            else:
                return

    async def formed(self, decoder: msgspec.json.Decoder[T], longest: int) -> T | None:
        """A short answer of one form, behind whatever the model thought aloud; None where it is none, or has more than ``longest``
        characters. Raises ``ModelFailure``.
        """
        thoughts, said, length = Thoughts(), list[str](), 0
        async with aclosing(aiter(self)) as pieces:
            async for piece in pieces:
                said.append(thoughts.feed(piece))
                length += len(piece)
                if length > longest:
                    return None
        said.append(thoughts.finish())
        try:
            return decoder.decode("".join(said))
        except msgspec.MsgspecError:  # it quotes what was said: nobody is shown it
            return None

    async def _watched(self, target: str) -> AsyncGenerator[str]:
        watched = self._model.watcher.begin(self._profile.provider, target, self._answer_tokens)
        failure: ModelFailure | None = None
        try:
            async with aclosing(self._from(target)) as pieces:
                async for piece in pieces:
                    watched.piece()
                    yield piece
        except ModelFailure as failed:
            failure = failed
            raise
        finally:
            watched.end(self.usage, failure)

    async def _from(self, target: str) -> AsyncGenerator[str]:
        """The pieces of one target. Raises ``ModelFailure``: late, cut off, or as its client says."""
        clock = asyncio.get_running_loop().time
        self._is_read = True
        deadline = clock() + self._first_s
        call = ModelCall(target, self._prompt, self._answer_tokens, self._form)
        async with aclosing(self._model.client.stream(call)) as events:
            with closing(MovingLimit()) as limit:
                while (event := await self._next(events, limit, deadline)) is not None:
                    match event:
                        case str():
                            self._said.append(event)
                            yield event
                            deadline = clock() + self._between_s
                        case Counted():
                            self._counted = event
                        case Stopped():
                            self.stop = event.reason
                            deadline = clock() + COUNTS_S
                        case Guarded():
                            self._guarded = event.found
                        case Served():
                            self._served = event.model
        self._check_ending()

    async def _next(self, events: AsyncGenerator[ModelEvent], limit: MovingLimit, deadline: float) -> ModelEvent | None:
        try:
            return await limit.next(events, deadline)
        except TimeoutError:
            if self.stop:
                return None
            detail = "no further piece in time" if self._said else "no first piece in time"
            raise ModelFailure(self._profile.name, detail, "timeout") from None
        except ModelFailure as failure:
            if self.stop:  # the answer is whole, whatever became of the line after it
                return None
            self._is_read = bool(self._said) or failure.kind not in _NOTHING_READ
            raise ModelFailure(self._profile.name, failure.detail, failure.kind) from failure

    def _check_ending(self) -> None:
        if self.stop == "filtered":
            raise ModelFailure(self._profile.name, "its provider filtered the answer", "filtered")
        if not self.stop:
            raise ModelFailure(self._profile.name, "the stream ended in mid-answer", "contract")

    def _can_be(self, told: Counted) -> bool:
        """A model that read nothing, wrote nothing though it spoke, or read more than it can, lies."""
        counts = (told.tokens_in, told.tokens_out, told.cache_read, told.cache_write)
        return (
            min(counts) >= 0
            and told.tokens_in > 0
            and (told.tokens_out > 0 or not self._said)
            and told.tokens_in + told.tokens_out <= self._profile.context_tokens
            and told.cache_read + told.cache_write <= told.tokens_in
        )

    def _estimated(self) -> Counted:
        if not self._is_read:
            return Counted()
        return Counted(self._prompt.tokens, estimated_tokens("".join(self._said)))
