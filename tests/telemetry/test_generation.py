"""O-7: what is counted of calls of models, under the names of the conventions."""

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from mangaassist.domain.writing import Usage
from mangaassist.errors import ModelFailure
from mangaassist.telemetry.conventions import (
    DURATION,
    FINISHES,
    INSTRUMENTS,
    PER_CHUNK,
    PROVIDERS,
    TO_FIRST_CHUNK,
    TOKENS,
)
from mangaassist.telemetry.generation import Generations
from mangaassist.telemetry.metrics import Metrics
from mangaassist.telemetry.tracing import Tracing

CALL = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "aws.bedrock", "gen_ai.request.model": "claude"}


class Counting:
    """One process's figures, with a clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.metrics = Metrics()
        self.reader = InMemoryMetricReader()
        self.generations = Generations(Tracing(), self.metrics, MeterProvider([self.reader]), lambda: self.now)

    def answered(self, *times: float, usage: Usage, failure: ModelFailure | None = None) -> None:
        """One call whose pieces come at the given seconds after its beginning; it ends with the last."""
        began = self.now
        call = self.generations.begin("bedrock", "claude", 300)
        for time in times:
            self.now = began + time
            call.piece()
        call.end(usage, failure)

    def collected(self) -> dict[str, list[tuple[dict[str, object], int, float]]]:
        """By instrument: the attributes, count and sum of each of its series."""
        data = self.reader.get_metrics_data()
        if data is None:
            return {}
        return {
            metric.name: [(dict(point.attributes or {}), point.count, point.sum) for point in metric.data.data_points]
            for resource in data.resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
        }


@pytest.fixture
def counting() -> Counting:
    return Counting()


def test_a_whole_answer_is_counted_once_in_each_figure(counting: Counting) -> None:
    counting.answered(0.5, 0.75, 1.5, usage=Usage("claude", 1000, 7, cache_read=900, stop="end"))
    assert counting.collected() == {
        DURATION.name: [(CALL, 1, 1.5)],
        TO_FIRST_CHUNK.name: [(CALL, 1, 0.5)],
        PER_CHUNK.name: [(CALL, 2, 1.0)],
        TOKENS.name: [
            ({**CALL, "gen_ai.token.type": "input"}, 1, 1000),
            ({**CALL, "gen_ai.token.type": "output"}, 1, 7),
        ],
    }


def test_prometheus_is_told_the_same(counting: Counting) -> None:
    counting.answered(0.5, 0.75, usage=Usage("claude", 1000, 7, stop="end"))
    told = counting.metrics.exposition().decode()
    labels = 'gen_ai_operation_name="chat",gen_ai_provider_name="aws.bedrock",gen_ai_request_model="claude"'
    assert f"gen_ai_client_operation_time_to_first_chunk_seconds_sum{{{labels}}} 0.5" in told
    assert f'gen_ai_client_token_usage_sum{{{labels},gen_ai_token_type="input"}} 1000.0' in told
    assert f'gen_ai_client_operation_duration_seconds_count{{error_type="",{labels}}} 1.0' in told


def test_a_failure_is_counted_by_its_kind(counting: Counting) -> None:
    counting.answered(usage=Usage("claude", estimated=True), failure=ModelFailure("claude", "late", "timeout"))
    assert counting.collected()[DURATION.name] == [({**CALL, "error.type": "timeout"}, 1, 0.0)]


def test_tokens_that_are_our_own_estimate_are_not_told_as_the_providers(counting: Counting) -> None:
    counting.answered(0.1, usage=Usage("claude", 1000, 7, stop="end", estimated=True))
    assert TOKENS.name not in counting.collected()


def test_the_names_are_those_of_the_conventions() -> None:
    import opentelemetry.semconv._incubating.attributes.gen_ai_attributes as attributes
    import opentelemetry.semconv._incubating.metrics.gen_ai_metrics as metrics

    published = {value for name, value in vars(metrics).items() if name.startswith("GEN_AI_CLIENT")}
    assert {one.name for one in INSTRUMENTS} == published
    known = {value for name, value in vars(attributes).items() if name.startswith("GEN_AI_")}
    assert {name for one in INSTRUMENTS for name in one.labels} <= known | {"error.type"}


def test_every_provider_and_every_reason_to_stop_has_a_name() -> None:
    from typing import get_args

    from mangaassist.domain.writing import StopReason
    from mangaassist.models.profiles import Provider

    assert set(PROVIDERS) == set(get_args(Provider)) - {"offline"}
    assert set(FINISHES) == set(get_args(StopReason)) - {""}


@pytest.mark.parametrize(("provisioned", "usd"), [(("claude", "other"), 0.02), (("other",), 0.0), ((), 0.0)])
def test_what_calls_of_provisioned_throughput_would_cost_on_demand_is_counted(
    provisioned: tuple[str, ...], usd: float
) -> None:
    metrics = Metrics()
    generations = Generations(Tracing(), metrics, provisioned=provisioned)
    for _ in range(2):
        generations.begin("bedrock", "claude", 300).end(Usage("claude", tokens_in=10, tokens_out=5, cost_usd=0.01))
    assert metrics.spent.provisioned_usd == usd
