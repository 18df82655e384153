"""O-6: the console's pages show what the process counts, at both widths, to everybody, and to a customer only words."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from msgspec.structs import replace
from playwright.async_api import Page, expect

from mangaassist.telemetry.recent_turns import StageSpan
from mangaassist.testing.clock import START
from mangaassist.wire.metadata import AnswerMetadata
from tests.browser.operators import served
from tests.conversation.virtual import Process, World

pytestmark = pytest.mark.asyncio(loop_scope="session")
WIDTHS = (390, 1280)
ANSWER = AnswerMetadata(
    intent="product_discovery", confidence=1.0, acts=("find",), stage="rules", tier="small", model="haiku",
    latency_ms=412.0, ttft_ms=120.0, timings={"intent": 70.0, "write": 300.0}, cost_usd=0.0021,
)  # fmt: skip
SPANS = (StageSpan("intent", 1.0, 70.0), StageSpan("write", 80.0, 300.0))


@pytest_asyncio.fixture(loop_scope="session")
async def process() -> Process:
    return Process(World(), "console")


@pytest_asyncio.fixture(loop_scope="session")
async def edge(process: Process) -> AsyncIterator[str]:
    async with served(process) as address:
        yield address


class Eyes:
    """Looks for what some people cannot see or use, at every width."""

    def __init__(self, page: Page, axe: str) -> None:
        self._page = page
        self._axe = (Path(axe) / "axe.min.js").read_text()

    async def find_nothing(self) -> None:
        await self._page.evaluate(self._axe)
        for width in WIDTHS:
            await self._page.set_viewport_size({"width": width, "height": 800})
            found: Any = await self._page.evaluate("axe.run(document, {resultTypes: ['violations']})")
            assert [(one["id"], node["target"]) for one in found["violations"] for node in one["nodes"]] == []
            assert await self._page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.fixture
def eyes(page: Page, peer: Any) -> Eyes:
    return Eyes(page, peer("axe"))


async def test_the_overview_shows_turns_costs_and_alarms_and_goes_on_by_itself(
    page: Page, edge: str, process: Process, eyes: Eyes
) -> None:
    process.shared.metrics.observe_answer(ANSWER, ("prices",), START, SPANS, begins=True)
    process.shared.metrics.raise_session_alarm(START)
    await page.goto(f"{edge}/ops#token=oda")
    assert "oda" not in page.url
    await expect(page.get_by_role("region", name="Alarms")).to_contain_text("SessionAlarm")
    await expect(page.locator(".board")).to_contain_text("product discovery")
    await expect(page.locator(".board")).to_contain_text("$0.0021")
    await eyes.find_nothing()
    process.shared.metrics.observe_answer(replace(ANSWER, intent="promotion"), (), START, SPANS)
    await expect(page.locator(".board")).to_contain_text("promotion")


async def test_a_turn_is_a_waterfall_with_the_stages_that_took_too_long_marked(
    page: Page, edge: str, process: Process, eyes: Eyes
) -> None:
    process.shared.metrics.observe_answer(replace(ANSWER, latency_ms=9.0), (), START)
    process.shared.metrics.observe_answer(ANSWER, (), START, SPANS)
    await page.goto(f"{edge}/ops/turns#token=oda")
    stages = page.get_by_role("list", name="Stages").get_by_role("listitem")
    await expect(stages).to_have_count(2)
    await expect(stages.first).to_have_class("over")
    await expect(stages.first).to_contain_text("140 % of 50 ms")
    await eyes.find_nothing()
    await page.get_by_role("button", name="slowest").click()
    await expect(page.get_by_role("group", name="Turns", exact=True).get_by_role("button").first).to_contain_text(
        "412 ms"
    )


async def test_a_customer_reads_words_and_somebody_without_an_account_may_sign_in(
    page: Page, edge: str, eyes: Eyes
) -> None:
    await page.context.add_cookies([{"name": "session-token", "value": "aiko", "url": edge}])
    gone = await page.goto(f"{edge}/ops")
    assert gone is not None
    assert gone.status == 403
    await expect(page.get_by_role("heading")).to_have_text("This is for the shop’s team")
    await eyes.find_nothing()
    await page.context.clear_cookies()
    await page.goto(f"{edge}/ops")
    await page.get_by_label("Token").fill("oda")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("heading", name="First token")).to_be_visible()
    await page.get_by_role("link", name="Desk").click()
    await expect(page.get_by_role("navigation", name="Who waits")).to_contain_text("Nobody waits.")
