"""A shopper who wants a person: asked for once, seen coming, heard, and gone again (R-3, W-4)."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import AT_BOTH_WIDTHS, reopened

pytestmark = [pytest.mark.asyncio(loop_scope="session"), AT_BOTH_WIDTHS]

REQUESTED = {"type": "handoff", "ticket_id": "t_1", "state": "requested"}
JOINED = {"type": "handoff", "ticket_id": "t_1", "state": "joined", "name": "Mina"}


async def send(page: Page, text: str) -> None:
    await page.get_by_label("Your message").fill(text)
    await page.keyboard.press("Enter")


async def answered(page: Page, assistant: Any) -> None:
    """An answer that offers a person."""
    await send(page, "My parcel is lost")
    await assistant.begins(await assistant.hears("message"))
    await assistant.says(
        {"type": "token", "response_id": "r1", "content": "I am sorry."},
        {"type": "actions", "response_id": "r1", "buttons": [{"label": "Talk to a person", "type": "talk_to_human"}]},
        {"type": "done", "response_id": "r1", "metadata": {}},
    )


async def test_the_button_asks_for_a_person_once_and_says_where_one_stands(widget: Page, assistant: Any) -> None:
    assistant.replies["/chat/escalate"] = (200, {"ticket_id": "t_1", "state": "requested"})
    await answered(widget, assistant)
    button = widget.get_by_role("button", name="Talk to a person")
    await button.click()
    await expect(widget.locator(".note").last).to_contain_text("I'm asking a person from the store to join.")
    assert assistant.asked == [
        {"path": "/chat/escalate", "body": {"session_id": "s_first", "reason": "My parcel is lost"}}
    ]
    await assistant.says({**REQUESTED, "position": 2, "eta_s": 180})
    await expect(widget.locator(".banner")).to_contain_text("Waiting for a person · number 2 in line · about 3 min")
    await button.click()
    await widget.get_by_role("button", name="Ask for a person").click()
    await expect(widget.locator(".note").last).to_have_text("A person has been asked for already. They'll join here.")
    assert len(assistant.asked) == 1
    await assistant.says({**REQUESTED, "position": 1, "eta_s": 40})
    await expect(widget.locator(".banner")).to_contain_text("Waiting for a person · number 1 in line · about 1 min")


async def test_a_person_comes_writes_and_leaves_in_words(widget: Page, assistant: Any) -> None:
    await answered(widget, assistant)
    await assistant.says(REQUESTED, JOINED)
    await expect(widget.locator(".banner")).to_contain_text("A person is here: Mina")
    await expect(widget.locator(".note").last).to_have_text("Mina from the store has joined.")
    await assistant.tells({"type": "typing"})
    await expect(widget.locator(".theirs")).to_have_text("Mina is writing…")
    await assistant.says({"type": "message", "from": "agent", "name": "Mina", "content": "Hi!"})
    await expect(widget.locator(".agent")).to_have_text("MinaHi!")
    await expect(widget.locator(".theirs")).to_be_hidden()
    await send(widget, "It was due on Monday")
    await assistant.begins(await assistant.hears("message"), "r2")
    await assistant.says({"type": "done", "response_id": "r2", "metadata": {}})
    await expect(widget.locator(".answer").last).to_have_attribute("hidden", "")  # silent while a person is in
    await assistant.says({"type": "handoff", "ticket_id": "t_1", "state": "left"})
    await expect(widget.locator(".banner")).to_be_hidden()
    await expect(widget.locator(".note").last).to_contain_text("I'm back, and I know what was said.")
    await assistant.drops()
    await assistant.is_connected()
    await send(widget, "Thanks")
    assert (await assistant.hears("message"))["message"] == "Thanks"  # what went to the person has its receipt


async def test_that_the_shopper_is_writing_is_told_to_the_person_who_is_in(widget: Page, assistant: Any) -> None:
    await assistant.says(REQUESTED, JOINED)
    await expect(widget.locator(".banner")).to_contain_text("A person is here: Mina")
    await widget.get_by_label("Your message").press_sequentially("It was ")
    assert await assistant.hears("typing") == {"type": "typing"}


async def test_who_wants_a_person_first_says_so(widget: Page, assistant: Any) -> None:
    await widget.get_by_role("button", name="Ask for a person").click()
    assert (await assistant.hears("message"))["message"] == "I would like to talk to a person."
    assert assistant.asked == []


async def test_outside_the_hours_a_message_can_be_left(widget: Page, assistant: Any) -> None:
    await answered(widget, assistant)
    await assistant.says({**REQUESTED, "opens_at": "2026-11-30T09:00:00"})
    await expect(widget.locator(".banner")).to_contain_text("Leave a message · a person is back Monday 9:00 AM")
    await expect(widget.get_by_label("Your message")).to_have_attribute("placeholder", "Leave a message…")


async def test_nobody_to_be_asked_is_said_and_not_a_loop(widget: Page, assistant: Any) -> None:
    assistant.replies["/chat/escalate"] = (503, {"detail": "The desk cannot be reached just now."})
    await answered(widget, assistant)
    await widget.get_by_role("button", name="Talk to a person").click()
    await expect(widget.locator(".note").last).to_have_text("The desk cannot be reached just now.")
    await expect(widget.locator(".question")).to_have_count(1)


async def test_the_next_page_of_the_shop_still_has_the_person_and_their_words_once(
    widget: Page, assistant: Any
) -> None:
    await answered(widget, assistant)
    await assistant.says(REQUESTED, JOINED, {"type": "message", "from": "agent", "name": "Mina", "content": "Hi!"})
    await expect(widget.locator(".agent")).to_have_count(1)
    turn = {"response_id": "r_n1", "in_reply_to": "n_1", "message": "", "answer": "Hi!", "name": "Mina"}
    asked = {"response_id": "r1", "in_reply_to": "m1", "message": "My parcel is lost", "answer": "I am sorry."}
    assistant.turns, assistant.greeting = [asked, turn], {"handoff": {"ticket_id": "t_1", "state": "joined"}}
    await widget.reload()
    await reopened(widget)
    await expect(widget.locator(".agent")).to_have_text(["MinaHi!"])
    await expect(widget.locator(".banner")).to_contain_text("A person is here")
    await assistant.says({"type": "message", "from": "agent", "name": "Mina", "content": "Still there?"})
    await expect(widget.locator(".agent")).to_have_text(["MinaHi!", "MinaStill there?"])


async def test_the_line_can_be_left(widget: Page, assistant: Any) -> None:
    assistant.replies["/chat/escalate/cancel"] = (200, {"ticket_id": "t_1", "state": "left"})
    await answered(widget, assistant)
    await assistant.says(REQUESTED)
    await widget.get_by_role("button", name="Leave the line").click()
    await expect(widget.locator(".banner")).to_be_hidden()
    await expect(widget.locator(".note").last).to_have_text("You are no longer in line for a person.")
    assert assistant.asked == [{"path": "/chat/escalate/cancel", "body": {"session_id": "s_first"}}]
    await expect(widget.get_by_label("Your message")).to_be_focused()
