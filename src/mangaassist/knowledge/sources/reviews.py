"""What readers think of each series: the review service's summaries."""

from collections.abc import AsyncIterator

import msgspec

from mangaassist.domain.products import ReviewSummary
from mangaassist.knowledge.documents import Document, SourceProblem
from mangaassist.knowledge.sources.paging import FetchPage, entries


class ReviewSource:
    """``fetch`` gets a page of ``/reviews/v1/summaries``."""

    def __init__(self, fetch: FetchPage, name: str = "reviews") -> None:
        self.name = name
        self._fetch = fetch

    async def read(self) -> AsyncIterator[Document | SourceProblem]:
        async for summary in entries(self.name, "summaries", self._fetch, ReviewSummary, "series_id"):
            yield summary if isinstance(summary, SourceProblem) else _document(self.name, summary)


def _document(source: str, summary: ReviewSummary) -> Document | SourceProblem:
    page = {
        "document_id": f"reviews-{summary.series_id}",
        "title": f"{summary.series_title}: what readers think",
        "body": _body(summary),
        "source_type": "reviews",
        "category": summary.series_id,
        "asin": summary.asin,
        "version": summary.version,
        "updated_at": summary.updated_at,
    }
    try:
        return msgspec.convert(page, Document)
    except msgspec.ValidationError as error:
        return SourceProblem(source, summary.series_id[:200], str(error))


def _body(summary: ReviewSummary) -> str:
    sentences = [summary.summary]
    if summary.praised:
        sentences.append(f"Praised: {', '.join(summary.praised)}.")
    if summary.criticised:
        sentences.append(f"Criticised: {', '.join(summary.criticised)}.")
    return "\n".join(sentences)
