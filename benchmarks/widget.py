"""The widget in a real browser: what a token costs after five hundred turns, and when the launcher is there on a slow line."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from aiohttp import web
from playwright.async_api import Browser, Page, async_playwright

from benchmarks.measuring import Row, at_most, percentile
from mangaassist.edge.web_files import FILES
from tests.browser.conftest import CHROMIUM_ARGS, FakeAssistant
from tests.peers import needed

TURNS: Final = 500
TOKENS: Final = 600
TOKEN_EVERY_S: Final = 1 / 200
STARTS: Final = 5
SLOW_LINE: Final = {"offline": False, "latency": 300, "downloadThroughput": 200_000, "uploadThroughput": 200_000}
"""1.6 Mbit/s and 300 ms."""
CATEGORIES: Final = ["toplevel", "disabled-by-default-devtools.timeline"]
LAUNCHED: Final = """(() => { const look = setInterval(() => {
  const launcher = document.querySelector("manga-assist")?.shadowRoot?.querySelector(".launcher");
  if (!launcher) return;
  clearInterval(look);
  window.launched = performance.now();
}, 5); })()"""


def rows(_: Path) -> list[Row]:
    return asyncio.run(_measured())


async def _measured() -> list[Row]:
    async with _browser() as browser, _assistant() as assistant:
        fast = await _longest(browser, assistant, slowed=1)
        slow = await _longest(browser, assistant, slowed=4)
        launched = [await _launched(browser, assistant) for _ in range(STARTS)]
    conversation = next(file for path, file in FILES.items() if path.endswith("/conversation.js"))
    launcher = FILES["widget.js"].packed
    both = {encoding: (len(launcher[encoding]) + len(conversation.packed[encoding])) / 1024 for encoding in launcher}
    return [
        at_most(f"longest task, 200 tokens a second after {TURNS} turns", fast, "ms", 50),
        at_most("the same with the processor slowed four times", slow, "ms", 100),
        at_most("launcher at 1.6 Mbit/s and 300 ms, p50", percentile(launched, 50), "ms", 1500),
        Row(what="launcher, gzipped", value=len(launcher["gzip"]) / 1024, unit="KiB"),
        at_most("launcher and conversation, gzipped", both["gzip"], "KiB", 30),
        Row(what="launcher and conversation, by brotli", value=both["br"], unit="KiB"),
    ]


async def _longest(browser: Browser, assistant: FakeAssistant, slowed: int) -> float:
    """Milliseconds of processor time of the longest task of the main thread."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    page = await context.new_page()
    assistant.session_id, assistant.kept = f"s_{slowed}", []
    assistant.turns = [_turn(number) for number in range(TURNS)]
    kept = {"session_id": assistant.session_id, "last_seq": assistant.last_seq, "epoch": "e1", "pending": []}
    await page.add_init_script(f"localStorage.setItem('mangaassist:{assistant.url}', '{json.dumps(kept)}')")
    await page.goto(assistant.host_page)
    await page.get_by_role("button", name="Ask the assistant").click()
    await page.locator(".answer").nth(TURNS - 1).wait_for()
    await page.get_by_label("Your message").fill("And now?")
    await page.keyboard.press("Enter")
    asked = await assistant.hears("message")
    devtools = await context.new_cdp_session(page)
    await devtools.send("Emulation.setCPUThrottlingRate", {"rate": slowed})
    await browser.start_tracing(page=page, categories=CATEGORIES)
    await _stream(assistant, asked)
    await page.wait_for_timeout(500)
    trace = json.loads(await browser.stop_tracing())
    await context.close()
    return max(_tasks(trace["traceEvents"])) / 1000


def _tasks(events: list[dict[str, Any]]) -> list[float]:
    """Processor time of each task of a page's main thread, in microseconds: what others do on this machine is not its."""
    mains = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    return [
        event.get("tdur", 0.0)
        for event in events
        if event["name"].endswith("RunTask") and event["ph"] == "X" and (event["pid"], event["tid"]) in mains
    ]


async def _stream(assistant: FakeAssistant, asked: dict[str, Any]) -> None:
    await assistant.begins(asked, "r_now")
    loop = asyncio.get_running_loop()
    begun = loop.time()
    for number in range(TOKENS):
        end = "\n\n" if number % 60 == 59 else " "
        await assistant.says({"type": "token", "response_id": "r_now", "content": f"word{number}{end}"})
        await asyncio.sleep(max(0.0, begun + number * TOKEN_EVERY_S - loop.time()))
    await assistant.says({"type": "done", "response_id": "r_now", "metadata": {}})


async def _launched(browser: Browser, assistant: FakeAssistant) -> float:
    """Milliseconds from the navigation until the launcher is on the page, with nothing in any cache."""
    context = await browser.new_context()
    page: Page = await context.new_page()
    devtools = await context.new_cdp_session(page)
    await devtools.send("Network.enable")
    await devtools.send("Network.emulateNetworkConditions", SLOW_LINE)
    await page.add_init_script(LAUNCHED)
    await page.goto(assistant.host_page)
    await page.wait_for_function("window.launched")
    launched: float = await page.evaluate("window.launched")
    await context.close()
    return launched


def _turn(number: int) -> dict[str, Any]:
    card = {"asin": f"B0AAAA{number:04}", "title": f"Volume {number}", "price": "$9.99", "url": "/p/x", "image_url": ""}
    return {
        "response_id": f"r{number}", "in_reply_to": f"m{number}", "message": f"Question {number}?",
        "answer": f"Answer **{number}**, which takes\n\n- a line\n- or two.", "products": [card] if number % 3 == 0 else [],
    }  # fmt: skip


@asynccontextmanager
async def _browser() -> AsyncGenerator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=needed("chromium"), args=CHROMIUM_ARGS)
        yield launched
        await launched.close()


@asynccontextmanager
async def _assistant() -> AsyncGenerator[FakeAssistant]:
    fake = FakeAssistant()
    runner = web.AppRunner(fake.app(), shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    fake.port = runner.addresses[0][1]
    yield fake
    await runner.cleanup()
