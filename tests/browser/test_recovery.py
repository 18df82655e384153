"""Crashes, lost frames, lost conversations, as the shopper sees them: nothing twice, nothing unsaid (W-2, W-3, W-12)."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import AT_BOTH_WIDTHS, reopened

pytestmark = [pytest.mark.asyncio(loop_scope="session"), AT_BOTH_WIDTHS]

STORY = "Once upon a time there was a shop with every manga in the world. " * 4
PARTED = "This conversation now belongs to somebody who signed in. You are in a new one."
WATCH = """node => {
  window.busy = [];
  window.added = [];
  const log = node.shadowRoot.querySelector(".log");
  new MutationObserver(changes => {
    window.busy.push(log.getAttribute("aria-busy"));
    for (const {addedNodes} of changes) for (const added of addedNodes) window.added.push(added.textContent);
  }).observe(log, {childList: true, subtree: true, characterData: true, attributes: true, attributeFilter: ["aria-busy"]});
}"""


async def send(page: Page, text: str) -> None:
    await page.get_by_label("Your message").fill(text)
    await page.keyboard.press("Enter")


async def open_panel(page: Page, assistant: Any) -> None:
    await page.goto(assistant.host_page)
    await page.get_by_role("button", name="Ask the assistant").click()


def turn(response_id: str, message: str, answer: str, in_reply_to: str = "", **more: Any) -> dict[str, Any]:
    asked = in_reply_to or f"m-{response_id}"
    return {"response_id": response_id, "in_reply_to": asked, "message": message, "answer": answer, **more}


async def begun(page: Page, assistant: Any, text: str = "It costs $9.99.") -> dict[str, Any]:
    """An answer of which something was said, and its question."""
    await send(page, "How much is it?")
    asked = await assistant.hears("message")
    await assistant.begins(asked)
    await assistant.says({"type": "token", "response_id": "r1", "content": text})
    await expect(page.locator(".bubble")).to_have_text(text.strip())
    return asked


# ---- an answer begins again


async def test_an_answer_that_begins_again_leaves_nothing_of_what_it_had_said(widget: Page, assistant: Any) -> None:
    asked = await begun(widget, assistant)
    await assistant.says({"type": "degraded", "response_id": "r1", "service": "pricing", "fallback": ""})
    await expect(widget.locator(".notice")).to_have_count(1)
    await assistant.begins(asked, attempt=2)
    await expect(widget.locator(".bubble")).to_have_text("Starting over…")
    await expect(widget.locator(".notice")).to_have_count(0)
    await assistant.says(
        {"type": "token", "response_id": "r1", "content": "It costs $12.49."},
        {"type": "done", "response_id": "r1", "metadata": {}},
    )
    await expect(widget.locator(".log > *")).to_have_text(["You: How much is it?", "It costs $12.49."])
    await expect(widget.locator(".footnotes, mark")).to_have_count(0)


async def test_an_answer_that_begins_again_keeps_its_place_and_its_room(widget: Page, assistant: Any) -> None:
    asked = await begun(widget, assistant, STORY)
    bubble = widget.locator(".bubble")
    await bubble.evaluate("node => { window.bubble = node }")
    before = await bubble.bounding_box()
    await assistant.begins(asked, attempt=2)
    await expect(bubble).to_have_text("Starting over…")
    during = await bubble.bounding_box()
    assert before is not None
    assert during is not None
    assert during == before
    await assistant.says({"type": "token", "response_id": "r1", "content": "No."})
    await assistant.says({"type": "done", "response_id": "r1", "metadata": {}})
    await expect(bubble).to_have_text("No.")
    assert await bubble.evaluate("node => node === window.bubble && node.offsetHeight") < before["height"] / 2


async def test_words_that_are_told_as_before_do_not_flow_in_again(widget: Page, assistant: Any) -> None:
    asked = await begun(widget, assistant, STORY)
    await widget.evaluate(
        "() => { window.frames = []; window.requestAnimationFrame = draw => window.frames.push(draw) }"
    )
    await assistant.begins(asked, attempt=2)
    await assistant.says({"type": "token", "response_id": "r1", "content": STORY + "The end. " * 50})
    await assistant.tells({"type": "error", "problem": {"detail": "All of that was heard."}})
    await expect(widget.locator(".note")).to_be_visible()
    await expect(widget.locator(".bubble")).to_have_text(STORY.strip())  # nothing was drawn in between: no flicker
    await widget.evaluate("window.frames.shift()()")
    await expect(widget.locator(".bubble")).to_contain_text(STORY)


async def test_a_screen_reader_hears_only_of_the_attempt_that_came_to_an_end(widget: Page, assistant: Any) -> None:
    asked = await begun(widget, assistant)
    await widget.locator("manga-assist").evaluate(WATCH)
    await assistant.begins(asked, attempt=2)
    await expect(widget.locator(".bubble")).to_have_text("Starting over…")
    await assistant.says({"type": "token", "response_id": "r1", "content": "It costs $12.49."})
    await expect(widget.locator(".bubble")).to_have_text("It costs $12.49.")
    assert set(await widget.evaluate("window.busy")) == {"true"}
    await assistant.says({"type": "done", "response_id": "r1", "metadata": {}})
    await expect(widget.get_by_role("log")).to_have_attribute("aria-busy", "false")


async def test_an_answer_that_is_whole_and_told_again_is_not_announced_again(widget: Page, assistant: Any) -> None:
    await send(widget, "How much is it?")
    asked = await assistant.hears("message")
    await assistant.begins(asked)
    card = {"asin": "B0AAAA0001", "title": "Vagabond", "price": "$12.49", "url": "/p/x", "image_url": ""}
    end = [
        {"type": "products", "response_id": "r1", "items": [card]},
        {"type": "done", "response_id": "r1", "metadata": {"sources": [{"title": "Prices", "source_type": "faq"}]}},
    ]
    await assistant.says(
        {"type": "token", "response_id": "r1", "content": "It costs "},
        {"type": "token", "response_id": "r1", "content": "$9.99."},
        {"type": "correction", "response_id": "r1", "replace_seq": 3, "content": "$12.49.", "stage": "price"},
        *end,
    )
    await expect(widget.locator(".card")).to_have_count(1)
    await widget.locator("manga-assist").evaluate(WATCH)
    await assistant.begins(asked)
    await assistant.says({"type": "token", "response_id": "r1", "content": "It costs $12.49."}, *end)
    await assistant.says({"type": "message", "from": "agent", "name": "Mina", "content": "Hi!"})
    await expect(widget.locator(".agent")).to_be_visible()
    assert await widget.evaluate("window.added") == ["MinaHi!"]
    await expect(widget.locator(".bubble")).to_have_text("It costs $12.49.")


# ---- an answer fails


async def test_a_failed_answer_says_why_and_is_asked_again_under_a_new_id(widget: Page, assistant: Any) -> None:
    asked = await begun(widget, assistant)
    await assistant.fails("I couldn't save this answer.")
    await expect(widget.locator(".answer .problem")).to_contain_text("I couldn't save this answer.")
    await expect(widget.get_by_role("button", name="Stop answering")).to_be_hidden()
    await widget.get_by_role("button", name="Ask again").click()
    again = await assistant.hears("message")
    assert again["message"] == asked["message"]
    assert again["id"] != asked["id"]
    await assistant.begins(again, "r2")
    await assistant.says({"type": "token", "response_id": "r2", "content": "$12.49."})
    await assistant.says({"type": "done", "response_id": "r2", "metadata": {}})
    await expect(widget.locator(".bubble").last).to_have_text("$12.49.")
    await expect(widget.get_by_role("button", name="Ask again")).to_have_count(0)
    await expect(widget.get_by_label("Your message")).to_be_focused()


async def test_a_failed_answer_is_a_receipt_and_its_message_is_not_sent_again(widget: Page, assistant: Any) -> None:
    await begun(widget, assistant)
    await assistant.fails("I couldn't save this answer.")
    await expect(widget.locator(".answer .problem")).to_be_visible()
    await assistant.drops()
    await assistant.is_connected()
    await send(widget, "Still there?")
    assert (await assistant.hears("message"))["message"] == "Still there?"


async def test_a_remembered_answer_that_failed_can_be_asked_again_too(widget: Page, assistant: Any) -> None:
    await send(widget, "Hello")
    await assistant.answers("Hi.")
    await expect(widget.locator(".answer")).to_have_attribute("aria-busy", "false")
    assistant.forgets(turn("r9", "Why?", "", problem={"detail": "I couldn't answer this."}))
    await widget.reload()
    await reopened(widget)
    await expect(widget.locator(".answer .problem")).to_contain_text("I couldn't answer this.")
    await widget.get_by_role("button", name="Ask again").click()
    assert (await assistant.hears("message"))["message"] == "Why?"


# ---- frames are lost


async def test_a_gap_puts_each_turn_where_it_belongs_and_leaves_what_is_there(widget: Page, assistant: Any) -> None:
    await send(widget, "First?")
    first = await assistant.answers("One.", sources=[{"title": "Numbers", "source_type": "faq"}])
    await expect(widget.locator(".bubble")).to_have_text("One.")
    await send(widget, "Third?")
    third = await assistant.hears("message")
    await assistant.begins(third, "r3")
    await assistant.says({"type": "token", "response_id": "r3", "content": "Thr"})
    await expect(widget.locator(".bubble").last).to_have_text("Thr")
    await widget.locator("manga-assist").evaluate(WATCH)
    assistant.forgets(
        turn("r1", "First?", "One.", first["id"]),
        turn("r2", "Second?", "Two."),
        turn("r3", "Third?", "Three.", third["id"]),
    )
    assistant.epoch = "e2"
    await assistant.drops()
    whole = "One.1 sourceHelpNumbers"  # its sources are in no turn: it stays as it was told
    everything = ["You: First?", whole, "You: Second?", "Two.", "You: Third?", "Three."]
    await expect(widget.locator(".log > *")).to_have_text(everything)
    assert not [words for words in await widget.evaluate("window.added") if "One." in words or "First?" in words]
    await send(widget, "Fourth?")
    assert (await assistant.hears("message"))["message"] == "Fourth?"  # the third has its receipt: it is not sent again
    await assistant.drops()
    await assistant.is_connected()
    place = {"last_seq": str(assistant.forgotten_through), "epoch": "e2"}
    assert assistant.handshakes[-1]["query"] == {"session_id": "s_first", **place}


async def test_a_gap_that_leaves_out_older_turns_says_so(widget: Page, assistant: Any) -> None:
    await send(widget, "First?")
    await assistant.answers("One.")
    await expect(widget.locator(".bubble")).to_have_text("One.")
    assistant.forgets(turn("r8", "Eighth?", "Eight."), turn("r9", "Ninth?", "Nine."))
    assistant.has_more = True
    await assistant.drops()
    note = "Some earlier messages are not shown here.Show earlier messages"
    shown = ["You: First?", "One.", note, "You: Eighth?", "Eight.", "You: Ninth?", "Nine."]
    await expect(widget.locator(".log > *")).to_have_text(shown)


async def test_a_gap_that_is_lost_is_asked_for_again(widget: Page, assistant: Any) -> None:
    await send(widget, "Hello")
    asked = await assistant.answers("Hi.")
    await expect(widget.locator(".answer")).to_have_attribute("aria-busy", "false")
    assistant.forgets(turn("r1", "Hello", "Hi.", asked["id"]), turn("r2", "And you?", "Very well."))
    assistant.epoch, assistant.dies_before_gap = "e2", True
    await assistant.drops()
    await expect(widget.locator(".bubble")).to_have_text(["Hi.", "Very well."])
    place = {"session_id": "s_first", "last_seq": "3", "epoch": "e1"}
    assert [handshake["query"] for handshake in assistant.handshakes[1:]] == [place, place]


async def test_after_a_crash_the_message_is_sent_again_and_its_answer_begins_again_in_its_place(
    widget: Page, assistant: Any
) -> None:
    asked = await begun(widget, assistant)
    await send(widget, "And the second one?")
    second = await assistant.hears("message")
    assistant.forgets()
    assistant.socket._req.transport.abort()
    assert await assistant.hears("message") == asked
    assert await assistant.hears("message") == second
    await assistant.begins(asked, attempt=2)
    await assistant.says(
        {"type": "token", "response_id": "r1", "content": "It costs $12.49."},
        {"type": "done", "response_id": "r1", "metadata": {}},
    )
    shown = ["You: How much is it?", "It costs $12.49.", "You: And the second one?"]
    await expect(widget.locator(".log > *")).to_have_text(shown)


async def test_stop_names_its_message_and_is_sent_again_after_it(widget: Page, assistant: Any) -> None:
    asked = await begun(widget, assistant)
    await widget.get_by_role("button", name="Stop answering").click()
    assert await assistant.hears("stop") == {"type": "stop", "id": asked["id"]}
    await assistant.drops()
    assert await assistant.hears("message") == asked
    assert await assistant.hears("stop") == {"type": "stop", "id": asked["id"]}


# ---- the conversation is somebody else's


async def test_a_conversation_that_became_somebody_elses_is_left_for_a_new_one(widget: Page, assistant: Any) -> None:
    await send(widget, "My secret")
    await assistant.answers("Kept.")
    await expect(widget.locator(".bubble")).to_have_text("Kept.")
    await send(widget, "Are you there?")
    asked = await assistant.hears("message")
    assistant.session_id, assistant.kept, assistant.last_seq = "s_other", [], 0
    await assistant.drops(4403)
    await expect(widget.locator(".log > *")).to_have_text([PARTED, "You: Are you there?"])
    assert await assistant.hears("message") == asked
    assert assistant.handshakes[1]["query"] == {}
    await assistant.begins(asked)
    await assistant.says({"type": "token", "response_id": "r1", "content": "Yes."})
    await assistant.says({"type": "done", "response_id": "r1", "metadata": {}})
    await expect(widget.locator(".log > *")).to_have_text([PARTED, "You: Are you there?", "Yes."])


async def test_the_conversation_that_was_left_stays_with_whoever_signed_in(widget: Page, assistant: Any) -> None:
    await send(widget, "Hello")
    await assistant.answers("Hi.")
    await expect(widget.locator(".answer")).to_have_attribute("aria-busy", "false")
    assistant.session_id = "s_other"
    await assistant.drops(4403)
    await assistant.is_connected()
    await expect(widget.locator(".state")).to_have_text("Here to help")
    await widget.reload()
    await reopened(widget)
    await assistant.is_connected()
    assert assistant.handshakes[-1]["query"]["session_id"] == "s_first"


async def test_a_conversation_that_became_the_shoppers_own_goes_on_under_the_token(
    widget: Page, assistant: Any
) -> None:
    await send(widget, "Hello")
    await assistant.answers("Hi.")
    await expect(widget.locator(".bubble")).to_have_text("Hi.")
    await widget.evaluate("() => { window.mangaassist = {token: 'fresh'} }")
    await assistant.drops(4403)
    await assistant.is_connected()
    assert assistant.handshakes[1]["token"] == "fresh"
    assert assistant.handshakes[1]["query"]["session_id"] == "s_first"
    await expect(widget.locator(".bubble")).to_have_text("Hi.")


# ---- the server is away


async def test_a_server_that_is_away_is_sought_ever_more_seldom_and_the_shopper_stays_who_they_are(
    page: Page, assistant: Any
) -> None:
    await page.add_init_script("""
        window.mangaassist = {token: "aiko"};
        window.waits = [];
        Math.random = () => 0.5;
        const wait = window.setTimeout;
        window.setTimeout = (what, ms) => { window.waits.push(ms); return wait(what, [400, 800, 1600].includes(ms) ? 1 : ms) };
    """)
    assistant.turns_away_with = 1013
    await open_panel(page, assistant)
    await page.wait_for_function("window.waits.includes(1600)")
    assistant.turns_away_with = None
    await expect(page.locator(".state")).to_have_text("Here to help")
    assert [wait for wait in await page.evaluate("window.waits") if wait in (400, 800, 1600)] == [400, 800, 1600]
    assert {handshake["token"] for handshake in assistant.handshakes} == {"aiko"}


async def test_a_line_that_is_lost_right_after_its_greeting_is_no_good_one(widget: Page, assistant: Any) -> None:
    await widget.evaluate("""() => {
        window.waits = [];
        Math.random = () => 0.5;
        const wait = window.setTimeout;
        window.setTimeout = (what, ms) => { window.waits.push(ms); return wait(what, ms) };
    }""")
    for _ in range(2):
        await assistant.is_connected()
        await assistant.drops(1013)
    await assistant.is_connected()
    await expect(widget.locator(".state")).to_have_text("Here to help")
    assert [wait for wait in await widget.evaluate("window.waits") if wait in (400, 800)] == [400, 800]
