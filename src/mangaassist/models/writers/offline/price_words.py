"""Prices and stock in words: of one product, of several, and what they come to together."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from mangaassist.domain.evidence import ProductEvidence, price_placeholder
from mangaassist.domain.products import CURRENCY_SIGNS, Price, StockState, money
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline.wording import NO_PRICE, in_stock_words, joined, name, series_name

MOST_PRICED: Final = 6
"""Prices that one sentence lists; more are told from the least to the most."""
AT_HAND: Final = frozenset({"in_stock", "low_stock"})


def rounded(amount: str) -> str:
    return amount.removesuffix(".00")


def amount_words(amount: Decimal, currency: str) -> str:
    """A sum or a saving, to the cent."""
    return money(amount, currency if currency in CURRENCY_SIGNS else "USD")


def membership(task: WritingTask) -> str:
    known = task.evidence.facts.membership
    return known.name if known and known.name else "your membership"


def member_price(price: Price, task: WritingTask) -> Decimal | None:
    """What a signed-in member pays, where that is less."""
    customer = task.evidence.customer
    is_less = price.member is not None and price.member < price.current
    return price.member if customer is not None and customer.member and is_less else None


def price_of(known: ProductEvidence, task: WritingTask) -> str:
    """The price's placeholder (M-7), and a member's own price, labelled."""
    if known.price is None:
        return NO_PRICE
    member = member_price(known.price, task)
    label = f" ({money(member, known.price.currency)} with {membership(task)})" if member is not None else ""
    return f"{price_placeholder(known.asin)}{label}"


def offer(known: ProductEvidence, task: WritingTask) -> str:
    """ "{{price:…}}, in stock": what a line of a list says; empty when neither is known."""
    parts = [price_of(known, task) if known.price else "", in_stock_words(known.stock) if known.stock else ""]
    return ", ".join(filter(None, parts))


def price_sentence(known: ProductEvidence, task: WritingTask) -> str:
    """The price first, and whether it is at hand."""
    if known.price is None:
        return f"I can't confirm the price of {name(known.product)} right now; {NO_PRICE}."
    deal = f", with “{known.price.discounts[0].label}”" if known.price.discounts else ""
    stock = f" and {in_stock_words(known.stock)}" if known.stock and not deal else ""
    return f"{name(known.product)} is {price_of(known, task)} today{deal}{stock}."


def prices(products: Sequence[ProductEvidence], task: WritingTask) -> str:
    """Each price: of one product in a sentence, of several as briefly as they allow."""
    if len(products) == 1:
        return price_sentence(products[0], task)
    known = [one for one in products if one.price]
    unknown = " ".join(price_sentence(one, task) for one in products if not one.price) if known else ""
    lacking = not_at_hand([one for one in known if one.stock]) if len(known) > 1 else ""
    return " ".join(filter(None, (_each(known, task) if known else _none_of(products), unknown, lacking)))


def _none_of(products: Sequence[ProductEvidence]) -> str:
    return f"I can't confirm prices right now; {NO_PRICE.replace('page', 'pages')}." if products else ""


def _each(known: Sequence[ProductEvidence], task: WritingTask) -> str:
    if len(known) == 1:
        return price_sentence(known[0], task)
    if _cost_the_same(known):
        return f"{_together(known)} are {price_of(known[0], task)} each."
    if len(known) > MOST_PRICED:
        ranked = sorted(known, key=_current)
        return f"{_together(known)} cost from {price_of(ranked[0], task)} to {price_of(ranked[-1], task)} each."
    first, *rest = known
    others = (f"{name(one.product)} {price_of(one, task)}" for one in rest)
    return f"{joined([f'{name(first.product)} is {price_of(first, task)}', *others])}."


def _current(known: ProductEvidence) -> Decimal:
    return known.price.current if known.price else Decimal(0)


def _cost_the_same(products: Sequence[ProductEvidence]) -> bool:
    seen = {(one.price.current, one.price.member, one.price.currency) for one in products if one.price}
    return len(seen) == 1 and (_of_one_run(products) or len(products) <= 3)


def _of_one_run(products: Sequence[ProductEvidence]) -> bool:
    """Volumes of one series."""
    return len({one.product.series_id for one in products}) == 1 and all(
        one.product.volume is not None for one in products
    )


def _together(products: Sequence[ProductEvidence]) -> str:
    """ "Volumes 1 to 5 of **Naruto**", or the titles."""
    if not _of_one_run(products):
        return joined(name(one.product) for one in products)
    numbers = sorted({one.product.volume for one in products if one.product.volume is not None})
    return f"{'Volumes' if len(numbers) > 1 else 'Volume'} {run(numbers)} of {series_name(products[0].product)}"


def run(numbers: Sequence[int]) -> str:
    """ "1 to 5", or "1, 2 and 4"; sorted and each once."""
    if len(numbers) > 2 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{numbers[0]} to {numbers[-1]}"
    return joined(map(str, numbers))


def stock_sentence(known: ProductEvidence, task: WritingTask) -> str:
    """Whether it is at hand, first; then its price, where it can be bought."""
    if known.stock is None:
        return f"I can't check the stock of {name(known.product)} just now; its product page shows the latest."
    price = f", for {price_of(known, task)}" if known.price and known.stock.state != "out_of_stock" else ""
    return f"{_VERDICTS[known.stock.state]}{name(known.product)} is {in_stock_words(known.stock)}{price}."


_VERDICTS: Final[dict[StockState, str]] = {
    "in_stock": "Yes, ",
    "low_stock": "Yes, ",
    "preorder": "Not yet: ",
    "backorder": "Not right now: ",
    "out_of_stock": "Not right now: ",
}


def stocks(products: Sequence[ProductEvidence], task: WritingTask) -> str:
    """Whether all are at hand, or which are not."""
    if len(products) == 1:
        return stock_sentence(products[0], task)
    at_hand = [one for one in products if one.stock and one.stock.state in AT_HAND]
    if products and len(at_hand) == len(products):
        return f"Yes, {_lower(_together(products))} are {'both' if len(products) == 2 else 'all'} in stock."
    there = f"{_together(at_hand)} {'is' if len(at_hand) == 1 else 'are'} in stock." if at_hand else ""
    return " ".join(filter(None, ("Not all of them." if at_hand else "", there, not_at_hand(products))))


def not_at_hand(products: Sequence[ProductEvidence]) -> str:
    """A sentence for each that cannot be had now."""
    lacking = [one for one in products if one.stock is None or one.stock.state not in AT_HAND]
    return " ".join(_lacking(one) for one in lacking[:MOST_PRICED])


def _lacking(known: ProductEvidence) -> str:
    if known.stock is None:
        return f"I can't check the stock of {name(known.product)} just now."
    return f"{name(known.product)} is {in_stock_words(known.stock)}."


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]


def offer_sentence(products: Sequence[ProductEvidence], task: WritingTask) -> str:
    """The offer that takes most off what was named and asks nothing more for it; empty without one."""
    asked = {known.asin for known in products}
    fits = [
        fit
        for fit in task.evidence.derived.offers
        if fit.covers and fit.saves and not (fit.needs_items or fit.needs_amount or fit.already_in_price)
    ]
    best = max((fit for fit in fits if asked & set(fit.asins)), key=lambda fit: fit.saves or 0, default=None)
    offer = next((one for one in task.evidence.promotions if best and one.promotion_id == best.promotion_id), None)
    if best is None or best.saves is None or offer is None:
        return ""
    saves = amount_words(best.saves, products[0].price.currency if products[0].price else "USD")
    named = f"Code **{offer.code}**" if offer.code else f"“{offer.title}”"
    return f"{named} takes {saves} off."
