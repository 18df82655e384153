"""What the fake store's services answer when they are well: one row a service, in the JSON of their contracts."""

from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import msgspec
from msgspec import Struct, structs

from mangaassist.domain.products import Product, ProductOrder, ProductQuery, has_trait
from mangaassist.services.contracts import PriceRanking
from mangaassist.services.policies import Service
from mangaassist.services.rest import Params
from mangaassist.testing.store_data import StoreData


class Asked(Struct, frozen=True):
    """One GET, or a POST with its ``body``. ``half``: of the products asked for, only the first half is known."""

    data: StoreData
    now: datetime
    path: str
    params: Params
    token: str | None
    half: bool = False
    body: bytes = b""

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(value for key, value in self.params if key == name)

    def one(self, name: str) -> str:
        return next(iter(self.all(name)), "")

    @property
    def asins(self) -> tuple[str, ...]:
        asins = self.all("asin")
        return asins[: len(asins) // 2] if self.half else asins

    @property
    def customer_id(self) -> str | None:
        """Whose token it is: ``token-of-aiko``."""
        return self.token.removeprefix("token-of-") if self.token else None


def found(data: StoreData, query: ProductQuery) -> tuple[Product, ...]:
    """The best of what fits."""
    return all_found(data, query)[: query.limit]


def all_found(data: StoreData, query: ProductQuery) -> tuple[Product, ...]:
    """What fits all filters and holds some word of the text: by the order asked for, else those that hold most of them first."""
    words, labels = query.text.lower().split(), _lower(query.labels)
    held = {product.asin: sum(word in _text(product) for word in words) for product in data.products}
    fitting = (product for product in data.products if _fits(product, query) and (held[product.asin] or not words))

    def rank(product: Product) -> tuple[float, ...]:
        key = _ORDERS.get(query.order)
        return key(product) if key else (-len(labels & _labels(product)), -held[product.asin])

    best = sorted(fitting, key=rank)
    if query.one_per_series:
        best = list({product.series_id: product for product in reversed(best)}.values())[::-1]
    return tuple(best)


def _lower(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.casefold() for name in names)


def _labels(product: Product) -> frozenset[str]:
    return _lower((*product.themes, *product.genres))


def _age_in_days(product: Product) -> int:
    return -(product.released or date(max(product.first_published, 1), 1, 1)).toordinal()


_ORDERS: Final[dict[ProductOrder, Callable[[Product], tuple[float, ...]]]] = {
    "newest": lambda product: (_age_in_days(product),),
    "oldest": lambda product: (product.first_published,),
    "longest": lambda product: tuple(-one for one in product.length),
    "shortest": lambda product: product.length,
}


def _fits(product: Product, query: ProductQuery) -> bool:
    from_, to = product.volume_from or product.volume, product.volume_to or product.volume
    labels = _labels(product)
    return all(
        (
            not query.series_ids or product.series_id in query.series_ids,
            _lower(query.genres) <= _lower(product.genres),
            not query.demographics or product.demographic in query.demographics,
            not query.formats or product.format in query.formats,
            not query.authors or bool(set(query.authors) & set(product.authors)),
            query.volume is None or (from_ is not None and to is not None and from_ <= query.volume <= to),
            not query.labels or bool(_lower(query.labels) & labels),
            not _lower(query.without_labels) & labels,
            product.series_id not in query.without_series_ids,
            not set(query.without_authors) & set(product.authors),
            product.demographic not in query.without_demographics,
            _within(product.series_volumes, query.least_volumes, query.most_volumes),
            _within(product.first_published, query.published_from, query.published_to),
            not query.statuses or product.series_status in query.statuses,
            not query.age_ratings or product.age_rating in query.age_ratings,
            all(has_trait(product, trait) for trait in query.traits),
            all(has_trait(product, trait) is False for trait in query.without_traits),
        )
    )


def _within(value: int, least: int | None, most: int | None) -> bool:
    return (least is None or value >= least) and (most is None or value <= most)


def _text(product: Product) -> str:
    return " ".join((product.title, *product.authors, *product.genres, *product.themes, product.description)).lower()


def _rows(name: str, rows: Iterable[Any]) -> bytes:
    return msgspec.json.encode({name: list(rows)})


def _of(rows: dict[str, Any], asins: Collection[str]) -> list[Any]:
    return [rows[asin] for asin in asins if asin in rows]


def _prices(asked: Asked) -> bytes:
    if asked.path.endswith("/ranked"):
        return _ranked_prices(asked)
    priced = _of(asked.data.prices, asked.asins)
    return _rows("prices", (structs.replace(price, as_of=asked.now) for price in priced))


def _ranked_prices(asked: Asked) -> bytes:
    question = msgspec.json.decode(asked.body, type=PriceRanking)
    named = asked.data.prices if question.asins is None else question.asins
    fitting = [
        structs.replace(price, as_of=asked.now)
        for price in _of(asked.data.prices, named)
        if Decimal(question.least or 0) <= price.current <= Decimal(question.most or 10**7)
    ]
    best = sorted(fitting, key=lambda price: price.current, reverse=question.order == "desc")
    return _rows("prices", best[: question.limit])


def _stock(asked: Asked) -> bytes:
    if not asked.path.endswith("/by-state"):
        return _rows("stock", _of(asked.data.stock, asked.asins))
    rows = [row for row in asked.data.stock.values() if row.state == asked.one("state")]
    return _rows("stock", rows[: int(asked.one("limit") or 50)])


def _ranked(asked: Asked) -> bytes:
    """The first of every series: like the seeds or of the genres; for a customer nothing that they have bought."""
    seeds = [product for product in asked.data.products if product.asin in asked.all("seed")]
    wanted = {*asked.all("genre"), *(genre for seed in seeds for genre in seed.genres)}
    orders = asked.data.orders.get(asked.customer_id or "", ())
    had = {seed.series_id for seed in seeds} | {
        product.series_id for product in asked.data.products for order in orders for item in order.items
        if item.asin == product.asin
    }  # fmt: skip
    shared = {product.asin: len(wanted & set(product.genres)) for product in asked.data.products}
    firsts = list({product.series_id: product for product in reversed(asked.data.products)}.values())[::-1]
    fitting = [product for product in firsts if product.series_id not in had and (shared[product.asin] or not wanted)]
    best = sorted(fitting, key=lambda product: -shared[product.asin])[: int(asked.one("limit") or 10)]
    why = f"Readers of {seeds[0].series_title} like it too" if seeds else "Loved by readers"
    return _rows("ranked", ({"asin": product.asin, "score": 0.9, "reason": why} for product in best))


def _orders(asked: Asked) -> bytes:
    own = asked.data.orders.get(asked.customer_id or "", ())
    if asked.path.endswith("/orders"):
        return _rows("orders", own[: int(asked.one("limit") or 10)])
    return msgspec.json.encode(next((order for order in own if asked.path.endswith(order.order_id)), None))


def _own(asked: Asked, rows: Iterable[Any]) -> list[Any]:
    order_id, own = asked.one("order_id"), asked.data.orders.get(asked.customer_id or "", ())
    return [row for row in rows if row.order_id == order_id and any(order.order_id == order_id for order in own)]


def _promotions(asked: Asked) -> bytes:
    """All of them, or those that cover a product asked about, narrowed to what they cover."""
    if not asked.asins:
        return _rows("promotions", asked.data.promotions)
    narrowed = (
        structs.replace(one, asins=tuple(asin for asin in asked.asins if one.everything or asin in one.asins))
        for one in asked.data.promotions
    )
    return _rows("promotions", (one for one in narrowed if one.asins))


ANSWERS: Final[dict[Service, Callable[[Asked], bytes]]] = {
    "pricing": _prices,
    "inventory": _stock,
    "reviews": lambda asked: _rows("ratings", _of(asked.data.ratings, asked.asins)),
    "recommendations": _ranked,
    "profile": lambda asked: msgspec.json.encode(asked.data.customers.get(asked.customer_id or "")),
    "orders": _orders,
    "shipping": lambda asked: _rows("shipments", _own(asked, asked.data.shipments)),
    "returns": lambda asked: _rows("returns", _own(asked, asked.data.returns)),
    "promotions": _promotions,
    "content": lambda asked: b'{"entries": [], "next": null}',
    "review_summaries": lambda asked: b'{"summaries": [], "next": null}',
    "store_facts": lambda asked: msgspec.json.encode(asked.data.facts),
}
