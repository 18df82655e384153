"""What the address bar asks of the shop: words, shelves, prices, an order and a page; and the addresses of the next questions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, get_args
from urllib.parse import urlencode

import msgspec

Sort = Literal["relevance", "popular", "newest", "rating", "cheapest", "dearest"]
SORT_NAMES: Final[Mapping[Sort, str]] = {
    "relevance": "Best match",
    "popular": "Best sellers",
    "newest": "Newest",
    "rating": "Best rated",
    "cheapest": "Price, low to high",
    "dearest": "Price, high to low",
}
MOST_DOLLARS: Final = 9999


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for; prices are whole dollars, both included."""

    text: str = ""
    genre: str = ""
    demographic: str = ""
    format: str = ""
    author: str = ""
    every_volume: bool = False
    least: int | None = None
    most: int | None = None
    sort: Sort = "relevance"
    page: int = 1

    @property
    def section(self) -> str:
        """The shelf that this shows, for the assistant: `genre/Horror`, `format/box_set`, or a search by words alone."""
        shelf = {"genre": self.genre, "demographic": self.demographic, "format": self.format}
        return " ".join(f"{kind}/{name}" for kind, name in shelf.items() if name) or "search"

    @property
    def empty(self) -> bool:
        """Whether nothing is asked for."""
        return self == Filters()

    def parameters(self) -> dict[str, str]:
        """The search as it stands in the address bar."""
        rows = {
            "q": self.text,
            "genre": self.genre,
            "demographic": self.demographic,
            "format": self.format,
            "author": self.author,
            "all": "1" if self.every_volume else "",
            "from": "" if self.least is None else str(self.least),
            "to": "" if self.most is None else str(self.most),
            "sort": "" if self.sort == "relevance" else self.sort,
            "page": "" if self.page == 1 else str(self.page),
        }
        return {name: value for name, value in rows.items() if value}

    def link(self, **changes: str) -> str:
        """The address of the same search with something changed, its first page; an empty value takes a filter away."""
        now = self.parameters() | {"page": ""} | changes
        return "/?" + urlencode({name: value for name, value in now.items() if value})


def read_sort(text: str) -> Sort:
    """The order of that name, else by how well it fits."""
    return next((sort for sort in get_args(Sort) if sort == text), "relevance")


def read_dollars(text: str) -> int | None:
    """A limit as it stands in the address bar; None where it is none."""
    return min(int(text), MOST_DOLLARS) if text.isascii() and text.isdigit() else None


def read_page(text: str) -> int:
    """The number of a page, 1 where it is none."""
    return max(1, min(int(text), MOST_DOLLARS)) if text.isascii() and text.isdigit() else 1
