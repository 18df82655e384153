"""The widget in a real browser: what a shopper reads, clicks and types."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import AT_BOTH_WIDTHS

pytestmark = [pytest.mark.asyncio(loop_scope="session"), AT_BOTH_WIDTHS]

CARD = {
    "asin": "B0AAAA0001", "title": "Vinland Saga, Vol. 1", "author": "Makoto Yukimura", "format": "Hardcover",
    "price": "$19.79", "list_price": "$21.99", "currency": "USD", "availability": "In stock", "rating": 4.8,
    "review_count": 2314, "image_url": "/covers/B0AAAA0001.svg", "url": "/p/B0AAAA0001", "reason": "Slow and grounded.",
}  # fmt: skip


async def send(page: Page, text: str) -> None:
    await page.get_by_label("Your message").fill(text)
    await page.keyboard.press("Enter")


async def test_a_shopper_who_never_opens_the_chat_costs_no_connection(page: Page, assistant: Any) -> None:
    await page.goto(assistant.host_page)
    await expect(page.get_by_role("button", name="Ask the assistant")).to_be_visible()
    assert assistant.handshakes == []


async def test_words_appear_as_they_come(widget: Page, assistant: Any, word_by_word: Any) -> None:
    await send(widget, "Hello")
    asked = await assistant.hears("message")
    assert asked["message"] == "Hello"
    await assistant.begins(asked)
    await expect(widget.locator(".typing")).to_be_visible()
    await assistant.says(*word_by_word("Good evening,"))
    await expect(widget.locator(".bubble")).to_have_text("Good evening,")
    await expect(widget.locator(".typing")).to_be_hidden()
    await assistant.says(*word_by_word(" reader."), {"type": "done", "response_id": "r1", "metadata": {}})
    await expect(widget.locator(".bubble")).to_have_text("Good evening, reader.")
    await expect(widget.locator(".answer")).to_have_attribute("aria-busy", "false")


async def test_light_markup_becomes_elements(widget: Page, assistant: Any) -> None:
    await send(widget, "Hello")
    await assistant.answers("Two **good** ones:\n- Vagabond\n- **Historie**\n\nThat is 2 ** 3.")
    await expect(widget.locator(".bubble p").first).to_have_text("Two good ones:")
    await expect(widget.locator(".bubble strong")).to_have_text(["good", "Historie"])
    await expect(widget.locator(".bubble li")).to_have_text(["Vagabond", "Historie"])
    await expect(widget.locator(".bubble p").last).to_have_text("That is 2 ** 3.")


async def test_a_correction_replaces_its_tokens_and_shows_where(widget: Page, assistant: Any) -> None:
    await send(widget, "How much?")
    await assistant.begins(await assistant.hears("message"))
    pieces = ("It costs ", "$9.", "99", " today.")
    await assistant.says(*({"type": "token", "response_id": "r1", "content": piece} for piece in pieces))
    await expect(widget.locator(".bubble")).to_have_text("It costs $9.99 today.")
    correction = {"replace_seq": 3, "through_seq": 4, "content": "$12.49", "stage": "price"}
    await assistant.says({"type": "correction", "response_id": "r1", **correction})
    await expect(widget.locator(".bubble")).to_have_text("It costs $12.49 today.")
    await expect(widget.locator(".bubble mark")).to_have_text("$12.49")


async def test_a_correction_may_take_everything_back(widget: Page, assistant: Any, word_by_word: Any) -> None:
    await send(widget, "Hello")
    await assistant.begins(await assistant.hears("message"))
    await assistant.says(*word_by_word("something unfortunate"))
    await expect(widget.locator(".bubble")).to_have_text("something unfortunate")
    replaced = {"replace_seq": 2, "through_seq": 3, "content": "I'd rather talk about manga.", "stage": "toxicity"}
    await assistant.says({"type": "correction", "response_id": "r1", **replaced})
    await expect(widget.locator(".bubble")).to_have_text("I'd rather talk about manga.")


async def test_a_card_shows_what_the_store_confirmed(widget: Page, assistant: Any) -> None:
    await send(widget, "Something slow?")
    await assistant.begins(await assistant.hears("message"))
    await assistant.says(
        {"type": "token", "response_id": "r1", "content": "This one."},
        {"type": "products", "response_id": "r1", "items": [CARD, {**CARD, "asin": "B0AAAA0002", "price": ""}]},
        {"type": "done", "response_id": "r1", "metadata": {}},
    )
    first, second = widget.locator(".card").first, widget.locator(".card").last
    for words in ("Vinland Saga, Vol. 1", "Makoto Yukimura · Hardcover", "$19.79", "In stock", "Slow and grounded."):
        await expect(first).to_contain_text(words)
    await expect(first.locator("s")).to_have_text("$21.99")
    await expect(first.locator(".rating")).to_contain_text("Rated 4.8 out of 5, 2,314 ratings")
    await expect(first.get_by_role("link", name="View")).to_have_attribute("href", f"{assistant.host_page}p/B0AAAA0001")
    await expect(second.locator(".price")).to_have_text("See the price on the product page")


async def test_cards_stand_in_a_row_that_scrolls(widget: Page, assistant: Any) -> None:
    await send(widget, "Something?")
    await assistant.begins(await assistant.hears("message"))
    items = [{**CARD, "asin": f"B0AAAA000{n}"} for n in range(5)]
    await assistant.says({"type": "products", "response_id": "r1", "items": items})
    await assistant.says({"type": "done", "response_id": "r1", "metadata": {}})
    cards = widget.locator(".card")
    await expect(cards).to_have_count(5)
    assert await cards.evaluate_all("cards => new Set(cards.map(card => card.offsetTop)).size") == 1
    await expect(widget.get_by_role("button", name="Products before")).to_be_disabled()
    forth = widget.get_by_role("button", name="More products")
    while await forth.is_enabled():
        await forth.click()
        await widget.wait_for_timeout(50)
    await expect(cards.last).to_be_in_viewport(ratio=0.9)


async def test_the_cart_is_the_shops_and_the_button_says_what_the_shop_says(widget: Page, assistant: Any) -> None:
    await widget.evaluate("""() => {
      window.added = [];
      document.addEventListener("mangaassist:add-to-cart", ({detail}) => window.added.push(detail.asin));
    }""")
    await send(widget, "Something slow?")
    await assistant.begins(await assistant.hears("message"))
    await assistant.says({"type": "products", "response_id": "r1", "items": [CARD]})
    await assistant.says({"type": "done", "response_id": "r1", "metadata": {}})
    button = widget.locator(".card .cart")
    await button.click()
    assert await widget.evaluate("window.added") == ["B0AAAA0001"]
    await expect(button).not_to_have_text("In cart ✓")
    await widget.evaluate("""() => document.dispatchEvent(new CustomEvent("mangaassist:context",
        {detail: {page: {cart_asins: ["B0AAAA0001"]}}}))""")
    await expect(button).to_have_text("In cart ✓")
    await expect(button).to_have_accessible_name("In cart: Vinland Saga, Vol. 1")
    assert (await assistant.hears("context"))["page_context"] == {"cart_asins": ["B0AAAA0001"]}
    await button.click(force=True)
    assert await widget.evaluate("window.added") == ["B0AAAA0001"]  # what is in the cart is not put there again


async def test_what_is_used_of_an_answer_is_told_under_its_id(widget: Page, assistant: Any) -> None:
    await send(widget, "Something slow?")
    await assistant.begins(await assistant.hears("message"))
    buttons = [{"label": "Talk to a person", "type": "talk_to_human"}]
    await assistant.says({"type": "products", "response_id": "r1", "items": [CARD]})
    await assistant.says({"type": "actions", "response_id": "r1", "buttons": buttons})
    await assistant.says({"type": "done", "response_id": "r1", "metadata": {}})
    asin, used = CARD["asin"], {"type": "event", "response_id": "r1"}
    await widget.locator(".card .cart").click()
    assert await assistant.hears("event") == {**used, "name": "clicked", "asin": asin, "button": "add_to_cart"}
    await widget.evaluate("""() => document.dispatchEvent(new CustomEvent("mangaassist:context",
        {detail: {page: {cart_asins: ["B0AAAA0001"]}}}))""")
    assert await assistant.hears("event") == {**used, "name": "added", "asin": asin}
    await widget.get_by_role("button", name="Talk to a person").click()
    assert await assistant.hears("event") == {**used, "name": "clicked", "button": "talk_to_human"}
    await widget.get_by_role("link", name="View Vinland Saga, Vol. 1").click()
    assert await assistant.hears("event") == {**used, "name": "clicked", "asin": asin}
    await widget.wait_for_url("**/p/B0AAAA0001")


async def test_a_cart_that_the_shop_fills_by_itself_is_no_purchase_of_an_answers(widget: Page, assistant: Any) -> None:
    await send(widget, "Something slow?")
    await assistant.begins(await assistant.hears("message"))
    await assistant.says({"type": "products", "response_id": "r1", "items": [CARD]})
    await assistant.says({"type": "done", "response_id": "r1", "metadata": {}})
    await widget.evaluate("""() => document.dispatchEvent(new CustomEvent("mangaassist:context",
        {detail: {page: {cart_asins: ["B0AAAA0001"]}}}))""")
    await expect(widget.locator(".card .cart")).to_have_text("In cart ✓")
    await widget.get_by_role("link", name="Vinland Saga, Vol. 1", exact=True).click()
    assert (await assistant.hears("event"))["name"] == "clicked"


async def test_buttons_do_what_their_type_says(widget: Page, assistant: Any) -> None:
    await send(widget, "Where is my order?")
    await assistant.begins(await assistant.hears("message"))
    buttons = [
        {"label": "Talk to a person", "type": "talk_to_human"},
        {"label": "Unknown", "type": "launch_rocket"},
        {"label": "Sign in", "type": "open_url", "url": "/sign-in"},
    ]
    await assistant.says({"type": "actions", "response_id": "r1", "buttons": buttons})
    await assistant.says({"type": "done", "response_id": "r1", "metadata": {}})
    await expect(widget.locator(".action")).to_have_text(["Talk to a person", "Sign in"])
    await widget.get_by_role("button", name="Sign in").click()
    await widget.wait_for_url("**/sign-in")


async def test_what_a_card_offers_is_not_offered_again_under_it(widget: Page, assistant: Any) -> None:
    await send(widget, "Something slow?")
    await assistant.begins(await assistant.hears("message"))
    buttons = [
        {"label": "Add it to cart", "type": "add_to_cart", "asin": "B0AAAA0001"},
        {"label": "View product", "type": "view_product", "asin": "B0AAAA0009", "url": "/p/B0AAAA0009"},
    ]
    await assistant.says({"type": "products", "response_id": "r1", "items": [CARD]})
    await assistant.says({"type": "actions", "response_id": "r1", "buttons": buttons})
    await assistant.says({"type": "done", "response_id": "r1", "metadata": {}})
    await expect(widget.locator(".action")).to_have_text(["View product"])


async def test_a_suggestion_is_asked_by_a_click(widget: Page, assistant: Any) -> None:
    await send(widget, "Hello")
    await assistant.begins(await assistant.hears("message"))
    await assistant.says({"type": "suggestions", "response_id": "r1", "items": ["What's new?", "Any deals?"]})
    await expect(widget.locator(".chip")).to_have_count(0)
    await assistant.says({"type": "done", "response_id": "r1", "metadata": {}})
    await widget.get_by_role("button", name="Any deals?").click()
    assert (await assistant.hears("message"))["message"] == "Any deals?"


async def test_what_could_not_be_done_is_said_in_plain_words(widget: Page, assistant: Any) -> None:
    await send(widget, "How much?")
    await assistant.begins(await assistant.hears("message"))
    await assistant.says({"type": "degraded", "response_id": "r1", "service": "pricing", "fallback": "x"})
    await assistant.says({"type": "degraded", "response_id": "r1", "service": "new one", "fallback": "some words"})
    notices = ["I can't confirm prices right now. Please check the product page.", "Some words."]
    await expect(widget.locator(".notice")).to_have_text(notices)


async def test_an_answer_names_its_sources_once_each(widget: Page, assistant: Any) -> None:
    await send(widget, "How do returns work?")
    page = {"chunk_id": "c1", "title": "Returns", "source_type": "policy", "score": 0.9}
    await assistant.answers("Within 30 days.", sources=[page, {**page, "chunk_id": "c2"}])
    await widget.get_by_text("1 source").click()
    await expect(widget.locator(".sources li")).to_have_text(["PolicyReturns"])


async def test_a_source_with_an_address_is_a_link_to_it(widget: Page, assistant: Any) -> None:
    """K-6."""
    await send(widget, "How do returns work?")
    page = {"chunk_id": "c1", "source_type": "policy", "score": 0.9}
    addresses = {"Returns": "https://shop.example/help/returns", "Evil": "javascript:alert(1)"}
    await assistant.answers("Thirty days.", sources=[page | {"title": t, "url": u} for t, u in addresses.items()])
    await widget.get_by_text("2 sources").click()
    await expect(widget.locator(".sources li a")).to_have_text(["Returns"])
    await expect(widget.locator(".sources li a")).to_have_attribute("href", addresses["Returns"])


async def test_an_error_is_a_polite_line_and_can_be_tried_again_under_the_same_id(widget: Page, assistant: Any) -> None:
    await send(widget, "Hello")
    asked = await assistant.hears("message")
    await assistant.tells({"type": "error", "problem": {"detail": "I'm still answering."}, "in_reply_to": asked["id"]})
    await expect(widget.locator(".problem")).to_contain_text("I'm still answering.")
    await widget.get_by_role("button", name="Try again").click()
    assert await assistant.hears("message") == asked
    await assistant.begins(asked)
    await expect(widget.locator(".problem")).to_be_hidden()


async def test_stop_is_there_while_an_answer_streams_and_only_then(
    widget: Page, assistant: Any, word_by_word: Any
) -> None:
    stop = widget.get_by_role("button", name="Stop answering")
    await expect(stop).to_be_hidden()
    await send(widget, "Tell me everything")
    await assistant.begins(await assistant.hears("message"))
    await assistant.says(*word_by_word("First of all"))
    await stop.click()
    await assistant.hears("stop")
    await assistant.says({"type": "done", "response_id": "r1", "metadata": {"stopped": True}})
    await expect(stop).to_be_hidden()
    await expect(widget.locator(".ending")).to_have_text("You stopped this answer.")


async def test_answers_stand_under_their_own_questions(widget: Page, assistant: Any) -> None:
    await send(widget, "First?")
    await send(widget, "Second?")
    first, second = await assistant.hears("message"), await assistant.hears("message")
    for asked, text in ((first, "One."), (second, "Two.")):
        await assistant.begins(asked, f"r-{text}")
        await assistant.says({"type": "token", "response_id": f"r-{text}", "content": text})
        await assistant.says({"type": "done", "response_id": f"r-{text}", "metadata": {}})
    await expect(widget.locator(".log > *")).to_have_text(["You: First?", "One.", "You: Second?", "Two."])


async def test_enter_sends_and_shift_enter_makes_a_line(widget: Page, assistant: Any) -> None:
    box = widget.get_by_label("Your message")
    await box.fill("One")
    await box.press("Shift+Enter")
    await box.type("Two")
    await box.press("Enter")
    assert (await assistant.hears("message"))["message"] == "One\nTwo"
    await expect(box).to_have_value("")


async def test_a_message_that_is_too_long_is_counted_and_not_sent(widget: Page, assistant: Any) -> None:
    box = widget.get_by_label("Your message")
    await box.fill("あ" * 1799)
    await expect(widget.locator(".count")).to_have_text("")
    await box.fill("😀" * 2001)
    await expect(widget.locator(".count")).to_have_text("2,001 of 2,000")
    await expect(widget.get_by_role("button", name="Send")).to_be_disabled()
    await box.press("Enter")
    await box.fill("😀" * 2000)
    await box.press("Enter")
    assert len((await assistant.hears("message"))["message"]) == 2000


async def test_where_the_shopper_is_goes_with_the_message_and_nothing_else_does(page: Page, assistant: Any) -> None:
    published = {"current_asin": "B0AAAA0001", "cart_asins": ["B0AAAA0002", "<script>"], "store_section": "x" * 65,
                 "secret": "1"}  # fmt: skip
    await page.add_init_script(f"window.mangaassist = {{page: {published}}}")
    await page.goto(assistant.host_page)
    await page.get_by_role("button", name="Ask the assistant").click()
    await send(page, "Is it in stock?")
    sent = await assistant.hears("message")
    assert sent["page_context"] == {"current_asin": "B0AAAA0001", "cart_asins": ["B0AAAA0002"]}


async def test_markup_is_what_people_know_and_links_lead_only_to_the_web(widget: Page, assistant: Any) -> None:
    await send(widget, "Hello")
    text = """# Shipping
1. By *air*
2. By ship, see [our page](/help/ship) or https://post.example/a.

| Way | Price |
| --- | --- |
| Air | **$9** |

```
track 112
```
Not [this](javascript:alert(1)), and `not **this**` either."""
    await assistant.says({"type": "start", "response_id": "r1", "in_reply_to": "m1", "attempt": 1})
    await assistant.says({"type": "token", "response_id": "r1", "content": text})
    await assistant.says({"type": "done", "response_id": "r1", "metadata": {}})
    bubble = widget.locator(".bubble")
    await expect(bubble.locator("h3")).to_have_text("Shipping")
    await expect(bubble.locator("ol li")).to_have_text(["By air", "By ship, see our page or https://post.example/a."])
    await expect(bubble.locator("em")).to_have_text("air")
    await expect(bubble.locator("th")).to_have_text(["Way", "Price"])
    await expect(bubble.locator("td strong")).to_have_text("$9")
    await expect(bubble.locator("pre")).to_have_text("track 112")
    await expect(bubble.locator("p code")).to_have_text("not **this**")
    links = await bubble.locator("a").evaluate_all("links => links.map(a => [a.href, a.rel])")
    assert links == [
        [f"{assistant.host_page}help/ship", ""],
        ["https://post.example/a", "noopener noreferrer"],
    ]


async def test_a_notice_agrees_with_the_cards_beside_it(widget: Page, assistant: Any) -> None:
    await send(widget, "How much?")
    await assistant.begins(await assistant.hears("message"))
    for service in ("catalog", "inventory", "reviews"):
        await assistant.says({"type": "degraded", "response_id": "r1", "service": service, "fallback": "x"})
    await expect(widget.locator(".notice")).to_have_count(3)
    await assistant.says({"type": "products", "response_id": "r1", "items": [{**CARD, "rating": None}]})
    await assistant.says({"type": "done", "response_id": "r1", "metadata": {}})
    await expect(widget.locator(".notice")).to_have_text(["Ratings and reviews are missing right now."])


async def test_what_one_thinks_of_an_answer_is_told_with_a_comment_and_once(widget: Page, assistant: Any) -> None:
    """R-2."""
    assistant.replies["/chat/feedback"] = (200, {})
    await send(widget, "Hello")
    await assistant.answers("Hi.")
    await widget.get_by_role("button", name="Bad answer").click()
    await widget.get_by_label("What was wrong with it?").fill("Too short")
    await widget.get_by_role("button", name="Send", exact=True).first.click()
    await expect(widget.locator(".told")).to_have_text("Thank you.")
    body = {"response_id": "r1", "session_id": "s_first", "feedback": "thumbs_down", "comment": "Too short"}
    assert assistant.asked == [{"path": "/chat/feedback", "body": body}]
    await expect(widget.get_by_role("button", name="Good answer")).to_be_disabled()
    await send(widget, "Again")
    await assistant.answers("Hello there.", "r2")
    await expect(widget.get_by_role("button", name="Good answer")).to_have_count(2)
    await widget.get_by_role("button", name="Good answer").last.click()
    await expect(widget.locator(".told").last).to_have_text("Thank you.")
    assert assistant.asked[1]["body"]["feedback"] == "thumbs_up"


async def test_an_answer_can_be_copied(widget: Page, assistant: Any) -> None:
    await widget.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await send(widget, "Hello")
    await assistant.answers("Two **good** ones.")
    await widget.get_by_role("button", name="Copy").click()
    await expect(widget.locator(".told")).to_have_text("Copied")
    assert await widget.evaluate("navigator.clipboard.readText()") == "Two **good** ones."


async def test_what_is_still_being_composed_is_not_sent(widget: Page, assistant: Any) -> None:
    box = widget.get_by_label("Your message")
    await box.fill("まんが")
    pressed = """(box, how) => box.dispatchEvent(
        new KeyboardEvent("keydown", {key: "Enter", bubbles: true, cancelable: true, ...how}))"""
    for how in ({"isComposing": True}, {"keyCode": 229}):
        await box.evaluate(pressed, how)
    await expect(box).to_have_value("まんが")
    await box.press("Enter")
    assert (await assistant.hears("message"))["message"] == "まんが"
    assert assistant.inbox.empty()
