"""Content: the approved faq, policy and editorial entries, page by page, and the facts of the store."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from litestar import get
from litestar.handlers import HTTPRouteHandler

from mangastore.data.content import Entry
from mangastore.data.store_facts import StoreFacts, store_facts
from mangastore.problems import PROBLEM_RESPONSES
from mangastore.services.requests import Cursor, PageSize
from mangastore.store import Store


class EntriesView(msgspec.Struct):
    """A page of entries; `next` is null on the last one."""

    entries: Sequence[Entry]
    next: str | None


def routes(store: Store) -> list[HTTPRouteHandler]:
    """The routes of the content service."""

    @get("/content/v1/entries", responses=PROBLEM_RESPONSES, tags=["content"], sync_to_thread=False)
    def list_entries(after: Cursor = "", limit: PageSize = 100) -> EntriesView:
        """Approved entries in the order of their ids; drafts are never here."""
        later = [entry for entry_id, entry in store.content.approved().items() if entry_id > after]
        page = later[:limit]
        return EntriesView(page, page[-1].id if len(later) > limit else None)

    @get("/content/v1/store-facts", responses=PROBLEM_RESPONSES, tags=["content"], sync_to_thread=False)
    def show_store_facts() -> StoreFacts:
        """What is particular to this store, as figures: fees, limits, hours, countries."""
        return store_facts(store.settings.public_url)

    return [list_entries, show_store_facts]
