"""What every model's writer does alike: prompt, targets in order, both time limits, usage. The wire is its client's (M-6).

A client makes one call and gives what comes back as events; a new provider is a client and its table of errors, nothing else.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, closing
from typing import Final, Protocol

from msgspec import Struct

from mangaassist.domain.writing import Draft, StopReason, Usage, WritingNotes, WritingTask
from mangaassist.errors import ModelFailure, ModelFailureKind
from mangaassist.models.profiles import FIRST_TOKEN_S, ModelProfile
from mangaassist.models.prompts import Prompt, build_prompt
from mangaassist.models.tokens import estimated_tokens
from mangaassist.models.writers.citations import Citations
from mangaassist.models.writers.moving_limit import MovingLimit
from mangaassist.models.writers.targets import Targets
from mangaassist.models.writers.thoughts import Thoughts

CUT: Final = " …"
"""Shown where a model reached its limit in mid-sentence: the shopper sees that more was to come."""

COUNTS_S: Final = 1.0
"""How long the provider's figures are waited for once the answer is whole."""

_NOTHING_READ: Final[frozenset[ModelFailureKind]] = frozenset({"busy", "unreachable", "rejected"})
"""Failures before anything is said after which the provider sends no bill."""


class ModelCall(Struct, frozen=True):
    """One call. ``target`` is the id that is called, ``answer_tokens`` where the answer is cut off."""

    target: str
    prompt: Prompt
    answer_tokens: int


class Counted(Struct, frozen=True):
    """What the provider counts. ``tokens_in`` are all that were read, those of its prompt cache included."""

    tokens_in: int = 0
    tokens_out: int = 0
    cache_read: int = 0
    cache_write: int = 0


class Stopped(Struct, frozen=True):
    """The model says no more."""

    reason: StopReason


class Guarded(Struct, frozen=True):
    """What a guardrail of the provider's did, a line each and without the words that it did it to."""

    found: tuple[str, ...]


class Served(Struct, frozen=True):
    """Which model answers, in its provider's words: an alias is asked for by one name and answered by another."""

    model: str


ModelEvent = str | Counted | Stopped | Guarded | Served
"""A piece of the answer, a count (the last one counts), why it stops, or what is told of it. After ``Stopped`` more may come."""


class ModelClient(Protocol):
    """A provider of models. Lives as long as the process."""

    def stream(self, call: ModelCall) -> AsyncGenerator[ModelEvent]:
        """One call's events as they come. Closing it ends the call at the provider. Raises ``ModelFailure`` and nothing else:
        of the target, which the answer never names."""
        ...

    async def close(self) -> None: ...


class WatchedCall(Protocol):
    """A call that somebody watches."""

    def piece(self) -> None: ...

    def end(self, usage: Usage, failure: ModelFailure | None = None) -> None:
        """Whole where ``usage`` says why it stopped, failed, or left early."""
        ...


class CallWatcher(Protocol):
    """Hears of every call as it is made. None of it may raise."""

    def begin(self, provider: str, target: str, most_tokens: int) -> WatchedCall: ...


class Unwatched:
    """The watcher of nobody, and its calls."""

    def begin(self, provider: str, target: str, most_tokens: int) -> "Unwatched":
        return self

    def piece(self) -> None:
        pass

    def end(self, usage: Usage, failure: ModelFailure | None = None) -> None:
        pass


UNWATCHED: Final = Unwatched()


class ModelWriter:
    """Writes with the profile's model. Lives as long as the process, and remembers which of its targets are throttled."""

    def __init__(
        self, profile: ModelProfile, client: ModelClient, factor: float = 1.0, watcher: CallWatcher = UNWATCHED
    ) -> None:
        """``factor`` makes both time limits this many times as long."""
        self.profile = profile
        self.client = client
        self.factor = factor
        self.watcher = watcher
        self.targets = Targets(profile.targets or (profile.name,))

    def write(self, task: WritingTask) -> Draft:
        return ModelDraft(self, build_prompt(task, self.profile.prompt_tokens))


class ModelDraft:
    """One answer of a model. Left early, its call is closed; ``usage`` tells at any time what it took so far."""

    def __init__(self, writer: ModelWriter, prompt: Prompt) -> None:
        profile = writer.profile
        self._writer = writer
        self._profile = profile
        self._prompt = prompt
        self._first_s = (profile.first_token_s or FIRST_TOKEN_S) * writer.factor
        self._between_s = profile.between_tokens_s * writer.factor
        self._said: list[str] = []
        self._thoughts = Thoughts()
        self._citations = Citations(prompt.cited_by)
        self._guarded: tuple[str, ...] = ()
        self._served = ""
        self._is_read = False
        self._counted: Counted | None = None
        self._stop: StopReason = ""

    @property
    def notes(self) -> WritingNotes:
        """What it cited so far."""
        cited = self._citations.cited
        return WritingNotes(cited=cited.chunk_ids, miscited=cited.unknown)

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
            stop=self._stop,
            estimated=not is_told,
            guarded=self._guarded,
            served=self._served,
        )

    async def __aiter__(self) -> AsyncGenerator[str]:
        if (
            self._prompt.tokens > self._profile.prompt_tokens
        ):  # what is never left out takes more than the model may read
            raise ModelFailure(self._profile.name, "the least prompt is longer than it may be", "rejected")
        clock, known = asyncio.get_running_loop().time, self._writer.targets
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

    async def _watched(self, target: str) -> AsyncGenerator[str]:
        watched = self._writer.watcher.begin(self._profile.provider, target, self._profile.answer_tokens)
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
        call = ModelCall(target, self._prompt, self._profile.answer_tokens)
        async with aclosing(self._writer.client.stream(call)) as events:
            with closing(MovingLimit()) as limit:
                while (event := await self._next(events, limit, deadline)) is not None:
                    match event:
                        case str():
                            self._said.append(event)
                            if shown := self._citations.feed(self._thoughts.feed(event)):
                                yield shown
                            deadline = clock() + self._between_s
                        case Counted():
                            self._counted = event
                        case Stopped():
                            self._stop = event.reason
                            deadline = clock() + COUNTS_S
                        case Guarded():
                            self._guarded = event.found
                        case Served():
                            self._served = event.model
        self._check_ending()
        if rest := self._citations.feed(self._thoughts.finish()) + self._citations.finish():
            yield rest
        if self._stop == "length":
            yield CUT

    async def _next(self, events: AsyncGenerator[ModelEvent], limit: MovingLimit, deadline: float) -> ModelEvent | None:
        try:
            return await limit.next(events, deadline)
        except TimeoutError:
            if self._stop:
                return None
            detail = "no further piece in time" if self._said else "no first piece in time"
            raise ModelFailure(self._profile.name, detail, "timeout") from None
        except ModelFailure as failure:
            if self._stop:  # the answer is whole, whatever became of the line after it
                return None
            self._is_read = bool(self._said) or failure.kind not in _NOTHING_READ
            raise ModelFailure(self._profile.name, failure.detail, failure.kind) from failure

    def _check_ending(self) -> None:
        if self._stop == "filtered":
            raise ModelFailure(self._profile.name, "its provider filtered the answer", "filtered")
        if not self._stop:
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
