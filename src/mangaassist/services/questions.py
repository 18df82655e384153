"""What the store is asked: one row a question, with the service that answers it and the type of what it gives."""

from typing import Any, Final

from msgspec import Struct

from mangaassist.domain.customers import Customer, Order, OrderReturn, Shipment
from mangaassist.domain.products import Price, Product, Promotion, Ranked, Rating, Stock
from mangaassist.domain.store_facts import StoreFacts
from mangaassist.services.policies import Service


class Question(Struct, frozen=True, eq=False):
    """``name`` is its own among the questions to a service; ``type`` is that of one answer, in a batch of one key's."""

    service: Service
    name: str
    type: Any


PRODUCT: Final = Question("catalog", "product", Product)
SEARCH: Final = Question("catalog", "search", tuple[Product, ...])
ASINS: Final = Question("catalog", "asins", tuple[str, ...])
IS_SOLD: Final = Question("catalog", "sold", bool)
PRICE: Final = Question("pricing", "price", Price)
RANKED_PRICES: Final = Question("pricing", "ranked", tuple[Price, ...])
STOCK: Final = Question("inventory", "stock", Stock)
IN_STATE: Final = Question("inventory", "state", tuple[Stock, ...])
RATING: Final = Question("reviews", "rating", Rating)
RANKED: Final = Question("recommendations", "ranked", tuple[Ranked, ...])
CUSTOMER: Final = Question("profile", "customer", Customer)
ORDERS: Final = Question("orders", "orders", tuple[Order, ...])
ORDER: Final = Question("orders", "order", Order)
SHIPMENTS: Final = Question("shipping", "shipments", tuple[Shipment, ...])
RETURN: Final = Question("returns", "return", OrderReturn)
PROMOTIONS: Final = Question("promotions", "promotions", tuple[Promotion, ...])
PAGES: Final = Question("content", "page", bytes)
REVIEW_SUMMARIES: Final = Question("review_summaries", "page", bytes)
STORE_FACTS: Final = Question("store_facts", "facts", StoreFacts)
