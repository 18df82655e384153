"""What the feeds of the knowledge and the facts of the store must be."""

from collections.abc import AsyncIterator, Iterator
from typing import Any, Final, get_args, get_type_hints

import msgspec

from mangaassist.domain.store_facts import StoreFacts
from mangaassist.knowledge.documents import Document, SourceProblem
from mangaassist.knowledge.sources.content import ContentSource
from mangaassist.knowledge.sources.reviews import ReviewSource
from mangaassist.services import contracts
from mangaassist.services.policies import Service
from mangaassist.store_checks.asked_store import AskedStore
from mangaassist.store_checks.findings import Mistake, NotThere
from mangaassist.store_checks.plain_words import plain_mistake

PAGE: Final = 20
"""Entries of a page: few, so that there is more than one page to go to."""
FACTS: Final = "/content/v1/store-facts"


async def entries(store: AskedStore) -> str:
    documents = await _read(_fed(store, "content", "/content/v1/entries", ContentSource))
    if not documents:
        raise Mistake("approved pages", "none", "entries")
    return f"{len(documents)} pages"


async def entry_questions(store: AskedStore) -> str:
    documents = await _read(_fed(store, "content", "/content/v1/entries", ContentSource))
    without = [one.document_id for one in documents if not one.questions]
    if documents and len(without) == len(documents):
        raise NotThere("no page says how shoppers ask for it")
    return f"{len(documents) - len(without)} pages of {len(documents)} say how shoppers ask for them"


async def summaries(store: AskedStore) -> str:
    return f"{len(await _read(_fed(store, 'review_summaries', '/reviews/v1/summaries', ReviewSource)))} summaries"


async def store_facts(store: AskedStore) -> str:
    sent = await store.raw("store_facts", FACTS, ())
    facts = contracts.store_facts(msgspec.json.decode(sent, type=StoreFacts))
    if unknown := next(_unknown(msgspec.json.decode(sent), StoreFacts), None):
        raise Mistake(
            "a field that the contract knows", "a name that it does not know, so that it is not heard", unknown
        )
    told = [name for name in facts.__struct_fields__ if getattr(facts, name) != getattr(StoreFacts(), name)]
    return f"{len(told)} of {len(facts.__struct_fields__)} facts"


async def facts_told(store: AskedStore) -> str:
    """What a store may well tell, and does not."""
    facts = await store.get("store_facts", FACTS, (), contracts.STORE_FACTS)
    silent = [name for name in _WELL_TOLD if getattr(facts, name) == getattr(StoreFacts(), name)]
    if silent:
        raise NotThere(f"not told, and so never said: {', '.join(silent)}")
    return "what shoppers ask most is told"


_WELL_TOLD: Final = (
    "name", "currency", "delivery", "ships_to", "return_days", "cancel_minutes", "support", "payment_methods", "product_url",
)  # fmt: skip


def _fed(store: AskedStore, service: Service, path: str, source: Any) -> Any:
    async def fetch(after: str | None) -> bytes:
        return await store.raw(service, path, [("limit", str(PAGE)), *([("after", after)] if after else [])])

    return source(fetch).read()


async def _read(feed: AsyncIterator[Document | SourceProblem]) -> list[Document]:
    """Raises ``Mistake`` for the first entry that cannot be taken in."""
    read: list[Document] = []
    async for one in feed:
        if isinstance(one, SourceProblem):
            expected, found, field = plain_mistake(one.detail)
            raise Mistake(expected, found, f"{one.where}: {field}" if field else one.where)
        read.append(one)
    return read


def _unknown(sent: Any, kind: Any, place: str = "") -> Iterator[str]:
    """Where fields stand that a struct does not know, in what was sent for it."""
    if isinstance(sent, list):
        for number, entry in enumerate(sent):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - JSON
            yield from _unknown(entry, kind, f"{place}[{number}]")
    struct = _struct_in(kind)
    if not isinstance(sent, dict) or struct is None:
        return
    known = get_type_hints(struct)
    for name, value in sent.items():  # pyright: ignore[reportUnknownVariableType] - JSON
        here = f"{place}.{name}".removeprefix(".")
        if name not in known:
            yield here
        else:
            yield from _unknown(value, known[name], here)


def _struct_in(kind: Any) -> Any:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return kind
    return next((found for one in get_args(kind) if (found := _struct_in(one)) is not None), None)
