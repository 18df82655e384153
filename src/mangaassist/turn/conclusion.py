"""What comes after an answer's text: cards, buttons and suggestions, and what the answer says of itself (T-9, K-6, S-5)."""

import re
from collections.abc import Callable, Collection, Iterator
from typing import Final

from mangaassist.domain.chunks import Chunk
from mangaassist.domain.evidence import Evidence
from mangaassist.domain.intents import Intent
from mangaassist.domain.writing import Tier, Usage
from mangaassist.guardrails.findings import Finding, Verdict
from mangaassist.guardrails.intake import REFUSAL
from mangaassist.guardrails.review import ReviewOutcome
from mangaassist.models.writers.kept import KEPT
from mangaassist.turn import cards
from mangaassist.turn.budget import Budget
from mangaassist.turn.buttons import buttons
from mangaassist.turn.output import Output
from mangaassist.turn.remembering import dialogue_after
from mangaassist.turn.stages import Answered, Message, Written
from mangaassist.wire.cards import ProductCard
from mangaassist.wire.metadata import AnswerMetadata, Source

TELLING: Final = 30
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+|\n+")


def concluded(
    written: Written, outcome: ReviewOutcome, budget: Budget, trace: str, suggestions: tuple[str, ...] = ()
) -> Answered:
    """A blocked or stopped answer shows nothing beside its text. ``suggestions`` are those for the task as it was written."""
    understood, evidence = written.gathered.understood, written.gathered.evidence
    shows = not outcome.blocked and written.ending != "stopped"
    products = cards.cards(evidence, outcome.cards) if shows else ()
    by_provider = (*_by_provider(understood.reading_usage), *_by_provider(written.usage))
    return Answered(
        message=understood.message,
        text=outcome.text,
        edits=outcome.edits,
        findings=(*understood.message.findings, *by_provider, *written.findings, *outcome.findings),
        products=products,
        prices=shown_prices(evidence, outcome.text, products),
        actions=buttons(understood.plan.buttons, evidence, outcome.cards, outcome.text) if shows else (),
        suggestions=suggestions if shows else (),
        metadata=_metadata(written, outcome, products, budget, trace),
        ending=written.ending,
        spans=budget.spans(),
        calls=budget.calls(),
        dialogue=dialogue_after(written, outcome.text, products, sources(evidence, outcome.text, written.notes.cited)),
    )


async def refused(message: Message, output: Output, trace: str, found: Finding | None = None) -> Answered:
    """A polite answer to a message that no room may see (G-1): ``found`` tells why, where the intake had let it pass."""
    await output.text(REFUSAL)
    metadata = AnswerMetadata(
        intent=Intent.CHITCHAT,
        confidence=1.0,
        stage="rules",
        tier=Tier.TEMPLATE,
        model="none",
        reason="message blocked",
        latency_ms=0.0,
        ttft_ms=0.0,
        timings={},
        blocked=message.blocked if found is None else found.kind,
        traceparent=trace,
    )
    findings = message.findings if found is None else (*message.findings, found)
    return Answered(message=message, text=REFUSAL, findings=findings, metadata=metadata)


def _by_provider(usage: Usage) -> Iterator[Finding]:
    """What guardrails of the model's provider did, for the audit (G-7)."""
    for done in usage.guarded:
        yield Finding(stage="provider", verdict=Verdict.BLOCK if "BLOCKED" in done else Verdict.CHANGE, kind=done)


def _metadata(
    written: Written, outcome: ReviewOutcome, products: tuple[ProductCard, ...], budget: Budget, trace: str
) -> AnswerMetadata:
    understood, evidence = written.gathered.understood, written.gathered.evidence
    meaning, read = understood.meaning, understood.reading_usage
    first_token = budget.first_token_ms
    return AnswerMetadata(
        intent=meaning.intent,
        confidence=round(meaning.guess.confidence, 4),
        acts=tuple(dict.fromkeys(heard.act.value for heard in meaning.acts)),
        secondary_intent=meaning.guess.secondary,
        stage=meaning.guess.stage,
        tier=KEPT if written.by == "kept" else written.route.tier,
        model=written.usage.model,
        reason=written.route.reason,
        latency_ms=round(budget.elapsed_ms(), 3),
        ttft_ms=None if first_token is None else round(first_token, 3),
        timings=budget.report(),
        sources=sources(evidence, outcome.text, written.notes.cited),
        services=tuple(services_used(evidence, outcome.text, products)),
        degraded=(
            *(missed.service for missed in (*written.gathered.services.degraded, *written.degraded)),
            *outcome.degraded,
        ),
        failovers=written.failovers,
        reading=understood.reading,
        tokens_in=written.usage.tokens_in + read.tokens_in,
        tokens_out=written.usage.tokens_out + read.tokens_out,
        tokens_cache_read=written.usage.cache_read + read.cache_read,
        tokens_cache_write=written.usage.cache_write + read.cache_write,
        stop_reason=written.usage.stop,
        cost_usd=written.usage.cost_usd + read.cost_usd,
        cached=written.by == "kept",
        stopped=written.ending == "stopped",
        blocked=outcome.blocked,
        traceparent=trace,
    )


def sources(evidence: Evidence, answer: str, cited: Collection[str] = ()) -> tuple[Source, ...]:
    """The chunks that the answer used: those that its writer cites, whose title it names or whose words it repeats (K-6).

    A title that is named for what an answer of the page says is that answer's, and stands there once.
    """
    known = {scored.chunk.chunk_id: scored for scored in (*evidence.chunks, *evidence.guides)}
    of_answers = {
        one.chunk.document_id for one in known.values() if one.chunk.is_answer and _repeats(one.chunk, answer)
    }
    return tuple(
        Source(
            chunk_id=scored.chunk.chunk_id,
            title=scored.chunk.title,
            source_type=scored.chunk.source_type,
            score=round(scored.score, 4),
            asin=scored.chunk.asin,
            url=_address(scored.chunk, evidence),
        )
        for scored in known.values()
        if scored.chunk.chunk_id in cited
        or _repeats(scored.chunk, answer)
        or (_is_named(scored.chunk, answer) and scored.chunk.document_id not in of_answers)
    )


def _address(chunk: Chunk, evidence: Evidence) -> str:
    """Of a product, and of what readers say of one, its page in the shop; of a page of help that the store publishes its own."""
    if chunk.asin is None:
        return evidence.facts.page_address(chunk.document_id) if chunk.is_published else ""
    known = (one.product.url for one in (*evidence.products, *evidence.cart) if one.asin == chunk.asin)
    return next(known, "") or evidence.facts.product_address(chunk.asin)


def _is_named(chunk: Chunk, answer: str) -> bool:
    return not chunk.is_answer and chunk.title in answer


def _repeats(chunk: Chunk, answer: str) -> bool:
    return any(sentence in answer for sentence in _sentences(chunk.content))


def shown_prices(evidence: Evidence, answer: str, shown: tuple[ProductCard, ...]) -> dict[str, str]:
    """What the shopper was told that things cost, by ASIN: on cards, and of this turn's products in the text (G-7)."""
    named = {asin: price.worded() for asin, price in evidence.priced().items() if price.worded() in answer}
    return named | {card.asin: card.price for card in shown if card.price}


def services_used(evidence: Evidence, answer: str, shown: tuple[ProductCard, ...]) -> Iterator[str]:
    """The services whose facts the shopper reads, in the text or on a card (T-9)."""
    return (service for service, uses in _USES.items() if uses(evidence, answer, shown))


_Uses = Callable[[Evidence, str, tuple[ProductCard, ...]], bool]
_USES: Final[dict[str, _Uses]] = {
    "catalog": lambda evidence, answer, shown: (
        bool(shown) or any(known.product.series_title in answer for known in evidence.products)
    ),
    "pricing": lambda evidence, answer, shown: (
        any(card.price for card in shown) or any(price.worded() in answer for price in evidence.priced().values())
    ),
    "inventory": lambda evidence, answer, shown: (
        any(card.availability for card in shown)
        or any(known.stock and known.product.title in answer for known in evidence.products)
    ),
    "reviews": lambda evidence, answer, shown: (
        any(card.rating is not None for card in shown)
        or any(known.rating and f"{known.rating.mean:.1f}" in answer for known in evidence.products)
    ),
    "recommendations": lambda evidence, answer, shown: any(card.reason for card in shown),
    "profile": lambda evidence, answer, shown: (
        evidence.customer is not None and evidence.customer.name.partition(" ")[0] in answer
    ),
    "orders": lambda evidence, answer, shown: any(owned.order.order_id in answer for owned in evidence.orders),
    "shipping": lambda evidence, answer, shown: any(
        parcel.tracking_number in answer or parcel.carrier in answer
        for owned in evidence.orders
        for parcel in owned.shipments
    ),
    "returns": lambda evidence, answer, shown: any(
        owned.returns is not None and owned.order.order_id in answer for owned in evidence.orders
    ),
    "promotions": lambda evidence, answer, shown: any(offer.title in answer for offer in evidence.promotions),
}


def _sentences(text: str) -> Iterator[str]:
    """Sentences that are long enough to be nobody else's."""
    return (sentence for sentence in _SENTENCE_END.split(text) if len(sentence) >= TELLING)
