"""M-6 over Bedrock's own wire: what is asked, what is heard, and what becomes of streams that break."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mangaassist.domain.evidence import Evidence
from mangaassist.domain.intents import Intent
from mangaassist.domain.writing import Draft, PastTurn, Tier, Usage, WritingTask
from mangaassist.errors import ModelFailure, StartFailed
from mangaassist.models.installed import installed_models
from mangaassist.models.profiles import ModelProfile, Prices
from mangaassist.models.prompts import build_prompt
from mangaassist.models.writers.bedrock import BedrockClient, Guardrail, interventions
from mangaassist.models.writers.model_writer import ModelWriter
from mangaassist.settings import load
from mangaassist.testing import event_stream_wire as wire
from mangaassist.testing.bedrock_server import (
    BedrockServer,
    Cut,
    End,
    Event,
    Raw,
    Script,
    Stall,
    Step,
    Text,
    Throw,
    piece,
    refusing,
)
from tests.patience import PATIENCE

CLAUDE = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
BOUGHT = "arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abcdefghijkl"
PROFILE = ModelProfile(
    name=CLAUDE,
    provider="bedrock",
    targets=(BOUGHT, CLAUDE),
    prices=Prices(usd_per_1k_in=1.0, usd_per_1k_out=10.0, usd_per_1k_cache_read=0.1, usd_per_1k_cache_write=2.0),
    answer_tokens=300,
    first_token_s=5.0,
)
SAID = "Hello there."
CONNECTED_S = 3.0
"""On a busy machine too, Bedrock has the question by then."""


@pytest.fixture
async def server(aws_environment: None) -> AsyncIterator[BedrockServer]:
    async with BedrockServer() as server:
        yield server


@pytest.fixture
async def client(server: BedrockServer) -> AsyncIterator[BedrockClient]:
    opened = await BedrockClient.open("us-east-1", server.url)
    yield opened
    await opened.close()


@pytest.fixture
def task(shelf: SimpleNamespace) -> WritingTask:
    return shelf.asks(
        "scary manga",
        Intent.PRODUCT_DISCOVERY,
        Evidence(products=(shelf.product("uzumaki"),)),
        history=(PastTurn("hi", "hello", "chitchat"),),
    )


def writer_of(client: BedrockClient, **profile: Any) -> ModelWriter:
    return ModelWriter(
        ModelProfile(**{**{name: getattr(PROFILE, name) for name in PROFILE.__struct_fields__}, **profile}), client
    )


async def heard(draft: Draft) -> tuple[str, ModelFailure | None]:
    said = ""
    try:
        async for part in draft:
            said += part
    except ModelFailure as failure:
        return said, failure
    return said, None


# ---- what is asked


async def test_the_prefix_stands_before_the_cache_point_and_the_evidence_after_it(
    server: BedrockServer, client: BedrockClient, task: WritingTask
) -> None:
    await heard(writer_of(client).write(task))
    prompt, body = build_prompt(task), server.asked[0].body
    assert body["system"] == [{"text": prompt.prefix}, {"cachePoint": {"type": "default"}}, {"text": prompt.evidence}]
    assert body["inferenceConfig"] == {"maxTokens": 300}
    assert [message["role"] for message in body["messages"]] == ["user", "assistant", "user"]
    assert body["messages"][-1]["content"] == [{"text": "scary manga"}]
    assert "guardrailConfig" not in body


async def test_a_model_that_keeps_no_prompts_gets_no_cache_point(server: BedrockServer, task: WritingTask) -> None:
    client = await BedrockClient.open("us-east-1", server.url, caches_prompts=False)
    await heard(writer_of(client).write(task))
    assert [list(block) for block in server.asked[0].body["system"]] == [["text"], ["text"]]
    await client.close()


async def test_without_a_region_nothing_starts_and_the_reason_is_told(
    aws_environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(StartFailed, match="region"):
        await BedrockClient.open()


async def test_a_few_lines_of_settings_put_claude_on_bedrock_behind_a_tier(
    server: BedrockServer, task: WritingTask, tmp_path: Path
) -> None:
    file = tmp_path / "assistant.toml"
    file.write_text(
        f"""
        [models.large]
        provider = "bedrock"
        model = "{CLAUDE}"
        targets = ["{BOUGHT}"]
        region = "us-east-1"
        url = "{server.url}"
        guardrail = "g1"
        """
    )
    async with installed_models(load(file, {})) as installed:
        assert installed.profiles[Tier.LARGE].targets == (BOUGHT, CLAUDE)
        assert installed.profiles[Tier.LARGE].most_usd > 0
        assert await heard(installed.writers[Tier.LARGE].write(task)) == (SAID, None)
    [asked] = server.asked
    assert (asked.model, asked.body["guardrailConfig"]["guardrailVersion"]) == (BOUGHT, "DRAFT")


async def test_without_awss_client_a_start_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mangaassist.models.writers.bedrock", None)
    settings = load(
        None, {"MANGAASSIST_MODELS__SMALL__PROVIDER": "bedrock", "MANGAASSIST_MODELS__SMALL__MODEL": CLAUDE}
    )
    with pytest.raises(StartFailed, match=r"mangaassist\[aws\]"):
        async with installed_models(settings):
            pass


# ---- what is heard


async def test_what_bedrock_counts_is_what_is_billed(client: BedrockClient, task: WritingTask) -> None:
    draft = writer_of(client).write(task)
    assert await heard(draft) == (SAID, None)
    assert draft.usage == Usage(CLAUDE, 1012, 5, pytest.approx(0.352), 900, 100, "end")


@pytest.mark.parametrize(
    "lie",
    [
        {"inputTokens": -5, "outputTokens": 3, "totalTokens": 0},
        {"inputTokens": "many", "outputTokens": 3, "totalTokens": 0},
        {"inputTokens": 10, "outputTokens": 10**12, "totalTokens": 0},
        {"inputTokens": 10, "outputTokens": True, "totalTokens": 0},
        {"inputTokens": 10, "outputTokens": 3, "totalTokens": 0, "cacheReadInputTokens": -1},
        {},
    ],
    ids=str,
)
async def test_figures_that_cannot_be_are_not_billed(
    lie: Mapping[str, Any], server: BedrockServer, client: BedrockClient, task: WritingTask
) -> None:
    server.script = Script(usage=lie)
    draft = writer_of(client).write(task)
    assert await heard(draft) == (SAID, None)
    assert draft.usage.estimated
    assert draft.usage.tokens_in == build_prompt(task).tokens


async def test_an_answer_without_figures_is_whole_and_estimated(
    server: BedrockServer, client: BedrockClient, task: WritingTask
) -> None:
    server.script = Script(usage=None)
    draft = writer_of(client).write(task)
    assert await heard(draft) == (SAID, None)
    assert draft.usage.estimated


async def test_the_model_that_a_router_of_bedrocks_chose_is_told(
    server: BedrockServer, client: BedrockClient, task: WritingTask
) -> None:
    server.script = Script(trace={"promptRouter": {"invokedModelId": CLAUDE}})
    draft = writer_of(client).write(task)
    assert await heard(draft) == (SAID, None)
    assert draft.usage.served == CLAUDE


async def test_an_answer_that_reached_its_limit_says_so(
    server: BedrockServer, client: BedrockClient, task: WritingTask
) -> None:
    server.script = Script(stop_reason="max_tokens")
    draft = writer_of(client).write(task)
    assert (await heard(draft))[0] == f"{SAID} …"
    assert draft.usage.stop == "length"


# ---- targets


async def test_bought_throughput_is_asked_first_and_on_demand_while_it_is_throttled(
    server: BedrockServer, client: BedrockClient, task: WritingTask
) -> None:
    server.scripts[BOUGHT] = refusing("ThrottlingException")
    writer = writer_of(client)
    for _ in range(2):
        assert await heard(writer.write(task)) == (SAID, None)
    assert server.models == [BOUGHT, CLAUDE, CLAUDE]


@pytest.mark.parametrize("code", ["ServiceUnavailableException", "ModelNotReadyException"])
async def test_a_target_without_room_is_passed_over(
    code: str, server: BedrockServer, client: BedrockClient, task: WritingTask
) -> None:
    server.scripts[BOUGHT] = refusing(code)
    assert await heard(writer_of(client).write(task)) == (SAID, None)


async def test_throttling_within_the_stream_before_any_text_is_throttling(
    server: BedrockServer, client: BedrockClient, task: WritingTask
) -> None:
    server.scripts[BOUGHT] = Script(steps=(Throw("throttlingException"),))
    assert await heard(writer_of(client).write(task)) == (SAID, None)


# ---- what breaks


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("AccessDeniedException", "rejected"),
        ("ResourceNotFoundException", "rejected"),
        ("ValidationException", "rejected"),
        ("ModelTimeoutException", "timeout"),
        ("InternalServerException", "error"),
        ("ModelErrorException", "error"),
    ],
)
async def test_a_refusal_is_a_failure_before_the_first_piece_and_is_not_tried_again(
    code: str, kind: str, server: BedrockServer, client: BedrockClient, task: WritingTask
) -> None:
    server.script = refusing(code)
    said, failure = await heard(writer_of(client).write(task))
    assert failure is not None
    assert (said, failure.kind, failure.detail, failure.model) == ("", kind, code, CLAUDE)
    assert server.models == [BOUGHT]


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (Throw("throttlingException"), "busy"),
        (Throw("modelStreamErrorException"), "error"),
        (Throw("internalServerException"), "error"),
        (Throw("validationException"), "rejected"),
        (Throw("novelException"), "error"),
        (Cut(), "unreachable"),
        (End(), "contract"),
        (Raw(wire.damaged(piece("x"))), "unreachable"),
        (Raw(piece("x")[:-1] + b"HTTP/1.1 200 OK" * 9), "unreachable"),
        (Raw(b"<html>" * 99), "unreachable"),
        (Event("messageStop", {"stopReason": "tool_use"}), "contract"),
    ],
    ids=str,
)
async def test_a_stream_that_breaks_after_a_piece_is_a_failure_that_has_a_kind(
    step: Step, kind: str, server: BedrockServer, client: BedrockClient, task: WritingTask
) -> None:
    server.script = Script(steps=(Text("Hello"), step))
    draft = writer_of(client).write(task)
    said, failure = await heard(draft)
    assert failure is not None
    assert (said, failure.kind, failure.model) == ("Hello", kind, CLAUDE)
    assert (draft.usage.tokens_in, draft.usage.tokens_out, draft.usage.estimated) == (
        build_prompt(task).tokens,
        1,
        True,
    )


async def test_what_is_said_in_between_and_is_no_text_is_passed_over(
    server: BedrockServer, client: BedrockClient, task: WritingTask
) -> None:
    novel = Event("novelEvent", {"text": "x"})
    thought = Event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"reasoningContent": {"text": "hm"}}})
    server.script = Script(steps=(Text("Hello"), novel, thought, Text(" there.")))
    assert await heard(writer_of(client).write(task)) == (SAID, None)


@pytest.mark.parametrize(
    ("steps", "first_token_s", "between_tokens_s"), [((), CONNECTED_S, PATIENCE), ((Text("Hello"),), PATIENCE, 0.05)]
)
async def test_a_stream_that_stalls_is_left_and_bedrock_hears_it(
    steps: tuple[Step, ...],
    first_token_s: float,
    between_tokens_s: float,
    server: BedrockServer,
    client: BedrockClient,
    task: WritingTask,
) -> None:
    server.script = Script(steps=(*steps, Stall()))
    writer = writer_of(client, first_token_s=first_token_s, between_tokens_s=between_tokens_s)
    said, failure = await heard(writer.write(task))
    assert failure is not None
    assert (said, failure.kind) == ("Hello" if steps else "", "timeout")
    await server.left.wait()


async def test_an_answer_that_is_stopped_ends_at_bedrock_too_and_is_billed_by_estimate(
    server: BedrockServer, client: BedrockClient, task: WritingTask
) -> None:
    server.script = Script(steps=(Text("Hello"), Stall()))
    draft = writer_of(client).write(task)
    pieces = aiter(draft)
    assert await anext(pieces) == "Hello"
    waiting = asyncio.ensure_future(anext(pieces))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await server.left.wait()
    assert draft.usage.estimated
    assert draft.usage.cost_usd > 0


async def test_a_connection_is_used_again_after_a_whole_answer(
    server: BedrockServer, client: BedrockClient, task: WritingTask
) -> None:
    writer = writer_of(client)
    for _ in range(3):
        assert await heard(writer.write(task)) == (SAID, None)
    assert len({asked.peer for asked in server.asked}) == 1
    assert not server.left.is_set()


async def test_nobody_there_is_a_failure_that_may_pass(aws_environment: None, task: WritingTask) -> None:
    async with BedrockServer() as gone:
        url = gone.url
    client = await BedrockClient.open("us-east-1", url)
    _, failure = await heard(writer_of(client).write(task))
    assert failure is not None
    assert (failure.kind, failure.transient) == ("unreachable", True)
    await client.close()


# ---- guardrails of Bedrock's

TRACE: dict[str, Any] = {
    "guardrail": {
        "inputAssessment": {
            "g1": {"contentPolicy": {"filters": [{"type": "HATE", "confidence": "LOW", "action": "NONE"}]}}
        },
        "outputAssessments": {
            "g1": [
                {
                    "topicPolicy": {"topics": [{"name": "Knives", "type": "DENY", "action": "BLOCKED"}]},
                    "wordPolicy": {"customWords": [{"match": "a rude word", "action": "BLOCKED"}]},
                    "sensitiveInformationPolicy": {
                        "piiEntities": [{"type": "EMAIL", "match": "bob@example.com", "action": "ANONYMIZED"}]
                    },
                    "invocationMetrics": {"guardrailProcessingLatency": 12, "usage": {"topicPolicyUnits": 1}},
                }
            ]
        },
    }
}
DONE = (
    "output topicPolicy Knives BLOCKED",
    "output wordPolicy words BLOCKED",
    "output sensitiveInformationPolicy EMAIL ANONYMIZED",
)


@pytest.fixture
async def guarded(server: BedrockServer) -> AsyncIterator[BedrockClient]:
    opened = await BedrockClient.open("us-east-1", server.url, Guardrail("g1", "3"))
    yield opened
    await opened.close()


async def test_a_guardrail_is_asked_for_with_its_trace(
    server: BedrockServer, guarded: BedrockClient, task: WritingTask
) -> None:
    assert await heard(writer_of(guarded).write(task)) == (SAID, None)
    assert server.asked[0].body["guardrailConfig"] == {
        "guardrailIdentifier": "g1",
        "guardrailVersion": "3",
        "trace": "enabled",
    }


async def test_what_a_guardrail_did_is_kept_without_the_words(
    server: BedrockServer, guarded: BedrockClient, task: WritingTask
) -> None:
    server.script = Script(trace=TRACE)
    draft = writer_of(guarded).write(task)
    assert await heard(draft) == (SAID, None)
    assert draft.usage.guarded == DONE


async def test_a_guardrails_own_text_is_never_an_answer(
    server: BedrockServer, guarded: BedrockClient, task: WritingTask
) -> None:
    server.script = Script(steps=(Text("Sorry, I cannot."),), stop_reason="guardrail_intervened", trace=TRACE)
    draft = writer_of(guarded).write(task)
    said, failure = await heard(draft)
    assert failure is not None
    assert (said, failure.kind) == ("", "filtered")
    assert draft.usage.guarded == DONE


@pytest.mark.parametrize("trace", ["x", {"inputAssessment": []}, {"outputAssessments": {"g": [{"p": 1}]}}])
def test_a_trace_that_nobody_can_read_is_told_as_one(trace: object) -> None:
    assert list(interventions(trace)) == ["a trace that nobody can read"]
