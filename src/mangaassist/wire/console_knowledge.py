"""What operators read of the knowledge in the console, and do about it: freshness, events set aside, pages (O-6, K-4, K-5)."""

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from mangaassist.wire.store_pages import PageText

MOST_LETTERS: Final = 100

LetterId = Annotated[str, Meta(pattern=r"^[0-9a-f]{12}$")]


class SourceLine(Struct, frozen=True, kw_only=True):
    """How soon changes of a source could be found, in seconds, as those who index it count it since they started.

    ``slowest_lag_s`` is that of its newest 200; ``limit_s`` is what it may be (K-5).
    """

    name: str
    limit_s: float
    found: int
    last_at: str | None
    last_lag_s: float | None
    slowest_lag_s: float | None
    is_late: bool


class LetterLine(Struct, frozen=True, kw_only=True):
    """An event that could not be applied, and why; ``event`` is its beginning. ``is_due``: somebody has asked for another try."""

    id: str
    source: str
    document_id: str
    version: int
    error: str
    event: str
    at: str
    attempts: int
    is_due: bool


class KnowledgeProcess(Struct, frozen=True, kw_only=True):
    """A process as it told ``age_s`` seconds ago; 0 of the one that answers. ``version`` grows with each change that it finds;
    ``is_indexing`` false: another one fills the index that it searches. ``changes_wait`` as in ``KnowledgeView``."""

    name: str
    age_s: float
    version: int
    is_indexing: bool
    changes_wait: bool


class KnowledgeView(Struct, frozen=True, kw_only=True):
    """Of all ``processes``; ``is_all`` false: some could not be heard just now, or what they have set aside could not be read.
    ``set_aside`` counts the events by source, each once whoever has it, ``letters`` are the newest of them.

    ``changes_wait``: somewhere the index of another encoder answers, by words alone, until that of the encoder in use is whole
    (K-3). What changes is found, and what was set aside is tried again, from then on.
    """

    processes: tuple[KnowledgeProcess, ...]
    is_all: bool
    changes_wait: bool
    sources: tuple[SourceLine, ...]
    set_aside: dict[str, int]
    letters: tuple[LetterLine, ...]


class RetryRequest(Struct, frozen=True, kw_only=True):
    """Which events to try again; None for all."""

    ids: Annotated[tuple[LetterId, ...], Meta(min_length=1, max_length=MOST_LETTERS)] | None = None


class RetryView(Struct, frozen=True, kw_only=True):
    """How many are to be tried again: within a few seconds, by whichever process has set them aside, or once changes wait no
    longer. ``is_all`` false: other processes could not be asked just now."""

    asked: int
    is_all: bool


class PageLine(Struct, frozen=True, kw_only=True):
    """A page of the store: ``version`` 0 is one that nobody has approved yet. ``draft_by`` has a draft of it waiting."""

    id: str
    title: str
    source_type: str
    version: int
    updated_at: str
    draft_by: str | None


class PagesView(Struct, frozen=True, kw_only=True):
    """Pages by id, those with a draft first. ``may_edit`` false: the store lets this operator neither write nor approve.

    ``changes_wait`` as in ``KnowledgeView``: answers tell what is approved now from then on.
    """

    pages: tuple[PageLine, ...]
    may_edit: bool
    changes_wait: bool


class ChangePart(Struct, frozen=True, kw_only=True):
    kind: Literal["same", "added", "removed"]
    text: str


class DraftView(Struct, frozen=True, kw_only=True):
    """``is_own``: whoever looks wrote it, and somebody else approves it."""

    revision: int
    edited_by: str
    edited_at: str
    is_own: bool
    text: PageText


class PageView(Struct, frozen=True, kw_only=True):
    """A page as shoppers read it, its draft, and what the draft changes, line by line; a None is not there."""

    id: str
    approved: PageText | None
    draft: DraftView | None
    changes: tuple[tuple[ChangePart, ...], ...]


class ApprovalRequest(Struct, frozen=True, kw_only=True):
    """Which revision of the draft was read."""

    revision: Annotated[int, Meta(ge=1)]


class PageDone(Struct, frozen=True, kw_only=True):
    """``revision`` of the draft that is kept now; 0 where there is none any more."""

    id: str
    revision: int
