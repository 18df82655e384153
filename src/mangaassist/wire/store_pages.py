"""Pages of the store as its editors know them: what is approved, and what is a draft (K-5)."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

PageId = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=100)]
PageKind = Literal["faq", "policy", "editorial"]
Question = Annotated[str, Meta(min_length=1, max_length=200)]


class PageAnswer(Struct, frozen=True, kw_only=True):
    """What a page says to one question, and how shoppers word that question."""

    says: Annotated[str, Meta(min_length=1, max_length=1000)]
    asks: Annotated[tuple[Question, ...], Meta(min_length=1, max_length=50)]


class PageText(Struct, frozen=True, kw_only=True):
    """What an editor writes. ``questions`` are wordings that the page answers as a whole."""

    source_type: PageKind
    title: Annotated[str, Meta(min_length=1, max_length=300)]
    body: Annotated[str, Meta(min_length=1, max_length=50_000)]
    category: Annotated[str, Meta(max_length=100)] = ""
    questions: Annotated[tuple[Question, ...], Meta(max_length=50)] = ()
    answers: Annotated[tuple[PageAnswer, ...], Meta(max_length=50)] = ()
    language: Annotated[str, Meta(max_length=35)] = ""


class StorePage(PageText, frozen=True, kw_only=True):
    """A page that shoppers read."""

    id: PageId
    version: int
    updated_at: str

    @property
    def text(self) -> PageText:
        return PageText(**{name: getattr(self, name) for name in PageText.__struct_fields__})


class PageDraft(Struct, frozen=True, kw_only=True):
    """A page that waits for an approval. ``revision`` counts its savings; ``edited_by`` is a customer's id."""

    id: PageId
    revision: int
    edited_by: str
    edited_at: str
    text: PageText
