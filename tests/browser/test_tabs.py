"""One socket for all of a shopper's tabs (W-2, W-6): what each hears, what one does to the others, and the way without it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, expect

from tests.browser.conftest import LIMIT_S, FakeAssistant, words

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def send(page: Page, text: str) -> None:
    await page.get_by_label("Your message").fill(text)
    await page.keyboard.press("Enter")


@pytest_asyncio.fixture(loop_scope="session")
async def tabs(widget: Page, assistant: FakeAssistant) -> AsyncIterator[tuple[Page, Page]]:
    """Two tabs in one conversation, with one answer in it; the panel is open in both."""
    await answered(widget, assistant)
    await expect(widget.locator(".bubble")).to_have_text("Answer 1.")
    other = await opened(widget.context, assistant)
    yield widget, other
    await other.close()


async def answered(page: Page, assistant: FakeAssistant) -> None:
    """A first turn, which whoever comes later is told."""
    await send(page, "Question 1?")
    asked = await assistant.answers("Answer 1.")
    told = {"response_id": "r1", "in_reply_to": asked["id"], "message": "Question 1?", "answer": "Answer 1."}
    assistant.turns = [told]


async def opened(context: BrowserContext, assistant: FakeAssistant) -> Page:
    page = await context.new_page()
    page.set_default_timeout(LIMIT_S * 1000)
    await page.goto(assistant.host_page)
    await expect(page.locator(".bubble").first).to_have_text("Answer 1.")
    return page


async def are_open(assistant: FakeAssistant, count: int) -> None:
    await until(assistant, lambda: len(assistant.sockets) == count)


async def until(assistant: FakeAssistant, holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(LIMIT_S):
        while not holds():
            assistant.came_or_went.clear()
            await assistant.came_or_went.wait()


async def test_two_tabs_hold_one_socket_and_both_hear_an_answer_once(tabs: tuple[Page, Page], assistant: Any) -> None:
    one, two = tabs
    await are_open(assistant, 1)
    await send(one, "Question 2?")
    await assistant.answers("Answer 2.", "r2")
    for page in (one, two):
        await expect(page.locator(".bubble")).to_have_text(["Answer 1.", "Answer 2."])
        await expect(page.locator(".question")).to_have_text(["You: Question 1?", "You: Question 2?"])


async def test_a_tab_that_comes_in_the_middle_of_an_answer_takes_nothing_from_the_others(
    widget: Page, assistant: Any
) -> None:
    await answered(widget, assistant)
    await send(widget, "Question 2?")
    await assistant.begins(await assistant.hears("message"), "r2")
    await assistant.says(*words("Half of", "r2"))
    other = await opened(widget.context, assistant)
    await are_open(assistant, 1)
    await assistant.says(*words(" it", "r2"), {"type": "done", "response_id": "r2", "metadata": {}})
    for page in (widget, other):
        await expect(page.locator(".bubble")).to_have_text(["Answer 1.", "Half of it"])
    await other.close()


async def test_a_tab_that_goes_leaves_the_line_to_the_others(tabs: tuple[Page, Page], assistant: Any) -> None:
    one, two = tabs
    await are_open(assistant, 1)
    await one.goto("about:blank")
    await send(two, "Question 2?")
    await assistant.answers("Answer 2.", "r2")
    await expect(two.locator(".bubble")).to_have_text(["Answer 1.", "Answer 2."])
    await two.goto("about:blank")
    await are_open(assistant, 0)


async def test_a_line_that_is_lost_comes_back_for_all_tabs_and_is_one_again(
    tabs: tuple[Page, Page], assistant: Any
) -> None:
    await are_open(assistant, 1)
    await assistant.drops()
    for page in tabs:
        await expect(page.locator(".state")).to_have_text("Here to help")
    await assistant.is_connected()
    await are_open(assistant, 1)
    await send(tabs[0], "Question 2?")
    await assistant.answers("Answer 2.", "r2")
    for page in tabs:
        await expect(page.locator(".bubble")).to_have_text(["Answer 1.", "Answer 2."])


async def test_an_error_is_told_to_the_tab_whose_message_it_is_of(tabs: tuple[Page, Page], assistant: Any) -> None:
    one, two = tabs
    await are_open(assistant, 1)
    await send(one, "Question 2?")
    asked = await assistant.hears("message")
    problem = {"type": "about:blank", "title": "", "status": 429, "code": "rate", "detail": "That was a lot at once."}
    await assistant.tells({"type": "error", "in_reply_to": asked["id"], "problem": problem})
    await expect(one.locator(".question .problem").last).to_contain_text("That was a lot at once.")
    await send(two, "Question 3?")
    await assistant.answers("Answer 3.", "r3")
    await expect(two.locator(".bubble").last).to_have_text("Answer 3.")
    await expect(two.get_by_text("That was a lot at once.")).to_have_count(0)


async def test_who_signs_in_on_one_tab_speaks_for_nobody_on_the_others(tabs: tuple[Page, Page], assistant: Any) -> None:
    one, two = tabs
    await are_open(assistant, 1)
    before = len(assistant.handshakes)
    await one.evaluate("document.dispatchEvent(new CustomEvent('mangaassist:sign-in', {detail: {token: 'aaa'}}))")
    assert (await assistant.hears("auth"))["token"] == "aaa"
    await until(assistant, lambda: len(assistant.handshakes) > before)
    assert [each["token"] for each in assistant.handshakes[before:]] == [None]
    await are_open(assistant, 2)
    await two.evaluate("document.dispatchEvent(new CustomEvent('mangaassist:sign-in', {detail: {token: 'aaa'}}))")
    assert (await assistant.hears("auth"))["token"] == "aaa"


async def test_tabs_of_two_conversations_have_a_socket_each(tabs: tuple[Page, Page], assistant: Any) -> None:
    one, two = tabs
    await are_open(assistant, 1)
    await two.evaluate("delete Storage.prototype.setItem")
    assistant.session_id, assistant.kept, assistant.turns = "s_second", [], []
    await two.get_by_role("button", name="New conversation").click()
    await expect(two.locator(".log > *")).to_have_count(0)
    await are_open(assistant, 2)
    await send(two, "Question 2?")
    await assistant.answers("Answer 2.", "r2")
    await expect(two.locator(".bubble")).to_have_text("Answer 2.")
    await expect(one.locator(".bubble")).to_have_text(["Answer 1."])
    await two.goto("about:blank")
    await are_open(assistant, 1)  # nobody is left in the second


STRICT = (
    "default-src 'none'; script-src {assistant}; connect-src {assistant} {socket}; img-src 'self'; "
    "worker-src 'self' {assistant}"
)
"""As docs/embedding.md says it."""


async def test_a_strict_policy_allows_the_shared_line(page: Page, assistant: FakeAssistant) -> None:
    policy = STRICT.format(assistant=assistant.url, socket=assistant.url.replace("http", "ws"))
    source = f"{assistant.url}/widget/widget.js"
    assistant.page = (
        f'<!doctype html><html lang=en><meta http-equiv="Content-Security-Policy" content="{policy}"><body>'
        f"<script type=module src={source} data-line=/assistant-line.js></script>"
    )
    own: list[str] = []
    page.on("websocket", lambda socket: own.append(socket.url))
    await page.goto(assistant.host_page)
    await page.get_by_role("button", name="Ask the assistant").click()
    await assistant.is_connected()
    await answered(page, assistant)
    await expect(page.locator(".bubble")).to_have_text("Answer 1.")
    assert own == []


ALONE = {
    "no SharedWorker": ("delete window.SharedWorker", ""),
    "a worker that is not there": ("", "data-line=/nowhere.js"),
    "a worker of another origin": ("", "data-line={assistant}/widget/shared-line.js"),
    "a policy against workers": ("", "POLICY"),
}


@pytest.mark.parametrize("why", ALONE)
async def test_where_no_worker_can_be_had_each_tab_has_a_socket_of_its_own(
    page: Page, assistant: FakeAssistant, why: str
) -> None:
    script, line = ALONE[why]
    await page.add_init_script(script or "0")
    policy = "<meta http-equiv='Content-Security-Policy' content=\"worker-src 'none'\">" if line == "POLICY" else ""
    named = "data-line=/assistant-line.js" if line in ("", "POLICY") else line.format(assistant=assistant.url)
    source = f"{assistant.url}/widget/widget.js"
    assistant.page = f"<!doctype html><html lang=en>{policy}<body><script type=module src={source} {named}></script>"
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    await page.goto(assistant.host_page)
    await page.get_by_role("button", name="Ask the assistant").click()
    await assistant.is_connected()
    await send(page, "Question 1?")
    await assistant.answers("Answer 1.")
    await expect(page.locator(".bubble")).to_have_text("Answer 1.")
    assert sockets
