"""The widget on other people's pages: their element, their language, their looks, their cart (docs/embedding.md)."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import AT_BOTH_WIDTHS, PHONE, reopened

pytestmark = [pytest.mark.asyncio(loop_scope="session"), AT_BOTH_WIDTHS]

CARD = {"asin": "B0AAAA0001", "title": "Vagabond", "author": "Inoue", "format": "Omnibus", "currency": "USD",
        "price": "$9.99", "url": "/p/x", "image_url": ""}  # fmt: skip


async def embed(page: Page, assistant: Any, *, before: str = "", tag: str = "", lang: str = "en") -> None:
    """A page of the shop's own making."""
    assistant.page = f"""<!doctype html><html lang="{lang}"><title>A shop</title><body>{before}
    <script type="module" src="{assistant.url}/widget/widget.js" {tag}></script>"""
    await page.goto(assistant.host_page)


async def offered(page: Page, assistant: Any, *frames: dict[str, Any]) -> None:
    await reopened(page)
    await page.get_by_label("Your message").fill("Something?")
    await page.keyboard.press("Enter")
    await assistant.begins(await assistant.hears("message"))
    await assistant.says({"type": "token", "response_id": "r1", "content": "This."}, *frames)
    await assistant.says({"type": "done", "response_id": "r1", "metadata": {}})


async def test_the_pages_own_element_is_adopted_and_its_looks_are_the_pages_to_set(page: Page, assistant: Any) -> None:
    own = """<style>body { transform: translateX(40px); height: 3000px }
    manga-assist { --manga-assist-accent: rgb(0, 80, 200) }</style>
    <div style="overflow: hidden; width: 10px; height: 10px">
    <manga-assist data-title="Ink" data-side="left" data-label="Help me" data-text-welcome="Welcome to Ink." data-open>
    </manga-assist></div>"""
    await page.emulate_media(reduced_motion="reduce")
    await embed(page, assistant, before=own)
    await reopened(page)
    await assistant.is_connected()
    await expect(page.locator("manga-assist")).to_have_count(1)
    await expect(page.get_by_role("dialog", name="Ink")).to_be_visible()
    await expect(page.locator(".welcome")).to_have_text("Welcome to Ink.")
    await expect(page.locator(".send")).to_have_css("color", "rgb(91, 86, 79)")
    await page.get_by_label("Your message").fill("x")
    await expect(page.locator(".send")).to_have_css("background-color", "rgb(0, 80, 200)")
    box = await page.locator(".panel").bounding_box()
    assert box is not None
    whole = page.viewport_size == PHONE
    assert (round(box["x"]), round(box["y"] + box["height"])) == (
        (0, 844) if whole else (20, 780)
    )  # neither moved nor cut off by the page
    await page.get_by_role("button", name="Close").click()
    await expect(page.get_by_role("button", name="Help me")).to_be_focused()


@pytest.mark.parametrize(
    ("lang", "ask", "idea"),
    [
        ("ja-JP", "アシスタントに質問する", "注文した商品は今どこ?"),
        ("es", "Preguntar al asistente", "¿Dónde está mi pedido?"),
        ("tlh", "Ask the assistant", "Where is my order?"),
    ],
)
async def test_the_widget_speaks_the_pages_language(page: Page, assistant: Any, lang: str, ask: str, idea: str) -> None:
    await embed(page, assistant, lang=lang)
    await page.get_by_role("button", name=ask).click()
    await expect(page.get_by_role("button", name=idea)).to_be_visible()


async def test_the_example_page_runs(page: Page, assistant: Any) -> None:
    example = (Path(__file__).parents[2] / "docs" / "examples" / "embed.html").read_text()
    assistant.page = example.replace("http://127.0.0.1:8000", assistant.url)
    await page.goto(assistant.host_page)
    await page.get_by_role("button", name="What is new?").click()
    asked = await assistant.hears("message")
    assert asked["message"] == "What is new?"
    await assistant.begins(asked)
    await assistant.says({"type": "products", "response_id": "r1", "items": [CARD]})
    await assistant.says({"type": "done", "response_id": "r1", "metadata": {}})
    await page.get_by_role("button", name="Add to cart: Vagabond").click()
    await expect(page.get_by_role("button", name="In cart: Vagabond")).to_be_visible()
    await expect(page.locator("output")).to_have_text("1 in the cart")


async def test_every_language_has_words_for_everything(page: Page, assistant: Any) -> None:
    await page.goto(assistant.host_page)
    names = """async address => Promise.all(["en", "ja", "es"].map(async code =>
        Object.keys((await import(`${address}/widget/${code}.js`)).default).sort().join()))"""
    english, *others = await page.evaluate(names, assistant.url)
    assert others == [english, english]


async def test_where_nobody_listens_the_widget_says_what_can_be_done(page: Page, assistant: Any) -> None:
    await embed(page, assistant, tag="data-open")
    order = {"label": "Track it", "type": "track_order", "order_id": "112-1"}
    await offered(
        page,
        assistant,
        {"type": "products", "response_id": "r1", "items": [CARD]},
        {"type": "actions", "response_id": "r1", "buttons": [order]},
    )
    await page.get_by_role("button", name="Add to cart: Vagabond").click()
    await expect(page.locator(".note")).to_contain_text("I couldn't put it into the cart from here.")
    await expect(page.locator(".card .cart")).to_have_text("Add to cart")
    await page.get_by_role("button", name="Track it").click()
    assert (await assistant.hears("message"))["message"] == "Where is my order 112-1?"


async def test_a_page_that_listens_does_it_itself(page: Page, assistant: Any) -> None:
    listening = """<script>window.heard = [];
    for (const name of ["add-to-cart", "track-order", "sign-in-wanted"]) document.addEventListener(`mangaassist:${name}`,
      event => { event.preventDefault(); window.heard.push([name, event.detail]); });</script>"""
    await embed(page, assistant, before=listening, tag="data-open")
    buttons = [
        {"label": "Track it", "type": "track_order", "order_id": "112-1"},
        {"label": "Sign in", "type": "open_url", "url": "/sign-in"},
        {"label": "Add it", "type": "add_to_cart", "asin": "B0AAAA0002"},
    ]
    await offered(page, assistant, {"type": "actions", "response_id": "r1", "buttons": buttons})
    for button in ("Track it", "Sign in", "Add it"):
        await page.get_by_role("button", name=button).click()
    assert await page.evaluate("window.heard") == [
        ["track-order", {"order_id": "112-1"}],
        ["sign-in-wanted", {"url": "/sign-in"}],
        ["add-to-cart", {"asin": "B0AAAA0002"}],
    ]
    await expect(page.locator(".note")).to_have_count(0)
    assert page.url == assistant.host_page


async def test_an_element_that_comes_later_goes_and_comes_back_is_the_one(page: Page, assistant: Any) -> None:
    await embed(page, assistant)
    await page.get_by_role("button", name="Ask the assistant").click()
    await assistant.is_connected()
    await page.evaluate("document.body.append(window.own = document.createElement('manga-assist'))")
    await expect(page.locator("manga-assist")).to_have_count(1)
    await page.evaluate("window.own.remove(), document.body.prepend(window.own)")
    await page.evaluate("window.own.open()")
    await page.evaluate("window.own.ask('Hello')")
    assert (await assistant.hears("message"))["message"] == "Hello"
