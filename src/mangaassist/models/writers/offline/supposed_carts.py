"""The cart as it would be, in words: without a book, with another one, with a code, and what would bring it to free shipping."""

from decimal import Decimal
from typing import Final

from mangaassist.domain.derived import FreeShipping, Variant
from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.products import money
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline.phrasing import Phrasing
from mangaassist.models.writers.offline.price_words import AT_HAND, price_of, rounded
from mangaassist.models.writers.offline.wording import bold, joined, listed, name

MOST_FILLERS: Final = 4


def supposed_carts(task: WritingTask, phrasing: Phrasing) -> str:
    """One line for each choice that the message leaves open; empty where it is about the cart as it is."""
    if not task.meaning.reckoning.supposes:
        return ""
    told = [_variant(one, task, phrasing) for one in task.evidence.derived.variants]
    if not told:
        return phrasing.say(
            "checkout_help.nothing_left" if task.meaning.reckoning.left_out else "checkout_help.add_which"
        )
    return told[0] if len(told) == 1 else listed(told)


def _variant(variant: Variant, task: WritingTask, phrasing: Phrasing) -> str:
    total = variant.total
    paid = _paid(variant, task)
    said = phrasing.say(
        f"checkout_help.supposed_{variant.change}",
        titles=joined(map(bold, variant.titles)),
        sum=money(paid, total.currency),
    )
    return f"{said}{_shipping(variant.shipping, task, phrasing)}."


def _paid(variant: Variant, task: WritingTask) -> Decimal:
    customer = task.evidence.customer
    is_member = customer is not None and customer.member and variant.total.member is not None
    return variant.total.member if is_member and variant.total.member is not None else variant.total.amount


def _shipping(shipping: FreeShipping | None, task: WritingTask, phrasing: Phrasing) -> str:
    """What shipping makes of it, as the end of a sentence."""
    if shipping is None:
        return ""
    if shipping.by_membership:
        return phrasing.say("checkout_help.tail_member")
    limit = rounded(money(shipping.limit, shipping.currency))
    if not shipping.missing:
        return phrasing.say("checkout_help.tail_free", limit=limit)
    missing = money(shipping.missing, shipping.currency)
    if shipping.fee is None:
        return phrasing.say("checkout_help.tail_missing", missing=missing, limit=limit)
    return phrasing.say(
        "checkout_help.tail_fee",
        missing=missing,
        limit=limit,
        fee=money(shipping.fee, shipping.currency),
        sum=money(shipping.subtotal + shipping.fee, shipping.currency),
    )


def code_sum(task: WritingTask, phrasing: Phrasing) -> str:
    """What is left to pay with the best code that works on it; empty where none does."""
    code = task.evidence.derived.cart_code
    if code is None:
        return ""
    said = phrasing.say(
        "checkout_help.with_code",
        code=bold(code.code),
        before=money(code.subtotal, code.currency),
        saves=money(code.saves, code.currency),
        sum=money(code.amount, code.currency),
    )
    if code.due is None:
        return said
    if not code.due:
        return f"{said} {phrasing.say('checkout_help.still_free')}"
    fee, due = money(code.due, code.currency), money(code.amount + code.due, code.currency)
    return f"{said} {phrasing.say('checkout_help.plus_shipping', fee=fee, sum=due)}"


def fillers(task: WritingTask, phrasing: Phrasing) -> str:
    """That nothing is missing, or how much, and books that go on with what is in the cart."""
    shipping = task.evidence.derived.free_shipping
    if shipping is None:
        return phrasing.say("checkout_help.add_which")
    limit, subtotal = rounded(money(shipping.limit, shipping.currency)), money(shipping.subtotal, shipping.currency)
    if shipping.by_membership:
        return phrasing.say("checkout_help.nothing_needed_member")
    if not shipping.missing:
        return phrasing.say("checkout_help.nothing_needed", limit=limit, subtotal=subtotal)
    missing = money(shipping.missing, shipping.currency)
    said = phrasing.say("checkout_help.missing", missing=missing, subtotal=subtotal, limit=limit)
    if task.meaning.reckoning.cheapest and (alone := _least_that_does(task, phrasing)):
        return f"{said} {alone}"
    books, reaches = _enough(task, shipping.missing)
    if not books:
        return f"{said} {phrasing.say('checkout_help.fill_with_anything')}"
    key = f"checkout_help.fill_{'with' if reaches else 'towards'}{'' if len(books) == 1 else '_several'}"
    return f"{said} {phrasing.say(key, titles=joined([_priced(known, task) for known in books]))}"


def _least_that_does(task: WritingTask, phrasing: Phrasing) -> str:
    """The one book that costs least of those that bring it there, and the cart with it; empty where none is known."""
    found = next(iter(task.evidence.derived.variants), None)
    known = next((one for one in task.evidence.products if found and one.product.title in found.titles), None)
    if found is None or known is None:
        return ""
    total = money(_paid(found, task), found.total.currency)
    return phrasing.say("checkout_help.fill_with_least", title=_priced(known, task), sum=total)


def _enough(task: WritingTask, missing: Decimal) -> tuple[list[ProductEvidence], bool]:
    """The first books that bring it there, and whether they do; those that are not at hand are left out."""
    books: list[ProductEvidence] = []
    left = missing
    for known in task.evidence.products:
        if left > 0 and known.price and (known.stock is None or known.stock.state in AT_HAND):
            books.append(known)
            left -= known.price.current
    return books[:MOST_FILLERS], left <= 0 and len(books) <= MOST_FILLERS


def _priced(known: ProductEvidence, task: WritingTask) -> str:
    return f"{name(known.product)} ({price_of(known, task)})"
