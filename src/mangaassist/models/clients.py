"""The port of those who serve models: one call, and what comes back as events (M-6). A new provider is a client and its errors."""

from collections.abc import AsyncGenerator
from typing import Any, Final, Protocol

from msgspec import Struct

from mangaassist.domain.writing import StopReason, Usage
from mangaassist.errors import ModelFailure
from mangaassist.models.prompts import Prompt


class AnswerForm(Struct, frozen=True):
    """The one form that an answer may have: a JSON object of this ``schema`` (JSON Schema, all fields required)."""

    name: str
    means: str
    """What the object is, for the model."""
    schema: dict[str, Any]


class ModelCall(Struct, frozen=True):
    """One call. ``target`` is the id that is called, ``answer_tokens`` where the answer is cut off; with a ``form`` the answer's
    pieces are the text of one JSON object."""

    target: str
    prompt: Prompt
    answer_tokens: int
    form: AnswerForm | None = None


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
