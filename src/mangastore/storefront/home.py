"""The home page: featured shelves."""

from __future__ import annotations

from html import escape

from litestar import Response

from mangastore.data import draws
from mangastore.data.products import Product
from mangastore.services.promotions import running_promotions
from mangastore.store import Store
from mangastore.storefront.cards import shelf
from mangastore.storefront.filters import Filters
from mangastore.storefront.results import genre_chips
from mangastore.storefront.shell import Head, page

SHELF_LENGTH = 14


def home_page(store: Store) -> Response[str]:
    """Shelves to look around in."""
    body = _hero(store) + f'<div class="wide">{genre_chips(store, Filters())}{"".join(_shelves(store))}</div>'
    head = Head("Manga by the volume, as omnibuses and in box sets, with an assistant who knows the shelves.", "/")
    return page(store, "Manga, volume by volume", body, section="home", head=head)


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
<form class="search big" action="/" method="get">
<input type="search" name="q" maxlength="200" placeholder="Try “cosy fantasy” or “One Piece box set”" aria-label="Search the store">
<button>Search</button></form></div>
<div class="fan">{fan}</div></div></section>"""


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
