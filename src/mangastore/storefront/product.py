"""The page of one product."""

from __future__ import annotations

from html import escape

from litestar import Response

from mangastore.data.orders import FREE_SHIPPING_FROM_CENTS
from mangastore.data.prices import money
from mangastore.data.products import Product
from mangastore.data.ratings import rating_of
from mangastore.data.stock import StockLevel, stock_level
from mangastore.services.promotions import running_promotions
from mangastore.store import Store
from mangastore.storefront.cards import (
    BUYABLE,
    FORMAT_NAMES,
    add_button,
    dollars,
    price_block,
    shelf,
    stars,
    stock_words,
)
from mangastore.storefront.shell import Head, page
from mangastore.storefront.things import product_thing, trail_thing
from mangastore.storefront.words import genre_links, link_to, series_state

ALSO_LENGTH = 12


def product_page(store: Store, product: Product) -> Response[str]:
    """Everything about a product, its series, and what goes with it."""
    body = f"""<div class="wide">
<nav class="crumbs" aria-label="You are here"><a href="/">Shop</a>
<a href="/series/{product.series.id}">{escape(product.series.title)}</a>
<span aria-current="page">{escape(product.title)}</span></nav>
<div class="product">
<img class="big-cover" src="/covers/{product.asin}.svg" alt="Cover of {escape(product.title)}" width="400" height="600">
<div class="about">{_head(product)}{_buy_box(store, product)}
<p class="description">{escape(product.description)}</p>{_facts(product)}{_voices(product)}</div></div>
{_volumes(store, product)}{_also(store, product)}</div>"""
    steps = [
        ("Shop", "/"),
        (product.series.title, f"/series/{product.series.id}"),
        (product.title, f"/p/{product.asin}"),
    ]
    things = [product_thing(store, product), trail_thing(store, steps)]
    head = Head(product.series.hook, f"/p/{product.asin}", f"/covers/{product.asin}.svg", things)
    return page(store, product.title, body, section="product", script="product.js", asin=product.asin, head=head)


def _head(product: Product) -> str:
    authors = ", ".join(link_to("author", author) for author in product.series.authors)
    return f"""<h1>{escape(product.title)}</h1><p class="by">by {authors}</p>
<p class="rated">{stars(rating_of(product))}</p>"""


def _buy_box(store: Store, product: Product) -> str:
    quote_now, level = store.prices.quote(product), stock_level(product)
    member = (
        f'<p class="member">{dollars(quote_now.member)} for Inkwell Circle members</p>'
        if quote_now.member is not None
        else ""
    )
    discount = f'<p class="discount">{escape(quote_now.discount.label)}</p>' if quote_now.discount else ""
    free = f"Free US shipping from {dollars(FREE_SHIPPING_FROM_CENTS).removesuffix('.00')}."
    note = f'<p class="quiet">{free}</p>' if level.state in BUYABLE else ""
    return f"""<div class="buy"><p class="costs">{price_block(quote_now)}</p>{discount}{member}
<p class="stock {level.state}">{escape(stock_words(store, level))}</p>{add_button(product, level)}
{_notify(product, level)}{_heart(product)}{note}{_offers(store, product)}</div>"""


def _notify(product: Product, level: StockLevel) -> str:
    if level.state in BUYABLE:
        return ""
    return (
        f'<button class="button plain" data-alert="{product.asin}" aria-pressed="false"><span>Notify me</span></button>'
    )


def _heart(product: Product) -> str:
    return f"""<button class="heart" data-wish="{product.asin}" aria-pressed="false"><svg viewBox="0 0 24 24" aria-hidden="true">
<path d="M12 20S4 14.6 4 9.2A4.2 4.2 0 0 1 12 7a4.2 4.2 0 0 1 8 2.2C20 14.6 12 20 12 20z"/></svg>
<span>Save to your wish list</span></button>"""


def _offers(store: Store, product: Product) -> str:
    running = running_promotions(store.promotions, store.clock().date())
    fitting = [one.offer for one in running if product.asin in one.covered and one.offer.kind != "deal"]
    items = "".join(
        f"<li><b>{escape(offer.title)}</b> <span>{escape(offer.terms)}</span></li>" for offer in fitting[:4]
    )
    return f'<details class="offers"><summary>Coupons and bundles</summary><ul>{items}</ul></details>' if items else ""


def _facts(product: Product) -> str:
    series = product.series
    numbers = (
        f"Volume {product.volume}"
        if product.volume is not None
        else f"Volumes {product.first_volume} to {product.last_volume}"
    )
    rows = (
        ("Format", FORMAT_NAMES[product.format]),
        ("Contents", f"{numbers}, {product.pages:,} pages"),
        ("Series", series_state(series)),
        ("Publisher", " · ".join(part for part in (series.publisher, series.imprint) if part)),
        ("Readership", f"{series.demographic.capitalize()}, rated {series.rating}"),
        ("Original title", series.native),
        ("Magazine", series.magazine or ""),
        ("ISBN", product.isbn),
        ("ASIN", product.asin),
    )
    table = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in rows if value)
    return f'{genre_links(series)}<dl class="facts">{table}</dl>'


def _voices(product: Product) -> str:
    voices = "".join(f"<blockquote>{escape(voice)}</blockquote>" for voice in rating_of(product).snippets)
    return f"""<section class="voices"><h2>What readers say</h2><p>{escape(product.series.review.summary)}</p>
<div>{voices}</div></section>"""


def _volumes(store: Store, product: Product) -> str:
    others = store.catalogue.shelf(product.series.id)
    if len(others) < 2:
        return ""
    items = "".join(_volume_link(store, other, other.asin == product.asin) for other in others)
    return f"""<section class="volumes"><h2>All of <a href="/series/{product.series.id}">{escape(product.series.title)}</a></h2>
<ul tabindex="0" aria-label="Volumes">{items}</ul></section>"""


def _volume_link(store: Store, product: Product, current: bool) -> str:
    mark = ' aria-current="page"' if current else ""
    short = f"Vol. {product.volume}" if product.volume is not None else FORMAT_NAMES[product.format]
    if product.volume is None:
        short += f" {product.first_volume}\N{EN DASH}{product.last_volume}"
    return f"""<li><a href="/p/{product.asin}"{mark} title="{escape(product.title)}">
<img src="/covers/{product.asin}.svg" alt="" width="80" height="120" loading="lazy" decoding="async">
<span>{escape(short)}</span><span class="quiet">${money(store.prices.quote(product).current)}</span></a></li>"""


def _also(store: Store, product: Product) -> str:
    ranked = store.ranking.like([product.series], limit=ALSO_LENGTH)
    return shelf(store, "Readers also bought", [one.product for one in ranked])
