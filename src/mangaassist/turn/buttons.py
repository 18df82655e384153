"""Action buttons, made from evidence alone: one maker a kind of answer; plans and acts say which ones an answer gets."""

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Final

from msgspec import structs

from mangaassist.domain.evidence import Evidence, OrderEvidence, ProductEvidence
from mangaassist.wire.cards import Button

MAX_BUTTONS: Final = 4
TALK_TO_HUMAN: Final = Button(label="Talk to a person", type="talk_to_human")
SIGN_IN_PATH, CART_PATH, RETURNS_PATH = "/sign-in", "/cart", "/returns"
"""Where a store's pages are that does not say so itself (S-8)."""

ButtonMaker = Callable[[Evidence], Iterable[Button]]


def buttons(
    makers: Iterable[ButtonMaker], evidence: Evidence, kept: Collection[str], answer: str = ""
) -> tuple[Button, ...]:
    """Up to four, each kind's first ones; somebody to talk to where the ``answer`` names that button, whatever else there is.
    Product buttons are for products whose card is shown.
    """
    if evidence.sign_in_needed:
        url = evidence.facts.sign_in_url or SIGN_IN_PATH
        return (Button(label="Sign in", type="open_url", url=url), TALK_TO_HUMAN)
    shown = structs.replace(evidence, products=tuple(known for known in evidence.products if known.asin in kept))
    made = dict.fromkeys(button for maker in makers for button in maker(shown))
    if evidence.person is not None:  # they are asked for already, and a button would ask again
        made.pop(TALK_TO_HUMAN, None)
        return tuple(made)[:MAX_BUTTONS]
    first = tuple(made)[:MAX_BUTTONS]
    if TALK_TO_HUMAN in first or f"**{TALK_TO_HUMAN.label}**" not in answer:
        return first
    return (*first[: MAX_BUTTONS - 1], TALK_TO_HUMAN)


def for_products(evidence: Evidence) -> Iterator[Button]:
    yield from (_adding(known) for known in list(_buyable(evidence))[:1])
    for known in evidence.products[:1]:
        yield Button(label="View product", type="view_product", asin=known.asin, url=known.product.url)


def for_adding(evidence: Evidence) -> Iterator[Button]:
    """Everything that shall go into the cart, each with a button of its own."""
    yield from (_adding(known) for known in list(_buyable(evidence))[: MAX_BUTTONS - 1])
    yield _open_cart(evidence)


def _buyable(evidence: Evidence) -> Iterator[ProductEvidence]:
    return (
        known
        for known in evidence.products
        if known.asin not in evidence.over_limit and not (known.stock and known.stock.state == "out_of_stock")
    )


def _adding(known: ProductEvidence) -> Button:
    return Button(label=f"Add {known.product.title} to cart", type="add_to_cart", asin=known.asin)


def for_tracking(evidence: Evidence) -> Iterator[Button]:
    waiting = [owned for owned in evidence.orders if owned.order.state in ("placed", "shipped")]
    yield from map(_tracking, waiting)
    if not waiting or evidence.degraded:
        yield TALK_TO_HUMAN


def for_lost_parcels(evidence: Evidence) -> Iterator[Button]:
    """For parcels that are late or never came: where they are, and somebody who can look for them."""
    yield from (_tracking(owned) for owned in evidence.orders[:2] if owned.shipments)
    yield TALK_TO_HUMAN


def _tracking(owned: OrderEvidence) -> Button:
    url = owned.shipments[0].tracking_url if owned.shipments else None
    return Button(label=f"Track {owned.order.order_id}", type="track_order", order_id=owned.order.order_id, url=url)


def for_returns(evidence: Evidence) -> Iterator[Button]:
    """Each leads to the page on which that order's books are picked: the store's returns, with the order named behind them."""
    returns_url = evidence.facts.returns_url or RETURNS_PATH
    for owned in evidence.orders:
        if owned.returns and owned.returns.eligible:
            order_id = owned.order.order_id
            url = f"{returns_url}#{order_id}"
            yield Button(label=f"Return {order_id}", type="start_return", order_id=order_id, url=url)
    if evidence.failed("returns"):
        yield Button(label="Returns centre", type="open_url", url=returns_url)
    yield TALK_TO_HUMAN


def for_changes(evidence: Evidence) -> Iterator[Button]:
    """Cancelling and changing are done where the order stands among the others, where the store says where that is."""
    if evidence.facts.orders_url and evidence.orders:
        place = f"#{evidence.orders[0].order.order_id}" if len(evidence.orders) == 1 else ""
        yield Button(label="Your orders", type="open_url", url=evidence.facts.orders_url + place)
    yield TALK_TO_HUMAN


def for_help(evidence: Evidence) -> Iterator[Button]:
    yield TALK_TO_HUMAN


def for_details(evidence: Evidence) -> Iterator[Button]:
    """What no catalog tells somebody may know who has the book in hand."""
    yield from for_products(evidence)
    yield TALK_TO_HUMAN


def for_cart(evidence: Evidence) -> Iterator[Button]:
    yield _open_cart(evidence)


def for_checkout(evidence: Evidence) -> Iterator[Button]:
    yield from for_cart(evidence)
    yield TALK_TO_HUMAN


def _open_cart(evidence: Evidence) -> Button:
    return Button(label="Open cart", type="open_url", url=evidence.facts.cart_url or CART_PATH)


def for_faq(evidence: Evidence) -> Iterator[Button]:
    """Whatever a page or a fact says, a person may know more; whoever hears that nobody knows here is shown one."""
    yield TALK_TO_HUMAN
