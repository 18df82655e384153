"""Answers about offers: which run, whether one covers what is named, whether a code works; deals, codes and bundles apart."""

from collections.abc import Iterator, Sequence
from typing import Final

from mangaassist.domain.acts import Act
from mangaassist.domain.derived import OfferFit
from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.products import Promotion, money
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline import denials, help_pages
from mangaassist.models.writers.offline.by_act import Answer, answered
from mangaassist.models.writers.offline.offers_in_words import (
    described,
    matching,
    missing_words,
    name_of,
    of_kind,
    running,
    saving_words,
    telling_words,
    until,
    varied,
)
from mangaassist.models.writers.offline.offers_on_series import on_whole_series
from mangaassist.models.writers.offline.phrasing import Phrasing
from mangaassist.models.writers.offline.wording import bold, joined, listed, name, paragraphs, priced, sentence

MOST_OFFERS: Final = 3
MOST_FITS: Final = 2


def compose(task: WritingTask, phrasing: Phrasing) -> str:
    """A wrong premise is set right before anything else."""
    return paragraphs(_premise(task, phrasing), answered(task, phrasing, _ROWS, Act.OFFERS))


def offer_next(task: WritingTask, phrasing: Phrasing) -> str:
    return ""


def suggestions(task: WritingTask) -> Iterator[str]:
    asked = frozenset(heard.act for heard in task.meaning.acts)
    coupon = next((offer for offer in task.evidence.promotions if offer.code), None)
    if coupon and Act.CODE not in asked and task.evidence.cart:
        yield f"Does {coupon.code} work on my cart?"
    if coupon:
        yield "How do I use a promo code?"
        yield "Can I combine codes?"
    if Act.OFFERS not in asked:
        yield "What's on offer right now?"


def _premise(task: WritingTask, phrasing: Phrasing) -> str:
    """ "since everything is half price": no offer of today covers the whole store at once, so it is denied."""
    evidence, percent = task.evidence, task.meaning.percent
    if percent and percent not in {offer.percent_off for offer in evidence.promotions}:
        return denials.PERCENT.told(task, phrasing)
    if task.meaning.premise not in ("offer", "price", "promise", "multibuy") or evidence.failed("promotions"):
        return ""
    if task.meaning.premise == "multibuy":
        return phrasing.say("promotion.not_multibuy")
    if task.meaning.premise == "promise":
        return phrasing.say("promotion.not_promised")
    whole = any(offer.everything and offer.kind == "deal" for offer in evidence.promotions)
    return "" if whole else phrasing.say("promotion.not_everything")


def _offers(task: WritingTask, phrasing: Phrasing) -> str:
    """At most three: those that the message means, else one of each kind."""
    evidence = task.evidence
    if evidence.failed("promotions"):
        return denials.OFFER.told(task, phrasing)
    several = task.meaning.premise == "multibuy"
    asked = () if several else telling_words(task)
    offers = of_kind(running(evidence), task)
    offers = tuple(offer for offer in offers if offer.kind == "bundle" or not several) or offers
    fitting = matching(offers, task)
    if asked and not fitting:
        return _none_like_it(task, phrasing)
    if not offers:
        return phrasing.say("promotion.nothing_on") if not task.meaning.offer_words else _none_like_it(task, phrasing)
    about_kind = task.meaning.seeks.narrows or of_kind(offers, task) is not offers
    chosen = (fitting or (offers if about_kind else varied(offers)))[:MOST_OFFERS]
    lines = listed(described(offer, task, phrasing) for offer in chosen)
    more = len(fitting or offers) - len(chosen)
    behind = phrasing.say("promotion.more", count=str(more)) if more > 0 else ""
    return paragraphs(f"{phrasing.say('promotion.intro')}\n{lines}", behind)


def _none_like_it(task: WritingTask, phrasing: Phrasing) -> str:
    """A page may speak of a discount that no running offer is ("a student discount?"); else it is denied plainly."""
    found = help_pages.passage(task)
    if found and not found.is_weak:
        return help_pages.cited(found, phrasing)
    premised = bool(_premise(task, phrasing))
    denied = "" if premised else phrasing.say("promotion.none_called", words=" ".join(telling_words(task)))
    offers = varied(running(task.evidence))[:MOST_OFFERS]
    lines = listed(described(offer, task, phrasing) for offer in offers)
    return paragraphs(denied, f"{phrasing.say('promotion.intro')}\n{lines}" if offers else "")


def _offer_on(task: WritingTask, phrasing: Phrasing) -> str:
    """The verdict for what is named: what covers it now, what would with a little more, or that nothing does."""
    evidence = task.evidence
    if evidence.failed("promotions"):
        return denials.OFFER.told(task, phrasing)
    if task.meaning.reckoning.whole and (told := on_whole_series(task, phrasing)):
        return told
    subjects = _subjects(task)
    if not subjects:
        return _offers(task, phrasing)
    fits = sorted(_covering(task), key=_merit, reverse=True)
    special = [(offer, fit) for offer, fit in fits if not offer.everything]
    general = [(offer, fit) for offer, fit in fits if offer.everything]
    titles = joined([name(known.product) for known in subjects[:3]])
    best_code = _any_code(task, phrasing) if subjects is evidence.cart and evidence.derived.cart_code else ""
    others = [(offer, fit) for offer, fit in (*special, *general) if not (best_code and offer.code)]
    works_now = [pair for pair in others if _is_met(pair[1])] if best_code else others
    told = [_fit_line(offer, fit, task, phrasing) for offer, fit in works_now[:MOST_FITS]] + [best_code][
        : bool(best_code)
    ]
    if special:
        works = any(one.already_in_price or _is_met(one) for _, one in special)
        opening = phrasing.say("promotion.covered" if works else "promotion.covered_if", titles=titles)
        return " ".join((opening, *told))
    opening = phrasing.say("promotion.not_covered", titles=titles)
    return " ".join((opening, *told[:1]))


def _subjects(task: WritingTask) -> Sequence[ProductEvidence]:
    """What the question is about: what is named, else the cart."""
    evidence = task.evidence
    return evidence.products if evidence.products and task.meaning.targets else evidence.cart or evidence.products[:1]


def _covering(task: WritingTask) -> list[tuple[Promotion, OfferFit]]:
    offers = {offer.promotion_id: offer for offer in running(task.evidence)}
    fits = (fit for fit in task.evidence.derived.offers if fit.covers and fit.promotion_id in offers)
    return [(offers[fit.promotion_id], fit) for fit in fits]


def _merit(pair: tuple[Promotion, OfferFit]) -> tuple[bool, bool, float]:
    """What is in the price already, then what works right now, then what saves most."""
    _, fit = pair
    return fit.already_in_price, _is_met(fit), float(fit.saves or 0)


def _is_met(fit: OfferFit) -> bool:
    return not fit.needs_items and not fit.needs_amount


def _fit_line(offer: Promotion, fit: OfferFit, task: WritingTask, phrasing: Phrasing) -> str:
    if fit.already_in_price:
        subjects = _subjects(task)
        known = next((one for one in subjects if one.asin in fit.asins and one.price), None)
        of = f" of {name(known.product)}" if known and len(subjects) > 1 else ""
        price = f"{of}: {priced(known)}" if known else ""
        return phrasing.say("promotion.in_price", offer=name_of(offer), price=price)
    off = _off(offer, phrasing)
    missing = "" if _is_met(fit) else missing_words(offer, fit, task)
    key = f"promotion.{'needs' if missing else 'fits'}_{offer.kind}"
    return sentence(phrasing.say(key, offer=name_of(offer), off=off, missing=missing, saves=saving_words(fit, task)))


def _off(offer: Promotion, phrasing: Phrasing) -> str:
    return phrasing.say("promotion.percent", percent=str(offer.percent_off)) if offer.percent_off else ""


def _code(task: WritingTask, phrasing: Phrasing) -> str:
    if task.evidence.failed("promotions"):
        return (
            denials.CODE.told(task, phrasing, code=joined(task.meaning.codes))
            if task.meaning.codes
            else denials.OFFER.told(task, phrasing)
        )
    if not task.meaning.codes:
        return _any_code(task, phrasing)
    told = [_one_code(code, task, phrasing) for code in task.meaning.codes]
    several = help_pages.rule(task) if len(told) > 1 else ""
    return paragraphs(*told, several)


def _one_code(code: str, task: WritingTask, phrasing: Phrasing) -> str:
    """Valid or not; whether what is named or in the cart meets its condition; what is missing."""
    offer = next((one for one in running(task.evidence) if one.code and one.code.casefold() == code.casefold()), None)
    if offer is None:
        return _unknown(code, task, phrasing)
    fit = next((one for one in task.evidence.derived.offers if one.promotion_id == offer.promotion_id), None)
    subjects = _subjects(task)
    called = bold(offer.code or code)
    if fit is None or not subjects:
        terms = sentence(offer.terms.split(". ")[0])
        return phrasing.say(
            "promotion.valid", code=called, what=sentence(offer.description), terms=terms, until=until(offer)
        )
    what = phrasing.say("promotion.your_cart") if subjects is task.evidence.cart else _titles(subjects)
    if not fit.covers:
        return phrasing.say("promotion.not_for", code=called, titles=what, what=sentence(offer.description))
    if not _is_met(fit):
        return phrasing.say(
            "promotion.not_yet",
            code=called,
            titles=what,
            off=_off(offer, phrasing),
            missing=missing_words(offer, fit, task),
        )
    percent = f"{offer.percent_off}% off" if offer.percent_off else sentence(offer.description).rstrip(".")
    key = "promotion.works" if task.meaning.codes else "promotion.works_best"
    said = phrasing.say(key, code=called, titles=what, percent=percent, saves=saving_words(fit, task))
    left = task.evidence.derived.cart_code
    if left is None or left.code != offer.code:
        return said
    return f"{said} {phrasing.say('promotion.left', sum=money(left.amount, left.currency))}"


def _titles(subjects: Sequence[ProductEvidence]) -> str:
    return joined([name(known.product) for known in subjects[:3]])


def _unknown(code: str, task: WritingTask, phrasing: Phrasing) -> str:
    """Refused plainly, with a code that does work where there is one for anybody."""
    general = next((offer for offer in running(task.evidence) if offer.everything and offer.code), None)
    other = phrasing.say("promotion.instead", offer=described(general, task, phrasing)) if general else ""
    return f"{phrasing.say('promotion.unknown_code', code=bold(code))} {other}".strip()


def _any_code(task: WritingTask, phrasing: Phrasing) -> str:
    """A code that works on what is named or in the cart, else those that run."""
    running_codes = [offer for offer in running(task.evidence) if offer.code]
    asked = telling_words(task)
    if asked and not task.meaning.targets and not matching(running_codes, task):
        return _none_like_it(task, phrasing)
    codes = [(offer, fit) for offer, fit in _covering(task) if offer.code]
    if codes and _subjects(task):
        ranked = sorted(codes, key=_merit, reverse=True)
        return f"{_one_code(ranked[0][0].code or '', task, phrasing)} {_other_codes(ranked, task, phrasing)}".rstrip()
    if not running_codes:
        return phrasing.say("promotion.no_codes")
    lines = listed(described(offer, task, phrasing) for offer in varied(running_codes)[:MOST_OFFERS])
    return f"{phrasing.say('promotion.codes_intro')}\n{lines}"


def _other_codes(ranked: Sequence[tuple[Promotion, OfferFit]], task: WritingTask, phrasing: Phrasing) -> str:
    """That the best code is the only one that works, or which works as well and takes less off."""
    works = [(offer, fit) for offer, fit in ranked if _is_met(fit) and fit.saves]
    if not works:
        return ""
    if len(works) == 1:
        return phrasing.say("promotion.only_code")
    offer, fit = works[1]
    return phrasing.say("promotion.next_code", code=bold(offer.code or ""), saves=saving_words(fit, task))


_ROWS: Final[dict[Act, Answer]] = {Act.OFFERS: _offers, Act.OFFER_ON: _offer_on, Act.CODE: _code}
