"""No line to the assistant: another way, or words that say why there is none (R-1, R-4)."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import AT_BOTH_WIDTHS

pytestmark = [pytest.mark.asyncio(loop_scope="session"), AT_BOTH_WIDTHS]

SOON = """(() => { const every = window.setInterval;
  window.setInterval = (what, ms) => every(what, ms === 5000 ? 50 : ms); })()"""
"""The five seconds that a shopper waits for the line are over at once."""
ANSWER = {
    "session_id": "s_first", "response_id": "r_rest", "response_text": "It ships **today**.", "products": [], "actions": [],
    "follow_up_suggestions": ["And tomorrow?"], "metadata": {"sources": [{"title": "Shipping", "source_type": "faq"}]},
}  # fmt: skip


async def send(page: Page, text: str) -> None:
    await page.get_by_label("Your message").fill(text)
    await page.keyboard.press("Enter")


async def opened(page: Page, assistant: Any) -> None:
    await page.add_init_script(SOON)
    await page.goto(assistant.host_page)
    await page.get_by_role("button", name="Ask the assistant").click()
    await expect(page.get_by_role("dialog")).to_be_visible()


async def test_where_the_socket_is_blocked_a_message_is_answered_by_a_plain_request_once(
    page: Page, assistant: Any
) -> None:
    assistant.refuses = True
    assistant.replies["/chat/message"] = (200, ANSWER)
    await opened(page, assistant)
    await send(page, "When does it ship?")
    await expect(page.locator(".bubble")).to_have_text("It ships today.")
    await expect(page.locator(".log > *:visible")).to_have_count(2)
    await expect(page.get_by_text("1 source")).to_be_visible()
    (asked,) = assistant.asked
    assert asked["body"] == {"message": "When does it ship?"}
    assert len(asked["key"]) >= 16
    assistant.refuses = False
    await page.evaluate("window.dispatchEvent(new Event('online'))")
    await assistant.is_connected()
    await expect(page.locator(".state")).to_have_text("Here to help")
    assert assistant.handshakes[-1]["query"] == {"session_id": "s_first"}
    await send(page, "Thanks")
    assert (await assistant.hears("message"))["message"] == "Thanks"


async def test_a_message_that_went_out_before_the_line_broke_is_looked_up_and_not_asked_again(
    page: Page, assistant: Any
) -> None:
    await opened(page, assistant)
    await assistant.is_connected()
    await send(page, "When does it ship?")
    asked = await assistant.hears("message")
    turn = {"response_id": "r1", "in_reply_to": asked["id"], "message": "When does it ship?", "answer": "Today."}
    assistant.refuses = True
    assistant.replies["/chat/sessions/s_first"] = (200, {"session_id": "s_first", "turns": [turn]})
    await assistant.drops()
    await expect(page.locator(".bubble")).to_have_text("Today.")
    assert {each["path"] for each in assistant.asked} == {"/chat/sessions/s_first"}


async def test_a_plain_request_that_is_refused_says_why_and_can_be_tried_again(page: Page, assistant: Any) -> None:
    assistant.refuses = True
    assistant.replies["/chat/message"] = (429, {"detail": "That was a lot at once."})
    await opened(page, assistant)
    await send(page, "Hello?")
    await expect(page.locator(".question .problem")).to_contain_text("That was a lot at once.")
    await expect(page.locator(".typing")).to_have_count(0)
    assistant.replies["/chat/message"] = (200, ANSWER)
    await page.get_by_role("button", name="Try again").click()
    await expect(page.locator(".bubble")).to_have_text("It ships today.")
    first, second = assistant.asked
    assert first == second  # the same key: answered once


async def test_a_page_that_may_not_ask_says_so_and_tells_its_engineer_what_to_set(page: Page, assistant: Any) -> None:
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    assistant.refuses = assistant.is_foreign = True
    await opened(page, assistant)
    await expect(page.locator(".state")).to_have_text("This page may not use the assistant yet.")
    hints = [text for text in told if "allowed_origins" in text]
    assert len(hints) == 1
    assert assistant.host_page.rstrip("/") in hints[0]


async def test_a_server_that_is_away_is_said_to_be(page: Page, assistant: Any) -> None:
    assistant.refuses = True
    await opened(page, assistant)
    await page.route("**/*", lambda route: route.abort())
    await expect(page.locator(".state")).to_have_text("I can't be reached just now. I keep trying.")
    await page.unroute_all()
    assistant.refuses = False
    await expect(page.locator(".state")).to_have_text("Here to help")


async def test_being_offline_is_said_and_what_was_written_goes_out_later(widget: Page, assistant: Any) -> None:
    page = widget
    assistant.refuses = True
    await page.context.set_offline(True)
    await assistant.drops()
    await send(page, "Hello?")
    await expect(page.locator(".state")).to_contain_text("You are offline.")
    assistant.refuses = False
    await page.context.set_offline(False)
    assert (await assistant.hears("message"))["message"] == "Hello?"
    await expect(page.locator(".state")).to_have_text("Here to help")


async def test_on_a_slow_line_a_message_is_answered_and_sent_once(page: Page, assistant: Any) -> None:
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("Network.enable")
    slow = {"offline": False, "latency": 300, "downloadThroughput": 200_000, "uploadThroughput": 200_000}
    await devtools.send("Network.emulateNetworkConditions", slow)
    await page.goto(assistant.host_page)
    await page.get_by_role("button", name="Ask the assistant").click()
    await page.get_by_label("Your message").fill("Hello")
    await page.keyboard.press("Enter")
    await assistant.answers("Hi.")
    await expect(page.locator(".bubble")).to_have_text("Hi.")
    assert assistant.inbox.empty()
