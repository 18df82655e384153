"""R-11: the product card of MCP Apps in a sandboxed frame, as a host of agents shows it: what a tool's result holds, as text."""

from importlib.resources import files
from typing import Any, Final

import pytest
from playwright.async_api import Browser, Page, expect

pytestmark = pytest.mark.asyncio(loop_scope="session")

HTML: Final = files("mangaassist.edge.agents").joinpath("product-card.html").read_text(encoding="utf-8")
HOST: Final = """<!doctype html><title>A host</title><iframe sandbox="allow-scripts" style="width: 700px; height: 400px"></iframe>
<script>
  const frame = document.querySelector("iframe");
  window.heard = [];
  addEventListener("message", ({ source, data }) => {
    if (source !== frame.contentWindow) return;
    heard.push(data);
    const answer = (message) => source.postMessage({ jsonrpc: "2.0", ...message }, "*");
    const { protocolVersion } = data.params || {};
    if (data.method === "ui/initialize") answer({ id: data.id, result: { protocolVersion, hostContext: {} } });
    const told = { method: "ui/notifications/tool-result", params: window.result };
    if (data.method === "ui/notifications/initialized") answer(told);
  });
</script>"""
BOOK: Final[dict[str, Any]] = {
    "id": "B0UZUMAKI1",
    "title": "<b>Uzumaki</b> & more",
    "url": "http://store.example/p/B0UZUMAKI1",
    "rating": {"value": 4.7, "scale_max": 5, "count": 1200},
    "variants": [
        {
            "price": {"amount": 2799, "currency": "USD"},
            "list_price": {"amount": 2999, "currency": "USD"},
            "availability": {"available": True, "status": "in_stock"},
        }
    ],
}


async def shown(browser: Browser, content: dict[str, Any]) -> Page:
    page = await browser.new_page()
    await page.set_content(HOST)
    await page.evaluate("result => { window.result = result }", {"structuredContent": content, "content": []})
    await page.evaluate("html => { document.querySelector('iframe').srcdoc = html }", HTML)
    return page


async def test_a_card_shows_title_price_stock_and_rating_as_text(browser: Browser) -> None:
    page = await shown(browser, {"products": [BOOK]})
    card = page.frame_locator("iframe").get_by_role("listitem")
    await expect(card.get_by_role("heading")).to_have_text("<b>Uzumaki</b> & more")
    for words in ("$27.99", "$29.99", "In stock", "4.7 of 5 (1200 reviews)"):
        await expect(card).to_contain_text(words)
    await page.close()


async def test_prices_without_decimals_and_without_stock_are_shown_as_they_are(browser: Browser) -> None:
    bare = {"id": "1", "title": "Akira", "variants": [{"price": {"amount": 990, "currency": "JPY"}}]}
    page = await shown(browser, {"product": bare})
    await expect(page.frame_locator("iframe").get_by_role("listitem")).to_contain_text("¥990")
    await page.close()


async def test_the_shop_is_opened_by_the_host_and_only_when_asked(browser: Browser) -> None:
    page = await shown(browser, {"product": BOOK})
    await page.frame_locator("iframe").get_by_role("button").click()
    await page.wait_for_function("heard.some(said => said.method === 'ui/open-link')")
    opened = await page.evaluate("heard.filter(said => said.method === 'ui/open-link').map(said => said.params.url)")
    assert opened == ["http://store.example/p/B0UZUMAKI1"]
    await page.close()


async def test_a_refusal_shows_no_product_and_says_so(browser: Browser) -> None:
    page = await shown(browser, {"ucp": {"status": "error"}, "messages": []})
    await expect(page.frame_locator("iframe").get_by_role("status")).to_have_text("No products to show.")
    await page.close()
