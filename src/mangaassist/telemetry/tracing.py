"""OpenTelemetry traces: a span a turn, one a stage, one a call over the network; W3C context in and out (O-3).

Whether or not anybody collects them each turn has a trace, so that every answer can name it. Its parts are spans only where
somebody does. No span holds what a shopper said, nor what an exception quotes: names, kinds and figures alone.
"""

import time
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
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


_NO_CALL: Final = nullcontext(CallSpan(trace.INVALID_SPAN))


class Tracing:
    """``is_collected``: whether somebody takes what ``provider`` makes."""

    def __init__(self, provider: TracerProvider | None = None, is_collected: bool = False) -> None:
        self._is_collected = is_collected
        self._provider = provider or TracerProvider(resource=Resource.create({"service.name": SERVICE}))
        self._tracer = self._provider.get_tracer(SERVICE, schema_url=SCHEMA_URL)

    @contextmanager
    def turn(self, traceparent: str | None = None) -> Generator[str]:
        """A span around one turn; gives the ``traceparent`` to report, and to forward where no span of a call is current."""
        parent = _PROPAGATOR.extract({"traceparent": traceparent}) if traceparent else Context()
        span = self._tracer.start_span("turn", context=parent)
        with self._current(span):
            yield _traceparent(trace.set_span_in_context(span))

    def stage(self, name: str) -> AbstractContextManager[object]:
        """A span around one stage of the turn."""
        return self._current(self._tracer.start_span(name)) if self._is_collected else _NO_SPAN

    def call(self, service: str, question: str, protocol: Literal["grpc", "rest"]) -> AbstractContextManager[CallSpan]:
        """A span around one try of a call of a service: alike for both protocols."""
        return self._call(service, question, protocol) if self._is_collected else _NO_CALL

    def traceparent(self) -> str | None:
        """The header that names the span that is current; None where none is kept."""
        return _traceparent(None) or None if self._is_collected else None

    def generation(self, name: str) -> Span:
        """A span of a call of a model, to be ended by whoever began it."""
        return self._tracer.start_span(name, kind=SpanKind.CLIENT) if self._is_collected else trace.INVALID_SPAN

    def note(self, answer: AnswerMetadata) -> None:
        """Tell the turn's span what became of it."""
        if self._is_collected:
            told = {"intent": answer.intent, "tier": answer.tier, "model": answer.model, "degraded": answer.degraded}
            trace.get_current_span().set_attributes({f"{SERVICE}.{name}": value for name, value in told.items()})

    def close(self) -> None:
        """Send what waits. Blocks for as long as the exporter's limit."""
        self._provider.shutdown()

    @contextmanager
    def _call(self, service: str, question: str, protocol: Literal["grpc", "rest"]) -> Generator[CallSpan]:
        told: dict[str, AttributeValue] = {Attr.PEER: service, Attr.PROTOCOL: _PROTOCOLS[protocol]}
        span = self._tracer.start_span(f"{service} {question}", kind=SpanKind.CLIENT, attributes=told)
        with self._current(span):
            yield CallSpan(span)

    @contextmanager
    def _current(self, span: Span) -> Generator[Span]:
        with trace.use_span(span, end_on_exit=True, record_exception=False, set_status_on_exception=False):
            try:
                yield span
            except Exception as error:
                span.set_attribute(Attr.ERROR, type(error).__name__)
                span.set_status(StatusCode.ERROR)
                raise


def _traceparent(context: Context | None) -> str:
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier, context)
    return carrier.get("traceparent", "")
