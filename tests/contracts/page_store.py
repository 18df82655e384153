"""What every store's pages do for the console (K-5, O-6); each adapter inherits the suite."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

import pytest
from msgspec.structs import replace

from mangaassist.console.pages import PageStore
from mangaassist.errors import AssistantError, BadInput, Forbidden, NotFound, Unauthenticated
from mangaassist.wire.store_pages import PageAnswer, PageDraft, PageText, StorePage

SignIn = Callable[[str], Awaitable[str]]

NAME: Final = "faq-insured-too"
TEXT: Final = PageText(
    source_type="faq",
    title="Do you insure parcels? 保険",
    body="Yes:\n\n- each one",
    category="shipping",
    questions=("insured",),
    answers=(PageAnswer(says="Up to $50.", asks=("how much",)),),
    language="en",
)
LATER: Final = replace(TEXT, body="No longer.")


async def draft_of(store: PageStore, token: str, page_id: str = NAME) -> PageDraft | None:
    return next((draft for draft in await store.drafts(token) if draft.id == page_id), None)


async def page_of(store: PageStore, page_id: str = NAME) -> StorePage | None:
    return next((page for page in await store.approved() if page.id == page_id), None)


class PageStoreContract:
    """``edda`` is an editor (``cus-edda``), ``axel`` an editor and an approver, ``aiko`` a customer."""

    @pytest.fixture
    async def store(self) -> AsyncIterator[PageStore]:
        """With pages, none of which is called ``NAME``."""
        raise NotImplementedError
        yield

    @pytest.fixture
    def sign_in(self) -> SignIn:
        """Gives the token of a person."""
        raise NotImplementedError

    async def test_a_draft_is_kept_as_it_was_written_and_shoppers_read_none_of_it(
        self, store: PageStore, sign_in: SignIn
    ) -> None:
        edda = await sign_in("edda")
        saved = await store.save(NAME, TEXT, edda)
        assert (saved.id, saved.edited_by, saved.text) == (NAME, "cus-edda", TEXT)
        assert await draft_of(store, edda) == saved
        assert await page_of(store) is None

    async def test_an_approved_draft_is_what_shoppers_read_and_waits_no_longer(
        self, store: PageStore, sign_in: SignIn
    ) -> None:
        edda, axel = await sign_in("edda"), await sign_in("axel")
        saved = await store.save(NAME, TEXT, edda)
        await store.approve(NAME, saved.revision, axel)
        page = await page_of(store)
        assert page is not None
        assert page.text == TEXT
        assert await draft_of(store, axel) is None
        again = await store.save(NAME, LATER, edda)
        assert await page_of(store) == page, "the page stays while its next draft waits"
        await store.approve(NAME, again.revision, axel)
        changed = await page_of(store)
        assert changed is not None
        assert (changed.text, changed.version > page.version) == (LATER, True)

    async def test_what_was_read_is_approved_and_nothing_that_was_written_since(
        self, store: PageStore, sign_in: SignIn
    ) -> None:
        edda, axel = await sign_in("edda"), await sign_in("axel")
        read = await store.save(NAME, TEXT, edda)
        await store.save(NAME, LATER, edda)
        assert await _refused(store, read.revision, axel) == (BadInput, 409)
        assert await page_of(store) is None

    async def test_a_revision_is_never_used_again_after_an_approval(self, store: PageStore, sign_in: SignIn) -> None:
        edda, axel = await sign_in("edda"), await sign_in("axel")
        read = await store.save(NAME, TEXT, edda)
        await store.approve(NAME, read.revision, axel)
        assert (await store.save(NAME, LATER, edda)).revision > read.revision
        assert await _refused(store, read.revision, axel) == (BadInput, 409)

    async def test_nobody_approves_what_they_wrote(self, store: PageStore, sign_in: SignIn) -> None:
        axel = await sign_in("axel")
        saved = await store.save(NAME, TEXT, axel)
        assert await _refused(store, saved.revision, axel) == (Forbidden, 403)
        assert await page_of(store) is None

    async def test_an_editor_who_is_no_approver_approves_nothing(self, store: PageStore, sign_in: SignIn) -> None:
        edda, axel = await sign_in("edda"), await sign_in("axel")
        saved = await store.save(NAME, TEXT, axel)
        assert await _refused(store, saved.revision, edda) == (Forbidden, 403)

    async def test_a_draft_that_is_dropped_is_gone_and_the_page_stays(self, store: PageStore, sign_in: SignIn) -> None:
        edda = await sign_in("edda")
        page, *_ = await store.approved()
        await store.save(page.id, LATER, edda)
        await store.discard(page.id, edda)
        assert await draft_of(store, edda, page.id) is None
        assert await page_of(store, page.id) == page
        with pytest.raises(NotFound):
            await store.discard(page.id, edda)

    async def test_what_is_not_there_is_not_approved(self, store: PageStore, sign_in: SignIn) -> None:
        assert await _refused(store, 1, await sign_in("axel")) == (NotFound, 404)

    @pytest.mark.parametrize(("who", "refusal"), [("aiko", Forbidden), (None, Unauthenticated)])
    async def test_who_has_no_role_reads_no_draft_and_writes_none(
        self, store: PageStore, sign_in: SignIn, who: str | None, refusal: type[AssistantError]
    ) -> None:
        token = "no token" if who is None else await sign_in(who)
        tries = (
            store.drafts(token),
            store.save(NAME, TEXT, token),
            store.approve(NAME, 1, token),
            store.discard(NAME, token),
        )
        for tried in tries:
            with pytest.raises(refusal):
                await tried


async def _refused(store: PageStore, revision: int, token: str) -> tuple[type[Exception], int]:
    with pytest.raises((BadInput, Forbidden, NotFound)) as refused:
        await store.approve(NAME, revision, token)
    return type(refused.value), refused.value.status
