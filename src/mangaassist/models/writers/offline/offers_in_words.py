"""How an offer is worded: a deal is in the price, a code is typed in, a bundle wants several books in one order."""

from collections.abc import Sequence
from typing import Final

from mangaassist.domain.derived import OfferFit
from mangaassist.domain.evidence import Evidence
from mangaassist.domain.products import Promotion, money
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline.help_pages import stems
from mangaassist.models.writers.offline.phrasing import Phrasing
from mangaassist.models.writers.offline.wording import bold, count_of, day

_EVERY_OFFER: Final = stems(
    "promo voucher code sale deal offer discount coupon promotion manga order book series now on run off percent cheap save money "
    "week today tonight currently current moment month good great best nice new big latest active available right going happening "
    "store site everything anything something stuff item special reduced still there work apply use"
)
"""Words that fit every offer and so tell none of them apart."""


def running(evidence: Evidence) -> tuple[Promotion, ...]:
    """The offers of today; all of them where nobody says what today is."""
    now = evidence.now
    return tuple(offer for offer in evidence.promotions if now is None or offer.starts_at <= now <= offer.ends_at)


def of_kind(offers: tuple[Promotion, ...], task: WritingTask) -> tuple[Promotion, ...]:
    """Bundles alone, or codes alone, where these are asked for and run."""
    asked = frozenset(task.meaning.describes)
    kind = next((kind for kind, words in _KIND_WORDS.items() if words & asked), None)
    return tuple(offer for offer in offers if offer.kind == kind) or offers


_KIND_WORDS: Final = {"bundle": stems("bundle bundles"), "coupon": stems("code codes coupon voucher")}


def telling_words(task: WritingTask) -> tuple[str, ...]:
    """The message's words for the offer that is meant, without those that any offer answers to."""
    return tuple(word for word in task.meaning.offer_words if stems(word) - _EVERY_OFFER)


def matching(offers: Sequence[Promotion], task: WritingTask) -> list[Promotion]:
    """Those that the message's own words for an offer, or the labels of its wish, tell from the others; best first."""
    labels = " ".join(label.value for label in task.meaning.seeks.wanted).replace("_", " ")
    asked = stems(" ".join(telling_words(task))) or stems(labels) - _EVERY_OFFER
    worth = [(len(asked & stems(f"{offer.title} {offer.description} {offer.code or ''}")), offer) for offer in offers]
    return [offer for value, offer in sorted(worth, key=lambda pair: -pair[0]) if value]


def varied(offers: Sequence[Promotion]) -> list[Promotion]:
    """What is for everybody first, then one of each kind, then the rest: three of them show what there is."""
    ranked = sorted(offers, key=lambda offer: (not offer.everything, _KINDS.index(offer.kind)))
    firsts = [next(offer for offer in ranked if offer.kind == kind) for kind in dict.fromkeys(o.kind for o in ranked)]
    return firsts + [offer for offer in ranked if offer not in firsts]


_KINDS: Final = ("deal", "coupon", "bundle")


def name_of(offer: Promotion) -> str:
    """ "**Big Books**" or "code **INK10**"; what stands behind the colon is the offer itself."""
    if offer.code:
        return f"code {bold(offer.code)}"
    return bold(offer.title.partition(":")[0].strip())


def described(offer: Promotion, task: WritingTask, phrasing: Phrasing) -> str:
    """One line: what it is, what it takes off, what it asks for, until when."""
    _, colon, what = offer.title.partition(":")
    condition = f" ({_condition(offer)})" if offer.kind != "deal" and offer.terms else ""
    said = what.strip() if colon else offer.title
    line = phrasing.say(f"promotion.line_{offer.kind}", offer=name_of(offer), what=said + condition, until=until(offer))
    return line[0].upper() + line[1:]


def until(offer: Promotion) -> str:
    return day(offer.ends_at)


def missing_words(offer: Promotion, fit: OfferFit, task: WritingTask) -> str:
    """ "$20.40 more" or "2 more books that it covers (Three or more seinen volumes in one order)"."""
    if fit.needs_amount:
        return f"{money(fit.needs_amount, _currency(task))} more in the cart"
    condition = f" ({_condition(offer)})" if _condition(offer) else ""
    return f"{count_of(fit.needs_items, 'more book')} that it covers{condition}"


def _condition(offer: Promotion) -> str:
    return offer.terms.split(". ")[0].strip().rstrip(".")


def saving_words(fit: OfferFit, task: WritingTask) -> str:
    return f" and saves {money(fit.saves, _currency(task))}" if fit.saves else ""


def _currency(task: WritingTask) -> str:
    evidence = task.evidence
    prices = evidence.priced().values()
    return evidence.facts.currency or next((price.currency for price in prices), "USD")
