"""The editors' side of the content: drafts, which an editor saves and an approver makes the store's pages (K-5)."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Final

import msgspec
from litestar import delete, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody, PathParameter

from mangastore.data.content import Entry
from mangastore.data.desk import Draft, DraftRefusedError, DraftText, Refusal
from mangastore.problems import OWNED_RESPONSES, PRIVATE_RESPONSES, ProblemError
from mangastore.services.requests import BEARER, AnyRequest, with_role
from mangastore.store import Store

EDITOR: Final = "editor"
APPROVER: Final = "approver"
EntryId = Annotated[str, PathParameter(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=100)]
_REFUSED: Final[dict[Refusal, tuple[HTTPStatus, str]]] = {
    "not_there": (HTTPStatus.NOT_FOUND, "There is no such draft."),
    "changed": (HTTPStatus.CONFLICT, "The draft was saved again since: read it, then approve that revision."),
    "own_draft": (HTTPStatus.FORBIDDEN, "Whoever wrote a draft does not approve it: somebody else reads it first."),
}


class DraftsView(msgspec.Struct):
    """What waits for an approval."""

    drafts: Sequence[Draft]


class Approval(msgspec.Struct, forbid_unknown_fields=True):
    """Which revision of the draft was read."""

    revision: int


def routes(store: Store) -> list[HTTPRouteHandler]:
    """The routes of the desk."""

    @get("/content/v1/drafts", responses=PRIVATE_RESPONSES, security=BEARER, tags=["content"], sync_to_thread=False)
    def list_drafts(request: AnyRequest) -> DraftsView:
        """What waits for an approval, for whoever writes or approves."""
        with_role(store, request, EDITOR, APPROVER)
        return DraftsView(store.desk.drafts())

    @put(
        "/content/v1/drafts/{entry_id:str}",
        responses=PRIVATE_RESPONSES, security=BEARER, tags=["content"], sync_to_thread=False,
    )  # fmt: skip
    def save_draft(request: AnyRequest, entry_id: EntryId, data: JSONBody[DraftText]) -> Draft:
        """Save a draft of a new page or of one that is there; nobody is shown it."""
        return store.desk.save(entry_id, data, with_role(store, request, EDITOR).id)

    @delete(
        "/content/v1/drafts/{entry_id:str}",
        responses=OWNED_RESPONSES, security=BEARER, tags=["content"], status_code=204, sync_to_thread=False,
    )  # fmt: skip
    def discard_draft(request: AnyRequest, entry_id: EntryId) -> None:
        """Drop a draft; the page stays as it is."""
        with_role(store, request, EDITOR, APPROVER)
        try:
            store.desk.discard(entry_id)
        except DraftRefusedError as refused:
            raise _problem(refused) from refused

    @post(
        "/content/v1/drafts/{entry_id:str}/approval",
        responses=OWNED_RESPONSES, security=BEARER, tags=["content"], status_code=200, sync_to_thread=False,
    )  # fmt: skip
    def approve_draft(request: AnyRequest, entry_id: EntryId, data: JSONBody[Approval]) -> Entry:
        """Make the draft the store's page, at once, if it is still the revision that was read."""
        approver = with_role(store, request, APPROVER)
        so_far = store.content.approved().get(entry_id)
        try:
            return store.desk.approve(entry_id, data.revision, approver.id, so_far.version if so_far else 0)
        except DraftRefusedError as refused:
            raise _problem(refused) from refused

    return [list_drafts, save_draft, discard_draft, approve_draft]


def _problem(refused: DraftRefusedError) -> ProblemError:
    status, detail = _REFUSED[refused.why]
    return ProblemError(status, "not_found" if refused.why == "not_there" else refused.why, detail)
