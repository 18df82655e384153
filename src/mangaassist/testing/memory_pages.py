"""A store's content service in memory, as the console asks it: pages, drafts, and who may do what (K-5)."""

from collections.abc import Mapping
from typing import Final, Literal

from msgspec import Struct

from mangaassist.errors import BadInput, Forbidden, NotFound, Unauthenticated
from mangaassist.wire.store_pages import PageDraft, PageText, StorePage

Role = Literal["editor", "approver"]
MOMENT: Final = "2026-11-01T12:00:00Z"


class Person(Struct, frozen=True):
    """Somebody who is signed in at the store."""

    id: str
    roles: frozenset[Role] = frozenset()


class MemoryPages:
    """Implements ``console.pages.PageStore``. ``people`` are known by their tokens; ``pages`` are what shoppers read, by id."""

    def __init__(self, people: Mapping[str, Person] | None = None) -> None:
        self.pages: dict[str, StorePage] = {}
        self._people = people or {}
        self._waiting: dict[str, PageDraft] = {}
        self._revisions: dict[str, int] = {}

    async def approved(self) -> tuple[StorePage, ...]:
        return tuple(self.pages.values())

    async def drafts(self, token: str) -> tuple[PageDraft, ...]:
        self._with_role(token, "editor", "approver")
        return tuple(self._waiting.values())

    async def save(self, page_id: str, text: PageText, token: str) -> PageDraft:
        editor = self._with_role(token, "editor")
        revision = self._revisions[page_id] = self._revisions.get(page_id, 0) + 1
        draft = PageDraft(id=page_id, revision=revision, edited_by=editor.id, edited_at=MOMENT, text=text)
        self._waiting[page_id] = draft
        return draft

    async def approve(self, page_id: str, revision: int, token: str) -> None:
        approver, draft = self._with_role(token, "approver"), self._draft(page_id)
        if draft.revision != revision:
            raise BadInput("wrong_state", "The draft was saved again since.", status=409)
        if draft.edited_by == approver.id:
            raise Forbidden("Whoever wrote a draft does not approve it: somebody else reads it first.")
        text = {name: getattr(draft.text, name) for name in PageText.__struct_fields__}
        version = self.pages[page_id].version + 1 if page_id in self.pages else 1
        self.pages[page_id] = StorePage(id=page_id, version=version, updated_at=MOMENT, **text)
        del self._waiting[page_id]

    async def discard(self, page_id: str, token: str) -> None:
        self._with_role(token, "editor", "approver")
        del self._waiting[self._draft(page_id).id]

    def _draft(self, page_id: str) -> PageDraft:
        if page_id not in self._waiting:
            raise NotFound("There is no such draft.")
        return self._waiting[page_id]

    def _with_role(self, token: str, *roles: Role) -> Person:
        if token not in self._people:
            raise Unauthenticated("Sign in again.")
        if self._people[token].roles.isdisjoint(roles):
            raise Forbidden(f"Only for the role {' or '.join(roles)}.")
        return self._people[token]
