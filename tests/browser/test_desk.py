"""O-6: a person at the desk's page finds who waits, sees what it is about, joins, writes, and hands back."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser.operators import served

pytestmark = pytest.mark.asyncio(loop_scope="session")
LIMIT_S = 60.0


class Shopper:
    """The other side, on a socket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    async def says(self, message: str, message_id: str) -> None:
        await self._socket.send_json({"type": "message", "id": message_id, "message": message})

    async def types(self) -> None:
        await self._socket.send_json({"type": "typing"})

    async def hears(self, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        async with asyncio.timeout(LIMIT_S):
            while True:
                frame = json.loads((await self._socket.receive()).data)
                if fits(frame):
                    return frame


@pytest_asyncio.fixture(loop_scope="session")
async def edge() -> AsyncIterator[str]:
    async with served() as address:
        yield address


async def test_a_whole_handoff_from_the_desks_page(page: Page, edge: str, peer: Callable[[str], str]) -> None:
    async def axe_finds() -> list[str]:
        found = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [f"{each['id']}: {node['target']}" for each in found["violations"] for node in each["nodes"]]

    async with aiohttp.ClientSession() as http, http.ws_connect(f"{edge}/ws") as socket:
        shopper = Shopper(socket)
        session_id = (await shopper.hears(lambda frame: frame["type"] == "session"))["session_id"]
        await shopper.says("Where is my parcel", "m1")
        await shopper.hears(lambda frame: frame["type"] == "done")
        asked = {"session_id": session_id, "reason": "It is <b>late</b>"}
        async with http.post(f"{edge}/chat/escalate", json=asked) as answer:
            assert answer.status == 200

        gone = await page.goto(f"{edge}/ops/desk")
        assert gone is not None
        assert "script-src 'self'" in gone.headers["content-security-policy"]
        await page.evaluate((Path(peer("axe")) / "axe.min.js").read_text())
        assert await axe_finds() == []
        await page.get_by_label("Token").fill("oda")
        await page.get_by_role("button", name="Sign in").click()
        await page.get_by_label("You are shown as").fill("Mia")
        row = page.get_by_role("navigation", name="Who waits").get_by_role("button")
        await expect(row).to_contain_text("It is <b>late</b>")
        await row.click()
        talk = page.get_by_role("log")
        await expect(talk).to_contain_text("Where is my parcel")
        await expect(page.get_by_role("complementary")).to_contain_text("Where is my parcel")
        await expect(page.get_by_label("Your message")).to_be_hidden()

        await page.get_by_role("button", name="Join").click()
        joined = await shopper.hears(lambda frame: frame.get("state") == "joined")
        assert joined["name"] == "Mia"
        await shopper.types()
        await expect(page.get_by_text("The shopper is writing…")).to_be_visible()
        await shopper.says("Please look", "m2")
        await expect(talk).to_contain_text("Please look")

        await page.get_by_role("button", name="Hello, this is Mia").click()
        await expect(page.get_by_label("Your message")).to_be_focused()
        await page.keyboard.press("Enter")
        said = await shopper.hears(lambda frame: frame["type"] == "message")
        assert (said["name"], said["content"].split(".")[0]) == ("Mia", "Hello, this is Mia")
        await expect(talk.get_by_text("Hello, this is Mia")).to_have_count(1)
        await expect(page.get_by_label("Your message")).to_have_value("")

        for width in (390, 1280):
            await page.set_viewport_size({"width": width, "height": 800})
            assert await axe_finds() == []
        await page.get_by_role("button", name="Hand back").click()
        assert (await shopper.hears(lambda frame: frame["type"] == "handoff"))["state"] == "left"
        await expect(talk).to_contain_text("the assistant answers")
        await expect(page.get_by_role("button", name="Join")).to_be_disabled()
        await expect(page.get_by_role("navigation", name="Who waits")).to_contain_text("Nobody waits.")


async def test_a_shop_leads_its_people_here_with_their_token_and_it_leaves_the_address(page: Page, edge: str) -> None:
    await page.goto(f"{edge}/ops/desk#token=oda")
    await expect(page.get_by_role("navigation", name="Who waits")).to_contain_text("Nobody waits.")
    assert "oda" not in page.url
