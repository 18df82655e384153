"""The catalogue itself: the products on sale, edits to them, and the messages that carry them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from pathlib import Path

import msgspec

from mangaproto import catalog_pb2 as pb
from mangastore.catalog.changes import Change, ChangeLog
from mangastore.catalog.epoch import Epoch
from mangastore.catalog.filters import Query
from mangastore.catalog.search import Search
from mangastore.catalog.wire import product_message
from mangastore.clock import Clock
from mangastore.data.products import Product
from mangastore.data.series import Series


class Catalogue:
    """Everything on sale by ASIN and by series; edits go into the change log and into search."""

    def __init__(self, products: Iterable[Product], *, public_url: str, state_dir: Path, clock: Clock) -> None:
        self._clock, self._public_url = clock, public_url
        self._products = {product.asin: product for product in products}
        self._shelves: dict[str, list[str]] = {}
        for product in self._products.values():
            self._shelves.setdefault(product.series.id, []).append(product.asin)
        each = {product.series.id: product.series for product in self._products.values()}
        self._genres = Counter(genre for series in each.values() for genre in series.genres)
        self._day = clock().date()
        self._messages = {asin: self._worded(product) for asin, product in self._products.items()}
        self._search = Search(self._products.values(), lambda: clock().date())
        self._epoch = Epoch.open(state_dir, self._digest(), self._products)
        self.changes = ChangeLog(self._epoch.first_cursor)
        self._announce_all()

    def _digest(self) -> str:
        summary = blake2b(digest_size=16)
        for message in self._messages.values():
            summary.update(_undated(message).SerializeToString(deterministic=True))
        return summary.hexdigest()

    def _announce_all(self) -> None:
        now = self._clock()
        for asin in self._products:
            self.changes.add(asin, deleted=False, now=now)
        for asin in self._epoch.vanished:
            self.changes.add(asin, deleted=True, now=now)

    def __len__(self) -> int:
        return len(self._products)

    def __iter__(self) -> Iterator[Product]:
        return iter(self._products.values())

    def find(self, asin: str) -> Product | None:
        """The product with this ASIN, while it is sold."""
        return self._products.get(asin)

    def find_all(self, asins: Iterable[str]) -> list[Product]:
        """The products that are sold, in the order asked for, each once."""
        return [self._products[asin] for asin in dict.fromkeys(asins) if asin in self._products]

    def message(self, asin: str) -> pb.Product | None:
        """The product as a message, while it is sold. Not to be changed."""
        if self._day != (today := self._clock().date()):
            self._day = today
            dated = [known for known, message in self._messages.items() if message.released]
            self._messages |= {known: self._worded(self._products[known]) for known in dated}
        return self._messages.get(asin)

    def anything(self) -> pb.Product:
        """Some product, always the same while it is sold. Not to be changed."""
        return next(iter(self._messages.values()))

    def shelf(self, series_id: str) -> list[Product]:
        """What is sold of a series: volumes, omnibuses, box sets."""
        return self.find_all(self._shelves.get(series_id, ()))

    def series_ids(self) -> Sequence[str]:
        """Every series that the store knows, ordered."""
        return list(self._shelves)

    def series(self, series_id: str) -> Series | None:
        """The series with this id, while anything of it is sold."""
        shelf = self.shelf(series_id)
        return shelf[0].series if shelf else None

    def genres(self) -> list[str]:
        """Every genre of the catalogue, those of most series first."""
        return [genre for genre, _ in self._genres.most_common()]

    def is_name(self, text: str) -> bool:
        """Whether a text is some series' whole name."""
        return self._search.is_name(text)

    def search(self, query: Query) -> list[Product]:
        """The best products for a query, best first."""
        return self._search.find(query)

    def search_all(self, query: Query) -> list[Product]:
        """Everything that a query lets through, in the order of `search`."""
        return self._search.find_all(query)

    def edit(self, asin: str, *, title: str | None = None, description: str | None = None) -> Change | None:
        """Give a product another title or description; None where it is not sold."""
        product = self._products.get(asin)
        if product is None:
            return None
        product = msgspec.structs.replace(
            product,
            title=product.title if title is None else title,
            description=product.description if description is None else description,
        )
        return self._put(product)

    def take_off(self, asin: str) -> Change | None:
        """Stop selling a product; None where it is not sold."""
        product = self._products.pop(asin, None)
        if product is None:
            return None
        del self._messages[asin]
        return self._log(product, deleted=True)

    def put_back(self, product: Product) -> Change:
        """Sell a product again that was taken off."""
        return self._put(product)

    def _put(self, product: Product) -> Change:
        self._products[product.asin] = product
        self._messages[product.asin] = self._worded(product)
        return self._log(product, deleted=False)

    def _worded(self, product: Product) -> pb.Product:
        return product_message(product, self._public_url, self._day)

    def _log(self, product: Product, *, deleted: bool) -> Change:
        series_id = product.series.id
        self._search.renew(series_id, self.shelf(series_id), None if deleted else product)
        self._epoch.note_edit()
        return self.changes.add(product.asin, deleted=deleted, now=self._clock())


def _undated(message: pb.Product) -> pb.Product:
    """A message without its date: a new day alone is no new epoch, in which every reader would read everything again."""
    if not message.released:
        return message
    bare = pb.Product()
    bare.CopyFrom(message)
    bare.ClearField("released")
    return bare
