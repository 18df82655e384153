"""Nothing that comes over the network runs, and neither the host page nor the widget breaks the other."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import AT_BOTH_WIDTHS

pytestmark = [pytest.mark.asyncio(loop_scope="session"), AT_BOTH_WIDTHS]

EVIL = '<img src=x onerror="window.owned=1"><script>window.owned=1</script>**<b onclick=alert(1)>x</b>**'
SCRIPT_URL = "javascript:window.owned=1"


async def send(page: Page, text: str) -> None:
    await page.get_by_label("Your message").fill(text)
    await page.keyboard.press("Enter")


def evil_frames() -> list[dict[str, Any]]:
    card = dict.fromkeys(
        ("asin", "title", "author", "format", "price", "list_price", "currency", "availability", "reason"), EVIL
    )
    kinds = ("add_to_cart", "view_product", "track_order", "start_return", "open_url")
    buttons = [
        {"label": f"{kind}{EVIL}", "type": kind, "url": SCRIPT_URL, "asin": EVIL, "order_id": EVIL} for kind in kinds
    ]
    source = {"chunk_id": EVIL, "title": EVIL, "source_type": EVIL, "score": 1}
    return [
        {"type": "degraded", "response_id": "r1", "service": EVIL, "fallback": EVIL, "as_of": EVIL},
        {"type": "token", "response_id": "r1", "content": EVIL},
        {"type": "token", "response_id": "r1", "content": EVIL},
        {"type": "products", "response_id": "r1", "items": [
            {**card, "rating": EVIL, "review_count": EVIL, "image_url": SCRIPT_URL, "url": SCRIPT_URL},
            {**card, "rating": 1e308, "review_count": -1, "image_url": "data:text/html,x", "url": "data:text/html,x"},
            None, 7, {"title": {"a": 1}},
        ]},
        {"type": "actions", "response_id": "r1", "buttons": [*buttons, None, {"type": "constructor", "label": "x"}]},
        {"type": "suggestions", "response_id": "r1", "items": [EVIL, None, {}]},
        {"type": "done", "response_id": "r1", "metadata": {"sources": [source, None, 1]}},
        {"type": "message", "from": "agent", "name": EVIL, "content": EVIL},
        {"type": "handoff", "ticket_id": EVIL, "state": EVIL, "position": EVIL, "eta_s": EVIL},
    ]  # fmt: skip


async def test_hostile_words_stay_words_in_every_field_of_every_frame(widget: Page, assistant: Any) -> None:
    await send(widget, EVIL)
    await assistant.begins(await assistant.hears("message"), "r1")
    await assistant.says(*evil_frames())
    await assistant.says({"type": "correction", "response_id": "r1", "replace_seq": 3, "content": EVIL, "stage": EVIL})
    await assistant.tells({"type": "error", "problem": {"detail": EVIL, "code": EVIL}})
    await expect(widget.locator(".note").last).to_have_text(EVIL)
    await expect(widget.locator(".card")).to_have_count(3)
    for button in await widget.locator(".action").all():
        await button.click()
    injected = "img[src='x'], script, b, [onerror], [onclick]"
    assert (
        await widget.locator("manga-assist").evaluate(f'node => node.shadowRoot.querySelectorAll("{injected}").length')
        == 0
    )
    links = await widget.locator("manga-assist").evaluate(
        'node => [...node.shadowRoot.querySelectorAll("[href], [src]")].map(n => n.href || n.src)'
    )
    assert [link for link in links if not link.startswith("http")] == []
    assert await widget.evaluate("window.owned") is None


async def test_words_that_are_no_frames_break_nothing(widget: Page, assistant: Any) -> None:
    for noise in ("", "{", "null", "7", '"x"', "[]", "{}", '{"type": 5}', '{"type": "novelty", "seq": "x"}'):
        await assistant.socket.send_str(noise)
    await send(widget, "Still there?")
    await assistant.answers("Yes.")
    await expect(widget.locator(".bubble")).to_have_text("Yes.")


@pytest.mark.parametrize(
    "kept", ["{", "null", "7", '{"session_id": 5, "last_seq": "x", "pending": [1, {"id": 2}], "open": "yes"}']
)
async def test_what_another_script_put_into_the_memory_breaks_nothing(page: Page, assistant: Any, kept: str) -> None:
    await page.goto(f"{assistant.host_page}healthz")
    await page.evaluate("([key, kept]) => localStorage.setItem(key, kept)", [f"mangaassist:{assistant.url}", kept])
    await page.goto(assistant.host_page)
    await page.get_by_role("button", name="Ask the assistant").click()
    await expect(page.locator(".state")).to_have_text("Here to help")


async def test_a_browser_without_storage_can_chat(page: Page, assistant: Any) -> None:
    await page.add_init_script("Object.defineProperty(window, 'localStorage', {get() { throw new Error('denied') }})")
    await page.goto(assistant.host_page)
    await page.get_by_role("button", name="Ask the assistant").click()
    await assistant.is_connected()
    await send(page, "Hello")
    await assistant.answers("Hi.")
    await expect(page.locator(".bubble")).to_have_text("Hi.")


async def test_the_host_pages_rules_stop_at_the_widget(widget: Page, assistant: Any) -> None:
    await send(widget, "Hello")
    await assistant.answers("Hi.")
    words = widget.locator(".bubble p")
    for rule, value in (("color", "rgb(23, 22, 26)"), ("font-size", "15px"), ("letter-spacing", "normal")):
        await expect(words).to_have_css(rule, value)


async def test_the_widgets_rules_stop_at_the_widget(widget: Page) -> None:
    assert await widget.locator("h1").evaluate("n => getComputedStyle(n).fontSize") == "40px"
    assert await widget.evaluate("document.querySelectorAll('style, link:not([rel=modulepreload])').length") == 1


async def test_two_script_tags_mount_one_widget(widget: Page, assistant: Any) -> None:
    await widget.evaluate(f"import('{assistant.url}/widget/widget.js?again')")
    assert await widget.locator("manga-assist").count() == 1
