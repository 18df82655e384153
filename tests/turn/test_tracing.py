"""O-3, O-7: a turn's trace: every stage and every call a span, alike for both protocols, and no shopper's word in any."""

from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.trace import SpanKind, StatusCode

from mangaassist.errors import ModelFailure
from mangaassist.models.clients import Counted, Served, Stopped
from mangaassist.models.profiles import ModelProfile
from mangaassist.models.writers.model_writer import ModelWriter
from mangaassist.services.policies import POLICIES
from mangaassist.telemetry.generation import Generations
from mangaassist.telemetry.tracing import Tracing
from mangaassist.testing.fake_store import Fault
from mangaassist.testing.scripted_writer import ScriptedWriter
from mangaassist.testing.store_data import AIKO
from tests.spans import Kept, collected_by
from tests.turn.house import RECOMMEND, TRACK, House
from tests.writing.test_model_writer import Client

INCOMING = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def tracing(kept: Kept) -> Iterator[Tracing]:
    made = collected_by(kept)
    yield made
    made.close()


async def test_every_stage_of_a_turn_is_a_span_below_it(kept: Kept, tracing: Tracing) -> None:
    answered = await House(tracing=tracing).ask(RECOMMEND)
    assert {"intent", "gather", "write", "review"} <= kept.below("turn")
    assert set(answered.metadata.timings) <= set(kept.by_name)
    assert len({span.context.trace_id for span in kept.get_finished_spans()}) == 1


async def test_a_turn_goes_on_in_the_trace_of_whoever_asked(kept: Kept, tracing: Tracing) -> None:
    answered = await House(tracing=tracing).ask(RECOMMEND, traceparent=INCOMING)
    turn = kept.by_name["turn"]
    assert answered.metadata.traceparent == f"00-{turn.context.trace_id:032x}-{turn.context.span_id:016x}-01"
    assert f"{turn.context.trace_id:032x}" in INCOMING
    assert turn.parent is not None
    assert f"{turn.parent.span_id:016x}" in INCOMING


async def test_every_call_of_a_service_is_one_client_span_whose_id_goes_along(kept: Kept, tracing: Tracing) -> None:
    house = House(tracing=tracing)
    await house.ask(TRACK, AIKO)
    await house.again().ask(RECOMMEND)
    spans = {f"{span.context.span_id:016x}": span for span in kept.get_finished_spans() if span.kind is SpanKind.CLIENT}
    assert house.store.calls
    assert len(spans) == len(house.store.calls)
    for call in house.store.calls:
        assert call.traceparent is not None
        span = spans[call.traceparent.split("-")[2]]
        assert span.name.split()[0] == call.service
        assert span.attributes == {
            "service.peer.name": call.service,
            "network.protocol.name": "grpc" if POLICIES[call.service].protocol == "grpc" else "http",
        }


async def test_a_call_that_fails_says_how_and_each_try_is_a_span(kept: Kept, tracing: Tracing) -> None:
    house = House(tracing=tracing)
    house.store.faults["catalog"] = Fault("fail")
    await house.ask(RECOMMEND)
    tries = [span for span in kept.get_finished_spans() if span.name.startswith("catalog ")]
    assert len(tries) >= 2
    for span in tries:
        assert span.attributes is not None
        assert span.attributes["error.type"] == "error"
        assert span.status.status_code is StatusCode.ERROR


async def test_a_call_of_a_model_is_a_span_by_the_conventions_below_the_writing(kept: Kept, tracing: Tracing) -> None:
    house = House(tracing=tracing)
    busy = ModelFailure("bought", "ThrottlingException", "busy")
    client = Client(
        bought=(busy,), demand=("Read ", "Vagabond.", Served("claude-x"), Stopped("end"), Counted(1000, 7, 900, 50))
    )
    profile = ModelProfile(name="claude", provider="bedrock", targets=("bought", "demand"), answer_tokens=300)
    writer = ModelWriter(profile, client, watcher=Generations(tracing, house.metrics))
    house = House(tracing=tracing, large=writer, small=writer)
    await house.ask(RECOMMEND)
    assert {"chat bought", "chat demand"} <= kept.below("write")
    asked: dict[str, Any] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "aws.bedrock",
        "gen_ai.request.max_tokens": 300,
        "gen_ai.request.stream": True,
    }
    whole = dict(kept.by_name["chat demand"].attributes or {})
    assert whole.pop("gen_ai.response.time_to_first_chunk") >= 0
    assert whole == {
        **asked,
        "gen_ai.request.model": "demand",
        "gen_ai.response.model": "claude-x",
        "gen_ai.response.finish_reasons": ("stop",),
        "gen_ai.usage.input_tokens": 1000,
        "gen_ai.usage.output_tokens": 7,
        "gen_ai.usage.cache_read.input_tokens": 900,
        "gen_ai.usage.cache_creation.input_tokens": 50,
    }
    throttled = kept.by_name["chat bought"]
    assert throttled.kind is SpanKind.CLIENT
    assert throttled.attributes == {**asked, "gen_ai.request.model": "bought", "error.type": "busy"}


async def test_the_turns_span_says_what_became_of_it(kept: Kept, tracing: Tracing) -> None:
    await House(tracing=tracing, large=ScriptedWriter("Read Vagabond.", model="big one")).ask(RECOMMEND)
    assert kept.by_name["turn"].attributes == {
        "mangaassist.intent": "recommendation",
        "mangaassist.tier": "large",
        "mangaassist.model": "big one",
        "mangaassist.degraded": (),
    }


async def test_no_span_holds_a_word_of_the_shopper_or_of_an_exception(kept: Kept, tracing: Tracing) -> None:
    class BrokenError(Exception):
        pass

    house = House(tracing=tracing)

    async def breaks(*_: object) -> None:
        raise BrokenError("zanzibar")

    house.without(review=type("Review", (), {"run": breaks})())
    with pytest.raises(BrokenError):
        await house.ask("recommend me something like Berserk for my friend zanzibar")
    told = "".join(span.to_json() for span in kept.get_finished_spans())
    assert "zanzibar" not in told
    assert kept.by_name["turn"].attributes == {"error.type": "BrokenError"}


async def test_where_nobody_collects_answers_name_a_trace_and_services_hear_of_it() -> None:
    house = House()
    answered = await house.ask(RECOMMEND)
    assert {call.traceparent for call in house.store.calls} == {answered.metadata.traceparent}
