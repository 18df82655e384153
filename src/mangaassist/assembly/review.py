"""The review (G-3), and those of its stages that the settings leave to a service (G-9)."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from mangaassist.errors import StartFailed
from mangaassist.guardrails.elsewhere import Elsewhere
from mangaassist.guardrails.review import Review
from mangaassist.guardrails.review_context import ReviewStage
from mangaassist.guardrails.stages.read_elsewhere import DetectedPiiStage, JudgedToxicityStage
from mangaassist.settings import Settings


@asynccontextmanager
async def opened_review(settings: Settings) -> AsyncGenerator[Review]:
    """The stages of the review, those among them that the settings leave to a service (G-9)."""
    chosen, local = settings.guardrails, Review.load()
    async with AsyncExitStack() as exits:
        elsewhere: list[ReviewStage] = []
        try:
            if chosen.pii == "comprehend":
                from mangaassist.stores.comprehend.pii import ComprehendPii

                detector = await ComprehendPii.open(
                    chosen.language, chosen.region, chosen.comprehend_url, settings.timeout_factor
                )
                exits.push_async_callback(detector.close)
                elsewhere.append(Elsewhere(DetectedPiiStage(detector, local.stage("pii")), local.stage("pii")))
            if chosen.toxicity == "bedrock":
                from mangaassist.stores.bedrock.guardrail import BedrockGuardrail

                named = (chosen.guardrail, chosen.guardrail_version, chosen.region, chosen.bedrock_url)
                judge = await BedrockGuardrail.open(*named, settings.timeout_factor)
                exits.push_async_callback(judge.close)
                elsewhere.append(Elsewhere(JudgedToxicityStage(judge), local.stage("toxicity")))
        except ImportError as error:
            raise StartFailed("Guardrails of AWS need its client: install mangaassist[aws].") from error
        yield local.having(*elsewhere)
