"""OpenTelemetry traces: a span a turn, one a stage, one a call over the network; W3C context in and out (O-3).

Whether or not anybody collects them each turn has a trace, so that every answer can name it. Its parts are spans only where
somebody does. No span holds what a shopper said, nor what an exception quotes: names, kinds and figures alone.
"""

import time
from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Final, Literal

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import Span, SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue

from mangaassist.telemetry.conventions import SCHEMA_URL, Attr
from mangaassist.wire.metadata import AnswerMetadata

SERVICE: Final = "mangaassist"
_PROPAGATOR: Final = TraceContextTextMapPropagator()
_PROTOCOLS: Final = {"grpc": "grpc", "rest": "http"}
_NO_SPAN: Final = nullcontext(trace.INVALID_SPAN)


class XRayIds(RandomIdGenerator):
    """Trace ids as AWS X-Ray takes them: they begin with the second in which they were made."""

    def generate_trace_id(self) -> int:
        return int(time.time()) << 96 | super().generate_trace_id() & ((1 << 96) - 1)

    def is_trace_id_random(self) -> bool:
        return False


class CallSpan:
    """A call of a service on its way."""

    def __init__(self, span: Span) -> None:
        self._span = span

    def failed(self, kind: str) -> None:
        self._span.set_attribute(Attr.ERROR, kind)
        self._span.set_status(StatusCode.ERROR)

    def answered(self, status: int) -> None:
        """The status of an answer by HTTP."""
        self._span.set_attribute(Attr.HTTP_STATUS, status)
        if status >= 500:
            self.failed(str(status))

    def named(self, name: str, route: str) -> None:
        """What is known only when it has been answered."""
        self._span.update_name(name)
        self._span.set_attribute(Attr.HTTP_ROUTE, route)


NO_CALL: Final = nullcontext(CallSpan(trace.INVALID_SPAN))


class Tracing:
    """``is_collected``: whether somebody takes what ``provider`` makes."""

    def __init__(self, provider: TracerProvider | None = None, is_collected: bool = False) -> None:
        self.is_collected = is_collected
        self._provider = provider or TracerProvider(resource=Resource.create({"service.name": SERVICE}))
        self._tracer = self._provider.get_tracer(SERVICE, schema_url=SCHEMA_URL)

    @staticmethod
    def collecting() -> "Tracing | None":
        """The one whose span is current here and still being written; None where nobody would see a span below it."""
        tracing = _COLLECTING.get()
        return tracing if tracing is not None and trace.get_current_span().is_recording() else None

    def request(
        self, name: str, traceparent: str | None = None, told: Mapping[str, AttributeValue] | None = None
    ) -> AbstractContextManager[CallSpan]:
        """A server span around one request or message of a client, in the client's trace where it names one."""
        return self._root(name, SpanKind.SERVER, traceparent, told) if self.is_collected else NO_CALL

    def attempt(self, traceparent: str | None) -> AbstractContextManager[CallSpan]:
        """A span around one attempt at an answer: the turn, and what is read and kept beside it."""
        return self._root("answer", SpanKind.CONSUMER, traceparent) if self.is_collected else NO_CALL

    def errand(self, name: str) -> AbstractContextManager[CallSpan]:
        """A span around what is done for many at once, in a trace of its own."""
        return self._root(name, SpanKind.INTERNAL, None) if self.is_collected else NO_CALL

    def client(self, name: str, told: Mapping[str, AttributeValue]) -> AbstractContextManager[CallSpan]:
        """A client span below the one that is current (``client_spans.py``)."""
        return self._called(self._tracer.start_span(name, kind=SpanKind.CLIENT, attributes=told))

    @contextmanager
    def turn(self, traceparent: str | None = None) -> Generator[str]:
        """A span around one turn; gives the ``traceparent`` to report, and to forward where no span of a call is current.

        It is below the attempt that it is part of, else below whoever sent ``traceparent``.
        """
        parent = None if self.collecting() is self else _parent(traceparent)
        span = self._tracer.start_span("turn", context=parent)
        with self._owned(span):
            yield _traceparent(trace.set_span_in_context(span))

    def stage(self, name: str) -> AbstractContextManager[object]:
        """A span around one stage of the turn."""
        return self._current(self._tracer.start_span(name)) if self.is_collected else _NO_SPAN

    def call(self, service: str, question: str, protocol: Literal["grpc", "rest"]) -> AbstractContextManager[CallSpan]:
        """A span around one try of a call of a service: alike for both protocols."""
        if not self.is_collected:
            return NO_CALL
        return self.client(f"{service} {question}", {Attr.PEER: service, Attr.PROTOCOL: _PROTOCOLS[protocol]})

    def traceparent(self) -> str | None:
        """The header that names the span that is current; None where none is kept."""
        return _traceparent(None) or None if self.is_collected else None

    def generation(self, name: str) -> Span:
        """A span of a call of a model, to be ended by whoever began it."""
        return self._tracer.start_span(name, kind=SpanKind.CLIENT) if self.is_collected else trace.INVALID_SPAN

    def note(self, answer: AnswerMetadata) -> None:
        """Tell the turn's span what became of it."""
        if self.is_collected:
            told = {"intent": answer.intent, "tier": answer.tier, "model": answer.model, "degraded": answer.degraded}
            trace.get_current_span().set_attributes({f"{SERVICE}.{name}": value for name, value in told.items()})

    def close(self) -> None:
        """Send what waits. Blocks for as long as the exporter's limit."""
        self._provider.shutdown()

    @contextmanager
    def _called(self, span: Span) -> Generator[CallSpan]:
        with self._current(span):
            yield CallSpan(span)

    @contextmanager
    def _root(
        self,
        name: str,
        kind: SpanKind,
        traceparent: str | None,
        told: Mapping[str, AttributeValue] | None = None,
    ) -> Generator[CallSpan]:
        span = self._tracer.start_span(name, context=_parent(traceparent), kind=kind, attributes=told)
        with self._owned(span):
            yield CallSpan(span)

    @contextmanager
    def _owned(self, span: Span) -> Generator[None]:
        """Where somebody collects, calls within it have spans too."""
        before = _COLLECTING.set(self) if self.is_collected else None
        try:
            with self._current(span):
                yield
        finally:
            if before is not None:
                _COLLECTING.reset(before)

    @contextmanager
    def _current(self, span: Span) -> Generator[Span]:
        with trace.use_span(span, end_on_exit=True, record_exception=False, set_status_on_exception=False):
            try:
                yield span
            except Exception as error:
                span.set_attribute(Attr.ERROR, type(error).__name__)
                span.set_status(StatusCode.ERROR)
                raise


_COLLECTING: Final[ContextVar[Tracing | None]] = ContextVar("collecting", default=None)
"""Within a span that somebody collects: whose it is."""


def _parent(traceparent: str | None) -> Context:
    """Of a span that is not below whichever is current by chance."""
    return _PROPAGATOR.extract({"traceparent": traceparent}, Context()) if traceparent else Context()


def _traceparent(context: Context | None) -> str:
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier, context)
    return carrier.get("traceparent", "")
