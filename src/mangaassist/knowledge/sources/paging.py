"""Reads a listing page by page: each entry is checked by itself, so that a broken one is named and the others go on."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from mangaassist.errors import ServiceFailure
from mangaassist.knowledge.documents import SourceProblem

T = TypeVar("T")

FetchPage = Callable[[str | None], Awaitable[bytes]]
"""Gets the page after an id (None: the first) as the JSON that the service sent. Raises ``ServiceFailure``."""
PAGES_LIMIT = 1000


async def entries(
    source: str, field: str, fetch: FetchPage, kind: type[T], id_field: str
) -> AsyncIterator[T | SourceProblem]:
    """Every entry of a listing ``{field: [...], "next": id or null}``, or what is wrong with it.

    Raises ``ServiceFailure`` when a page cannot be fetched, is no such listing, or the listing does not end.
    """
    after: str | None = None
    for _ in range(PAGES_LIMIT):
        page = _page(source, field, await fetch(after))
        for raw in page.entries:
            try:
                yield msgspec.json.decode(raw, type=kind)
            except msgspec.ValidationError as error:
                yield SourceProblem(source, _id(raw, id_field), str(error))
        if page.next is None:
            return
        if page.next == after:
            break
        after = page.next
    raise ServiceFailure(source, "contract", "the listing does not end")


class _Page(Struct, frozen=True):
    entries: list[msgspec.Raw]
    next: str | None


def _page(source: str, field: str, content: bytes) -> _Page:
    try:
        parts = msgspec.json.decode(content, type=dict[str, msgspec.Raw])
        listed = msgspec.json.decode(parts[field], type=list[msgspec.Raw])
        return _Page(listed, msgspec.json.decode(parts.get("next", b"null"), type=str | None))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, KeyError) as error:
        raise ServiceFailure(source, "contract", f"no listing of {field}: {error}") from error


def _id(raw: msgspec.Raw, id_field: str) -> str:
    try:
        entry: Any = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return "?"
    return str(entry.get(id_field, "?"))[:200] if isinstance(entry, dict) else "?"  # pyright: ignore
