"""The store's own pages: questions and answers, policies and guides, as its content service lists them."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Literal

import msgspec
from msgspec import Struct

from mangaassist.knowledge.documents import Answer, Document, SourceProblem
from mangaassist.knowledge.sources.paging import FetchPage, entries


class _Entry(Struct, frozen=True):
    id: str
    source_type: Literal["faq", "policy", "editorial"]
    title: str
    body: str
    version: int
    updated_at: datetime
    status: Literal["draft", "approved"]
    category: str = ""
    questions: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()
    language: str = ""


class ContentSource:
    """``fetch`` gets a page of ``/content/v1/entries``."""

    def __init__(self, fetch: FetchPage, name: str = "content") -> None:
        self.name = name
        self._fetch = fetch

    async def read(self) -> AsyncIterator[Document | SourceProblem]:
        async for entry in entries(self.name, "entries", self._fetch, _Entry, "id"):
            if isinstance(entry, SourceProblem):
                yield entry
            elif entry.status == "approved":
                yield _document(self.name, entry)


def _document(source: str, entry: _Entry) -> Document | SourceProblem:
    page = {
        "document_id": entry.id,
        "title": entry.title,
        "body": entry.body,
        "source_type": entry.source_type,
        "category": entry.category,
        "version": entry.version,
        "updated_at": entry.updated_at,
        "questions": entry.questions,
        "answers": entry.answers,
        "language": entry.language,
    }
    try:
        return msgspec.convert(page, Document)
    except msgspec.ValidationError as error:
        return SourceProblem(source, entry.id[:200], str(error))
