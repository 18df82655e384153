"""The storefront in a real browser: cart, sign-in, orders, and what the assistant's widget is told."""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.async_api import Page, async_playwright, expect

from mangastore.data.stock import stock_level
from mangastore.server import RunningStore

LIMIT_MS = 60_000


@pytest.fixture
async def page(peer: Callable[[str], str], running: RunningStore) -> AsyncIterator[Page]:
    """A page on the store; an error in any script fails the test."""
    errors: list[str] = []
    chromium = peer("chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"], timeout=LIMIT_MS)
        context = await browser.new_context(
            base_url=running.http_url, viewport={"width": 1200, "height": 900}, reduced_motion="reduce"
        )
        context.set_default_timeout(LIMIT_MS)
        page = await context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        yield page
        await browser.close()
    assert errors == []


async def _published(page: Page) -> dict[str, Any]:
    return await page.evaluate("window.mangaassist")


async def test_the_widget_is_told_where_the_shopper_is_and_what_is_in_the_cart(page: Page, asin: str) -> None:
    await page.goto(f"/p/{asin}")
    published = await _published(page)
    assert published["token"] is None
    assert published["page"]["current_asin"] == asin
    assert published["page"]["store_section"] == "product"
    assert published["page"]["cart_asins"] == []
    await page.evaluate("document.addEventListener('mangaassist:context', (event) => { window.told = event.detail; })")
    await page.click(f".buy [data-add='{asin}']")
    assert (await page.evaluate("window.told"))["page"]["cart_asins"] == [asin]
    assert await page.text_content("[data-cart-count]") == "1"


async def test_the_assistant_can_put_a_product_into_the_cart(page: Page, asin: str) -> None:
    await page.goto("/")
    add = "(asin) => document.dispatchEvent(new CustomEvent('mangaassist:add-to-cart', { detail: { asin } }))"
    await page.evaluate(add, asin)
    await page.evaluate(add, "<b>no asin</b>")
    assert (await _published(page))["page"]["cart_asins"] == [asin]


async def test_the_cart_counts_keeps_to_the_limits_and_empties(page: Page, running: RunningStore, asin: str) -> None:
    await page.goto(f"/p/{asin}")
    await page.click(".buy .add")
    await page.goto("/cart")
    await page.get_by_role("button", name="One more: Vinland Saga, Vol. 1").click()
    await page.locator(".stepper span", has_text=re.compile("^2$")).wait_for()
    assert await page.text_content("[data-cart-count]") == "2"
    await page.get_by_role("button", name="Remove").click()
    await page.get_by_text("There is nothing in it yet.").wait_for()
    box_set = next(one.asin for one in running.store.catalogue if one.format == "box_set")
    add = "(asin) => document.dispatchEvent(new CustomEvent('mangaassist:add-to-cart', { detail: { asin } }))"
    for _ in range(6):
        await page.evaluate(add, box_set)
    # No order holds more box sets (policy-quantity-limits).
    await page.locator("[data-cart-count]", has_text=re.compile("^2$")).wait_for()
    await expect(page.get_by_role("button", name="One more")).to_be_disabled(timeout=8000)
    for _ in range(6):
        await page.evaluate(add, asin)
    await page.locator("[data-cart-count]", has_text=re.compile("^7$")).wait_for()


async def test_a_shopper_signs_in_sees_the_orders_and_signs_out(page: Page, running: RunningStore) -> None:
    await page.goto("/orders")
    await page.get_by_text("Sign in to see your orders.").wait_for()
    await page.click("#orders .button")
    await page.fill("[name=username]", "aiko")
    await page.fill("[name=password]", "wrong")
    await page.click("#sign-in button")
    await page.locator(".wrong:not([hidden])").wait_for()
    await page.fill("[name=password]", "aiko-demo")
    await page.click("#sign-in button")
    await page.wait_for_url("**/orders")
    await page.locator(".order").first.wait_for()
    assert await page.locator(".order").count() == len(running.store.orders_of("cus-aiko"))
    assert (await _published(page))["token"].count(".") == 2
    (cookie,) = [one for one in await page.context.cookies() if one["name"] == "session-token"]
    assert cookie["sameSite"] == "Lax"
    await page.locator("[data-account]").click()
    await page.get_by_role("button", name="Sign out").click()
    await page.wait_for_url(running.http_url + "/")
    assert (await _published(page))["token"] is None
    assert await page.context.cookies() == []


async def _sign_in(page: Page, username: str) -> None:
    await page.goto("/sign-in")
    await page.click(f"[data-username={username}]")
    await page.locator("[data-account]", has_text=username.capitalize()).wait_for(state="attached")


async def test_a_return_is_started_from_the_orders_page_at_both_widths(page: Page) -> None:
    await _sign_in(page, "aiko")
    for width, reason, told in (
        (1200, "I changed my mind", "Your return is under way."),
        (390, "It has a printing defect", "We are on it."),
    ):
        await page.set_viewport_size({"width": width, "height": 844})
        await page.goto("/orders")
        order = page.locator(".order", has=page.get_by_role("link", name="Return items")).first
        name = await order.get_attribute("id")
        await order.get_by_role("link", name="Return items").click()
        await page.wait_for_url(f"**/returns#{name}")
        await page.get_by_role("checkbox").first.wait_for()
        for one in await page.get_by_role("checkbox").all():
            await one.check()
        await page.get_by_role("radio", name=reason).check()
        await page.get_by_role("button", name=re.compile("Start the return|Send the report")).click()
        await page.get_by_role("heading", name=told).wait_for()
        assert await page.evaluate("document.activeElement.textContent") == told
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        await page.goto(f"/orders#{name}")
        await page.locator(".order.shown").get_by_role("link", name="See the return").wait_for()
        assert await page.locator(".order.shown").get_by_role("link", name="Return items").count() == 0
    label = page.get_by_role("link", name="Print the label").first
    number = (await label.get_attribute("href") or "").partition("#")[2]
    await label.click()
    await page.get_by_text(number, exact=True).wait_for()
    assert await page.get_by_text("Columbus, OH 43207").is_visible()


async def test_a_fault_is_reported_with_photos_and_what_is_left_goes_back_by_itself(page: Page) -> None:
    await _sign_in(page, "aiko")
    await page.goto("/orders")
    order = page.locator(".order", has=page.locator(".line >> nth=1")).filter(has_text="Return items").first
    name = await order.get_attribute("id")
    await page.goto(f"/returns?problem#{name}")
    await page.get_by_role("checkbox").first.check()
    await page.get_by_role("radio", name="It arrived damaged").check()
    field = page.get_by_label("Photos of what is wrong")
    await field.set_input_files([_photo("crease.png"), {"name": "x.png", "mimeType": "image/png", "buffer": b"<html>"}])
    await page.get_by_role("button", name="Send the report").click()
    await page.get_by_text("“x.png” is no photo that we can show").wait_for()
    await page.locator("img[alt='Photo 1 of the fault'][src^='data:image/jpeg']").wait_for()
    await field.first.set_input_files([_photo("spine.png")])
    await page.get_by_role("button", name="Send the photos").click()
    await page.locator("img[alt='Photo 2 of the fault'][src^='data:']").wait_for()
    await page.goto(f"/returns#{name}")
    await page.get_by_role("heading", name="What you still have").wait_for()
    assert await page.get_by_role("checkbox").count() == 1
    await page.get_by_role("radio", name="I changed my mind").check()
    assert not await page.get_by_label("Photos of what is wrong").last.is_visible()
    await page.get_by_role("button", name="Start the return").click()
    await page.get_by_role("heading", name="Your return is under way.").wait_for()
    assert await page.locator("section[aria-label^='Return RMA']").count() == 2
    assert await page.get_by_role("heading", name="What you still have").count() == 0


def _photo(name: str) -> Any:
    """A photo of 2000 by 1000 pixels, as a file that is chosen."""
    file = io.BytesIO()
    Image.new("RGB", (2000, 1000), "tan").save(file, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": file.getvalue()}


async def test_a_heart_saves_to_the_wish_list_and_a_shared_one_shows_the_title(page: Page, asin: str) -> None:
    await page.goto(f"/p/{asin}")
    await page.get_by_role("button", name="Save to your wish list").click()
    await page.wait_for_url(f"**/sign-in?next=%2Fp%2F{asin}")
    await page.click("[data-username=ben]")
    await page.wait_for_url(f"**/p/{asin}")
    await page.get_by_role("button", name="Save to your wish list").click()
    await page.locator(".heart[aria-pressed=true]", has_text="On your wish list").wait_for()
    await page.reload()
    await page.locator(".heart[aria-pressed=true]").wait_for()
    await page.goto("/wishes")
    await page.get_by_role("button", name="Create a share link: Wish list").click()
    link = await page.get_by_label("Link to Wish list").input_value()
    await page.get_by_role("button", name="Another list").click()
    await page.get_by_label("Name").fill("Birthday")
    await page.get_by_role("button", name="Make the list").click()
    await page.get_by_label(re.compile("to another list")).select_option(label="Birthday")
    moved = page.locator("section[aria-label=Birthday] .line")
    await moved.wait_for()
    await moved.get_by_role("button", name="Add to cart").click()
    await page.get_by_role("button", name="Remove: ").click()
    await moved.wait_for(state="detached")
    await page.goto("/about:blank")
    await page.goto(link)
    await page.get_by_role("heading", name="Somebody wishes for these").wait_for()
    await page.get_by_text("There is nothing on it yet.").wait_for()


async def test_each_part_of_the_account_does_what_its_page_says(page: Page) -> None:
    await _sign_in(page, "aiko")
    await page.goto("/account")
    tabs = page.get_by_role("navigation", name="Account")
    await tabs.get_by_role("link", name="Payment").click()
    await page.get_by_role("button", name="Remove the card ending in 4242").click()
    await page.get_by_role("button", name="Remove the card ending in 4242").wait_for(state="detached")
    await tabs.get_by_role("link", name="Inkwell Circle").click()
    await page.get_by_role("button", name="Turn off renewal").click()
    await page.get_by_role("button", name="Turn on renewal").wait_for()
    await tabs.get_by_role("link", name="Emails").click()
    await page.get_by_role("checkbox", name="Newsletter").uncheck()
    await page.locator("#toast", has_text="Saved").wait_for()
    await page.reload()
    await page.get_by_role("checkbox", name="Newsletter").wait_for()
    assert not await page.get_by_role("checkbox", name="Newsletter").is_checked()
    await tabs.get_by_role("link", name="Privacy").click()
    async with page.expect_download() as saved:
        await page.get_by_role("button", name="Download my data").click()
    assert "418 Maple Street" in (await (await saved.value).path()).read_text()
    await page.get_by_role("button", name="Delete my account").click()
    await page.get_by_role("dialog").get_by_role("button", name="Delete my account").click()
    await page.get_by_text("Open orders must be delivered or cancelled").wait_for()


async def test_what_is_sold_out_can_be_waited_for(page: Page, running: RunningStore) -> None:
    sold_out = next(one for one in running.store.catalogue if stock_level(one).state == "out_of_stock")
    await _sign_in(page, "ben")
    await page.goto(f"/p/{sold_out.asin}")
    await page.get_by_role("button", name="Notify me").click()
    await page.get_by_role("button", name="You will be told").wait_for()
    await page.goto("/account#alerts")
    await page.get_by_role("button", name=f"Remove the alert for {sold_out.title}").click()
    await page.get_by_text("No stock alert is set.").wait_for()


async def test_a_series_goes_on_from_an_order_and_an_order_has_its_invoice(page: Page) -> None:
    await _sign_in(page, "aiko")
    await page.goto("/orders")
    order = page.locator(".order").filter(has=page.get_by_role("button", name="Continue series")).first
    await order.get_by_role("link", name="Invoice").click()
    await page.get_by_role("row", name="In all $").wait_for()
    await page.go_back()
    await order.get_by_role("button", name="Continue series").click()
    await page.wait_for_url("**/p/B0*")


async def test_an_order_is_cancelled_and_another_sent_elsewhere_at_both_widths(page: Page) -> None:
    await _sign_in(page, "aiko")
    for width in (1200, 390):
        await page.set_viewport_size({"width": width, "height": 844})
        await page.goto("/orders")
        order = page.locator(".order", has=page.get_by_role("button", name="Cancel order")).first
        name = await order.get_attribute("id")
        await order.get_by_role("button", name="Cancel order").click()
        assert await page.evaluate("document.activeElement.textContent") == "Keep it"
        await page.get_by_role("button", name="Cancel the order").click()
        await page.locator(f"[id='{name}'] .state.cancelled").wait_for()
        assert await page.evaluate("document.activeElement.textContent") == f"Order {name}"
        placed = page.locator(".order", has=page.get_by_role("button", name="Edit address")).first
        await placed.get_by_role("button", name="Edit address").click()
        await page.get_by_label("ZIP code").fill("1")
        await page.get_by_role("button", name="Save the address").click()
        await page.get_by_text("A ZIP code has five digits, such as 43207.").wait_for()
        await page.get_by_label("ZIP code").fill("53711")
        await page.get_by_label("Street and number").fill(f"{width} Lake Road")
        await page.get_by_role("button", name="Save the address").click()
        await page.get_by_text(f"{width} Lake Road, Madison, WI 53711").wait_for()


async def test_a_book_is_found_and_put_into_the_cart_at_both_widths(page: Page) -> None:
    await page.goto("/")
    for width, books in ((1200, "1"), (390, "2")):
        await page.set_viewport_size({"width": width, "height": 844})
        await page.locator(".top").get_by_role("searchbox").fill("frieren under $20")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/?q=frieren*")
        assert await page.get_by_label("To, in dollars").input_value() == "20"
        await page.get_by_role("link", name=re.compile("Frieren.*Vol. 1$")).click()
        await page.wait_for_url("**/p/*")
        await page.locator(".buy .add").click()
        toast = await page.locator("#toast.shown").bounding_box()
        assert toast is not None
        assert toast["y"] + toast["height"] <= 844 - 84, "the toast stands above the assistant's launcher"
        await page.get_by_role("link", name=f"Cart, {books} item").click()
        await page.get_by_role("link", name=re.compile("Frieren.*Vol. 1$")).wait_for()


async def test_on_a_phone_the_header_is_one_row_and_its_links_are_in_a_menu(page: Page) -> None:
    await page.set_viewport_size({"width": 360, "height": 740})
    await page.goto("/deals#main")
    header = await page.locator(".top").bounding_box()
    assert header is not None
    assert header["height"] <= 64
    menu = page.get_by_role("button", name="Menu")
    assert not await page.get_by_role("link", name="Help", exact=True).first.is_visible()
    await menu.click()
    assert await menu.get_attribute("aria-expanded") == "true"
    await page.keyboard.press("Escape")
    assert await menu.get_attribute("aria-expanded") == "false"
    await menu.click()
    await page.locator("#shop-menu").get_by_role("link", name="Sign in").click()
    await page.click("[data-username=ben]")
    await page.wait_for_url("**/deals#main")


async def test_axe_finds_nothing_on_any_page(page: Page, peer: Callable[[str], str], asin: str) -> None:
    source = (Path(peer("axe")) / "axe.min.js").read_text()

    async def found(place: str) -> list[str]:
        await page.evaluate(source)
        result = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [f"{place}: {one['id']}: {one['nodes'][0]['html'][:120]}" for one in result["violations"]]

    guest = [
        "/",
        "/?q=vinland&sort=cheapest",
        "/series/vinland-saga",
        f"/p/{asin}",
        "/deals",
        "/help/policy-returns",
        "/nowhere",
    ]
    own = {
        "/cart": ".extras",
        "/orders": ".order",
        "/returns": ".order",
        "/account": ".facts",
        "/account#payment": ".rows",
        "/account#emails": ".option",
        "/wishes": "section",
        "/gift-cards": "form",
    }
    wrong: list[str] = []
    for width in (1200, 390):
        await page.set_viewport_size({"width": width, "height": 844})
        for path in guest if width == 1200 else (guest[1], guest[3]):
            await page.goto(path)
            wrong += await found(path)
    await page.locator(".buy .add").click()
    await _sign_in(page, "aiko")
    for path, filled in own.items():
        await page.goto(path)
        await page.locator(filled).first.wait_for()
        wrong += await found(path)
    await page.goto("/orders")
    await page.get_by_role("button", name="Edit address").first.click()
    wrong += await found("the dialog of an address")
    await page.keyboard.press("Escape")
    await page.get_by_role("link", name="Return items").first.click()
    await page.get_by_role("checkbox").first.wait_for()
    wrong += await found("a return")
    assert wrong == []


async def test_sign_in_leads_to_our_own_pages_only(page: Page, running: RunningStore) -> None:
    await page.goto("/sign-in?next=//evil.example/")
    await page.click("[data-username=ben]")
    await page.wait_for_url(running.http_url + "/")
    await page.evaluate("localStorage.clear()")
    await page.goto("/help")
    await page.evaluate("location.assign('/sign-in')")  # as the assistant's button does, which knows no page
    await page.click("[data-username=ben]")
    await page.wait_for_url("**/help")


async def test_the_api_page_needs_nothing_from_elsewhere(page: Page, running: RunningStore) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto("/docs")
    await page.locator(".operation").first.wait_for()
    elsewhere = [
        url for url in asked if not url.startswith((running.http_url, "data:", "http://127.0.0.1:8000/widget/"))
    ]
    assert elsewhere == []


@pytest.mark.parametrize("path", ["/?genre=Action&sort=cheapest", "/series/one-piece", "/help"])
async def test_no_page_is_wider_than_a_phone(page: Page, path: str) -> None:
    await page.set_viewport_size({"width": 360, "height": 740})
    await page.goto(path)
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
