"""K-5: a page is a draft until somebody else approves it; two roles, and only what was approved is the store's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from mangastore.data.desk import DraftText, PageDesk

EDITOR, APPROVER, SHOPPER = "edda", "axel", "aiko"
PAGE = {
    "source_type": "faq", "title": "Do you insure parcels?", "body": "Yes, every parcel.",
    "category": "shipping", "questions": ["is my parcel insured"], "language": "en",
}  # fmt: skip

Call = Callable[..., Awaitable[tuple[int, Any]]]


@pytest.fixture
def call(http: aiohttp.ClientSession, token: Callable[[str], Awaitable[str]]) -> Call:
    """Calls the desk as one of the demo people, or as nobody."""

    async def called(method: str, path: str, who: str | None, **body: Any) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {await token(who)}"} if who else {}
        async with http.request(method, f"/content/v1/{path}", json=body or None, headers=headers) as response:
            return response.status, await response.json(content_type=None)

    return called


async def listed(http: aiohttp.ClientSession, entry_id: str) -> dict[str, Any] | None:
    async with http.get("/content/v1/entries", params={"after": entry_id[:-1], "limit": "100"}) as response:
        entries = (await response.json())["entries"]
    return next((one for one in entries if one["id"] == entry_id), None)


async def test_a_draft_is_nobodys_page_until_it_is_approved(call: Call, http: aiohttp.ClientSession) -> None:
    status, draft = await call("PUT", "drafts/faq-insured", EDITOR, **PAGE)
    assert (status, draft["revision"], draft["edited_by"]) == (200, 1, "cus-edda")
    assert await listed(http, "faq-insured") is None
    assert (await call("GET", "drafts", APPROVER))[1]["drafts"][0]["text"]["body"] == "Yes, every parcel."
    status, entry = await call("POST", "drafts/faq-insured/approval", APPROVER, revision=1)
    assert (status, entry["status"]) == (200, "approved")
    found = await listed(http, "faq-insured")
    assert found == entry
    assert (found["questions"], found["language"]) == (["is my parcel insured"], "en")
    assert (await call("GET", "drafts", EDITOR))[1]["drafts"] == []


async def test_a_draft_of_a_page_that_is_there_leaves_it_up_and_then_takes_its_place(
    call: Call, http: aiohttp.ClientSession
) -> None:
    before = await listed(http, "faq-gift-wrap")
    assert before is not None
    await call("PUT", "drafts/faq-gift-wrap", EDITOR, **PAGE)
    assert await listed(http, "faq-gift-wrap") == before
    await call("POST", "drafts/faq-gift-wrap/approval", APPROVER, revision=1)
    after = await listed(http, "faq-gift-wrap")
    assert after is not None
    assert after["body"] == "Yes, every parcel."
    assert after["version"] > before["version"]


@pytest.mark.parametrize(
    ("who", "status", "code"),
    [(None, 401, "unauthorised"), (SHOPPER, 403, "role_needed"), (EDITOR, 403, "role_needed")],
)
async def test_only_an_approver_approves(call: Call, who: str | None, status: int, code: str) -> None:
    await call("PUT", "drafts/faq-insured", EDITOR, **PAGE)
    got, problem = await call("POST", "drafts/faq-insured/approval", who, revision=1)
    assert (got, problem["code"]) == (status, code)


@pytest.mark.parametrize("who", [None, SHOPPER])
@pytest.mark.parametrize(("method", "path"), [("GET", "drafts"), ("PUT", "drafts/faq-x"), ("DELETE", "drafts/faq-x")])
async def test_who_has_no_role_neither_reads_nor_writes_drafts(
    call: Call, who: str | None, method: str, path: str
) -> None:
    assert (await call(method, path, who, **(PAGE if method == "PUT" else {})))[0] in (401, 403)


async def test_nobody_approves_what_they_wrote_themselves(call: Call, http: aiohttp.ClientSession) -> None:
    await call("PUT", "drafts/faq-insured", APPROVER, **PAGE)  # who has both roles
    status, problem = await call("POST", "drafts/faq-insured/approval", APPROVER, revision=1)
    assert (status, problem["code"]) == (403, "own_draft")
    assert await listed(http, "faq-insured") is None


async def test_what_was_saved_again_since_it_was_read_is_not_approved(call: Call, http: aiohttp.ClientSession) -> None:
    await call("PUT", "drafts/faq-insured", EDITOR, **PAGE)
    await call("PUT", "drafts/faq-insured", EDITOR, **PAGE | {"body": "No."})
    status, problem = await call("POST", "drafts/faq-insured/approval", APPROVER, revision=1)
    assert (status, problem["code"]) == (409, "changed")
    assert await listed(http, "faq-insured") is None


async def test_what_was_approved_or_dropped_is_no_draft_any_more(call: Call) -> None:
    await call("PUT", "drafts/faq-insured", EDITOR, **PAGE)
    assert (await call("DELETE", "drafts/faq-insured", EDITOR))[0] == 204
    assert (await call("POST", "drafts/faq-insured/approval", APPROVER, revision=1))[0] == 404


@pytest.mark.parametrize(
    "wrong", [{"title": ""}, {"source_type": "product"}, {"status": "approved"}, {"body": "x" * 60_000}]
)
async def test_a_draft_that_is_no_page_is_refused(call: Call, wrong: dict[str, str]) -> None:
    assert (await call("PUT", "drafts/faq-insured", EDITOR, **PAGE | wrong))[0] == 400
    assert (await call("GET", "drafts", EDITOR))[1]["drafts"] == []


def test_drafts_and_approved_pages_outlive_the_store(tmp_path: Path) -> None:
    text = DraftText(source_type="faq", title="A", body="B")
    desk = PageDesk(tmp_path)
    desk.save("one", text, "cus-edda")
    desk.save("two", text, "cus-edda")
    entry = desk.approve("one", 1, "cus-axel", newest=0)
    again = PageDesk(tmp_path)
    assert [draft.id for draft in again.drafts()] == ["two"]
    assert again.approved() == {"one": entry}
    assert again.save("one", text, "cus-edda").revision == 2


def test_an_approved_page_is_newer_than_the_one_whatever_the_clock_says(tmp_path: Path) -> None:
    desk = PageDesk(tmp_path)
    text = DraftText(source_type="faq", title="A", body="B")
    far = (4 << 42) - 1
    desk.save("one", text, "cus-edda")
    assert desk.approve("one", 1, "cus-axel", newest=far).version == far + 1
