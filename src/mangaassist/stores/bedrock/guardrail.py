"""Toxic answers as a guardrail of Bedrock's judges them (``ApplyGuardrail``): stage 3 by choice (G-9)."""

from typing import Any, Final

import msgspec
from msgspec import Struct

from mangaassist.errors import ServiceFailure
from mangaassist.models.writers.bedrock import interventions
from mangaassist.stores.aws.client import Client, Limits

BEDROCK: Final = "bedrock guardrail"
LIMITS: Final = Limits(connect_s=0.3, reply_s=0.6, all_s=0.8, tries=1)
"""The shopper waits for the end of the review: a reply that is later than this is none."""
MOST_CHARS: Final = 20_000
"""A guardrail takes 25 text units of 1000 characters at most; longer than this is no answer of ours."""
BLOCKED: Final = "BLOCKED"


class _Reply(Struct, frozen=True):
    action: str
    assessments: list[dict[str, Any]] = []


class BedrockGuardrail:
    def __init__(self, client: Client, guardrail: str, version: str) -> None:
        self._client = client
        self._guardrail = guardrail
        self._version = version

    @classmethod
    async def open(
        cls, guardrail: str, version: str, region: str | None, endpoint_url: str | None, timeout_factor: float
    ) -> "BedrockGuardrail":
        """``guardrail``: its id or ARN. Raises ``StartFailed`` when Bedrock cannot be called with the settings."""
        limits = LIMITS.stretched(timeout_factor)
        return cls(await Client.open(BEDROCK, "bedrock-runtime", region, endpoint_url, limits), guardrail, version)

    async def judge(self, text: str) -> str | None:
        """The rules that blocked, without the words that they blocked. What a rule only masks is no toxicity: stage 1 masks."""
        sendable = text.encode(errors="replace").decode()
        if not sendable.strip():
            return None
        if len(sendable) > MOST_CHARS:
            raise ServiceFailure(BEDROCK, "contract", "a text that is too long")
        reply = await self._client.call(
            "apply_guardrail",
            guardrailIdentifier=self._guardrail,
            guardrailVersion=self._version,
            source="OUTPUT",
            content=[{"text": {"text": sendable}}],
        )
        return _against(_read(reply))

    async def close(self) -> None:
        await self._client.close()


def _read(reply: object) -> _Reply:
    try:
        read = msgspec.convert(reply, _Reply)
    except msgspec.ValidationError as error:
        raise ServiceFailure(BEDROCK, "contract", "a judgement that nobody can read") from error
    if read.action not in ("NONE", "GUARDRAIL_INTERVENED"):
        raise ServiceFailure(BEDROCK, "contract", "an action that nobody knows")
    return read


def _against(reply: _Reply) -> str | None:
    """An intervention that tells of no rule is one all the same."""
    if reply.action == "NONE":
        return None
    rules = list(interventions({"outputAssessments": {"it": reply.assessments}}))
    blocked = [rule.removeprefix("output ").removesuffix(f" {BLOCKED}") for rule in rules if rule.endswith(BLOCKED)]
    return ", ".join(blocked) or (None if rules else "intervened")
