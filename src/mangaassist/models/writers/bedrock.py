"""Claude, and whatever else Bedrock serves: one converse stream a call (M-6, O-5). The extra ``aws``.

The system prompt is the prefix that all answers of a store share, a cache point, and what is known for this one: Bedrock reads the
prefix once in five minutes and keeps it, where it is long enough for the model.
"""

from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import AsyncExitStack
from typing import Any, Final

import msgspec
from msgspec import Struct

from mangaassist import aws
from mangaassist.domain.writing import StopReason
from mangaassist.errors import ModelFailure
from mangaassist.models.clients import AnswerForm, Counted, Guarded, ModelCall, ModelEvent, Served, Stopped
from mangaassist.models.writers.bedrock_failures import failure_of

CONNECT_S: Final = 1.0
SILENCE_S: Final = 900.0
"""Whoever reads the stream keeps the time; this is for a connection that nobody reads any more."""
CONNECTIONS: Final = 1000

TOOL_USE: Final = "tool_use"
STOPS: Final[Mapping[str, StopReason | None]] = {
    "end_turn": "end",
    "stop_sequence": "end",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "guardrail_intervened": "filtered",
    "content_filtered": "filtered",
    TOOL_USE: None,
    "malformed_tool_use": None,
    "malformed_model_output": None,
}
"""None: no answer of ours can end so; one that has a form ends as the use of a tool."""


class Guardrail(Struct, frozen=True):
    """A guardrail of Bedrock's that reads every answer beside ours."""

    id: str
    version: str = "DRAFT"


class BedrockClient:
    """A ``ModelClient``."""

    def __init__(self, client: Any, exits: AsyncExitStack, guardrail: Guardrail | None, caches_prompts: bool) -> None:
        self._client = client
        self._exits = exits
        self._guardrail = guardrail
        self._caches_prompts = caches_prompts

    @classmethod
    async def open(
        cls,
        region: str | None = None,
        endpoint_url: str | None = None,
        guardrail: Guardrail | None = None,
        caches_prompts: bool = True,
    ) -> "BedrockClient":
        """``caches_prompts``: whether its models know cache points, as Claude does from 3.5 on. As ``aws.opened`` says."""
        exits = AsyncExitStack()
        client = await aws.opened(
            "bedrock-runtime",
            region,
            endpoint_url,
            exits,
            connect_s=CONNECT_S,
            reply_s=SILENCE_S,
            tries=1,  # whether another try helps is the chain's to say
            connections=CONNECTIONS,
        )
        return cls(client, exits, guardrail, caches_prompts)

    async def stream(self, call: ModelCall) -> AsyncGenerator[ModelEvent]:
        """With a guardrail each piece waits for the next event: what a guardrail says in the place of an answer is none."""
        stream: Any = None
        held: list[str] = []
        try:
            reply = await self._client.converse_stream(**request_of(call, self._guardrail, self._caches_prompts))
            stream = reply["stream"]
            async for told in stream:
                for event in events_of(told, call):
                    if isinstance(event, Stopped) and event.reason == "filtered":
                        held.clear()
                    while held:
                        yield held.pop()
                    if isinstance(event, str) and self._guardrail is not None:
                        held.append(event)
                    else:
                        yield event
        except ModelFailure:
            raise
        except Exception as error:
            raise failure_of(call.target, error) from error
        finally:
            if stream is not None:
                stream.close()

    async def close(self) -> None:
        await self._exits.aclose()


def request_of(call: ModelCall, guardrail: Guardrail | None, caches_prompts: bool) -> dict[str, Any]:
    """What is asked: the system prompt with its cache point, the conversation, and where the answer is cut off."""
    prompt = call.prompt
    system: list[dict[str, Any]] = [{"text": prompt.prefix}, {"text": prompt.evidence}]
    if caches_prompts:
        system.insert(1, {"cachePoint": {"type": "default"}})
    request: dict[str, Any] = {
        "modelId": call.target,
        "system": system,
        "messages": [{"role": message.role, "content": [{"text": message.content}]} for message in prompt.messages],
        "inferenceConfig": {"maxTokens": call.answer_tokens},
    }
    if call.form is not None:
        request["toolConfig"] = tool_of(call.form)
    if guardrail is not None:
        request["guardrailConfig"] = {
            "guardrailIdentifier": guardrail.id,
            "guardrailVersion": guardrail.version,
            "trace": "enabled",
        }
    return request


def tool_of(form: AnswerForm) -> dict[str, Any]:
    """A form as a tool that the model has to use: what it would be given is the answer, and nobody uses it."""
    described = {"name": form.name, "description": form.means, "inputSchema": {"json": form.schema}}
    return {"tools": [{"toolSpec": described}], "toolChoice": {"tool": {"name": form.name}}}


def events_of(told: Mapping[str, Any], call: ModelCall) -> Iterator[ModelEvent]:
    """What an event of the stream says. Raises ``ModelFailure`` for an ending that no answer of ours can have."""
    delta = told.get("contentBlockDelta", {}).get("delta", {})
    if piece := delta.get("text") if call.form is None else delta.get("toolUse", {}).get("input"):
        yield piece
    if "messageStop" in told:
        reason = str(told["messageStop"].get("stopReason", ""))
        stop = "end" if reason == TOOL_USE and call.form is not None else STOPS.get(reason)
        if stop is None:
            raise ModelFailure(call.target, f"it ended in {reason or 'nothing'}", "contract")
        yield Stopped(stop)
    if "metadata" in told:
        yield from _metadata(told["metadata"])


def _metadata(told: Mapping[str, Any]) -> Iterator[ModelEvent]:
    """Bedrock counts what it read anew, what its cache held, and what went into it, each by itself."""
    if usage := told.get("usage"):
        anew, out, read, written = (
            _count(usage.get(name, 0))
            for name in ("inputTokens", "outputTokens", "cacheReadInputTokens", "cacheWriteInputTokens")
        )
        is_told = min(anew, out, read, written) >= 0
        yield Counted(anew + read + written if is_told else -1, out, read, written)
    trace = told.get("trace", {})
    if found := tuple(interventions(trace.get("guardrail", {}))):
        yield Guarded(found)
    if model := trace.get("promptRouter", {}).get("invokedModelId"):
        yield Served(str(model))


def _count(told: object) -> int:
    """A count, or -1 for what is none."""
    return told if isinstance(told, int) and not isinstance(told, bool) else -1


class Intervention(Struct, frozen=True):
    """What one rule of a guardrail did, as its trace tells it."""

    action: str = "NONE"
    name: str = ""
    type: str = ""


Assessment = dict[str, dict[str, Any]]
"""By policy, then by the kind of its rules."""


class Trace(Struct, frozen=True, rename="camel"):
    """A guardrail's trace, by the guardrail's id."""

    input_assessment: dict[str, Assessment] = {}
    output_assessments: dict[str, list[Assessment]] = {}


def interventions(trace: object) -> Iterator[str]:
    """What a guardrail's trace says it did, without the words that it did it to: ``output contentPolicy VIOLENCE BLOCKED``."""
    try:
        read = msgspec.convert(trace, Trace)
    except msgspec.ValidationError:
        yield "a trace that nobody can read"
        return
    for assessment in read.input_assessment.values():
        yield from _done("input", assessment)
    for assessments in read.output_assessments.values():
        for assessment in assessments:
            yield from _done("output", assessment)


def _done(side: str, assessment: Assessment) -> Iterator[str]:
    for policy, by_kind in assessment.items():
        for rules in by_kind.values():
            for rule in _rules(rules):
                if rule.action != "NONE":
                    yield f"{side} {policy} {rule.name or rule.type or 'words'} {rule.action}"


def _rules(told: object) -> list[Intervention]:
    """What is no list of rules, such as a guardrail's figures of itself, is none."""
    try:
        return msgspec.convert(told, list[Intervention])
    except msgspec.ValidationError:
        return []
