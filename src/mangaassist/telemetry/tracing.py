"""OpenTelemetry traces: one span a turn, one a stage; W3C context in and out (O-3)."""

from collections.abc import Generator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_PROPAGATOR = TraceContextTextMapPropagator()


class Tracing:
    """Spans are made whether or not anybody collects them, so every answer can name its trace."""

    def __init__(self, provider: TracerProvider | None = None) -> None:
        self._provider = provider or TracerProvider(resource=Resource.create({"service.name": "mangaassist"}))
        self._tracer = self._provider.get_tracer("mangaassist")

    @contextmanager
    def turn(self, traceparent: str | None = None) -> Generator[str]:
        """A span around one turn; gives the ``traceparent`` to forward and to report."""
        parent = _PROPAGATOR.extract({"traceparent": traceparent}) if traceparent else None
        span = self._tracer.start_span("turn", context=parent)
        try:
            carrier: dict[str, str] = {}
            _PROPAGATOR.inject(carrier, trace.set_span_in_context(span))
            yield carrier.get("traceparent", "")
        finally:
            span.end()

    def close(self) -> None:
        self._provider.shutdown()
