"""Answers about the store itself: help pages, the checkout, what is on offer."""

import re
from collections.abc import Sequence
from typing import Final

from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.products import Promotion
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline import denials
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

_TROUBLE: Final = re.compile(
    r"\b(?:wo?n'?t|not|doesn'?t|can'?t|cannot|isn'?t|error|fail\w*|declin\w+|problem|stuck|wrong|broken|help|issue|trouble|twice|"
    r"hangs?|frozen|crash\w*)\b",
    re.IGNORECASE,
)
SURE_FIT: Final = 0.6
_CART: Final = re.compile(r"\b(?:cart|basket|bag|total|items?|checkout|check out|order|paying|pay)\b", re.IGNORECASE)
_WHAT_IS_IN: Final = re.compile(
    r"\bwhat(?:'?s| is| do i have) in\b|\bshow me my\b|\bmy (?:cart|basket)\W*$", re.IGNORECASE
)
_CODE: Final = re.compile(r"\b(?=[A-Z0-9]*[A-Z])[A-Z0-9]{4,16}\b")
_EVERY_OFFER: Final = stems(
    "promo promos voucher vouchers codes off sale deal offer discount code coupon promotion manga order book series any right "
    "now on run"
)
"""Words that fit every offer and so tell none of them apart."""


def from_page(task: WritingTask, voice: Voice, most: int = 75) -> str:
    """What the help pages say to the question, with the page's name; empty when they say nothing."""
    passage = best_passage(task.evidence.chunks, task.meaning.text, most)
    return _cited(passage, voice) if passage else ""


def faq(task: WritingTask, voice: Voice) -> str:
    return from_page(task, voice) or denials.PAGE.said(task)


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
    summary = _in_cart(cart) if cart and (_CART.search(task.meaning.text) or not page) else ""
    if summary and _WHAT_IS_IN.search(task.meaning.text):
        return summary
    if evidence_products := task.evidence.products[:1]:
        known = evidence_products[0]
        cost = f" It's {priced(known)} today." if known.price else ""
        return (
            f"Use the button below to put {name(known.product)} into your cart; I can't do it from here myself.{cost}"
        )
    if not page and not summary and not _TROUBLE.search(task.meaning.text):
        return denials.PAGE.said(task)
    if not page and not summary:
        return voice.pick(
            "checkout",
            (
                "I'm not sure what's going wrong there. Tell me what you see on the page, or choose **Talk to a person** below and "
                "a colleague will sort it out with you.",
                "I can't see that from here. What does the page say? Or choose **Talk to a person** below for help.",
            ),
        )
    trouble = bool(_TROUBLE.search(task.meaning.text))
    close = "If it still won't work, **Talk to a person** below gets you a colleague." if trouble else ""
    return paragraphs(page, summary, close if page else "")


def _in_cart(cart: Sequence[ProductEvidence]) -> str:
    lines = [f"{name(known.product)}: {priced(known)}" for known in cart[:5]]
    more = f"\n- and {len(cart) - 5} more" if len(cart) > 5 else ""
    return f"In your cart {'is' if len(cart) == 1 else 'are'} {count_of(len(cart), 'item')}:\n{listed(lines)}{more}"


def promotion(task: WritingTask, voice: Voice) -> str:
    """The offers that fit the question, each with its code and its last day."""
    evidence = task.evidence
    if evidence.failed("promotions") or not evidence.promotions:
        return denials.OFFER.said(task)
    fitting, others = _fitting(evidence.promotions, task)
    if page := _instead_of_offers(task, voice):
        return page
    named = [offer for offer in fitting if offer.code and offer.code.lower() in task.meaning.text.lower()]
    if named:
        return paragraphs(f"That code is one of ours:\n{listed(map(_offer, named))}", _first_products(task))
    intro = voice.pick("offers", ("Here's what's on:", "These are on:", "You can save with these:"))
    more = f"There {'is' if others == 1 else 'are'} {count_of(others, 'more offer')}; ask me about a genre or a series."
    return paragraphs(
        _unknown_code(task), f"{intro}\n{listed(map(_offer, fitting))}", _first_products(task), more if others else ""
    )


def _instead_of_offers(task: WritingTask, voice: Voice) -> str:
    """The help page that answers a question on discounts to which no running offer speaks ("a student discount?")."""
    asked = stems(task.meaning.text) - _EVERY_OFFER
    offered = stems(" ".join(f"{one.title} {one.description} {one.code or ''}" for one in task.evidence.promotions))
    passage = best_passage(task.evidence.chunks, task.meaning.text, 60)
    if passage is None or not asked or task.meaning.entities.series or task.meaning.subjects:
        return ""
    if _ABOUT_CODES.search(task.meaning.text) and passage.fit >= WEAK_FIT:
        return _cited(passage, voice)
    answers = passage.fit >= SURE_FIT and bool(asked & stems(passage.chunk.title)) and not asked & offered
    return paragraphs(_cited(passage, voice), _MORE_OFFERS) if answers else ""


_ABOUT_CODES: Final = re.compile(
    r"^\W*(?:how|can|could|why|do i|does|may|where|when)\b(?!.*\b[A-Z]+\d+\b).*\b(?:code|coupon|voucher)s?\b",
    re.IGNORECASE,
)


_MORE_OFFERS: Final = "Ask me what's on offer right now and I'll show you the running deals."


def _fitting(promotions: Sequence[Promotion], task: WritingTask) -> tuple[list[Promotion], int]:
    """The offers that fit the message best, and how many more there are. Those that name what it names come alone."""
    meaning = task.meaning
    asked = stems(meaning.text) - _EVERY_OFFER
    series = {mention.series_id for mention in meaning.entities.series}
    subjects = {*meaning.subjects, *meaning.entities.asins}

    def fit(offer: Promotion) -> int:
        words = stems(f"{offer.title} {offer.description} {offer.code or ''}")
        return 3 * bool(subjects & set(offer.asins)) + 3 * bool(series & set(offer.series_ids)) + len(asked & words)

    fits = [(fit(offer), offer) for offer in promotions]
    chosen = [offer for worth, offer in sorted(fits, key=lambda pair: -pair[0]) if worth] or list(promotions)
    return chosen[:MAX_OFFERS], len(promotions) - len(chosen[:MAX_OFFERS])


def _offer(offer: Promotion) -> str:
    code = f" Use code {bold(offer.code)} at checkout." if offer.code else ""
    terms = f" {sentence(_first(offer.terms))}" if offer.code and offer.terms else ""
    return f"{sentence(bold(offer.title))}{code}{terms} It runs {_span(offer)}."


def _span(offer: Promotion) -> str:
    """Both days are named: an offer of the weekend is listed before it begins."""
    return f"from {day(offer.starts_at)} to {day(offer.ends_at)}"


def _first(terms: str) -> str:
    return terms.split(". ")[0]


def _unknown_code(task: WritingTask) -> str:
    """A code that the shopper names and no offer has is not confirmed."""
    known = {offer.code for offer in task.evidence.promotions if offer.code}
    named = [code for code in _CODE.findall(task.meaning.text) if code not in known]
    shouting = task.meaning.text.isupper()
    says_code = re.search(r"\bcode|coupon|voucher\b", task.meaning.text, re.IGNORECASE)
    named = [code for code in named if says_code or re.search(r"\d", code)]
    if shouting or not named:
        return ""
    return denials.CODE.said(task, code=named[0])


def _first_products(task: WritingTask) -> str:
    shown = [f"{name(known.product)} ({priced(known)})" for known in task.evidence.products[:2] if known.price]
    return f"For example: {' and '.join(shown)}." if shown else ""
