"""Every span that was made, for tests of traces."""

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from mangaassist.telemetry.tracing import Tracing


class Kept(InMemorySpanExporter):
    """Every span that is over."""

    @property
    def by_name(self) -> dict[str, ReadableSpan]:
        return {span.name: span for span in self.get_finished_spans()}

    @property
    def calls(self) -> list[ReadableSpan]:
        return [span for span in self.get_finished_spans() if span.kind is SpanKind.CLIENT]

    @property
    def told(self) -> str:
        """All that any of them holds."""
        return "".join(span.to_json() for span in self.get_finished_spans())

    def below(self, name: str) -> set[str]:
        parent = self.by_name[name].context.span_id
        return {span.name for span in self.get_finished_spans() if span.parent and span.parent.span_id == parent}


def collected_by(kept: Kept) -> Tracing:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    return Tracing(provider, is_collected=True)
