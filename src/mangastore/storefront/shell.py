"""The frame around every page: head, header, footer, and the assistant's widget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final
from urllib.parse import urlsplit

import msgspec
from litestar import Response

from mangastore.order_rules import MOST_COPIES
from mangastore.problems import Problem
from mangastore.store import Store
from mangastore.storefront.static_files import asset

SHOP_NAME = "Inkwell Manga"
DESCRIPTION = "Inkwell Manga: manga by the volume, as omnibuses and in box sets."
LOGO = (
    '<svg viewBox="0 0 32 32" aria-hidden="true"><path d="M16 2c5 7 10 11 10 18a10 10 0 0 1-20 0C6 13 11 9 16 2z"/>'
    '<circle cx="12.5" cy="20" r="3.2"/></svg>'
)
LINE: Final = "/assistant-line.js"
"""A worker of our own origin, in which all tabs of a shopper share one line to the assistant."""
CHAT_WORDS: Final[Mapping[str, str]] = {
    "title": "Manga assistant",
    "text-welcome": "Hello! I know every shelf of this shop. Ask me for a series, a volume, an order or how things work here.",
    "text-placeholder": "Ask about manga, orders, returns…",
    "text-idea1": "Recommend something like Vinland Saga",
    "text-page-idea2": "What should I read after this?",
    "text-page-idea3": "What do readers say about it?",
    "text-products": "Books",
    "text-cards-spoken": "{count} books follow.",
    "text-backwards": "Books before",
    "text-forwards": "More books",
}
"""What the assistant says on our pages in place of its own words, which suit any shop."""
_CHAT_WORDS: Final = "".join(f' data-{name}="{escape(words, quote=True)}"' for name, words in CHAT_WORDS.items())
TITLES: Final[Mapping[int, str]] = {404: "This page is not here"}
"""What a shopper reads in place of a status' own phrase."""


class Head(msgspec.Struct, frozen=True):
    """What a page says of itself to those who only look at its head; `path` is the one address that it should be known by."""

    description: str = DESCRIPTION
    path: str = ""
    image: str = ""
    things: Sequence[Mapping[str, object]] = ()
    """What it is about, as schema.org words it."""


PLAIN: Final = Head()


def page(
    store: Store,
    title: str,
    body: str,
    *,
    section: str,
    asin: str = "",
    script: str = "",
    query: str = "",
    status: int = 200,
    head: Head = PLAIN,
) -> Response[str]:
    """A whole page. `section` and `asin` tell the assistant where the shopper is; `script` names a module of ours."""
    assistant = escape(store.settings.assistant_url.rstrip("/"), quote=True)
    own = f'<script type="module" src="{asset(script)}"></script>' if script else ""
    html = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} · {SHOP_NAME}</title>
{_about(store, title, head)}
<meta name="color-scheme" content="light dark">
<link rel="icon" href="{asset("favicon.svg")}" type="image/svg+xml">
<link rel="stylesheet" href="{asset("shop.css")}">
<script type="module" src="{asset("shop.js")}"></script>
{own}
</head>
<body data-section="{escape(section)}" data-asin="{escape(asin)}" data-most-copies="{MOST_COPIES}">
<a class="skip" href="#main">Skip to content</a>
{_header(query, assistant)}
<main id="main">{body}</main>
{_footer()}
<div id="toast" role="status" aria-live="polite"></div>
<script type="module" src="{assistant}/widget/widget.js" data-assistant="{assistant}" data-line="{LINE}"{_CHAT_WORDS}></script>
</body>
</html>"""
    headers = {"Content-Security-Policy": content_policy(store.settings.assistant_url), "Cache-Control": "no-cache"}
    return Response(html, status_code=status, media_type="text/html", headers=headers)


def _about(store: Store, title: str, head: Head) -> str:
    """Description, address, what a link to it shows, and structured data."""
    home = store.settings.public_url
    kinds = {"og:title": title, "og:description": head.description, "og:site_name": SHOP_NAME, "og:type": "website"}
    addresses = {"og:url": head.path, "og:image": head.image}
    graph = kinds | {name: home + path for name, path in addresses.items() if path}
    shown = "".join(f'<meta property="{name}" content="{escape(value)}">' for name, value in graph.items())
    known_by = f'<link rel="canonical" href="{escape(home + head.path)}">' if head.path else ""
    things = "".join(f'<script type="application/ld+json">{_json(thing)}</script>' for thing in head.things)
    return f'<meta name="description" content="{escape(head.description)}">{known_by}{shown}{things}'


def _json(thing: Mapping[str, object]) -> str:
    """JSON that ends no script element, whatever a title holds."""
    return msgspec.json.encode({"@context": "https://schema.org", **thing}).decode().replace("<", "\\u003c")


def content_policy(assistant_url: str) -> str:
    """What a page may load: its own files and the assistant's."""
    parts = urlsplit(assistant_url)
    origin = f"{parts.scheme}://{parts.netloc}"
    socket = f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}"
    return (
        f"default-src 'self'; script-src 'self' {origin}; style-src 'self' 'unsafe-inline' {origin}; "
        f"img-src 'self' data: {origin}; font-src 'self' data: {origin}; connect-src 'self' {origin} {socket}; "
        "base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'self'"
    )


def _header(query: str, assistant: str) -> str:
    return f"""<header class="top"><div class="wide">
  <a class="logo" href="/" aria-label="{SHOP_NAME}, home">{LOGO}<span>Inkwell <b>Manga</b></span></a>
  <form class="search" role="search" action="/" method="get">
    <input type="search" name="q" value="{escape(query)}" maxlength="200" placeholder="Title, author, mood, “under $10”…"
      aria-label="Search the store" autocomplete="off">
    <button aria-label="Search"><svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="10.5" cy="10.5" r="6.5"/>
      <path d="M15.5 15.5 21 21"/></svg></button>
  </form>
  <nav id="shop-menu" aria-label="Shop">
    <a href="/deals">Deals</a>
    <a href="/help">Help</a>
    <a href="/orders" data-own hidden>My orders</a>
    <a href="/wishes" data-own hidden>Wish lists</a>
    <a href="{assistant}/ops" data-operators hidden>Console</a>
    <a href="/sign-in" data-account>Sign in</a>
  </nav>
  <a class="bag" href="/cart" aria-label="Cart"><svg viewBox="0 0 24 24" aria-hidden="true">
    <path d="M5 8h14l-1 12H6zM9 8V6a3 3 0 0 1 6 0v2"/></svg><span data-cart-count hidden></span></a>
  <button class="menu" aria-label="Menu" aria-expanded="false" aria-controls="shop-menu" data-menu><svg viewBox="0 0 24 24"
    aria-hidden="true"><path d="M4 7h16M4 12h16M4 17h16"/></svg></button>
</div></header>"""


def _footer() -> str:
    return f"""<footer class="foot"><div class="wide">
  <p><b>{SHOP_NAME}</b> is the demo store of MangaAssist. The series are real; prices, stock, ratings, customers and
  cover drawings are made up. Nothing here can be bought.</p>
  <p><a href="/help">Help centre</a> <a href="/deals">Deals</a> <a href="/orders">My orders</a> <a href="/returns">Returns</a>
  <a href="/gift-cards">Gift cards</a> <a href="/docs">API</a>
  <button class="link" data-cookies>Switch off non-essential cookies</button></p>
</div></footer>"""


def problem_page(store: Store, problem: Problem) -> Response[str]:
    """A page in place of one that is not there."""
    title = TITLES.get(problem.status, problem.title)
    body = f"""<div class="wide narrow empty"><h1>{escape(title)}</h1><p>{escape(problem.detail)}</p>
<p>Search for it above, or ask the assistant in the corner.</p>
<p><a class="button" href="/">Back to the shop</a></p></div>"""
    return page(store, title, body, section="error", status=problem.status)
