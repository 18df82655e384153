"""Five hundred turns before it cost an answer nothing: it alone is drawn, and what is finished leaves the layout (R-3)."""

import json
from typing import Any, Final

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import AT_BOTH_WIDTHS

pytestmark = [pytest.mark.asyncio(loop_scope="session"), AT_BOTH_WIDTHS]

TURNS: Final = 500
WATCHED: Final = """node => {
  const log = node.shadowRoot.querySelector(".log"), last = log.lastElementChild;
  Object.assign(window, {drawn: 0, touched: []});
  const look = ({target, type}) =>
    last.contains(target) ? window.drawn += 1 : window.touched.push(`${type} of ${target.nodeName}.${target.className}`);
  const all = {subtree: true, childList: true, characterData: true, attributes: true};
  new MutationObserver(seen => seen.forEach(look)).observe(log, all);
}"""
LAID_OUT: Final = """node => [...node.shadowRoot.querySelectorAll(".log > *")].filter(each =>
  getComputedStyle(each).contentVisibility !== "auto").length"""


def turn(number: int) -> dict[str, Any]:
    return {
        "response_id": f"r{number}", "in_reply_to": f"m{number}", "message": f"Question {number}?",
        "answer": f"Answer {number} with **words**.",
    }  # fmt: skip


async def test_after_five_hundred_turns_a_token_touches_the_answer_that_it_is_of_and_nothing_before(
    page: Page, assistant: Any, word_by_word: Any
) -> None:
    assistant.session_id, assistant.turns = "s_long", [turn(number) for number in range(TURNS)]
    kept: dict[str, Any] = {"session_id": "s_long", "last_seq": assistant.last_seq, "epoch": "e1", "pending": []}
    await page.add_init_script(f"localStorage.setItem('mangaassist:{assistant.url}', '{json.dumps(kept)}')")
    await page.emulate_media(reduced_motion="reduce")
    await page.goto(assistant.host_page)
    await page.get_by_role("button", name="Ask the assistant").click()
    await expect(page.locator(".answer")).to_have_count(TURNS)
    await page.get_by_label("Your message").fill("And now?")
    await page.keyboard.press("Enter")
    await assistant.begins(await assistant.hears("message"), "r_now")
    await assistant.says(*word_by_word("It begins", "r_now"))
    await expect(page.locator(".bubble").last).to_have_text("It begins")
    widget = page.locator("manga-assist")
    await widget.evaluate(WATCHED)
    words = " ".join(f"word{number}" for number in range(200))
    await assistant.says(*word_by_word(f" and goes on {words}", "r_now"))
    await expect(page.locator(".bubble").last).to_contain_text("word199")
    assert await page.evaluate("window.drawn") > 0
    assert await page.evaluate("window.touched") == []
    assert await widget.evaluate(LAID_OUT) <= 3
