"""Product cards and buttons, made from evidence alone."""

from collections.abc import Callable, Collection
from typing import Final

from msgspec import structs

from mangaassist.domain.evidence import Evidence, OrderEvidence, ProductEvidence
from mangaassist.domain.intents import Intent
from mangaassist.domain.products import CURRENCY_SIGNS, Format, Price, Stock, money
from mangaassist.wire.cards import Button, ProductCard

MAX_BUTTONS = 4

FORMAT_WORDS: Final[dict[Format, str]] = {
    Format.PAPERBACK: "Paperback",
    Format.HARDCOVER: "Hardcover",
    Format.OMNIBUS: "Omnibus",
    Format.BOX_SET: "Box set",
}
STOCK_WORDS: Final[dict[str, str]] = {
    "in_stock": "In stock",
    "low_stock": "Only a few left",
    "backorder": "On backorder",
    "preorder": "Preorder",
    "out_of_stock": "Out of stock",
}
TALK_TO_HUMAN: Final = Button(label="Talk to a person", type="talk_to_human")


def cards(evidence: Evidence, kept: Collection[str]) -> tuple[ProductCard, ...]:
    """The cards of the products that the review kept (G-3). Without a confirmed price a card names none (S-1)."""
    return tuple(card(known) for known in evidence.products if known.asin in kept)


def card(known: ProductEvidence) -> ProductCard:
    product, price, stock, rating = known.product, known.price, known.stock, known.rating
    return ProductCard(
        asin=product.asin,
        title=product.title,
        author=", ".join(product.authors),
        format=FORMAT_WORDS[product.format],
        price=price.worded() if price else "",
        currency=price.currency if price else "",
        list_price=_list_price(price),
        availability=_availability(stock),
        rating=rating.mean if rating else None,
        review_count=rating.count if rating else None,
        image_url=product.image_url,
        url=product.url,
        reason=known.reason or None,
    )


def _list_price(price: Price | None) -> str | None:
    if price is None or price.list is None or price.list <= price.current:
        return None
    assert price.currency in CURRENCY_SIGNS
    return money(price.list, price.currency)


def _availability(stock: Stock | None) -> str | None:
    if stock is None:
        return None
    words = STOCK_WORDS[stock.state]
    return f"{words}, expected {stock.restock_date:%d %B %Y}" if stock.restock_date else words


def buttons(intent: Intent, evidence: Evidence, kept: Collection[str]) -> tuple[Button, ...]:
    """Up to four. Product buttons are for products whose card is shown."""
    if evidence.sign_in_needed:
        return (Button(label="Sign in", type="open_url", url="/sign-in"), TALK_TO_HUMAN)
    shown = structs.replace(evidence, products=tuple(known for known in evidence.products if known.asin in kept))
    made = _BUTTONS[intent](shown)
    return tuple(dict.fromkeys(made))[:MAX_BUTTONS]


def _for_products(evidence: Evidence) -> list[Button]:
    offered = [known for known in evidence.products if known.asin not in evidence.over_limit]
    buyable = [known for known in offered if not known.stock or known.stock.state != "out_of_stock"][:1]
    made = [
        Button(label=f"Add {known.product.title} to cart", type="add_to_cart", asin=known.asin) for known in buyable
    ]
    viewed = evidence.products[:1]
    return made + [Button(label="View product", type="view_product", asin=k.asin, url=k.product.url) for k in viewed]


def _for_tracking(evidence: Evidence) -> list[Button]:
    made = [_tracking(owned) for owned in evidence.orders if owned.order.state in ("placed", "shipped")]
    return [*made, TALK_TO_HUMAN] if not made or evidence.degraded else made


def _tracking(owned: OrderEvidence) -> Button:
    url = owned.shipments[0].tracking_url if owned.shipments else None
    return Button(label=f"Track {owned.order.order_id}", type="track_order", order_id=owned.order.order_id, url=url)


def _for_returns(evidence: Evidence) -> list[Button]:
    made = [
        Button(label=f"Return {owned.order.order_id}", type="start_return", order_id=owned.order.order_id)
        for owned in evidence.orders
        if owned.returns and owned.returns.eligible
    ]
    if evidence.failed("returns"):
        made.append(Button(label="Returns centre", type="open_url", url="/returns"))
    return [*made, TALK_TO_HUMAN]


def _for_help(evidence: Evidence) -> list[Button]:
    return [TALK_TO_HUMAN]


def _for_checkout(evidence: Evidence) -> list[Button]:
    added = [button for button in _for_products(evidence) if button.type == "add_to_cart"]
    return [*added, Button(label="Open cart", type="open_url", url="/cart"), TALK_TO_HUMAN]


def _for_faq(evidence: Evidence) -> list[Button]:
    return [] if evidence.chunks else [TALK_TO_HUMAN]


def _none(evidence: Evidence) -> list[Button]:
    return []


_BUTTONS: Final[dict[Intent, Callable[[Evidence], list[Button]]]] = {
    Intent.PRODUCT_DISCOVERY: _for_products,
    Intent.PRODUCT_QUESTION: _for_products,
    Intent.RECOMMENDATION: _for_products,
    Intent.ORDER_TRACKING: _for_tracking,
    Intent.RETURN_REQUEST: _for_returns,
    Intent.PROMOTION: _for_products,
    Intent.CHECKOUT_HELP: _for_checkout,
    Intent.FAQ: _for_faq,
    Intent.ESCALATION: _for_help,
    Intent.CHITCHAT: _none,
}
