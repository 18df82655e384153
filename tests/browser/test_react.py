"""R-7: pages of React on packages from npm: ``useChat`` under ``examples/``, and the embedding that docs/embedding.md shows."""

import json
import re
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Page, expect

from tests.loopback import Loopback, loopback

pytestmark = pytest.mark.asyncio(loop_scope="session")

ROOT: Final = Path(__file__).parents[2]
EXAMPLE: Final = ROOT / "examples" / "usechat"
PINNED: Final = ("ai", "react", "react-dom", "esbuild")

Build = Callable[[Path], str]


@pytest.fixture(scope="module")
def build(peer: Callable[[str], str]) -> Build:
    """Bundles a page of React, and gives its script."""
    packages = Path(peer("usechat")).parents[1]

    def bundle(page: Path) -> str:
        command = [packages / ".bin" / "esbuild", page, "--bundle", "--format=esm", "--jsx=automatic", "--minify"]
        environment = {"NODE_PATH": str(packages), "PATH": str(Path(peer("node")).parent)}
        built = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert built.returncode == 0, built.stderr
        return built.stdout.replace("</script", "<\\/script")

    return bundle


class Shop:
    """Serves one page, on an origin of its own."""

    def __init__(self) -> None:
        self.page = ""
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, _: web.Request) -> web.Response:
        return web.Response(text=self.page, content_type="text/html")


@pytest_asyncio.fixture(loop_scope="session")
async def shop() -> AsyncIterator[Shop]:
    made, app = Shop(), web.Application()
    app.router.add_get("/", made.serve)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.port = runner.addresses[0][1]
    yield made
    await runner.cleanup()


@pytest.fixture
def served(shop: Shop) -> Iterator[Loopback]:
    with loopback(shop.url) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def chat(page: Page, shop: Shop, served: Loopback, build: Build) -> Page:
    """The example as it is in its folder, with this assistant's address in it."""
    shop.page = (
        (EXAMPLE / "index.html")
        .read_text()
        .replace("http://127.0.0.1:8000", served.url)
        .replace('<script type="module" src="page.js">', f'<script type="module">{build(EXAMPLE / "page.jsx")}')
    )
    await page.goto(shop.url)
    return page


async def say(page: Page, text: str) -> None:
    await page.get_by_label("Your message").fill(text)
    await page.keyboard.press("Enter")


async def test_usechat_shows_an_answer_as_it_is_written_and_what_is_put_right_in_its_place(chat: Page) -> None:
    answers = chat.locator("article.assistant")
    await say(chat, "one wrong pause card")
    await expect(answers.locator("p")).to_have_text("one wrong ")
    await expect(answers.locator("p")).to_have_text("one right ")
    await expect(answers.get_by_role("listitem")).to_have_text("Berserk, Vol. 1, $12.00")
    await say(chat, "two")
    await expect(answers.nth(1).locator("p")).to_have_text("two ")
    await expect(answers).to_have_count(2)


async def test_usechat_goes_on_after_a_reload_in_mid_answer(chat: Page, served: Loopback) -> None:
    answers = chat.locator("article.assistant")
    await say(chat, "hello")
    await expect(answers.locator("p")).to_have_text("hello ")
    await say(chat, "one pause pause wrong pause card")
    await expect(answers.nth(1).locator("p")).to_have_text("one ")
    await chat.reload()
    await expect(chat.locator("article.user")).to_have_text(["hello", "one pause pause wrong pause card"])
    await expect(answers.nth(1).locator("p")).to_have_text("one right ")
    await expect(answers.nth(1).get_by_role("listitem")).to_have_count(1)
    await expect(answers).to_have_count(2)
    assert len(served.process.answers.asked) == 2


async def test_usechat_says_what_went_wrong_in_words_for_the_shopper(chat: Page) -> None:
    await say(chat, "one boom")
    await expect(chat.get_by_role("alert")).to_have_text("Something went wrong on our side. Please ask again.")


async def test_what_the_example_is_built_of_is_what_it_was_tested_with(peer: Callable[[str], str]) -> None:
    packages = Path(peer("usechat")).parents[1]
    wanted = json.loads((EXAMPLE / "package.json").read_text())
    pinned = wanted["dependencies"] | wanted["devDependencies"]
    assert set(pinned) == {"@ai-sdk/react", *PINNED}
    for name, version in pinned.items():
        assert json.loads((packages / name / "package.json").read_text())["version"] == version


async def test_the_react_component_of_the_documentation_mounts_the_widget(
    page: Page, assistant: Any, build: Build, tmp_path: Path
) -> None:
    (component,) = re.findall(
        r"## In React\n+```jsx\n(.*?)```", (ROOT / "docs" / "embedding.md").read_text(), flags=re.DOTALL
    )
    (tmp_path / "page.jsx").write_text(f"""{component}
        import {{ createRoot }} from "react-dom/client";
        const root = createRoot(document.getElementById("shop"));
        window.show = (asin) => root.render(asin && <MangaAssist assistant="{assistant.url}" page={{{{ current_asin: asin }}}} />);
        window.show("B0AAAA0001");""")
    assistant.page = f"""<!doctype html><html lang="en"><title>A shop</title><body><div id="shop"></div>
        <script type="module">{build(tmp_path / "page.jsx")}</script>"""
    await page.goto(assistant.host_page)
    await page.get_by_role("button", name="Ask the assistant").click()
    await page.get_by_label("Your message").fill("Is it any good?")
    await page.keyboard.press("Enter")
    asked = await assistant.hears("message")
    assert asked["page_context"]["current_asin"] == "B0AAAA0001"
    await page.evaluate("show(null)")
    await expect(page.locator("manga-assist")).to_have_count(0)
    await page.evaluate("show('B0AAAA0002')")
    await expect(page.locator("manga-assist")).to_have_count(1)
