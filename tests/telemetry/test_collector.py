"""O-3: what a collector on the loopback gets, by OTLP over HTTP."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from mangaassist.domain.writing import Usage
from mangaassist.errors import StartFailed
from mangaassist.settings import Telemetry
from mangaassist.telemetry import collector
from mangaassist.telemetry.collector import collected
from mangaassist.telemetry.generation import Generations
from mangaassist.telemetry.metrics import Metrics

NEEDS = "no opentelemetry-exporter-otlp-proto-http: install mangaassist[otlp]"


class Collector:
    """Keeps what it is sent, by path."""

    def __init__(self) -> None:
        self.bodies: dict[str, list[bytes]] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.bodies.setdefault(self.path, []).append(body)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def listening() -> Iterator[Collector]:
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason=NEEDS)
    made = Collector()
    yield made
    made.stop()


def answer_traced(telemetry: collector.Collected) -> str:
    """A turn with a call of a service and one of a model; gives its ``traceparent``."""
    generations = Generations(telemetry.tracing, Metrics(), telemetry.meters)
    with telemetry.tracing.turn() as traceparent, telemetry.tracing.stage("gather"):
        with telemetry.tracing.call("catalog", "product", "grpc"):
            pass
        call = generations.begin("bedrock", "claude", 300)
        call.piece()
        call.end(Usage("claude", 1000, 7, stop="end"))
    telemetry.close()
    return traceparent


def test_a_collector_gets_the_spans_of_a_turn_and_the_figures_of_models(listening: Collector) -> None:
    from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    traceparent = answer_traced(collected(Telemetry(otlp_url=listening.url)))
    spans = [
        (resource, span)
        for body in listening.bodies["/v1/traces"]
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
    assert {span.name for _, span in spans} == {"turn", "gather", "catalog product", "chat claude"}
    assert {span.trace_id.hex() for _, span in spans} == {traceparent.split("-")[1]}
    resource = {each.key: each.value.string_value for each in spans[0][0].resource.attributes}
    assert resource["service.name"] == "mangaassist"
    assert resource["service.instance.id"]
    names = {
        metric.name
        for body in listening.bodies["/v1/metrics"]
        for sent in ExportMetricsServiceRequest.FromString(body).resource_metrics
        for scope in sent.scope_metrics
        for metric in scope.metrics
    }
    assert {"gen_ai.client.operation.duration", "gen_ai.client.token.usage"} <= names


def test_ids_are_those_that_x_ray_takes_where_that_is_chosen() -> None:
    before = int(time.time())
    telemetry = collected(Telemetry(trace_ids="xray"))
    ids = [answer_traced(telemetry).split("-")[1] for _ in range(2)]
    assert all(before <= int(each[:8], 16) <= time.time() for each in ids)
    assert ids[0] != ids[1]


def test_without_a_collector_no_span_is_kept_and_each_turn_has_its_trace() -> None:
    telemetry = collected(Telemetry())
    assert telemetry.tracing.traceparent() is None
    assert telemetry.meters is None
    assert answer_traced(telemetry).startswith("00-")


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_only_the_share_that_is_asked_for_is_traced(share: float) -> None:
    flags = answer_traced(collected(Telemetry(traced_share=share))).split("-")[3]
    assert int(flags, 16) & 1 == share


def test_a_collector_that_is_away_holds_nobody_up(listening: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collector, "SEND_S", 0.2)
    listening.stop()
    began = time.monotonic()
    assert answer_traced(collected(Telemetry(otlp_url=listening.url)))
    assert time.monotonic() - began < 5


def test_without_the_exporter_a_start_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.metric_exporter", None)
    with pytest.raises(StartFailed, match=r"mangaassist\[otlp\]"):
        collected(Telemetry(otlp_url="http://127.0.0.1:4318"))
