"""Answers about the cart and paying: what is in it, what it comes to, what is missing to free shipping, how one pays."""

import tomllib
from collections.abc import Iterator, Sequence
from importlib.resources import files
from typing import Final

from mangaassist.domain.acts import Act
from mangaassist.domain.derived import FreeShipping, Total
from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.products import money
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline import denials, help_pages
from mangaassist.models.writers.offline.by_act import Answer, answered, nothing_more
from mangaassist.models.writers.offline.phrasing import Phrasing
from mangaassist.models.writers.offline.price_words import price_of
from mangaassist.models.writers.offline.sums_in_words import share_sentence, total_sentence
from mangaassist.models.writers.offline.supposed_carts import code_sum, fillers, supposed_carts
from mangaassist.models.writers.offline.wording import bold, count_of, joined, listed, name, paragraphs

offer_next = nothing_more

MOST_LINES: Final = 6
_DATA: Final = files("mangaassist.models.writers.offline") / "data"
_PAYMENT_NAMES: Final[dict[str, str]] = tomllib.loads((_DATA / "payment_names.toml").read_text(encoding="utf-8"))
"""Other names of ways to pay, stemmed as understanding does, and what stores call them."""


def compose(task: WritingTask, phrasing: Phrasing) -> str:
    return answered(task, phrasing, _ROWS, Act.CHECKOUT_PROBLEM)


def suggestions(task: WritingTask) -> Iterator[str]:
    asked = frozenset(heard.act for heard in task.meaning.acts)
    if task.evidence.cart:
        yield from (example for act, example in _OF_A_CART.items() if act not in asked)
    yield from (example for act, example in _OF_PAYING.items() if act not in asked)


def _contents(task: WritingTask, phrasing: Phrasing) -> str:
    cart = task.evidence.cart
    if not cart:
        return denials.CART.told(task, phrasing)
    count = count_of(_pieces(task), "item")
    total = task.evidence.derived.cart_total
    behind = phrasing.say("checkout_help.together", **_sum(total, task, phrasing)) if total else ""
    return paragraphs(f"{phrasing.say('checkout_help.holds', count=count)}\n{_lines(task)}", behind)


def _total(task: WritingTask, phrasing: Phrasing) -> str:
    """The sum first, then its lines, then what shipping makes of it."""
    evidence = task.evidence
    total = evidence.derived.cart_total
    if not evidence.cart:
        return denials.CART.told(task, phrasing)
    if total is None or not total.lines:
        return f"{phrasing.say('checkout_help.no_sum')}\n{_lines(task)}"
    if shared := share_sentence(task):
        return shared
    if supposed := supposed_carts(task, phrasing):
        return supposed
    if task.meaning.reckoning.with_code and (left := code_sum(task, phrasing)):
        return left
    count = count_of(_pieces(task), "item")
    said = phrasing.say("checkout_help.total", **_sum(total, task, phrasing), count=count)
    if task.meaning.reckoning.with_shipping and _was_summed(task):
        return f"{_with_shipping(task, phrasing)} {said}".strip()
    lines = _lines(task) if len(total.lines) > 1 else ""
    unpriced = phrasing.say("checkout_help.unpriced", titles=joined(total.unpriced)) if total.unpriced else ""
    return paragraphs(said, lines, unpriced, _with_shipping(task, phrasing))


def _was_summed(task: WritingTask) -> bool:
    """Whether its lines were told just before."""
    return bool({Act.CART_TOTAL, Act.CART_CONTENTS} & set(task.state.acts))


def _sum(total: Total, task: WritingTask, phrasing: Phrasing) -> dict[str, str]:
    """What this shopper pays: a member's own sum is labelled as one."""
    customer = task.evidence.customer
    if customer is not None and customer.member and total.member is not None and total.member < total.amount:
        label = phrasing.say("checkout_help.at_member_price")
        return {"total": money(total.member, total.currency), "label": label}
    return {"total": money(total.amount, total.currency), "label": ""}


def _with_shipping(task: WritingTask, phrasing: Phrasing) -> str:
    derived = task.evidence.derived
    shipping = derived.free_shipping
    if shipping is None:
        return ""
    if shipping.by_membership:
        return phrasing.say("checkout_help.member_ships_free")
    if not shipping.missing:
        return phrasing.say("checkout_help.ships_free", limit=_plain(money(shipping.limit, shipping.currency)))
    if shipping.fee is None or derived.cart_with_shipping is None:
        return ""
    return phrasing.say(
        "checkout_help.plus_shipping",
        fee=money(shipping.fee, shipping.currency),
        sum=money(derived.cart_with_shipping, shipping.currency),
    )


def _free_shipping(task: WritingTask, phrasing: Phrasing) -> str:
    """How much is missing, or that nothing is; the limit alone where there is no cart to hold against it."""
    if supposed := supposed_carts(task, phrasing):
        return supposed
    if task.meaning.reckoning.fills_up and task.evidence.cart:
        return fillers(task, phrasing)
    shipping, delivery = task.evidence.derived.free_shipping, task.evidence.facts.delivery
    if shipping is not None and (task.evidence.cart or shipping.by_membership):
        limit, subtotal = _plain(money(shipping.limit, shipping.currency)), money(shipping.subtotal, shipping.currency)
        if _EXPRESS & frozenset(task.meaning.fresh):
            return _page(task, phrasing, Act.FREE_SHIPPING)
        if shipping.by_membership:
            return phrasing.say("checkout_help.free_for_members")
        if not shipping.missing:
            return phrasing.say("checkout_help.free", subtotal=subtotal, limit=limit)
        missing = money(shipping.missing, shipping.currency)
        return phrasing.say("checkout_help.missing", missing=missing, subtotal=subtotal, limit=limit)
    if delivery.free_from is None:
        return _page(task, phrasing, Act.FREE_SHIPPING)
    if named := task.evidence.derived.delivery:
        return _free_for_named(named, phrasing)
    currency = task.evidence.facts.currency or "USD"
    fee = f"; {money(delivery.fee, currency)} below that" if delivery.fee is not None else ""
    return phrasing.say("checkout_help.free_from", limit=_plain(money(delivery.free_from, currency)), fee=fee)


def _free_for_named(shipping: FreeShipping, phrasing: Phrasing) -> str:
    """The same of what is talked of, which is in no cart yet."""
    limit, subtotal = _plain(money(shipping.limit, shipping.currency)), money(shipping.subtotal, shipping.currency)
    if shipping.by_membership:
        return phrasing.say("checkout_help.free_for_members")
    if not shipping.missing:
        return phrasing.say("checkout_help.named_free", subtotal=subtotal, limit=limit)
    missing = money(shipping.missing, shipping.currency)
    return phrasing.say("checkout_help.named_missing", missing=missing, subtotal=subtotal, limit=limit)


def _add(task: WritingTask, phrasing: Phrasing) -> str:
    """Every product that is meant, with its price; the button does it, for this chat cannot."""
    products = _meant(task)
    if not products:
        phrasing.ask_for("product")
        return phrasing.say("checkout_help.add_which")
    gone = [known for known in products if known.stock is not None and known.stock.state == "out_of_stock"]
    able = [known for known in products if known not in gone]
    sold_out = _out_of_stock(gone, phrasing)
    if not able:
        return sold_out
    if copies := _copies(able, task, phrasing):
        return paragraphs(copies, sold_out)
    key = "checkout_help.add" if len(able) == 1 else "checkout_help.add_several"
    return paragraphs(phrasing.say(key, titles=joined([_with_price(known, task) for known in able])), sold_out)


def _copies(able: Sequence[ProductEvidence], task: WritingTask, phrasing: Phrasing) -> str:
    """Of more than one copy: where their number is set, and what they come to; empty of one."""
    count = task.meaning.reckoning.copies
    if count < 2 or len(able) != 1:
        return ""
    held = able[0].asin in {one.asin for one in task.evidence.cart}
    told = phrasing.say(
        f"checkout_help.{'copies_held' if held else 'copies'}", title=name(able[0].product), count=str(count)
    )
    return f"{told} {total_sentence(task)}".strip()


def _meant(task: WritingTask) -> Sequence[ProductEvidence]:
    """As many products as targets: what was found beside them was not asked for."""
    return task.evidence.products[: max(len(task.meaning.targets), 1)]


def _with_price(known: ProductEvidence, task: WritingTask) -> str:
    return f"{name(known.product)} ({price_of(known, task)})" if known.price else name(known.product)


def _out_of_stock(gone: Sequence[ProductEvidence], phrasing: Phrasing) -> str:
    if not gone:
        return ""
    titles = joined([name(known.product) for known in gone])
    return phrasing.say("checkout_help.sold_out", titles=titles, are="is" if len(gone) == 1 else "are")


def _remove(task: WritingTask, phrasing: Phrasing) -> str:
    wanted = {target.asin for target in task.meaning.targets} | {target.series_id for target in task.meaning.targets}
    held = [one for one in task.evidence.cart if {one.asin, one.product.series_id} & wanted]
    named = [bold(target.title) for target in task.meaning.targets if target.title]
    titles = joined([name(one.product) for one in held] or named) or phrasing.say("checkout_help.that_book")
    return phrasing.say("checkout_help.remove", titles=titles)


def _problem(task: WritingTask, phrasing: Phrasing) -> str:
    """What the page says to it; what the shopper sees is asked for where no page speaks to it."""
    sorry = phrasing.say("checkout_help.sorry") if task.meaning.upset else ""
    found = help_pages.passage(task, most=55)
    if found is None or found.is_weak:
        return f"{sorry} {phrasing.say('checkout_help.what_do_you_see')}".strip()
    said = f"{sorry} {help_pages.cited(found, phrasing)}".strip()
    return paragraphs(said, phrasing.once("checkout_help.still_stuck"))


def _payment(task: WritingTask, phrasing: Phrasing) -> str:
    """Yes or no for the way that is named; what is taken and what is not where none or an unknown one is."""
    facts = task.evidence.facts
    if not facts.payment_methods:
        return _page(task, phrasing, Act.PAYMENT_METHOD)
    taken = [method for method in facts.payment_methods if _is_asked(method, task)]
    refused = [method for method in facts.not_accepted if _is_asked(method, task)]
    no = phrasing.say("checkout_help.not_taken", methods=joined(refused, "or")) if refused else ""
    yes = phrasing.say("checkout_help.taken", methods=joined(taken)) if taken else ""
    if yes and not no:
        return yes
    every = phrasing.say("checkout_help.methods", methods=joined(facts.payment_methods))
    but = phrasing.say("checkout_help.but_not", methods=joined(facts.not_accepted, "or")) if facts.not_accepted else ""
    return f"{no} {yes or every}" if no else f"{every} {but}".strip()


def _is_asked(method: str, task: WritingTask) -> bool:
    """By its own words, the beginning of one ("crypto"), or another name of it ("amex")."""
    words = help_pages.stems(method) - _EVERY_WAY
    named = (
        help_pages.stems(
            " ".join(_PAYMENT_NAMES.get(word, word) for word in task.meaning.fresh or task.meaning.describes)
        )
        - _EVERY_WAY
    )
    begun = [asked for asked in named if len(asked) >= _TELLING and any(word.startswith(asked) for word in words)]
    return bool(words & named or begun)


_EXPRESS: Final = help_pages.stems("express expedited overnight")
"""What free shipping leaves out: a page says so."""
_TELLING: Final = 5
_EVERY_WAY: Final = help_pages.stems("card cards payment pay method")


def _page(task: WritingTask, phrasing: Phrasing, act: Act) -> str:
    found = help_pages.passage(task, act)
    return denials.PAGE.told(task, phrasing) if found is None or found.is_weak else help_pages.cited(found, phrasing)


def _lines(task: WritingTask) -> str:
    """The cart as a list, each with its price and how many of it."""
    total = task.evidence.derived.cart_total
    many = {line.asin: line.quantity for line in total.lines} if total else {}
    cart = task.evidence.cart
    lines = [
        f"{name(known.product)}{f' × {many[known.asin]}' if many.get(known.asin, 1) > 1 else ''}: "
        f"{price_of(known, task)}{_stands(known)}"
        for known in cart[:MOST_LINES]
    ]
    rest = len(cart) - MOST_LINES
    return listed([*lines, f"and {rest} more"] if rest > 0 else lines)


def _stands(known: ProductEvidence) -> str:
    return f", {_STOCK[known.stock.state]}" if known.stock is not None and known.stock.state in _STOCK else ""


_STOCK: Final = {
    "in_stock": "in stock",
    "out_of_stock": "out of stock",
    "backorder": "on backorder",
    "preorder": "a preorder",
}


def _pieces(task: WritingTask) -> int:
    total = task.evidence.derived.cart_total
    counted = sum(line.quantity for line in total.lines) + len(total.unpriced) if total else 0
    return counted or len(task.evidence.cart)


def _plain(amount: str) -> str:
    return amount.removesuffix(".00")


_ROWS: Final[dict[Act, Answer]] = {
    Act.CART_CONTENTS: _contents,
    Act.CART_TOTAL: _total,
    Act.FREE_SHIPPING: _free_shipping,
    Act.ADD_TO_CART: _add,
    Act.REMOVE_FROM_CART: _remove,
    Act.CHECKOUT_PROBLEM: _problem,
    Act.PAYMENT_METHOD: _payment,
}
_OF_A_CART: Final[dict[Act, str]] = {
    Act.CART_TOTAL: "What's my total?",
    Act.FREE_SHIPPING: "Do I get free shipping?",
    Act.CODE: "Any code I can use?",
}
_OF_PAYING: Final[dict[Act, str]] = {
    Act.PAYMENT_METHOD: "Which payment methods do you take?",
    Act.DELIVERY_TIME: "How long does delivery take?",
}
