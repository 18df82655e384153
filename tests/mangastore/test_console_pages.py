"""K-5, O-6: what the console has the store's content service do, at the store itself, and what a refusal means there."""

from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest

from mangaassist.errors import BadInput, Forbidden, NotFound, ServiceFailure, Unauthenticated
from mangaassist.services.operators_calls import OperatorsCalls
from mangaassist.services.pages import ContentDesk
from mangaassist.wire.store_pages import PageText

TEXT = PageText(
    source_type="faq", title="Do you insure parcels?", body="Yes.", category="shipping", questions=("insured",)
)
SignIn = Callable[[str], Awaitable[str]]


@pytest.fixture
async def desk(http: aiohttp.ClientSession) -> AsyncIterator[ContentDesk]:
    async with OperatorsCalls("content", str(http._base_url), limit_s=60) as calls:
        yield ContentDesk(calls)


async def test_a_page_is_written_by_one_and_approved_by_another(desk: ContentDesk, token: SignIn) -> None:
    edda, axel = await token("edda"), await token("axel")
    assert (await desk.save("faq-insured-too", TEXT, edda)).edited_by == "cus-edda"
    (draft,) = [one for one in await desk.drafts(axel) if one.id == "faq-insured-too"]
    assert draft.text == TEXT
    await desk.approve("faq-insured-too", draft.revision, axel)
    (page,) = [one for one in await desk.approved() if one.id == "faq-insured-too"]
    assert page.text == TEXT


async def test_every_page_is_listed_however_many_there_are(desk: ContentDesk, http: aiohttp.ClientSession) -> None:
    async with http.get("/content/v1/entries", params={"limit": "1"}) as response:
        assert (await response.json())["next"]
    pages = await desk.approved()
    assert len({page.id for page in pages}) == len(pages) > 100


async def test_each_refusal_means_what_it_says(desk: ContentDesk, token: SignIn) -> None:
    edda, axel, aiko = await token("edda"), await token("axel"), await token("aiko")
    draft = await desk.save("faq-refused", TEXT, axel)
    with pytest.raises(Forbidden, match="does not approve it"):
        await desk.approve("faq-refused", draft.revision, axel)
    with pytest.raises(Forbidden, match="role"):
        await desk.drafts(aiko)
    await desk.save("faq-refused", TEXT, edda)
    with pytest.raises(BadInput) as changed:
        await desk.approve("faq-refused", draft.revision, axel)
    assert changed.value.status == 409
    await desk.discard("faq-refused", edda)
    with pytest.raises(NotFound):
        await desk.discard("faq-refused", edda)
    with pytest.raises(Unauthenticated):
        await desk.drafts("no token")


async def test_a_store_that_is_away_is_a_failure_of_the_content_service() -> None:
    async with OperatorsCalls("content", "http://127.0.0.1:9") as calls:
        with pytest.raises(ServiceFailure) as away:
            await ContentDesk(calls).approved()
    assert (away.value.service, away.value.kind) == ("content", "unreachable")
