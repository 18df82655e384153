"""The store's pages, as few as will do: what is sold, a page a product, and the chat on each. YOUR STOREFRONT takes their place."""

from html import escape

from litestar import MediaType, get
from litestar.exceptions import NotFoundException

from . import address
from .shelves import Product, facts, products


def _page(title: str, body: str, asin: str = "") -> str:
    """``asin``: what the page shows, so that "is this one in stock?" is understood."""
    name = escape(facts()["name"], quote=True)
    words = f'data-title="{name}" data-label="Ask" data-text-placeholder="Ask about books, orders…" data-text-idea1="Surprise me"'
    source = f"{escape(address.ASSISTANT)}/widget/widget.js"
    chat = f'<script type="module" src="{source}" {words}></script>'
    seen = f'<script>window.mangaassist = {{page: {{current_asin: "{asin}"}}}};</script>' if asin else ""
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body><h1>{escape(title)}</h1>{body}{seen}{chat}</body></html>'


def _line(product: Product) -> str:
    by = escape(", ".join(product.authors))
    return f'<li><a href="/p/{product.asin}">{escape(product.title)}</a> by {by}, {product.price}</li>'


@get("/", media_type=MediaType.HTML, sync_to_thread=False)
def home() -> str:
    return _page(facts()["name"], f"<ul>{''.join(map(_line, products().values()))}</ul>")


@get("/p/{asin:str}", media_type=MediaType.HTML, sync_to_thread=False)
def product_page(asin: str) -> str:
    product = products().get(asin)
    if product is None:
        raise NotFoundException("There is no such product.")
    return _page(product.title, f"<p>{escape(product.description)}</p><p>{product.price}</p>", product.asin)


ROUTES = [home, product_page]
