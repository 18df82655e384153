"""Who names a title that is in one of their orders may mean the order: the orders and a second reading decide (M-2, T-4, T-11)."""

from collections.abc import Iterable
from typing import Final

from mangaassist.domain.acts import MOVES
from mangaassist.domain.customers import Order
from mangaassist.domain.meaning import Meaning
from mangaassist.services.turn_services import TurnServices
from mangaassist.turn.memory import Session
from mangaassist.turn.orders import RECENT_ORDERS, STATES_BY_ACT
from mangaassist.turn.reader import TRAINED_ON, Understanding
from mangaassist.turn.speculation import Speculation
from mangaassist.understanding.hearing import OF_CART, OF_ORDERS
from mangaassist.understanding.own_titles import OwnTitle
from mangaassist.understanding.utterance import Utterance
from mangaassist.wire.page import PageContext

_SAID_OUTRIGHT: Final = OF_ORDERS | MOVES


async def by_own_order(
    meaning: Meaning,
    utterance: Utterance,
    session: Session,
    page: PageContext,
    understanding: Understanding,
    services: TurnServices,
    speculation: Speculation,
) -> Meaning:
    """The meaning as a question of the order that holds what is named; as it is where none does, or the orders are away.

    ``services`` under a deadline of their own, and apart from the turn's: an answer about a book misses no orders (S-5).
    """
    if not may_mean_order(meaning, has_cart=bool(page.cart_asins)):
        return meaning
    orders = (await services.orders(RECENT_ORDERS)).value or ()
    return await understanding.of_own_order(
        meaning, utterance, session, page, titles_of(orders, understanding), speculation
    )


def may_mean_order(meaning: Meaning, *, has_cart: bool) -> bool:
    """Whether a message names a title, and has not said outright what of an order or of the cart it asks."""
    first = meaning.acts[0]
    of_cart = first.act in OF_CART and (has_cart or first.stage == "rules")
    of_books = not (meaning.care or of_cart or first.act in _SAID_OUTRIGHT)
    return of_books and bool(meaning.titles) and meaning.language == TRAINED_ON


def titles_of(orders: Iterable[Order], understanding: Understanding) -> tuple[OwnTitle, ...]:
    """What the orders hold, by series and volume, what an order is called that waits for it, and what can be asked of it."""
    return tuple(
        OwnTitle(
            book,
            "order" if order.waits_for == "in_stock" else order.waits_for,
            frozenset(act for act, states in STATES_BY_ACT.items() if order.state in states),
            order.is_gift,
            order.state == "cancelled",
        )
        for order in orders
        for item in order.items
        for book in understanding.books_in(item.title)
    )
