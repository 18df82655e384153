"""What outlives a page: drafts, sources, earlier turns and conversations, and what other tabs do (R-7, W-2)."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import AT_BOTH_WIDTHS, DESKTOP, reopened

pytestmark = [pytest.mark.asyncio(loop_scope="session"), AT_BOTH_WIDTHS]


async def send(page: Page, text: str) -> None:
    await page.get_by_label("Your message").fill(text)
    await page.keyboard.press("Enter")


def turn(number: int, **more: Any) -> dict[str, Any]:
    return {
        "response_id": f"r{number}", "in_reply_to": f"m{number}", "message": f"Question {number}?",
        "answer": f"Answer {number}.", **more,
    }  # fmt: skip


async def test_a_draft_and_the_sources_of_what_was_said_outlive_the_page(widget: Page, assistant: Any) -> None:
    await send(widget, "Question 1?")
    asked = await assistant.answers("Answer 1.")
    sources = [{"title": "Returns", "source_type": "policy", "url": "https://shop.example/returns"}]
    assistant.turns, assistant.kept = [turn(1, in_reply_to=asked["id"], sources=sources)], []
    await widget.get_by_label("Your message").fill("What I was about to")
    await widget.reload()
    await reopened(widget)
    await expect(widget.get_by_label("Your message")).to_have_value("What I was about to")
    await widget.get_by_text("1 source").click()
    await expect(widget.locator(".sources a")).to_have_attribute("href", "https://shop.example/returns")
    await widget.keyboard.press("Escape")
    await send_draft(widget)
    await assistant.hears("message")
    await widget.reload()
    await reopened(widget)
    await expect(widget.get_by_label("Your message")).to_have_value("")


async def send_draft(page: Page) -> None:
    await page.get_by_role("button", name="Ask the assistant").click()
    await page.get_by_role("button", name="Send").click()


async def test_turns_that_did_not_fit_are_fetched_when_they_are_wanted(widget: Page, assistant: Any) -> None:
    assistant.forgets(turn(8), turn(9))
    assistant.has_more = True
    assistant.replies["/chat/sessions/s_first"] = (200, {"session_id": "s_first", "turns": [turn(7), turn(8), turn(9)]})
    await assistant.drops()
    await widget.get_by_role("button", name="Show earlier messages").click()
    await expect(widget.locator(".bubble")).to_have_text(["Answer 7.", "Answer 8.", "Answer 9."])
    await expect(widget.get_by_role("button", name="Show earlier messages")).to_have_count(0)
    focused = "document.activeElement.shadowRoot.activeElement?.tagName"
    assert await widget.evaluate(focused) == "TEXTAREA"  # the button is gone, the focus is not


async def test_an_earlier_conversation_can_be_gone_back_to(widget: Page, assistant: Any) -> None:
    await send(widget, "Question 1?")
    await assistant.answers("Answer 1.")
    await expect(widget.locator(".bubble")).to_have_text("Answer 1.")
    await expect(widget.get_by_role("button", name="Earlier conversations")).to_be_hidden()
    assistant.session_id, assistant.kept = "s_second", []
    assistant.connected.clear()
    await widget.get_by_role("button", name="New conversation").click()
    await assistant.is_connected()
    await expect(widget.locator(".log > *")).to_have_count(0)
    assistant.session_id, assistant.turns = "s_first", [turn(1)]
    await widget.get_by_role("button", name="Earlier conversations").click()
    assistant.connected.clear()
    await widget.get_by_role("button", name="Question 1?").click()
    await assistant.is_connected()
    assert assistant.handshakes[-1]["query"] == {"session_id": "s_first"}
    await expect(widget.locator(".bubble")).to_have_text("Answer 1.")


async def test_a_new_conversation_reaches_the_shoppers_other_tabs(widget: Page, assistant: Any) -> None:
    await send(widget, "Question 1?")
    await assistant.answers("Answer 1.")
    await expect(widget.locator(".bubble")).to_have_text("Answer 1.")
    other = await widget.context.new_page()
    await other.set_viewport_size(widget.viewport_size or DESKTOP)
    await other.goto(assistant.host_page)
    await reopened(other)
    await expect(other.locator(".bubble")).to_have_text("Answer 1.")  # one conversation, not one a tab
    assistant.session_id, assistant.kept, assistant.turns = "s_second", [], []
    await other.get_by_role("button", name="New conversation").click()
    await expect(widget.locator(".log > *")).to_have_count(0)
    kept = "() => Object.values(localStorage).some(text => JSON.parse(text).session_id === 's_second')"
    await widget.wait_for_function(kept)
    await other.close()
