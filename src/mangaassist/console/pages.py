"""Pages of the store in the console: what shoppers read, drafts, what they change, and their approval by somebody else (K-5).

The store's content service keeps all of it and says who may do what: it is asked with the operator's own token.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol

from mangaassist.console.page_changes import changes
from mangaassist.console.trail import Trail
from mangaassist.domain.customers import Identity
from mangaassist.errors import Forbidden, NotFound
from mangaassist.wire.console_knowledge import DraftView, PageDone, PageLine, PagesView, PageView
from mangaassist.wire.store_pages import PageDraft, PageText, StorePage


class PageStore(Protocol):
    """Raises what a refusal means (``Forbidden``, ``NotFound``, ``BadInput`` of 409), and ``ServiceFailure``."""

    async def approved(self) -> tuple[StorePage, ...]:
        """Every page that shoppers read."""
        ...

    async def drafts(self, token: str) -> tuple[PageDraft, ...]: ...

    async def save(self, page_id: str, text: PageText, token: str) -> PageDraft: ...

    async def approve(self, page_id: str, revision: int, token: str) -> None: ...

    async def discard(self, page_id: str, token: str) -> None: ...


class PagesDesk:
    """Lives as long as the process. ``operator`` is who is signed in, their token included; ``changes_wait`` says whether
    approved changes are found only later, in any process."""

    def __init__(self, store: PageStore, trail: Trail, changes_wait: Callable[[], Awaitable[bool]]) -> None:
        self._store = store
        self._trail = trail
        self._changes_wait = changes_wait

    async def list(self, operator: Identity) -> PagesView:
        """Every page and every draft, without their text."""
        await self._trail.looks(_name(operator), "console_pages")
        approved = {page.id: page for page in await self._store.approved()}
        try:
            drafts = {draft.id: draft for draft in await self._store.drafts(_token(operator))}
        except Forbidden:
            return await self._listed(approved.values(), {}, may_edit=False)
        fresh = [_unapproved(draft) for draft in drafts.values() if draft.id not in approved]
        return await self._listed((*fresh, *approved.values()), drafts, may_edit=True)

    async def _listed(self, pages: Iterable[StorePage], drafts: dict[str, PageDraft], *, may_edit: bool) -> PagesView:
        lines = tuple(_lines(pages, drafts))
        return PagesView(pages=lines, may_edit=may_edit, changes_wait=await self._changes_wait())

    async def read(self, operator: Identity, page_id: str) -> PageView:
        """One page, its draft, and what that changes. Raises ``NotFound``."""
        await self._trail.note(_name(operator), "console_page", page=page_id)
        approved = next((page for page in await self._store.approved() if page.id == page_id), None)
        try:
            drafts = await self._store.drafts(_token(operator))
        except Forbidden:
            drafts = ()
        draft = next((one for one in drafts if one.id == page_id), None)
        if approved is None and draft is None:
            raise NotFound("The store has no such page.")
        before = approved.text if approved else None
        return PageView(
            id=page_id,
            approved=before,
            draft=_told(draft, operator) if draft else None,
            changes=changes(before, draft.text) if draft else (),
        )

    async def save(self, operator: Identity, page_id: str, text: PageText) -> PageDone:
        """Keep a draft: nobody is shown it before somebody else has approved it."""
        await self._trail.note(_name(operator), "console_draft", page=page_id, title=text.title)
        draft = await self._store.save(page_id, text, _token(operator))
        return PageDone(id=page_id, revision=draft.revision)

    async def approve(self, operator: Identity, page_id: str, revision: int) -> PageDone:
        """Make the draft the page, if it is still the revision that was read."""
        await self._trail.note(_name(operator), "console_approve", page=page_id, revision=revision)
        await self._store.approve(page_id, revision, _token(operator))
        return PageDone(id=page_id, revision=0)

    async def discard(self, operator: Identity, page_id: str) -> PageDone:
        """Drop the draft; the page stays as it is."""
        await self._trail.note(_name(operator), "console_discard", page=page_id)
        await self._store.discard(page_id, _token(operator))
        return PageDone(id=page_id, revision=0)


def _name(operator: Identity) -> str:
    return operator.customer_id or ""


def _token(operator: Identity) -> str:
    return operator.token or ""


def _unapproved(draft: PageDraft) -> StorePage:
    return StorePage(
        id=draft.id, version=0, updated_at="", source_type=draft.text.source_type, title=draft.text.title,
        body=draft.text.body,
    )  # fmt: skip


def _lines(pages: Iterable[StorePage], drafts: dict[str, PageDraft]) -> list[PageLine]:
    told = [
        PageLine(
            id=page.id,
            title=page.title,
            source_type=page.source_type,
            version=page.version,
            updated_at=page.updated_at,
            draft_by=drafts[page.id].edited_by if page.id in drafts else None,
        )
        for page in pages
    ]
    return sorted(told, key=lambda line: (line.draft_by is None, line.source_type, line.id))


def _told(draft: PageDraft, operator: Identity) -> DraftView:
    return DraftView(
        revision=draft.revision,
        edited_by=draft.edited_by,
        edited_at=draft.edited_at,
        is_own=draft.edited_by == operator.customer_id,
        text=draft.text,
    )
