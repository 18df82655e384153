"""Answers about the store itself: help pages, the checkout, what is on offer."""

import re
from collections.abc import Sequence
from typing import Final

from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.products import Promotion
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline.extract import Passage, best_passage, stems
from mangaassist.models.writers.offline.voice import (
    Voice,
    bold,
    count_of,
    day,
    listed,
    name,
    paragraphs,
    priced,
    sentence,
)

MAX_OFFERS: Final = 3
WEAK_FIT: Final = 0.2

_UNKNOWN: Final = (
    "I don't know that one, and I'd rather not guess. A person on our team can tell you for sure: choose **Talk to a person** "
    "below, or try asking me in other words.",
    "I couldn't find that in our help pages, so I won't make something up. **Talk to a person** below gets you somebody who "
    "knows, or ask me again in other words.",
)
_CART: Final = re.compile(r"\b(?:cart|basket|bag|total|items?|checkout|check out|order|paying|pay)\b", re.IGNORECASE)
_CODE: Final = re.compile(r"\b(?=[A-Z0-9]*[A-Z])[A-Z0-9]{4,16}\b")
_ANY_OFFER: Final = re.compile(
    r"\b(?:all|any|what|which|current|today|rn|now|deals|sales|offers|promotions)\b", re.IGNORECASE
)


def from_page(task: WritingTask, voice: Voice, most: int = 75) -> str:
    """What the help pages say to the question, with the page's name; empty when they say nothing."""
    passage = best_passage(task.evidence.chunks, task.meaning.text, most)
    return _cited(passage, voice) if passage else ""


def faq(task: WritingTask, voice: Voice) -> str:
    return from_page(task, voice) or voice.pick("unknown", _UNKNOWN)


def _cited(passage: Passage, voice: Voice) -> str:
    title = passage.chunk.title.rstrip()
    if passage.fit < WEAK_FIT:
        return paragraphs(f"The closest I have is our page “{title}”:", passage.text)
    intro = voice.pick(
        "cite", (f"From our page “{title}”:", f"Here's what our page “{title}” says:", f"Our page “{title}” has it:")
    )
    return paragraphs(intro, passage.text)


def checkout(task: WritingTask, voice: Voice) -> str:
    """The help page, and the cart where the question is about it."""
    page = from_page(task, voice, 60)
    cart = task.evidence.cart
    summary = _cart(cart) if cart and (_CART.search(task.meaning.text) or not page) else ""
    if not page and not summary:
        return voice.pick(
            "checkout",
            (
                "I'm not sure what's going wrong there. Tell me what you see on the page, or choose **Talk to a person** below and "
                "a colleague will sort it out with you.",
                "I can't see that from here. What does the page say? Or choose **Talk to a person** below for help.",
            ),
        )
    close = "If it still won't work, **Talk to a person** below gets you a colleague."
    return paragraphs(page, summary, close)


def _cart(cart: Sequence[ProductEvidence]) -> str:
    lines = [f"{name(known.product)}: {priced(known)}" for known in cart[:5]]
    more = f"\n- and {len(cart) - 5} more" if len(cart) > 5 else ""
    return f"In your cart {'is' if len(cart) == 1 else 'are'} {count_of(len(cart), 'item')}:\n{listed(lines)}{more}"


def promotion(task: WritingTask, voice: Voice) -> str:
    """The offers that fit the question, each with its code and its last day."""
    evidence = task.evidence
    if evidence.failed("promotions"):
        return (
            "I can't look up our current offers just now, so I won't promise you one. Please look at the product page or try me "
            "again in a few minutes."
        )
    if not evidence.promotions:
        return voice.pick(
            "none",
            (
                "I don't see an offer for that right now. Tell me a genre and a price limit, and I'll find what fits.",
                "There's no offer on that at the moment. With a genre and a price limit from you, I can find what fits.",
            ),
        )
    offers = _fitting(evidence.promotions, task)
    intro = voice.pick("offers", ("Here's what's running:", "These are on now:", "You can save with these:"))
    unknown = _unknown_code(task)
    return paragraphs(unknown, f"{intro}\n{listed(_offer(offer) for offer in offers)}", _first_products(task))


def _fitting(promotions: Sequence[Promotion], task: WritingTask) -> list[Promotion]:
    """Offers that name what the message names come first."""
    meaning = task.meaning
    asked = stems(meaning.text)
    series = {mention.series_id for mention in meaning.entities.series}
    subjects = {*meaning.subjects, *meaning.entities.asins}

    def fit(offer: Promotion) -> float:
        words = stems(f"{offer.title} {offer.description} {offer.code or ''} {offer.kind}")
        return 3 * bool(subjects & set(offer.asins)) + 3 * bool(series & set(offer.series_ids)) + len(asked & words)

    ranked = sorted(promotions, key=fit, reverse=True)
    return ranked[:MAX_OFFERS]


def _offer(offer: Promotion) -> str:
    code = f" Use code {bold(offer.code)} at checkout." if offer.code else ""
    terms = f" {sentence(_first(offer.terms))}" if offer.code and offer.terms else ""
    return f"{sentence(bold(offer.title)[:-2])[:-1]}**.{code}{terms} Ends {day(offer.ends_at)}."


def _first(terms: str) -> str:
    return terms.split(". ")[0]


def _unknown_code(task: WritingTask) -> str:
    """A code that the shopper names and no offer has is not confirmed."""
    known = {offer.code for offer in task.evidence.promotions if offer.code}
    named = [code for code in _CODE.findall(task.meaning.text) if code not in known]
    shouting = task.meaning.text.isupper()
    if shouting or not named or not re.search(r"\bcode|coupon|voucher\b", task.meaning.text, re.IGNORECASE):
        return ""
    return f"I can't find the code {named[0]} among our current offers."


def _first_products(task: WritingTask) -> str:
    shown = [f"{name(known.product)} ({priced(known)})" for known in task.evidence.products[:2] if known.price]
    return f"For example: {' and '.join(shown)}." if shown else ""
