"""The page of a series: what it is, every volume and collection of it, and what readers say."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from litestar import Response

from mangastore.data.products import Product
from mangastore.data.series import Series
from mangastore.data.stock import stock_level
from mangastore.store import Store
from mangastore.storefront.cards import add_button, dollars, grid, shelf
from mangastore.storefront.shell import Head, page
from mangastore.storefront.things import series_thing, trail_thing
from mangastore.storefront.words import genre_links, link_to, series_state

ALSO_LENGTH = 12


def series_page(store: Store, series: Series) -> Response[str]:
    """Everything of a series."""
    products = store.catalogue.shelf(series.id)
    singles = [product for product in products if product.is_single]
    sets = [product for product in products if not product.is_single]
    body = f"""<div class="wide">
<nav class="crumbs" aria-label="You are here"><a href="/">Shop</a><span aria-current="page">{escape(series.title)}</span></nav>
<div class="product">{_cover(products[0])}<div class="about">{_about(series)}{_begin(store, products)}{_facts(series)}</div></div>
{_part(store, "Volumes", singles)}{_part(store, "Omnibuses and box sets", sets)}{_said(series)}{_also(store, series)}</div>"""
    trail = trail_thing(store, [("Shop", "/"), (series.title, f"/series/{series.id}")])
    first = f"/covers/{products[0].asin}.svg"
    head = Head(series.hook, f"/series/{series.id}", first, [series_thing(store, series), trail])
    return page(store, series.title, body, section="series", asin=products[0].asin, head=head)


def _cover(product: Product) -> str:
    return f'<img class="big-cover" src="/covers/{product.asin}.svg" alt="" width="400" height="600">'


def _about(series: Series) -> str:
    authors = ", ".join(link_to("author", author) for author in series.authors)
    names = " · ".join(map(escape, series.other_names()))
    also = f'<p class="quiet">{names}</p>' if names else ""
    return f"""<h1>{escape(series.title)}</h1>{also}<p class="by">by {authors}</p>
<p class="description">{escape(series.synopsis)}</p>"""


def _begin(store: Store, products: Sequence[Product]) -> str:
    first = products[0]
    return f"""<div class="buy"><p><b>Begin here:</b> <a href="/p/{first.asin}">{escape(first.title)}</a></p>
{add_button(first, stock_level(first))}<p class="quiet">{_whole_run(store, products)}</p></div>"""


def _whole_run(store: Store, products: Sequence[Product]) -> str:
    """What all single volumes come to."""
    singles = [product for product in products if product.is_single]
    total = sum(store.prices.quote(product).current for product in singles)
    return f"All {len(singles)} volumes together: {dollars(total)}" if len(singles) > 1 else ""


def _facts(series: Series) -> str:
    rows = (
        ("Series", series_state(series)),
        ("Publisher", " · ".join(part for part in (series.publisher, series.imprint) if part)),
        ("Readership", f"{series.demographic.capitalize()}, rated {series.rating}"),
        ("Magazine", series.magazine or ""),
    )
    table = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in rows if value)
    return f'{genre_links(series)}<dl class="facts">{table}</dl>'


def _part(store: Store, title: str, products: Sequence[Product]) -> str:
    if not products:
        return ""
    return f'<section class="part"><h2>{title} <span class="quiet">({len(products)})</span></h2>{grid(store, products)}</section>'


def _said(series: Series) -> str:
    return f'<section class="voices"><h2>What readers say</h2><p>{escape(series.review.summary)}</p></section>'


def _also(store: Store, series: Series) -> str:
    ranked = store.ranking.like([series], limit=ALSO_LENGTH)
    return shelf(store, "Readers also bought", [one.product for one in ranked])
