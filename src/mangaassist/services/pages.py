"""The content service's side for editors: pages, drafts, and approvals, each asked with the editor's own token (K-5)."""

from typing import Final, TypeVar
from urllib.parse import quote

import msgspec
from msgspec import Struct

from mangaassist.errors import ServiceFailure
from mangaassist.services.operators_calls import OperatorsCalls
from mangaassist.wire.store_pages import PageDraft, PageText, StorePage

T = TypeVar("T")

DRAFTS: Final = "/content/v1/drafts"
ENTRIES: Final = "/content/v1/entries"
MOST_PAGES: Final = 50
"""Pages of entries that are read: what a store may have is bounded, whatever it says."""


class _Entries(Struct):
    entries: tuple[StorePage, ...]
    next: str | None = None


class _Drafts(Struct):
    drafts: tuple[PageDraft, ...]


class ContentDesk:
    """Implements ``console.pages.PageStore``; the store says who may do what."""

    def __init__(self, calls: OperatorsCalls) -> None:
        self._calls = calls

    async def approved(self) -> tuple[StorePage, ...]:
        pages: list[StorePage] = []
        after = ""
        for _ in range(MOST_PAGES):
            told = _read(await self._calls.send("GET", f"{ENTRIES}?after={quote(after)}"), _Entries)
            pages.extend(told.entries)
            if not told.next:
                break
            after = told.next
        return tuple(pages)

    async def drafts(self, token: str) -> tuple[PageDraft, ...]:
        return _read(await self._calls.send("GET", DRAFTS, token=token), _Drafts).drafts

    async def save(self, page_id: str, text: PageText, token: str) -> PageDraft:
        return _read(await self._calls.send("PUT", f"{DRAFTS}/{page_id}", token=token, body=text), PageDraft)

    async def approve(self, page_id: str, revision: int, token: str) -> None:
        await self._calls.send("POST", f"{DRAFTS}/{page_id}/approval", token=token, body={"revision": revision})

    async def discard(self, page_id: str, token: str) -> None:
        await self._calls.send("DELETE", f"{DRAFTS}/{page_id}", token=token)


def _read(told: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(told, type=kind)
    except msgspec.MsgspecError as error:
        raise ServiceFailure("content", "contract", str(error)) from error
