"""What the store publishes for its shoppers to read (K-5): approved pages, and what readers say, a page of rows at a time."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from mangaassist.domain.products import Moment, ReviewSummary


class ContentEntry(Struct, frozen=True, kw_only=True):
    """One approved page of the store: a question and its answer, a policy, a guide."""

    id: Annotated[str, Meta(min_length=1)]
    source_type: Literal["faq", "policy", "editorial"]
    title: Annotated[str, Meta(min_length=1)]
    category: str
    body: str
    status: Literal["approved"]
    version: int
    updated_at: Moment


class ContentPage(Struct, frozen=True):
    """``next`` is the cursor of the following page; None on the last one."""

    entries: tuple[ContentEntry, ...]
    next: str | None = None


class ReviewPage(Struct, frozen=True):
    summaries: tuple[ReviewSummary, ...]
    next: str | None = None
