"""Content: the pages that shoppers' questions are answered from, and the facts of the store. YOUR EDITORS' SYSTEM goes here."""

from typing import Any

from litestar import get

from . import address
from .shelves import edited, facts, pages


@get("/content/v1/entries", sync_to_thread=False)
def entries(after: str = "", limit: int = 100) -> dict[str, Any]:
    """Approved pages in the order of their ids; ``version`` grows with each edit, ``next`` is null on the last page."""
    changed = edited("pages")
    later = [page for page in pages() if page.id > after]
    rows = [
        {
            "id": page.id,
            "source_type": page.source_type,
            "title": page.title,
            "category": page.category,
            "body": page.body.strip(),
            "questions": list(page.questions),
            "status": "approved",
            "version": int(changed.timestamp()),
            "updated_at": changed.isoformat(),
        }
        for page in later[:limit]
    ]
    return {"entries": rows, "next": rows[-1]["id"] if len(later) > limit else None}


@get("/content/v1/store-facts", sync_to_thread=False)
def store_facts() -> dict[str, Any]:
    """What is particular to the store, its own addresses made whole."""
    return {
        name: value.replace("{store}", address.URL) if isinstance(value, str) else value
        for name, value in facts().items()
    }


ROUTES = [entries, store_facts]
