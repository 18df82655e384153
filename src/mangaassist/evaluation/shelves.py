"""The whole catalogue of the store with its prices, and the sentences about it that a dialogue may hold instead of facts.

``{series: genre=Horror & volumes<=5}`` stands for the titles of every series that fits, and
``{products: price>10 & format=box_set}`` for those of products; ``rating`` is the age rating.
"""

import operator
import re
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from mangaassist.domain.products import Price, Product, ProductChange
from mangaassist.errors import BadInput
from mangaassist.evaluation.expectations import folded


async def all_products(changes: AsyncIterator[ProductChange]) -> list[Product]:
    """The catalogue from the replay of its change stream (K-5), as it stands at the stream's head."""
    known: dict[str, Product] = {}
    async for change in changes:
        if change.product is None:
            known.pop(change.asin, None)
        else:
            known[change.asin] = change.product
        if change.cursor >= change.head:
            break
    return list(known.values())


class Shelves:
    """Every product by its title, and every price that was asked for at the start."""

    def __init__(self, products: Iterable[Product], prices: Mapping[str, Price]) -> None:
        self.products = tuple(products)
        self.prices = prices
        self._by_title = {folded(product.title): product for product in self.products}
        self.series_of = {product.asin: product.series_title for product in self.products}
        self.titles = frozenset((*self._by_title, *(folded(product.series_title) for product in self.products)))

    def product(self, title: str) -> Product:
        """Raises ``BadInput`` when nothing is called so."""
        if (found := self._by_title.get(folded(title))) is None:
            raise BadInput("no_such_product", f"the store has no {title.strip()!r}")
        return found

    def price(self, title: str) -> Price:
        product = self.product(title)
        if (price := self.prices.get(product.asin)) is None:
            raise BadInput("no_such_price", f"the store has no price for {title.strip()!r}")
        return price

    def listed(self, text: str) -> list[Product]:
        """The products of ``Monster, Vol. 1 + 2 x Akira, Vol. 1 + Haikyu!!, Vols. 1-5``, each as often as it is named."""
        found: list[Product] = []
        for part in text.split(" + "):
            match = _PART.fullmatch(part.strip())
            assert match is not None
            times, title, first, last = match.groups()
            volumes = range(int(first), int(last) + 1) if first else ()
            titles = [f"{title}, Vol. {volume}" for volume in volumes] or [part.strip() if not times else title]
            found += [self.product(one) for one in titles] * int(times or 1)
        return found

    def total(self, text: str) -> Decimal:
        return sum((self.prices[product.asin].current for product in self.listed(text)), Decimal(0))

    def series(self, conditions: str) -> tuple[str, ...]:
        """Titles of the series that have a product which fits: none, perhaps, which no answer can show."""
        return tuple(dict.fromkeys(product.series_title for product in self._that(conditions)))

    def titles_that(self, conditions: str) -> tuple[str, ...]:
        return tuple(product.title for product in self._that(conditions))

    def extreme(self, conditions: str, choose: Callable[[Iterable[Decimal]], Decimal]) -> tuple[str, ...]:
        """The products that cost most, or least, of those that fit (all with no conditions)."""
        fitting = [product for product in self._that(conditions) if product.asin in self.prices]
        most = choose(self.prices[product.asin].current for product in fitting)
        return tuple(product.title for product in fitting if self.prices[product.asin].current == most)

    def _that(self, conditions: str) -> list[Product]:
        tests = [self._test(part) for part in conditions.split("&") if part.strip()]
        return [product for product in self.products if all(test(product) for test in tests)]

    def _test(self, text: str) -> Callable[[Product], bool]:
        """One condition. Raises ``BadInput`` where it is none, and for a word that no product bears."""
        match = _CONDITION.fullmatch(text)
        if match is None or match[1] not in _FIELDS:
            raise BadInput(
                "bad_condition", f"{text.strip()!r} is no condition; it compares one of {', '.join(_FIELDS)}"
            )
        value, sign, wanted = _FIELDS[match[1]], match[2], match[3]
        if sign in _COMPARED:
            compare, number = _COMPARED[sign], _number(wanted)
            return lambda product: (known := value(self, product)) is not None and compare(known, number)
        if not any(_is_in(value(self, product), wanted) for product in self.products):
            raise BadInput("bad_condition", f"nothing in the store has the {match[1]} {wanted!r}")
        return lambda product: _is_in(value(self, product), wanted) is (sign == "=")


_PART: Final = re.compile(r"(?:(\d+) x )?(.+?)(?:, Vols\. (\d+)-(\d+))?")
_CONDITION: Final = re.compile(r"\s*(\w+)\s*(!=|<=|>=|=|<|>)\s*(.+?)\s*")
_COMPARED: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_Value = Callable[[Shelves, Product], Any]
_FIELDS: Final[dict[str, _Value]] = {
    "genre": lambda _, product: product.genres,
    "theme": lambda _, product: product.themes,
    "author": lambda _, product: product.authors,
    "demographic": lambda _, product: product.demographic,
    "rating": lambda _, product: product.age_rating,
    "status": lambda _, product: product.series_status,
    "format": lambda _, product: str(product.format),
    "series": lambda _, product: product.series_title,
    "volume": lambda _, product: product.volume or product.volume_from or 0,
    "volumes": lambda _, product: product.series_volumes,
    "year": lambda _, product: product.first_published,
    "price": lambda shelves, product: (price := shelves.prices.get(product.asin)) and price.current,
}


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise BadInput("bad_condition", f"{text!r} is no number") from error


def _is_in(value: Any, wanted: str) -> bool:
    values = value if isinstance(value, tuple) else (value,)  # pyright: ignore[reportUnknownVariableType] - of texts, by _FIELDS
    return folded(wanted) in (folded(str(one)) for one in values)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
