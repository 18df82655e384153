"""Keyboard, screen readers, small screens, dark rooms; and the assistant's own pages."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

pytestmark = pytest.mark.asyncio(loop_scope="session")

CONTRAST = """root => {
  const parse = text => { const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number); return {r, g, b, a}; };
  const light = ({r, g, b}) => [r, g, b].map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const behind = node => {
    for (let n = node; n; n = n.parentElement) {
      const color = parse(getComputedStyle(n).backgroundColor);
      if (color.a === 1) return color;
    }
    return parse("rgb(255, 255, 255)");
  };
  const failures = [];
  for (const node of root.shadowRoot.querySelectorAll("*")) {
    const said = [...node.childNodes].some(child => child.nodeType === 3 && child.data.trim());
    if (!said || !node.checkVisibility() || node.matches(".stars, .spoken, style, :disabled")) continue;
    const [a, b] = [light(parse(getComputedStyle(node).color)), light(behind(node))].sort((x, y) => y - x);
    const ratio = (a + .05) / (b + .05);
    if (ratio < 4.5) failures.push(`${node.className || node.tagName}: ${ratio.toFixed(2)}`);
  }
  return failures;
}"""


ANNOUNCED = """node => {
  window.announced = [];
  const region = node.shadowRoot.querySelector(".panel > [role=status]");
  new MutationObserver(() => region.textContent && window.announced.push(region.textContent)).observe(region, {childList: true});
}"""


async def send(page: Page, text: str) -> None:
    await page.get_by_label("Your message").fill(text)
    await page.keyboard.press("Enter")


async def fill(page: Page, assistant: Any) -> None:
    """An answer that shows every kind of thing."""
    await send(page, "Hello")
    asked = await assistant.hears("message")
    await assistant.begins(asked)
    base = {"asin": "B0AAAA0001", "title": "Vagabond", "author": "Inoue", "format": "Omnibus", "currency": "USD",
            "url": "/p/x", "image_url": "", "list_price": "$20.00", "rating": 4.5, "review_count": 3,
            "reason": "Calm."}  # fmt: skip
    await assistant.says(
        {"type": "degraded", "response_id": "r1", "service": "pricing", "fallback": ""},
        {"type": "token", "response_id": "r1", "content": "Some **bold** words."},
        {"type": "correction", "response_id": "r1", "replace_seq": 3, "content": "Better **words**.", "stage": "price"},
        {"type": "products", "response_id": "r1", "items": [
            {**base, "price": "$9.99", "availability": "In stock"},
            {**base, "price": "", "availability": "Out of stock"},
            {**base, "price": "$1.00", "availability": "On backorder"}]},
        {"type": "actions", "response_id": "r1", "buttons": [{"label": "Open cart", "type": "open_url", "url": "/cart"}]},
        {"type": "suggestions", "response_id": "r1", "items": ["More?"]},
        {"type": "done", "response_id": "r1", "metadata": {"sources": [{"title": "Returns", "source_type": "policy"}]}},
        {"type": "handoff", "ticket_id": "t", "state": "joined"},
        {"type": "message", "from": "agent", "name": "Mina", "content": "Hi!"},
    )  # fmt: skip
    await assistant.tells({"type": "error", "problem": {"detail": "Slow down."}, "in_reply_to": asked["id"]})
    await page.get_by_label("Your message").fill("x" * 2001)
    await page.get_by_text("1 source").click()
    await expect(page.locator(".agent")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_word_can_be_read_in_both_schemes(page: Page, assistant: Any, scheme: Any) -> None:
    await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    await page.goto(assistant.host_page)
    await page.get_by_role("button", name="Ask the assistant").click()
    await assistant.is_connected()
    await fill(page, assistant)
    assert await page.locator("manga-assist").evaluate(CONTRAST) == []


async def test_everything_that_can_be_pressed_has_a_name(widget: Page, assistant: Any) -> None:
    await fill(widget, assistant)
    for role in ("button", "link", "textbox"):
        for control in await widget.get_by_role(role).all():
            snapshot = await control.aria_snapshot()
            assert '"' in snapshot.splitlines()[0], snapshot


async def test_an_answer_is_announced_once_and_whole(widget: Page, assistant: Any, word_by_word: Any) -> None:
    await widget.locator("manga-assist").evaluate(ANNOUNCED)
    await send(widget, "Hello")
    await assistant.begins(await assistant.hears("message"))
    await expect(widget.get_by_role("log")).to_have_attribute("aria-busy", "true")
    await assistant.says(*word_by_word("One word after the other."))
    await expect(widget.locator(".bubble")).to_have_text("One word after the other.")
    assert await widget.evaluate("window.announced") == []
    await assistant.says({"type": "done", "response_id": "r1", "metadata": {}})
    await expect(widget.get_by_role("log")).to_have_attribute("aria-busy", "false")
    await expect(widget.get_by_role("log")).to_have_attribute("aria-live", "off")
    assert await widget.evaluate("window.announced") == ["One word after the other."]


DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_axe_finds_nothing_in_any_state(page: Page, assistant: Any, peer: Any, size: Any) -> None:
    """Closed, fresh, with every kind of thing in it, with earlier conversations open, and away."""
    assistant.page = f"""<!doctype html><html lang="en"><title>A shop</title><body><main><h1>A shop</h1></main>
    <script type="module" src="{assistant.url}/widget/widget.js"></script>"""
    await page.set_viewport_size(size)
    await page.emulate_media(reduced_motion="reduce")
    await page.goto(assistant.host_page)
    await page.evaluate((Path(peer("axe")) / "axe.min.js").read_text())

    async def findings() -> list[str]:
        found = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [f"{each['id']}: {node['target']}" for each in found["violations"] for node in each["nodes"]]

    assert await findings() == []
    await page.get_by_role("button", name="Ask the assistant").click()
    await assistant.is_connected()
    assert await findings() == []
    await fill(page, assistant)
    await page.get_by_role("button", name="Bad answer").click()
    assert await findings() == []
    assistant.session_id = "s_second"
    await page.get_by_role("button", name="New conversation").click()
    await page.get_by_role("button", name="Earlier conversations").click()
    assistant.refuses = True
    await assistant.drops()
    await expect(page.locator(".state")).to_have_text("Reconnecting…")
    assert await findings() == []


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_what_can_be_pressed_is_large_enough_for_a_finger(page: Page, assistant: Any, size: Any) -> None:
    await page.set_viewport_size(size)
    await page.goto(assistant.host_page)
    await page.get_by_role("button", name="Ask the assistant").click()
    await assistant.is_connected()
    await fill(page, assistant)
    small = await page.locator("manga-assist").evaluate("""node => [...node.shadowRoot.querySelectorAll("button, summary, .deed")]
        .filter(each => each.checkVisibility() && !each.matches(".again")).map(each => [each, each.getBoundingClientRect()])
        .filter(([, {width, height}]) => height < 44 || width < 44).map(([each]) => each.className || each.tagName)""")
    assert small == []


async def test_the_focus_never_falls_to_the_page(widget: Page, assistant: Any, word_by_word: Any) -> None:
    async def held() -> None:
        await expect(widget.get_by_label("Your message")).to_be_focused()

    await widget.get_by_role("button", name="Where is my order?").click()  # a suggestion that goes
    await held()
    await assistant.begins(await assistant.hears("message"))
    await assistant.says(*word_by_word("First of all"))
    await widget.get_by_role("button", name="Stop answering").click()
    await assistant.fails("It could not be kept.")
    await held()
    await widget.get_by_role("button", name="Ask again").click()
    await held()
    await assistant.hears("message")


async def test_opening_focuses_the_box_and_escape_gives_the_focus_back(widget: Page) -> None:
    await expect(widget.get_by_label("Your message")).to_be_focused()
    await widget.keyboard.press("Escape")
    await expect(widget.get_by_role("dialog")).to_be_hidden()
    await expect(widget.get_by_role("button", name="Ask the assistant")).to_be_focused()


async def test_an_answer_that_comes_while_the_panel_is_closed_leaves_a_mark(widget: Page, assistant: Any) -> None:
    await send(widget, "Hello")
    asked = await assistant.hears("message")
    await widget.keyboard.press("Escape")
    await assistant.begins(asked)
    await assistant.says({"type": "token", "response_id": "r1", "content": "Hi."})
    await assistant.says({"type": "done", "response_id": "r1", "metadata": {}})
    await expect(widget.locator(".badge")).to_be_visible()
    await widget.get_by_role("button", name="Ask the assistant").click()
    await expect(widget.locator(".badge")).to_be_hidden()


async def test_on_a_phone_the_panel_is_the_whole_screen_and_keeps_the_focus(page: Page, assistant: Any) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.goto(assistant.host_page)
    await page.get_by_role("button", name="Ask the assistant").click()
    panel = page.get_by_role("dialog")
    await expect(panel).to_have_attribute("aria-modal", "true")
    await page.wait_for_function(
        """() => { const box = document.querySelector("manga-assist").shadowRoot.querySelector(".panel").getBoundingClientRect();
        return box.x === 0 && box.y === 0 && box.width === 390 && box.height === 844 }"""
    )
    out_of_reach = "h1 => { h1.tabIndex = 0; h1.focus(); return document.activeElement !== h1 }"
    assert await page.locator("h1").evaluate(out_of_reach)
    for _ in range(12):
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.tagName") == "MANGA-ASSIST"


async def test_nothing_is_wider_than_a_phone(page: Page, assistant: Any) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.goto(assistant.host_page)
    await page.get_by_role("button", name="Ask the assistant").click()
    await assistant.is_connected()
    await fill(page, assistant)
    wider = await page.locator("manga-assist").evaluate(
        "node => { const s = node.shadowRoot.querySelector('.scroller'); return s.scrollWidth - s.clientWidth }"
    )
    assert wider <= 0


async def test_who_wants_no_motion_gets_the_words_at_once(page: Page, assistant: Any) -> None:
    await page.emulate_media(reduced_motion="reduce")
    await page.goto(assistant.host_page)
    await page.get_by_role("button", name="Ask the assistant").click()
    await send(page, "Hello")
    await assistant.begins(await assistant.hears("message"))
    await page.evaluate("window.requestAnimationFrame = () => 0")
    await assistant.says({"type": "token", "response_id": "r1", "content": "All of it. " * 50})
    await expect(page.locator(".bubble")).to_have_text(("All of it. " * 50).strip())


async def test_a_long_answer_is_read_from_its_beginning(widget: Page, assistant: Any) -> None:
    await send(widget, "Tell me everything")
    await assistant.answers("\n\n".join(f"Paragraph {n}." for n in range(60)))
    await expect(widget.locator(".bubble p")).to_have_count(60)
    await expect(widget.get_by_text("Tell me everything")).to_be_in_viewport()
    await widget.get_by_role("button", name="Go to the end").click()
    await expect(widget.locator(".bubble p").last).to_be_in_viewport()


async def test_home_opens_the_chat_and_shows_how_to_embed_it(page: Page, assistant: Any) -> None:
    await page.goto(f"{assistant.url}/home")
    await assistant.is_connected()
    await expect(page.get_by_role("dialog")).to_be_visible()
    await expect(page.locator("#embed")).to_contain_text(f'src="{assistant.url}/widget/widget.js"')
    for address in ("/docs", "/readyz", "/metrics"):
        await expect(page.locator(f'main a[href="{address}"]')).to_be_visible()


async def test_docs_show_every_operation_and_every_frame_with_its_fields(page: Page, assistant: Any) -> None:
    await page.goto(f"{assistant.url}/docs")
    await expect(page.locator("article", has_text="/chat/message")).to_contain_text("ChatRequest")
    said = ["message", "context", "typing", "stop", "auth", "ping", "event"]
    heard = ["session", "gap", "drain", "pong", "typing", "error", "start", "token", "correction", "degraded", "products",
             "actions", "suggestions", "done", "failed", "handoff", "message"]  # fmt: skip
    await expect(page.locator("article[id^=frame-] h3 code")).to_have_text([*said, *heard])
    await expect(page.locator("#frame-Correction")).to_contain_text("through_seq")
    await expect(page.locator("#frame-Token details")).to_contain_text('"content"')
    await expect(page.locator("#socket")).to_contain_text("4408")
    await expect(page.locator("#socket")).to_contain_text("last_seq")
    targets = await page.eval_on_selector_all(
        "article a", "links => links.filter(a => !document.querySelector(a.hash)).length"
    )
    assert targets == 0
    await page.get_by_label("Filter the reference").fill("through_seq")
    await expect(page.locator("article:visible")).to_have_count(1)


async def test_docs_say_so_when_the_schemas_cannot_be_had(browser: Browser, assistant: Any) -> None:
    async with await browser.new_context() as context:
        page = await context.new_page()
        await page.route("**/schema/**", lambda route: route.abort())
        await page.goto(f"{assistant.url}/docs")
        await expect(page.get_by_text("could not be loaded")).to_be_visible()
        await page.unroute_all()
        await page.get_by_role("button", name="Try again").click()
        await expect(page.locator("#frame-Correction")).to_be_visible()
