"""A console of a process without services of its own: for tests and measurements of what is around it."""

from collections.abc import Callable, Mapping
from datetime import datetime

from mangaassist.console.figures import Limit, Watched
from mangaassist.console.knowledge import KnowledgeDesk
from mangaassist.console.operating import Console
from mangaassist.console.pages import PagesDesk, PageStore
from mangaassist.console.trail import Trail
from mangaassist.errors import BadInput, Forbidden, NotFound
from mangaassist.guardrails.audit import AuditLog
from mangaassist.knowledge.dead_letters import DeadLetters
from mangaassist.services.breaker import BreakerState
from mangaassist.services.policies import POLICIES, Service
from mangaassist.telemetry.metrics import Metrics
from mangaassist.telemetry.spent import Priced
from mangaassist.testing.memory_dead_letters import MemoryDeadLetters
from mangaassist.wire.store_pages import PageDraft, PageText, StorePage


class MemoryPages:
    """A store's content service in memory. ``editors`` may write and approve: their ids, by their tokens."""

    def __init__(self, *pages: StorePage, editors: Mapping[str, str] | None = None) -> None:
        self.pages = {page.id: page for page in pages}
        self.waiting: dict[str, PageDraft] = {}
        self._editors = editors or {}

    async def approved(self) -> tuple[StorePage, ...]:
        return tuple(self.pages.values())

    async def drafts(self, token: str) -> tuple[PageDraft, ...]:
        self._editor(token)
        return tuple(self.waiting.values())

    async def save(self, page_id: str, text: PageText, token: str) -> PageDraft:
        editor = self._editor(token)
        revision = self.waiting[page_id].revision + 1 if page_id in self.waiting else 1
        draft = PageDraft(id=page_id, revision=revision, edited_by=editor, edited_at="2026-11-01T12:00:00Z", text=text)
        self.waiting[page_id] = draft
        return draft

    async def approve(self, page_id: str, revision: int, token: str) -> None:
        approver = self._editor(token)
        draft = self._draft(page_id)
        if draft.edited_by == approver:
            raise Forbidden("Whoever wrote a draft does not approve it: somebody else reads it first.")
        if draft.revision != revision:
            raise BadInput("wrong_state", "The draft was saved again since.", status=409)
        text = {name: getattr(draft.text, name) for name in PageText.__struct_fields__}
        version = self.pages[page_id].version + 1 if page_id in self.pages else 1
        self.pages[page_id] = StorePage(id=page_id, version=version, updated_at="2026-11-01T12:00:00Z", **text)
        del self.waiting[page_id]

    async def discard(self, page_id: str, token: str) -> None:
        self._editor(token)
        del self.waiting[self._draft(page_id).id]

    def _draft(self, page_id: str) -> PageDraft:
        if page_id not in self.waiting:
            raise NotFound("There is no such draft.")
        return self.waiting[page_id]

    def _editor(self, token: str) -> str:
        if token not in self._editors:
            raise Forbidden("Only for the role editor or approver.")
        return self._editors[token]


def a_console(
    metrics: Metrics,
    audit: AuditLog,
    now: Callable[[], datetime],
    clock: Callable[[], float],
    *,
    breakers: Mapping[Service, BreakerState] | None = None,
    limits: tuple[Limit, ...] = (),
    large: Priced | None = None,
    letters: DeadLetters | None = None,
    pages: PageStore | None = None,
) -> Console:
    """``breakers`` None: all are closed; ``letters`` and ``pages`` None: there are none."""
    states = breakers or dict.fromkeys(POLICIES, "closed")
    watched = Watched(
        process="process 1",
        since=now(),
        metrics=metrics,
        clock=clock,
        breakers=lambda: states,
        services=POLICIES,
        limits=limits,
        large=large,
        usd_per_connection_minute=0.000_000_25,
    )
    trail = Trail(audit, now)
    desk = KnowledgeDesk(watched.process, letters or MemoryDeadLetters(), metrics.freshness, lambda: 1, trail)
    return Console(watched, trail, now, desk, PagesDesk(pages or MemoryPages(), trail))
