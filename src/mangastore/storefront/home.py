"""The home page: featured shelves, and search with filters."""

from __future__ import annotations

from collections import Counter
from html import escape
from typing import cast
from urllib.parse import urlencode

import msgspec
from litestar import Response

from mangastore.catalog.filters import MAX_LIMIT, Query
from mangastore.data import draws
from mangastore.data.products import Format, Product
from mangastore.services.promotions import running_promotions
from mangastore.store import Store
from mangastore.storefront.cards import FORMAT_NAMES, grid, shelf
from mangastore.storefront.shell import page

SHELF_LENGTH = 14
DEMOGRAPHICS = {"shonen": "Shonen", "seinen": "Seinen", "shojo": "Shojo", "josei": "Josei"}


class Filters(msgspec.Struct, frozen=True):
    """What the address bar asks for."""

    text: str = ""
    genre: str = ""
    demographic: str = ""
    format: str = ""
    author: str = ""
    every_volume: bool = False

    @property
    def section(self) -> str:
        """The shelf that this shows, for the assistant: `genre/Horror`, `format/box_set`, or a search by words alone."""
        shelf = {"genre": self.genre, "demographic": self.demographic, "format": self.format}
        return " ".join(f"{kind}/{name}" for kind, name in shelf.items() if name) or "search"

    @property
    def empty(self) -> bool:
        """Whether nothing is asked for."""
        return not (self.text or self.genre or self.demographic or self.format or self.author)

    def link(self, **changes: str) -> str:
        """The address of the same search with something changed; an empty value takes a filter away."""
        now = {
            "q": self.text,
            "genre": self.genre,
            "demographic": self.demographic,
            "format": self.format,
            "author": self.author,
            "all": "1" if self.every_volume else "",
        }
        return "/?" + urlencode({name: value for name, value in (now | changes).items() if value})


def home_page(store: Store, filters: Filters) -> Response[str]:
    """Shelves where nothing is asked for, otherwise what was found."""
    if not filters.empty:
        return _results_page(store, filters)
    body = _hero(store) + f'<div class="wide">{_chips(store, filters)}{"".join(_shelves(store))}</div>'
    return page(store, "Manga, volume by volume", body, section="home")


def _results_page(store: Store, filters: Filters) -> Response[str]:
    formats: list[Format] = [cast("Format", filters.format)] if filters.format in FORMAT_NAMES else []
    query = Query(
        text=filters.text,
        genres=[filters.genre] if filters.genre else [],
        demographics=[filters.demographic] if filters.demographic else [],
        formats=formats,
        authors=[filters.author] if filters.author else [],
        one_per_series=not filters.every_volume,
        limit=MAX_LIMIT,
    )
    found = store.catalogue.search(query)
    title = _result_title(filters)
    body = f"""<div class="wide">{_chips(store, filters)}
<header class="results"><h1>{escape(title)}</h1><p class="quiet">{_count(found, filters)}</p></header>
{_more_filters(filters)}{grid(store, found) if found else _nothing(filters)}</div>"""
    return page(store, title, body, section=filters.section, query=filters.text)


def _result_title(filters: Filters) -> str:
    if filters.text:
        return f"“{filters.text}”"
    parts = [DEMOGRAPHICS.get(filters.demographic, ""), filters.genre, FORMAT_NAMES.get(filters.format, "")]
    named = " · ".join(part for part in parts if part)
    return f"By {filters.author}" if filters.author else named or "All manga"


def _count(found: list[Product], filters: Filters) -> str:
    what = "products" if filters.every_volume else "series"
    return f"{'The best ' if len(found) == MAX_LIMIT else ''}{len(found)} {what}"


def _nothing(filters: Filters) -> str:
    return f"""<div class="empty"><h2>Nothing found</h2>
<p>Try fewer words, another spelling, or ask the assistant in the corner.</p>
<p><a class="button" href="{escape(filters.link(genre="", demographic="", format="", author=""))}">Without filters</a></p></div>"""


def _more_filters(filters: Filters) -> str:
    def choice(name: str, label: str, **change: str) -> str:
        chosen = getattr(filters, name) == next(iter(change.values()))
        target = filters.link(**dict.fromkeys(change, "")) if chosen else filters.link(**change)
        current = ' aria-current="true"' if chosen else ""
        return f'<a class="pill" href="{escape(target)}"{current}>{label}</a>'

    demographics = "".join(choice("demographic", label, demographic=key) for key, label in DEMOGRAPHICS.items())
    formats = "".join(choice("format", label, format=key) for key, label in FORMAT_NAMES.items())
    toggle = filters.link(all="" if filters.every_volume else "1")
    label = "One per series" if filters.every_volume else "Show every volume"
    return f"""<nav class="pills" aria-label="More filters">{demographics}<i></i>{formats}<i></i>
<a class="pill" href="{escape(toggle)}">{label}</a></nav>"""


def _hero(store: Store) -> str:
    loved = [one.product for one in store.ranking.loved(limit=12)]
    week = store.clock().date().isocalendar().week
    covers = draws.several(loved, 3, "hero", week)
    fan = "".join(
        f'<a href="/p/{product.asin}"><img src="/covers/{product.asin}.svg" alt="{escape(product.title)}" width="400" '
        'height="600"></a>'
        for product in covers
    )
    return f"""<section class="hero"><div class="wide"><div>
<h1>Every story starts with a first volume.</h1>
<p>{len(store.catalogue):,} volumes, omnibuses and box sets from {len(store.catalogue.series_ids())} series.
Look around, or ask the assistant what to read next.</p>
<form class="search big" role="search" action="/" method="get">
<input type="search" name="q" maxlength="200" placeholder="Try “cosy fantasy” or “One Piece box set”" aria-label="Search the store">
<button>Search</button></form></div>
<div class="fan">{fan}</div></div></section>"""


def _chips(store: Store, filters: Filters) -> str:
    genres = Counter(genre for name in store.catalogue.series_ids() for genre in _genres(store, name))
    links = "".join(_chip(filters, genre) for genre, _ in sorted(genres.most_common(20)))
    return f'<nav class="chips" aria-label="Genres">{links}</nav>'


def _genres(store: Store, series_id: str) -> list[str]:
    shelf_products = store.catalogue.shelf(series_id)
    return shelf_products[0].series.genres if shelf_products else []


def _chip(filters: Filters, genre: str) -> str:
    chosen = filters.genre == genre
    target = filters.link(genre="" if chosen else genre)
    current = ' aria-current="true"' if chosen else ""
    return f'<a class="chip" href="{escape(target)}"{current}>{escape(genre)}</a>'


def _shelves(store: Store) -> list[str]:
    loved = [one.product for one in store.ranking.loved(limit=SHELF_LENGTH)]
    today = store.clock().date()
    week = today.isocalendar().week
    deals = [one for one in running_promotions(store.promotions, today) if one.offer.kind == "deal" and one.asins]
    featured = [
        shelf(store, one.offer.title, store.catalogue.find_all(one.asins[:SHELF_LENGTH]), f"/deals#{one.offer.id}")
        for one in draws.several(deals, 2, "featured deals", week)
    ]
    short = draws.several([p for p in store.catalogue if _is_short_and_finished(p)], SHELF_LENGTH, "short", week)
    boxes = [p for p in store.catalogue if p.format == "box_set"]
    return [
        shelf(store, "Best loved by our readers", loved),
        *featured[:1],
        shelf(store, "A whole story in five volumes or fewer", short),
        *featured[1:],
        shelf(store, "Box sets", draws.several(boxes, SHELF_LENGTH, "boxes"), "/?format=box_set"),
    ]  # fmt: skip


def _is_short_and_finished(product: Product) -> bool:
    series = product.series
    return product.is_single and product.first_volume == 1 and series.status == "finished" and series.volumes <= 5
