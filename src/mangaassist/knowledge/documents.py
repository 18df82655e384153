"""Documents and their changes: what sources hand in, before anything is cut or embedded (K-4)."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from mangaassist.domain.chunks import SourceType
from mangaassist.errors import AssistantError

BODY_LIMIT = 262_144
"""Characters of one document: a policy of a hundred printed pages."""
VERSION_LIMIT = 1 << 62

DocumentId = Annotated[str, Meta(min_length=1, max_length=200)]
Version = Annotated[int, Meta(ge=0, le=VERSION_LIMIT)]


MOST_ANSWERS = MOST_ASKS = 50
Question = Annotated[str, Meta(min_length=1, max_length=200)]


class Answer(Struct, frozen=True, kw_only=True):
    """What a page says to one question, verdict first, and how people word that question."""

    says: Annotated[str, Meta(min_length=1, max_length=1000)]
    asks: Annotated[tuple[Question, ...], Meta(min_length=1, max_length=MOST_ASKS)]


class Document(Struct, frozen=True, kw_only=True):
    """One thing that can be found: a product, a page, a review summary.

    ``family`` names documents that are nearly alike, such as the volumes of a series, so that a diverse list shows one of
    them; empty for a document of its own. ``aliases`` are other names that people search for, ``questions`` how they word
    what the document answers: each is found by itself, and stands for the document. ``answers`` are what it says to single
    questions, approved with it. ``language`` is that of the store whose page
    it is (BCP 47), empty for what every store tells. Raises ``ValueError`` on text that is
    no Unicode text (lone surrogates), which no store could keep.
    """

    document_id: DocumentId
    title: Annotated[str, Meta(min_length=1, max_length=1000)]
    body: Annotated[str, Meta(max_length=BODY_LIMIT)]
    source_type: SourceType
    category: Annotated[str, Meta(max_length=200)] = ""
    asin: str | None = None
    version: Version
    updated_at: datetime
    aliases: Annotated[tuple[Annotated[str, Meta(max_length=300)], ...], Meta(max_length=50)] = ()
    family: Annotated[str, Meta(max_length=200)] = ""
    questions: Annotated[tuple[Question, ...], Meta(max_length=50)] = ()
    answers: Annotated[tuple[Answer, ...], Meta(max_length=MOST_ANSWERS)] = ()
    language: Annotated[str, Meta(max_length=35)] = ""

    def __post_init__(self) -> None:
        for name in ("document_id", "title", "body", "category", "asin", "family", "language"):
            text: str | None = getattr(self, name)
            if text is not None and not is_text(text):
                raise ValueError(f"{name} holds characters that are no text")
        answers = (text for answer in self.answers for text in (answer.says, *answer.asks))
        if not (self.title.strip() and all(map(is_text, (*self.aliases, *self.questions, *answers)))):
            raise ValueError("the title is blank, or an alias, a question or an answer is no text")


class DocumentChange(Struct, frozen=True, kw_only=True):
    """One event of a source's stream. ``body`` is None for a delete and only then; ``version`` decides what is newest."""

    source: Annotated[str, Meta(min_length=1, max_length=50)]
    op: Literal["upsert", "delete"]
    id: DocumentId
    version: Version
    body: Document | None = None
    emitted_at: datetime

    def __post_init__(self) -> None:
        if (self.body is None) != (self.op == "delete"):
            raise ValueError(f"an event of op {self.op} has {'no' if self.body is None else 'a'} body")
        if self.body is not None and (self.body.document_id, self.body.version) != (self.id, self.version):
            raise ValueError("the body is of another document or version than the event")
        if self.emitted_at.tzinfo is None:
            raise ValueError("emitted_at has no time zone")


class SourceProblem(Struct, frozen=True):
    """Something of a source that could not be taken in: ``where`` is a file, an id or the source as a whole."""

    source: str
    where: str
    detail: str


class PoisonedEvent(AssistantError):
    """An event that can never be applied, however often it is tried."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


_DECODER = msgspec.json.Decoder(DocumentChange)


def decode_change(raw: bytes) -> DocumentChange:
    """Read one event off a stream or a webhook. Raises ``PoisonedEvent``, naming the field."""
    try:
        return _DECODER.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise PoisonedEvent(str(error)) from error


def encode_change(change: DocumentChange) -> str:
    """The event as ``decode_change`` reads it."""
    return msgspec.json.encode(change).decode()


def upsert(source: str, document: Document, emitted_at: datetime) -> DocumentChange:
    return DocumentChange(
        source=source,
        op="upsert",
        id=document.document_id,
        version=document.version,
        body=document,
        emitted_at=emitted_at,
    )


def deletion(source: str, document_id: str, version: int, emitted_at: datetime) -> DocumentChange:
    return DocumentChange(source=source, op="delete", id=document_id, version=version, emitted_at=emitted_at)


def is_text(text: str) -> bool:
    """Whether the text can be written as UTF-8 and holds no NUL."""
    if text.isascii():
        return "\0" not in text
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text
