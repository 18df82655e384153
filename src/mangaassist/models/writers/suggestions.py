"""Follow-up questions that the assistant can answer, made from what this turn knows (W-4)."""

from collections.abc import Callable, Iterator
from typing import Final

from mangaassist.domain.intents import Intent
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline.talk import second_wish

MAX_SUGGESTIONS: Final = 3
MAX_LENGTH: Final = 80

_ABOUT_STORE: Final = ("How long does delivery take?", "How do I return a book?", "Which payment methods do you take?")
_TO_READ: Final = ("Recommend me a series to start with", "What's on offer right now?", "Show me box sets")
_ASKS: Final[dict[Intent, str]] = {
    Intent.PRODUCT_DISCOVERY: "Show me box sets",
    Intent.RECOMMENDATION: "Recommend me something to read",
    Intent.ORDER_TRACKING: "Where is my order?",
    Intent.RETURN_REQUEST: "I want to return something",
    Intent.PROMOTION: "What's on offer right now?",
    Intent.CHECKOUT_HELP: "Which payment methods do you take?",
    Intent.FAQ: "How long does delivery take?",
    Intent.ESCALATION: "Talk to a person",
    Intent.PRODUCT_QUESTION: "I have a question about a book",
    Intent.CHITCHAT: "What can you help me with?",
}


def suggestions(task: WritingTask) -> tuple[str, ...]:
    """Up to three, none of them the message itself, none about what was just degraded."""
    said = task.meaning.text.strip().lower().rstrip("?!. ")
    offered = dict.fromkeys(
        one for one in _offered(task) if len(one) <= MAX_LENGTH and one.lower().rstrip("?!. ") != said
    )
    return tuple(offered)[:MAX_SUGGESTIONS]


def _offered(task: WritingTask) -> Iterator[str]:
    meaning = task.meaning
    if meaning.between is not None:
        yield from (_ASKS[intent] for intent in meaning.between)
        return
    if wish := second_wish(task):
        yield wish.asked
    elif meaning.guess.secondary is not None and meaning.guess.secondary != meaning.intent:
        yield _ASKS[meaning.guess.secondary]
    if task.evidence.sign_in_needed:
        yield from ("How long does delivery take?", "What is your return policy?")
    else:
        yield from _BY_INTENT[meaning.intent](task)


def _after_finding(task: WritingTask) -> Iterator[str]:
    products = task.evidence.products
    if not products:
        yield from _TO_READ
        return
    first = products[0].product
    yield f"What is {first.series_title} about?"
    if not task.evidence.failed("pricing") and len(products) > 1 and not task.meaning.cheaper:
        yield "Anything cheaper?"
    yield f"Is {first.series_title} finished?"
    yield f"What should I read after {first.series_title}?"


def _after_question(task: WritingTask) -> Iterator[str]:
    products = task.evidence.products
    if not products:
        yield from _TO_READ
        return
    known = products[0]
    title, asked = known.product.series_title, task.meaning.text.lower()
    if known.stock and not any(word in asked for word in ("stock", "how much", "price", "cost")):
        yield "Is it in stock?"
    if known.product.series_volumes > 1 and "how many" not in asked:
        yield f"How many volumes does {title} have?"
    if "like" not in asked:
        yield f"What should I read after {title}?"
    if "finished" not in asked:
        yield f"Is {title} finished?"


def _after_tracking(task: WritingTask) -> Iterator[str]:
    orders = task.evidence.orders
    if not orders or task.evidence.failed("orders"):
        yield from ("How long does delivery take?", "Talk to a person")
        return
    delivered = next((owned.order for owned in orders if owned.order.state == "delivered"), None)
    waiting = [owned.order for owned in orders if owned.order.state in ("placed", "shipped")]
    if len(waiting) > 1:
        yield f"Where is order {waiting[-1].order_id}?"
    if delivered:
        yield f"Can I return order {delivered.order_id}?"
    if any(order.state == "placed" for order in waiting):
        yield "Can I cancel my order?"
    yield "What if my parcel is late?"


def _after_return(task: WritingTask) -> Iterator[str]:
    yield "When do I get my refund?"
    yield "Who pays for return shipping?"
    if task.evidence.orders:
        yield "Where is my order?"


def _after_promotion(task: WritingTask) -> Iterator[str]:
    coupon = next((offer for offer in task.evidence.promotions if offer.code), None)
    if coupon:
        yield "How do I use a promo code?"
        yield "Can I combine codes?"
    if products := task.evidence.products:
        yield f"What is {products[0].product.series_title} about?"
    yield "Recommend me a series to start with"


def _after_page(task: WritingTask) -> Iterator[str]:
    """Other help pages that the search found: their titles are questions with an answer."""
    for scored in task.evidence.chunks[1:]:
        if scored.chunk.source_type == "faq" and scored.chunk.title.endswith("?"):
            yield scored.chunk.title
    yield from _ABOUT_STORE


def _after_chat(task: WritingTask) -> Iterator[str]:
    yield from _TO_READ


def _after_handoff(task: WritingTask) -> Iterator[str]:
    yield from ("Where is my order?", "How do I return a book?")


_BY_INTENT: Final[dict[Intent, Callable[[WritingTask], Iterator[str]]]] = {
    Intent.PRODUCT_DISCOVERY: _after_finding,
    Intent.PRODUCT_QUESTION: _after_question,
    Intent.RECOMMENDATION: _after_finding,
    Intent.ORDER_TRACKING: _after_tracking,
    Intent.RETURN_REQUEST: _after_return,
    Intent.PROMOTION: _after_promotion,
    Intent.CHECKOUT_HELP: _after_page,
    Intent.FAQ: _after_page,
    Intent.ESCALATION: _after_handoff,
    Intent.CHITCHAT: _after_chat,
}
