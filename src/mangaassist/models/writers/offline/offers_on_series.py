"""What takes something off a whole series: the code or bundle that works on its single volumes, and what costs less than those."""

from mangaassist.domain.derived import OfferFit
from mangaassist.domain.products import Promotion, money
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline.editions import way_to_own
from mangaassist.models.writers.offline.offers_in_words import name_of, running
from mangaassist.models.writers.offline.phrasing import Phrasing
from mangaassist.models.writers.offline.wording import bold


def on_whole_series(task: WritingTask, phrasing: Phrasing) -> str:
    """The verdict, what is left to pay with it, and the cheapest way to own it; empty where nobody worked out what it costs."""
    derived, title = task.evidence.derived, next((one.title for one in task.meaning.targets if one.title), "")
    total, way = derived.total, derived.cheapest_way
    if total is None or len(total.lines) < 2 or not title:
        return ""
    fields = {"count": str(len(total.lines)), "title": bold(title), "before": money(total.amount, total.currency)}
    told = _best(task, phrasing, fields)
    verdict = told or phrasing.say("promotion.whole_none", **fields)
    cheaper = way_to_own(way, task) if way is not None and way.saves > 0 else ""
    works = phrasing.say("promotion.whole_set_too", code=bold(_code(task))) if cheaper and _works_on_way(task) else ""
    return " ".join(filter(None, (verdict, cheaper, works)))


def _best(task: WritingTask, phrasing: Phrasing, fields: dict[str, str]) -> str:
    code, bundles = task.evidence.derived.cart_code, _bundles(task)
    said = ""
    if code is not None:
        fields = {**fields, "before": money(code.subtotal, code.currency)}
        amounts = {"saves": money(code.saves, code.currency), "sum": money(code.amount, code.currency)}
        said = phrasing.say("promotion.whole_code", code=bold(code.code), **amounts, **fields)
    if bundles and not said:
        offer, fit = bundles[0]
        saves = money(fit.saves, task.evidence.currency or "USD") if fit.saves else ""
        said = phrasing.say("promotion.whole_bundle", offer=name_of(offer), saves=saves, **fields) if saves else ""
    elif bundles:
        said += f" {phrasing.say('promotion.whole_bundle_too', offer=name_of(bundles[0][0]))}"
    return said


def _bundles(task: WritingTask) -> list[tuple[Promotion, OfferFit]]:
    """The bundles that all of the volumes make together."""
    total = task.evidence.derived.total
    every = {line.asin for line in total.lines} if total else set[str]()
    fits = {fit.promotion_id: fit for fit in task.evidence.derived.offers if fit.saves and every <= set(fit.asins)}
    return [
        (one, fits[one.promotion_id])
        for one in running(task.evidence)
        if one.kind == "bundle" and one.promotion_id in fits
    ]


def _code(task: WritingTask) -> str:
    code = task.evidence.derived.cart_code
    return code.code if code is not None else ""


def _works_on_way(task: WritingTask) -> bool:
    """Whether the code takes something off the cheapest way as well: one that covers everything, from an amount that it reaches."""
    way = task.evidence.derived.cheapest_way
    offer = next((one for one in running(task.evidence) if one.code and one.code == _code(task)), None)
    if way is None or offer is None or not offer.everything:
        return False
    at_hand = not way.out_of_stock
    return at_hand and (offer.minimum_amount is None or way.set_price >= offer.minimum_amount)
