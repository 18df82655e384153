"""The widget's connection: resumes, sends again, signs in, gives way to a restart (W-1, W-2, W-3, W-7)."""

import base64
import json
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import AT_BOTH_WIDTHS, reopened
from tests.published import Published

pytestmark = [pytest.mark.asyncio(loop_scope="session"), AT_BOTH_WIDTHS]


async def send(page: Page, text: str) -> None:
    await page.get_by_label("Your message").fill(text)
    await page.keyboard.press("Enter")


def turn(response_id: str, message: str, answer: str, in_reply_to: str = "", **more: Any) -> dict[str, Any]:
    asked = in_reply_to or f"m-{response_id}"
    return {"response_id": response_id, "in_reply_to": asked, "message": message, "answer": answer, **more}


async def test_a_lost_connection_is_resumed_after_the_last_frame_and_the_answer_goes_on(
    widget: Page, assistant: Any, word_by_word: Any
) -> None:
    await send(widget, "Tell me a story")
    await assistant.begins(await assistant.hears("message"))
    await assistant.says(*word_by_word("Once upon "))
    await expect(widget.locator(".bubble")).to_have_text("Once upon")
    await assistant.drops()
    await assistant.says(*word_by_word("a time."), {"type": "done", "response_id": "r1", "metadata": {}})
    await expect(widget.locator(".bubble")).to_have_text("Once upon a time.")
    assert assistant.handshakes[1]["query"] == {"session_id": "s_first", "last_seq": "4", "epoch": "e1"}


async def test_reconnecting_is_said_and_goes_away(widget: Page, assistant: Any) -> None:
    await expect(widget.locator(".state")).to_have_text("Here to help")
    assistant.refuses = True
    await assistant.drops()
    await expect(widget.locator(".state")).to_have_text("Reconnecting…")
    assistant.refuses = False
    await expect(widget.locator(".state")).to_have_text("Here to help")


async def test_an_unanswered_message_is_sent_again_under_its_id(widget: Page, assistant: Any) -> None:
    await send(widget, "Are you there?")
    first = await assistant.hears("message")
    await assistant.drops()
    assert await assistant.hears("message") == first
    await expect(widget.locator(".question")).to_have_count(1)


async def test_an_answered_message_is_not_sent_again(widget: Page, assistant: Any) -> None:
    await send(widget, "Are you there?")
    await assistant.answers("Yes.")
    await expect(widget.locator(".answer")).to_have_attribute("aria-busy", "false")
    await assistant.drops()
    await assistant.is_connected()
    await send(widget, "Still?")
    assert (await assistant.hears("message"))["message"] == "Still?"


async def test_a_message_typed_while_the_line_is_down_arrives_later(widget: Page, assistant: Any) -> None:
    assistant.refuses = True
    await assistant.drops()
    await expect(widget.locator(".state")).to_have_text("Reconnecting…")
    await send(widget, "Into the void")
    assistant.refuses = False
    assert (await assistant.hears("message"))["message"] == "Into the void"


async def test_a_gap_draws_in_order_what_was_missed(widget: Page, assistant: Any) -> None:
    await send(widget, "Hello")
    asked = await assistant.answers("Hi.")
    await expect(widget.locator(".bubble")).to_have_text("Hi.")
    assistant.forgets(
        turn("r1", "Hello", "Hi.", asked["id"]), turn("r2", "And you?", "Very well.", suggestions=["Any deals?"])
    )
    await assistant.drops()
    everything = ["You: Hello", "Hi.", "You: And you?", "Very well."]
    await expect(widget.locator(".log > *")).to_have_text(everything)
    await expect(widget.locator(".chip")).to_have_text(["Any deals?"])
    await send(widget, "Good")
    await assistant.answers("Indeed.", "r3")
    await expect(widget.locator(".bubble").last).to_have_text("Indeed.")


async def test_the_next_page_of_the_shop_shows_the_same_conversation_with_all_that_came_with_it(
    widget: Page, assistant: Any
) -> None:
    await send(widget, "Hello")
    asked = await assistant.hears("message")
    await assistant.begins(asked)
    await assistant.says(
        {"type": "token", "response_id": "r1", "content": "Hi."},
        {"type": "suggestions", "response_id": "r1", "items": ["Any deals?"]},
        {"type": "done", "response_id": "r1", "metadata": {}},
    )
    await expect(widget.locator(".chip")).to_have_text(["Any deals?"])
    assistant.turns = [turn("r1", "Hello", "Hi.", asked["id"])]
    await widget.reload()
    await reopened(widget)
    await expect(widget.locator(".log > *")).to_have_text(["You: Hello", "Hi."])
    await expect(widget.locator(".chip")).to_have_text(["Any deals?"])
    assert assistant.handshakes[1]["query"]["session_id"] == "s_first"


async def test_a_page_that_is_left_in_the_middle_of_an_answer_finds_it_on_the_next(
    widget: Page, assistant: Any, word_by_word: Any
) -> None:
    await send(widget, "Tell me a story")
    await assistant.begins(await assistant.hears("message"))
    await assistant.says(*word_by_word("Once upon "))
    await expect(widget.locator(".bubble")).to_have_text("Once upon")
    await widget.reload()
    await assistant.is_connected()
    await assistant.says(*word_by_word("a time."), {"type": "done", "response_id": "r1", "metadata": {}})
    await expect(widget.locator(".log > *")).to_have_text(["You: Tell me a story", "Once upon a time."])


async def test_frames_that_come_twice_are_shown_once(widget: Page, assistant: Any) -> None:
    await assistant.says({"type": "message", "from": "agent", "name": "Mina", "content": "Hi."})
    await assistant.tells(assistant.kept[-1])
    await assistant.says({"type": "message", "from": "agent", "name": "Mina", "content": "How are you?"})
    await expect(widget.locator(".agent p")).to_have_text(["Hi.", "How are you?"])


async def test_a_hole_in_the_numbers_is_asked_for_again(widget: Page, assistant: Any) -> None:
    await send(widget, "Hello")
    await assistant.begins(await assistant.hears("message"))
    assistant.kept.append({"type": "token", "response_id": "r1", "content": "Good ", "seq": 2})
    assistant.last_seq = 2
    await assistant.says({"type": "token", "response_id": "r1", "content": "evening."})
    await expect(widget.locator(".bubble")).to_have_text("Good evening.")
    assert assistant.handshakes[1]["query"]["last_seq"] == "1"


async def test_somebody_elses_session_leaves_nothing_on_the_screen(widget: Page, assistant: Any) -> None:
    await send(widget, "My secret")
    await assistant.answers("Kept.")
    await expect(widget.locator(".bubble")).to_have_text("Kept.")
    await assistant.drops()
    assistant.session_id, assistant.last_seq, assistant.kept = "s_other", 0, []
    await assistant.is_connected()
    await expect(widget.locator(".log > *")).to_have_count(0)
    await send(widget, "Hello")
    await assistant.answers("New here.")
    await expect(widget.locator(".bubble")).to_have_text("New here.")


async def test_new_conversation_leaves_the_old_one(widget: Page, assistant: Any) -> None:
    await send(widget, "Hello")
    await assistant.answers("Hi.")
    await expect(widget.locator(".bubble")).to_have_text("Hi.")
    assistant.connected.clear()
    await widget.get_by_role("button", name="New conversation").click()
    await assistant.is_connected()
    assert assistant.handshakes[1]["query"] == {}
    await expect(widget.locator(".log > *")).to_have_count(0)
    await expect(widget.locator(".welcome")).to_be_visible()


async def test_a_drain_is_followed_by_a_quiet_return(widget: Page, assistant: Any) -> None:
    await assistant.tells({"type": "drain", "reconnect_after_ms": 50})
    await assistant.drops()
    await assistant.is_connected()
    await expect(widget.locator(".state")).to_have_text("Here to help")


async def test_an_idle_line_sleeps_until_the_shopper_speaks(widget: Page, assistant: Any) -> None:
    await assistant.drops(4408)
    await expect(widget.locator(".state")).to_have_text("Ready")
    assert len(assistant.handshakes) == 1
    await send(widget, "Good morning")
    assert (await assistant.hears("message"))["message"] == "Good morning"
    assert len(assistant.handshakes) == 2


def token(expires: int = 4_000_000_000, name: str = "aiko") -> str:
    claims = base64.urlsafe_b64encode(json.dumps({"exp": expires, "sub": name}).encode()).decode().rstrip("=")
    return f"head.{claims}.signature"


async def test_a_signed_in_shopper_is_known_from_the_first_moment(page: Page, assistant: Any) -> None:
    await page.add_init_script(f"window.mangaassist = {{token: '{token()}'}}")
    await page.goto(assistant.host_page)
    await page.get_by_role("button", name="Ask the assistant").click()
    await assistant.is_connected()
    assert assistant.handshakes[0]["protocols"] == ["mangaassist.v1", f"bearer.{token()}"]


async def test_an_expired_token_is_not_even_tried(page: Page, assistant: Any) -> None:
    await page.add_init_script(f"window.mangaassist = {{token: '{token(expires=1)}'}}")
    await page.goto(assistant.host_page)
    await page.get_by_role("button", name="Ask the assistant").click()
    await assistant.is_connected()
    assert assistant.handshakes[0]["token"] is None


async def test_a_refused_token_makes_a_guest_of_the_shopper(page: Page, assistant: Any) -> None:
    assistant.refused_tokens = {token()}
    await page.add_init_script(f"window.mangaassist = {{token: '{token()}'}}")
    await page.goto(assistant.host_page)
    await page.get_by_role("button", name="Ask the assistant").click()
    await assistant.is_connected()
    assert assistant.handshakes[-1]["token"] is None


async def test_signing_in_takes_the_conversation_along(widget: Page, assistant: Any) -> None:
    await widget.evaluate(f"""() => document.dispatchEvent(new CustomEvent("mangaassist:context",
        {{detail: {{page: {{}}}}, bubbles: true}}), window.mangaassist = {{token: "{token()}"}})""")
    assert (await assistant.hears("auth"))["token"] == token()
    assert len(assistant.handshakes) == 1


async def test_a_token_about_to_expire_is_renewed_by_the_page(widget: Page, assistant: Any) -> None:
    await widget.evaluate(f"""() => document.addEventListener("mangaassist:token-expiring",
        () => {{ window.mangaassist = {{token: "{token()}"}} }})""")
    problem = {"code": "token_expiring", "detail": "The token expires soon."}
    await assistant.tells({"type": "error", "problem": problem})
    assert (await assistant.hears("auth"))["token"] == token()
    await expect(widget.locator(".note")).to_have_count(0)


async def test_signing_out_ends_the_customers_line(page: Page, assistant: Any) -> None:
    await page.add_init_script(f"window.mangaassist = {{token: '{token()}'}}")
    await page.goto(assistant.host_page)
    await page.get_by_role("button", name="Ask the assistant").click()
    await assistant.is_connected()
    await expect(page.locator(".state")).to_have_text("Here to help")
    assistant.connected.clear()
    await page.evaluate(
        """() => document.dispatchEvent(new CustomEvent("mangaassist:sign-in", {detail: {token: null}}))"""
    )
    await assistant.is_connected()
    assert assistant.handshakes[1]["token"] is None


async def test_what_the_widget_says_is_held_against_the_published_frames(
    widget: Page, assistant: Any, published: Published
) -> None:
    said = published.said
    await send(widget, "Hi")
    await assistant.hears("message")
    assert published.said > said
