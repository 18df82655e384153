"""O-6: the console's pages show what the process counts, at both widths, to everybody, and to a customer only words."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
import pytest_asyncio
from msgspec.structs import replace
from playwright.async_api import Page, expect

from mangaassist.console.faults import OFF
from mangaassist.console.knowledge_sharing import KnowledgeSharing, WatchedKnowledge
from mangaassist.console.process_figures import Watched
from mangaassist.console.sharing import Sharing
from mangaassist.knowledge.dead_letters import DeadLetter
from mangaassist.knowledge.generations import ServingIndex
from mangaassist.services.breaker import BreakerState
from mangaassist.services.policies import POLICIES, Service
from mangaassist.telemetry.freshness import Freshness
from mangaassist.telemetry.metrics import Metrics
from mangaassist.telemetry.recent_turns import CallSpan, StageSpan
from mangaassist.testing.clock import START
from mangaassist.testing.memory_dead_letters import MemoryDeadLetters
from mangaassist.testing.memory_index import MemoryIndex
from mangaassist.testing.scripted_answers import CARD
from mangaassist.wire.console_faults import FaultsView
from mangaassist.wire.metadata import AnswerMetadata
from mangaassist.wire.store_pages import StorePage
from tests.browser.operators import served
from tests.conversation.virtual import Process, World, seconds

pytestmark = pytest.mark.asyncio(loop_scope="session")
WIDTHS = (390, 1280)
ANSWER = AnswerMetadata(
    intent="product_discovery", confidence=1.0, acts=("find",), stage="rules", tier="small", model="haiku",
    latency_ms=412.0, ttft_ms=120.0, timings={"intent": 70.0, "write": 300.0}, cost_usd=0.0021,
)  # fmt: skip
LETTER = DeadLetter(
    source="editorial", document_id="editorial-gifts", version=7, error="body: must not be empty", event="{}",
    set_aside_at=START,
)  # fmt: skip
SPANS = (StageSpan("intent", 1.0, 70.0), StageSpan("services", 72.0, 8.0), StageSpan("write", 80.0, 300.0))
CALLS = (
    CallSpan(service="pricing", question="price", stage="services", began_ms=72.0, took_ms=8.0, outcome="timeout"),
    CallSpan(
        service="catalog", question="product", stage="services", began_ms=72.0, took_ms=2.0, outcome="ok", retried=True
    ),
)


@pytest_asyncio.fixture(loop_scope="session")
async def process() -> Process:
    return Process(World(), "console")


@pytest_asyncio.fixture(loop_scope="session")
async def edge(process: Process) -> AsyncIterator[str]:
    async with served(process) as address:
        yield address


CLOSED = dict[Service, BreakerState](dict.fromkeys(POLICIES, "closed"))
NONE_ALLOWED = msgspec.to_builtins(FaultsView(why=OFF))


SQUEEZED = """() => [...document.querySelectorAll(".rows > li")].flatMap(row => {
  const name = row.querySelector(".name"), told = row.querySelector(".told");
  const edge = row.parentElement.getBoundingClientRect().right;
  const wanted = Math.min(name?.scrollWidth ?? 0, 60);
  return (name && name.clientWidth < wanted) || (told && told.getBoundingClientRect().right > edge + 1) ? [row.textContent] : [];
})"""
"""Rows whose name cannot be read any more, or that stand out of their tile."""


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
            assert await self._page.evaluate(SQUEEZED) == []


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
    process.shared.metrics.observe_answer(ANSWER, (), START, SPANS, CALLS)
    await page.goto(f"{edge}/ops/turns#token=oda")
    stages = page.get_by_role("list", name="Stages").get_by_role("listitem")
    await expect(stages).to_have_text([
        re.compile("^intent.*140 % of 50 ms$"),
        re.compile("^services"),
        re.compile("^pricing: price.*timed out$"),
        re.compile("^catalog: product.*tried again$"),
        re.compile("^write"),
    ])  # fmt: skip
    await expect(stages.first).to_have_class("over")
    await expect(stages.nth(2)).to_have_class("call over")
    await eyes.find_nothing()
    await page.get_by_role("button", name="slowest").click()
    await expect(page.get_by_role("group", name="Turns", exact=True).get_by_role("button").first).to_contain_text(
        "412 ms"
    )


async def test_the_overview_names_the_processes_that_it_covers_and_how_old_each_ones_figures_are(
    page: Page, edge: str, process: Process, eyes: Eyes
) -> None:
    metrics = Metrics()
    metrics.observe_answer(replace(ANSWER, degraded=("reviews",)), (), START)
    other = Watched(
        process="other", since=START, metrics=metrics, clock=seconds, breakers=lambda: {**CLOSED, "reviews": "open"}
    )
    await Sharing(other, process.boards.figures, process.boards.turns, lambda: START).tell()
    await page.goto(f"{edge}/ops#token=oda")
    await expect(page.get_by_role("list", name="Processes").get_by_role("listitem")).to_have_text([
        re.compile("^process 1.*this one$"),
        re.compile(r"^other.*1 answers · [\d.]+ s old$"),
    ])  # fmt: skip
    await expect(page.locator(".services .open")).to_contain_text("open in 1 of 2")
    await expect(page.get_by_role("list", name="Services that answers did without")).to_contain_text("reviews")
    await eyes.find_nothing()


async def test_a_fault_is_injected_for_a_while_said_on_the_overview_and_ended_before_its_time(
    page: Page, edge: str, process: Process, eyes: Eyes
) -> None:
    await page.goto(f"{edge}/ops/faults#token=oda")
    await page.get_by_role("combobox", name="Service").select_option("reviews")
    await expect(page.get_by_label("Seconds it is late")).to_be_hidden()
    await page.get_by_role("combobox", name="What is wrong").select_option("slow")
    await page.get_by_label("Seconds it is late").fill("0.7")
    await page.get_by_role("combobox", name=re.compile("^For")).select_option("5 minutes")
    await page.get_by_role("button", name="Inject").click()
    faults = page.get_by_role("list", name="Faults")
    await expect(faults).to_contain_text("slow, 0.7 s · ends in 5 min")
    await eyes.find_nothing()
    (fault,) = (await process.faults.faults()).faults
    assert (fault.service, fault.mode, fault.delay_ms) == ("reviews", "slow", 700)
    await page.goto(f"{edge}/ops")
    await expect(page.get_by_role("region", name="Faults on purpose")).to_contain_text("reviews")
    await page.get_by_role("link", name="End them").click()
    await page.get_by_role("button", name="End now: reviews").click()
    await expect(page.get_by_text("Every service is as it is by itself.")).to_be_visible()
    assert (await process.faults.faults()).faults == ()


async def test_where_no_faults_are_allowed_the_page_says_why_and_offers_nothing(
    page: Page, edge: str, process: Process, eyes: Eyes
) -> None:
    await page.route("**/ops/console/faults", lambda route: route.fulfill(json=NONE_ALLOWED))
    await page.goto(f"{edge}/ops/faults#token=oda")
    await expect(page.get_by_text("console.faults is off")).to_be_visible()
    await expect(page.get_by_role("button", name="Inject")).to_be_hidden()
    await eyes.find_nothing()


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


async def test_what_was_set_aside_is_read_with_its_reason_and_tried_again(
    page: Page, edge: str, process: Process, eyes: Eyes
) -> None:
    process.shared.metrics.limit_knowledge("catalog", 10)
    process.shared.metrics.observe_knowledge("catalog", 2.5, START)
    await process.letters.set_aside(LETTER)
    await page.goto(f"{edge}/ops/knowledge#token=oda")
    await expect(page.get_by_role("region", name="Freshness")).to_contain_text("catalog")
    await expect(page.get_by_role("region", name="Set aside")).to_contain_text("body: must not be empty")
    await eyes.find_nothing()
    await page.get_by_role("button", name="Try again: editorial-gifts").click()
    await expect(page.get_by_role("button", name="Try again: editorial-gifts")).to_be_disabled()
    assert [letter.letter_id for letter in await process.letters.due(5)] == [LETTER.letter_id]


async def test_what_only_another_process_has_set_aside_is_read_here_and_tried_again_there(
    page: Page, edge: str, process: Process, eyes: Eyes
) -> None:
    letters = MemoryDeadLetters()
    await letters.set_aside(LETTER)
    watched = WatchedKnowledge(process="other", letters=letters, freshness=Freshness(), index=ServingIndex())
    other = KnowledgeSharing(watched, process.boards.knowledge, process.boards.retries, lambda: START)
    await other.tell()
    await page.goto(f"{edge}/ops/knowledge#token=oda")
    await expect(page.get_by_role("list", name="Processes").get_by_role("listitem")).to_have_text([
        re.compile("^process 1.*this one$"), re.compile(r"^other.*indexes · [\d.]+ s old$"),
    ])  # fmt: skip
    await eyes.find_nothing()
    await page.get_by_role("button", name="Try again: editorial-gifts").click()
    await expect(page.get_by_role("button", name="Try again: editorial-gifts")).to_be_disabled()
    await other.tell()
    assert [letter.letter_id for letter in await letters.due(5)] == [LETTER.letter_id]


async def test_while_an_index_is_made_for_another_encoder_the_pages_say_that_changes_wait_and_then_no_longer(
    page: Page, edge: str, process: Process, eyes: Eyes
) -> None:
    former = MemoryIndex()
    await process.index.show(former, by_words_alone=True)
    await process.letters.set_aside(LETTER)
    await page.goto(f"{edge}/ops/pages#token=oda")
    await expect(page.get_by_text("page changes are not found yet")).to_be_visible()
    await page.goto(f"{edge}/ops/knowledge")
    line = page.get_by_text("what was set aside is not tried")
    await expect(line).to_be_visible()
    await eyes.find_nothing()
    await page.get_by_role("button", name="Try again: editorial-gifts").click()
    await expect(page.get_by_text("tried again when the index is whole")).to_be_visible()
    await process.index.show(MemoryIndex())
    await expect(line).to_be_hidden()


async def test_one_person_writes_a_page_and_another_reads_what_it_changes_and_approves_it(
    page: Page, edge: str, process: Process, eyes: Eyes
) -> None:
    process.pages.pages["faq-a"] = StorePage(
        id="faq-a", version=3, updated_at="2026-10-30T08:00:00Z", source_type="faq", title="When?", body="In two days."
    )
    await page.goto(f"{edge}/ops/pages#token=oda")
    await page.get_by_role("button", name="When?").click()
    await page.get_by_role("button", name="Edit").click()
    await page.get_by_label("Text, in Markdown").fill("In one day.")
    await eyes.find_nothing()
    await page.get_by_role("button", name="Save the draft").click()
    await expect(page.get_by_text("somebody else approves it.", exact=False).last).to_be_visible()
    await expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    await page.goto("about:blank")
    await page.goto(f"{edge}/ops/pages#token=ola")
    await page.get_by_role("button", name="When?").click()
    changes = page.get_by_role("group", name="What the draft changes")
    await expect(changes.locator("del").first).to_have_text("two")
    await expect(changes.locator("ins").first).to_have_text("one")
    await eyes.find_nothing()
    await page.get_by_role("button", name="Approve").click()
    await expect(page.get_by_label("Text", exact=True)).to_have_text("In one day.")
    assert process.pages.pages["faq-a"].body == "In one day."


async def test_who_was_shown_which_price_is_found_and_read_on(page: Page, edge: str, eyes: Eyes) -> None:
    async with aiohttp.ClientSession() as http:
        for number in range(51):
            async with http.post(f"{edge}/chat/message", json={"message": f"one card {number}"}) as answer:
                assert answer.status == 200
    await page.goto(f"{edge}/ops/audit#token=oda")
    await page.get_by_label("ASIN").fill(CARD.asin)
    await page.get_by_role("combobox").select_option("shown")
    await page.get_by_role("button", name="Search").click()
    await expect(page.get_by_role("row")).to_have_count(51)
    await expect(page.get_by_role("cell", name=f"{CARD.asin} {CARD.price}").first).to_be_visible()
    await eyes.find_nothing()
    await page.get_by_role("button", name="Older entries").click()
    await expect(page.get_by_role("row")).to_have_count(52)
    await expect(page.get_by_text("51 entries, and that is all.")).to_be_visible()
