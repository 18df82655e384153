"""What tracing hears of each call over the network, whichever protocol it speaks (O-3)."""

from contextlib import AbstractContextManager, nullcontext
from typing import Final, Literal, Protocol


class CallSpan(Protocol):
    """One try of one call."""

    def failed(self, kind: str) -> None: ...


class CallSpans(Protocol):
    """Lives as long as the process. None of it may raise."""

    def call(self, service: str, question: str, protocol: Literal["grpc", "rest"]) -> AbstractContextManager[CallSpan]:
        """A span around one try; what happens within belongs to it."""
        ...

    def traceparent(self) -> str | None:
        """The header that names the span that is current; None where no spans are kept."""
        ...


class _NoSpan:
    def failed(self, kind: str) -> None:
        pass


_NO_SPAN: Final = nullcontext(_NoSpan())


class NoSpans:
    """Nobody traces."""

    def call(self, service: str, question: str, protocol: Literal["grpc", "rest"]) -> AbstractContextManager[CallSpan]:
        return _NO_SPAN

    def traceparent(self) -> str | None:
        return None


NO_SPANS: Final = NoSpans()
