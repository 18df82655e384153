"""What the fake store's services answer when they are well: one row a service, in the JSON of their contracts."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec import Struct, structs

from mangaassist.domain.products import Product, ProductQuery
from mangaassist.services.policies import Service
from mangaassist.services.rest import Params
from mangaassist.testing.store_data import StoreData


class Asked(Struct, frozen=True):
    """One GET. ``half``: of the products asked for, only the first half is known."""

    data: StoreData
    now: datetime
    path: str
    params: Params
    token: str | None
    half: bool = False

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
    """What fits all filters and holds some word of the text, those that hold most of them first."""
    fitting = [product for product in data.products if _fits(product, query)]
    words = query.text.lower().split()
    held = {product.asin: sum(word in _text(product) for word in words) for product in fitting}
    best = sorted((product for product in fitting if held[product.asin] or not words), key=lambda p: -held[p.asin])
    if query.one_per_series:
        best = list({product.series_id: product for product in reversed(best)}.values())[::-1]
    return tuple(best[: query.limit])


def _fits(product: Product, query: ProductQuery) -> bool:
    from_, to = product.volume_from or product.volume, product.volume_to or product.volume
    return all(
        (
            not query.series_ids or product.series_id in query.series_ids,
            set(query.genres) <= set(product.genres),
            not query.demographics or product.demographic in query.demographics,
            not query.formats or product.format in query.formats,
            not query.authors or bool(set(query.authors) & set(product.authors)),
            query.volume is None or (from_ is not None and to is not None and from_ <= query.volume <= to),
        )
    )


def _text(product: Product) -> str:
    return " ".join((product.title, *product.authors, *product.genres, *product.themes, product.description)).lower()


def _rows(name: str, rows: Iterable[Any]) -> bytes:
    return msgspec.json.encode({name: list(rows)})


def _of(rows: dict[str, Any], asins: Collection[str]) -> list[Any]:
    return [rows[asin] for asin in asins if asin in rows]


def _prices(asked: Asked) -> bytes:
    priced = _of(asked.data.prices, asked.asins)
    return _rows("prices", (structs.replace(price, as_of=asked.now) for price in priced))


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
    asins = set(asked.asins)
    return _rows("promotions", (one for one in asked.data.promotions if not asins or asins & set(one.asins)))


ANSWERS: Final[dict[Service, Callable[[Asked], bytes]]] = {
    "pricing": _prices,
    "inventory": lambda asked: _rows("stock", _of(asked.data.stock, asked.asins)),
    "reviews": lambda asked: _rows("ratings", _of(asked.data.ratings, asked.asins)),
    "recommendations": _ranked,
    "profile": lambda asked: msgspec.json.encode(asked.data.customers.get(asked.customer_id or "")),
    "orders": _orders,
    "shipping": lambda asked: _rows("shipments", _own(asked, asked.data.shipments)),
    "returns": lambda asked: _rows("returns", _own(asked, asked.data.returns)),
    "promotions": _promotions,
    "content": lambda asked: b'{"entries": [], "next": null}',
    "review_summaries": lambda asked: b'{"summaries": [], "next": null}',
}
