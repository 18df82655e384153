"""The storefront's pages."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any

import aiohttp
import pytest

from mangastore.data.stock import stock_level
from mangastore.server import RunningStore
from mangastore.storefront.prose import prose
from mangastore.storefront.shell import content_policy
from mangastore.storefront.static_files import asset

VOID = {"meta", "link", "img", "input", "br", "path", "circle", "use"}


class Balance(HTMLParser):
    """Fails on a tag that closes another than the open one."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


async def _page(http: aiohttp.ClientSession, path: str) -> tuple[int, str]:
    async with http.get(path, headers={"Accept": "text/html,*/*;q=0.8"}) as response:
        return response.status, await response.text()


PAGES = ["/", "/?q=vinland+saga&all=1", "/?genre=Sports", "/?demographic=seinen&format=omnibus", "/?author=Makoto+Yukimura",
         "/?q=zzzzqqq", "/?q=under+%2410&sort=cheapest&page=2", "/series/vinland-saga", "/cart", "/sign-in", "/orders", "/returns",
         "/returns/label", "/account", "/nothing/at/all", "/deals", "/help", "/help/policy-returns", "/docs"]  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_is_whole_and_carries_the_widget(http: aiohttp.ClientSession, path: str) -> None:
    status, html = await _page(http, path)
    assert status == (404 if "nothing" in path else 200)
    balance = Balance()
    balance.feed(html)
    assert balance.open == []
    widget = '<script type="module" src="http://127.0.0.1:8000/widget/widget.js" data-assistant="http://127.0.0.1:8000"'
    assert f'{widget} data-line="/assistant-line.js" data-title="Manga assistant"' in html
    assert html.index("/shop.js") < html.index("widget.js")


async def test_a_product_page_names_its_product(http: aiohttp.ClientSession, asin: str) -> None:
    status, html = await _page(http, f"/p/{asin}")
    assert status == 200
    assert f'data-asin="{asin}"' in html
    assert "Vinland Saga, Vol. 1" in html
    assert f'data-add="{asin}"' in html


@pytest.mark.parametrize(
    ("path", "section"),
    [
        ("/", "home"),
        ("/?genre=Horror", "genre/Horror"),
        ("/?demographic=seinen&format=omnibus", "demographic/seinen format/omnibus"),
        ("/?q=vinland", "search"),
        ("/?q=vinland&genre=Horror", "genre/Horror"),
        ("/?genre=%22%3E%3Cscript%3E", "genre/&quot;&gt;&lt;script&gt;"),
    ],
)
async def test_a_page_says_before_which_shelf_the_shopper_stands(
    http: aiohttp.ClientSession, path: str, section: str
) -> None:
    _, html = await _page(http, path)
    assert f'<body data-section="{section}"' in html


@pytest.mark.parametrize(
    "path",
    [
        "/p/B0ZZZZZZZZ",
        "/p/nonsense",
        "/series/nonsense",
        "/help/nothing",
        "/nowhere",
        "/static/a/b/c",
        "/orders/v1/none",
    ],
)
async def test_what_is_not_there_is_a_page_too(http: aiohttp.ClientSession, path: str) -> None:
    status, html = await _page(http, path)
    assert status == 404
    assert "Back to the shop" in html


@pytest.mark.parametrize("name", ["q", "genre", "author", "demographic"])
async def test_what_a_shopper_types_is_never_read_as_html(http: aiohttp.ClientSession, name: str) -> None:
    status, html = await _page(http, f"/?{name}=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
    assert status == 200
    assert "<script>alert" not in html


async def test_an_edited_title_is_never_read_as_html(http: aiohttp.ClientSession, asin: str) -> None:
    await http.patch(
        f"/admin/products/{asin}", json={"title": "<img src=x onerror=alert(1)>", "description": "<b>x</b>"}
    )
    for path in (f"/p/{asin}", "/?q=onerror"):
        _, html = await _page(http, path)
        assert "<img src=x" not in html
        assert "<b>x</b>" not in html


async def test_cards_of_the_cart(http: aiohttp.ClientSession, get, asin: str) -> None:
    status, body = await get(f"/storefront/cards?asin={asin}&asin=B0ZZZZZZZZ")
    (card,) = body["cards"]
    assert status == 200
    assert card["title"] == "Vinland Saga, Vol. 1"
    assert card["price"].startswith("$")


async def test_scripts_and_styles_are_served_from_memory(http: aiohttp.ClientSession) -> None:
    async with http.get("/static/shop.js") as response:
        assert response.content_type == "text/javascript"
        tag = response.headers["ETag"]
    async with http.get("/static/shop.js", headers={"If-None-Match": tag}) as response:
        assert response.status == 304
    for name in ("..%2froutes.py", "nothing.js", "%00"):
        async with http.get(f"/static/{name}") as response:
            assert response.status == 404


async def test_the_tabs_of_a_shopper_share_a_line_by_a_file_of_the_shops_own(http: aiohttp.ClientSession) -> None:
    async with http.get("/assistant-line.js") as response:
        assert response.content_type == "text/javascript"
        assert await response.text() == 'import "http://127.0.0.1:8000/widget/shared-line.js";\n'


async def test_a_page_may_load_from_the_assistant_and_from_nowhere_else(
    running: RunningStore, http: aiohttp.ClientSession
) -> None:
    async with http.get("/") as response:
        policy = response.headers["Content-Security-Policy"]
    assert policy == content_policy("http://127.0.0.1:8000")
    assert "script-src 'self' http://127.0.0.1:8000;" in policy
    assert "wss://chat.example" in content_policy("https://chat.example/base")


def test_prose_reads_markdown_and_runs_nothing() -> None:
    html = prose(
        "# Title\n\nSome **bold** and *fine* <script>\n\n- one\n- two\n  more\n\n[go](/help) [bad](javascript:x)"
    )
    assert "<h2>Title</h2>" in html
    assert "<strong>bold</strong>" in html
    assert "<em>fine</em>" in html
    assert "&lt;script&gt;" in html
    assert "<li>two more</li>" in html
    assert '<a href="/help">go</a>' in html
    assert 'href="javascript' not in html


async def test_software_gets_a_problem_document_where_a_visitor_gets_a_page(http: aiohttp.ClientSession) -> None:
    async with http.get("/nowhere", headers={"Accept": "application/json"}) as response:
        assert (response.status, response.content_type) == (404, "application/problem+json")
    async with http.get("/orders/v1/orders", headers={"Accept": "text/html"}) as response:
        assert (response.status, response.content_type) == (401, "text/html")
        assert response.headers["WWW-Authenticate"] == "Bearer"


async def test_a_series_has_a_page_with_all_that_is_sold_of_it(
    running: RunningStore, http: aiohttp.ClientSession
) -> None:
    status, html = await _page(http, "/series/vinland-saga")
    assert status == 200
    for product in running.store.catalogue.shelf("vinland-saga"):
        assert f'href="/p/{product.asin}"' in html
    series = _things(html)["BookSeries"]
    assert (series["name"], series["numberOfItems"]) == ("Vinland Saga", 29)


async def test_a_product_tells_machines_what_it_costs_and_whether_it_can_be_had(
    running: RunningStore, http: aiohttp.ClientSession, asin: str
) -> None:
    _, html = await _page(http, f"/p/{asin}")
    product = running.store.catalogue.find(asin)
    assert product is not None
    found = _things(html)["Product"]
    offer = found["offers"]
    assert found["isbn"] == product.isbn
    assert offer["price"] == f"{running.store.prices.quote(product).current / 100:.2f}"
    assert (offer["priceCurrency"], offer["availability"]) == ("USD", "https://schema.org/LimitedAvailability")
    assert f'<link rel="canonical" href="{running.http_url}/p/{asin}">' in html
    assert '<meta name="description" content="A boy raised on vengeance' in html


async def test_structured_data_ends_no_script(http: aiohttp.ClientSession, asin: str) -> None:
    await http.patch(f"/admin/products/{asin}", json={"title": "</script><script>alert(1)</script>"})
    _, html = await _page(http, f"/p/{asin}")
    assert "<script>alert" not in html
    assert _things(html)["Product"]["name"].startswith("</script>")


def _things(html: str) -> dict[str, Any]:
    """The structured data of a page, by its first type."""
    found = [json.loads(text) for text in re.findall(r'<script type="application/ld\+json">(.*?)</script>', html)]
    return {kind if isinstance(kind := thing["@type"], str) else kind[0]: thing for thing in found}


async def test_pages_and_scripts_are_compressed_and_services_are_not(
    running: RunningStore, http: aiohttp.ClientSession, asin: str
) -> None:
    async def encoding(path: str) -> str | None:
        async with http.get(path, headers={"Accept-Encoding": "gzip"}) as response:
            assert response.status == 200
            return response.headers.get("Content-Encoding")

    assert [await encoding(path) for path in ("/", asset("shop.js"), asset("shop.css"), f"/covers/{asin}.svg")] == [
        "gzip"
    ] * 4
    many = "&".join(f"asin={product.asin}" for product in running.store.catalogue.shelf("vinland-saga"))
    assert await encoding(f"/pricing/v1/prices?{many}") is None


async def test_what_a_page_loads_never_changes_under_its_address(http: aiohttp.ClientSession) -> None:
    _, html = await _page(http, "/orders")
    own = re.findall(r'(?:src|href)="(/static/[^"#]+)"', html)
    assert {path.rsplit("/", 1)[1] for path in own} == {"favicon.svg", "shop.css", "shop.js", "orders.js"}
    for path in own:
        async with http.get(path) as response:
            assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    async with http.get("/static/000000000000/shop.js") as response:
        assert response.headers["Cache-Control"] == "no-cache"
    async with http.get("/favicon.ico") as response:
        assert (response.status, response.content_type) == (200, "image/svg+xml")


async def test_days_are_written_as_people_write_them(running: RunningStore, http: aiohttp.ClientSession) -> None:
    waiting = next(one for one in running.store.catalogue if stock_level(one).state == "backorder")
    _, html = await _page(http, f"/p/{waiting.asin}")
    assert re.search(r"back on [A-Z][a-z]+ \d{1,2}, 20\d\d<", html)
    _, html = await _page(http, "/help/policy-returns")
    assert re.search(r"Updated [A-Z][a-z]+ \d{1,2}, 20\d\d<", html)
