"""Films the shop for the README: a shopper types, an answer is written, corrected in its place, and its books drop in.

By hand: ``python -m benchmarks.recording``. The whole system runs as for any shopper; only the model is a server here that says a
false thing on purpose, so that what becomes of it can be seen.
"""

import argparse
import asyncio
import io
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct
from PIL import Image
from playwright.async_api import Page, async_playwright, expect

from benchmarks.system import Running, running, settled
from mangaassist.testing.model_script import Count, End, Script
from mangaassist.testing.openai_server import OpenAiServer
from mangaassist.testing.scripted_writer import Pause
from tests.browser.conftest import CHROMIUM_ARGS
from tests.peers import needed

FILE: Final = Path(__file__).parent.parent / "docs" / "images" / "answering.webp"
SIZE: Final = (960, 640)
MOST_KIB: Final = 700
QUALITY: Final = 55
LAST_MS: Final = 3_500
"""How long the end stands before it begins again."""
TYPED_MS: Final = 45
WORD_S: Final = 0.07
QUESTION: Final = "Something like Vinland Saga, please"
ANSWER: Final = (
    "If it is the long way out of revenge that you love, begin with **Blade of the Immortal**: a swordsman who cannot die, a girl "
    "who cannot forgive. **Lone Wolf and Cub** has 999 volumes, each of them a stop on a father's road."
)


class Shot(Struct, frozen=True):
    """What was seen at a time, in seconds."""

    at_s: float
    image: Image.Image


def script(text: str) -> Script:
    """The model's answer, a word at a time."""
    words = (step for word in text.split(" ") for step in (f"{word} ", Pause(WORD_S)))
    return (*words, End(), Count(400, 80))


async def _watch(page: Page, shots: list[Shot]) -> None:
    while True:
        taken = await page.screenshot(type="png", animations="allow", caret="initial")
        shots.append(Shot(time.monotonic(), Image.open(io.BytesIO(taken)).convert("RGB")))


async def _play(page: Page) -> None:
    await page.get_by_role("button", name="Ask the assistant").click()
    box = page.get_by_label("Your message")
    await box.press_sequentially(QUESTION, delay=TYPED_MS)
    await box.press("Enter")
    await expect(page.get_by_text("Put right after a check against the store.")).to_be_visible(timeout=60_000)
    await expect(page.locator("manga-assist .card").first).to_be_visible()


async def filmed(system: Running) -> list[Shot]:
    """The shop's front page, from the click on the launcher until the books are there."""
    shots: list[Shot] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=needed("chromium"), args=CHROMIUM_ARGS)
        page = await browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1]})
        await page.goto(system.store_url)
        watching = asyncio.create_task(_watch(page, shots))
        try:
            await _play(page)
            await asyncio.sleep(1.5)  # until what moves has come to rest
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            await browser.close()
    return shots


def frames(shots: Sequence[Shot]) -> Iterator[tuple[Image.Image, int]]:
    """Each picture that differs from the one before, and for how many milliseconds it stands."""
    kept = [
        shot
        for before, shot in zip([None, *shots], shots, strict=False)
        if before is None or before.image != shot.image
    ]
    for shot, after in zip(kept, [*kept[1:], None], strict=True):
        yield shot.image, LAST_MS if after is None else round((after.at_s - shot.at_s) * 1000)


def save(shots: Sequence[Shot], file: Path) -> None:
    """Raises ``ValueError`` where it would be too heavy for a README."""
    (first, *others), durations = zip(*frames(shots), strict=True)
    first.save(file, save_all=True, append_images=others, duration=list(durations), loop=0, quality=QUALITY, method=6)
    if (kib := file.stat().st_size / 1024) > MOST_KIB:
        raise ValueError(f"{file.name} is {kib:.0f} KiB")


async def _record(data: Path) -> list[Shot]:
    async with OpenAiServer(script(ANSWER)) as server:
        settings = {
            f"MANGAASSIST_MODELS__{tier}__{name}": value
            for tier in ("SMALL", "LARGE")
            for name, value in {"PROVIDER": "openai", "URL": server.url, "MODEL": "filmed"}.items()
        }
        with running(data, settings=settings) as system:
            await settled(system)
            return await filmed(system)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--file", type=Path, default=FILE)
    options.add_argument("--data", type=Path, help="a data folder that is filled already")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as data:
        save(asyncio.run(_record(chosen.data or Path(data))), chosen.file)


if __name__ == "__main__":
    main()
