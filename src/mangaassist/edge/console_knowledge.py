"""The knowledge in the console, over REST: freshness, what was set aside, and pages from draft to approved (O-6, K-4, K-5)."""

from typing import Final

import msgspec
from litestar import Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath

from mangaassist.edge.console import ConsoleEdge
from mangaassist.edge.rest import AnyRequest, answered, asked_in
from mangaassist.errors import NotFound
from mangaassist.wire.console_knowledge import ApprovalRequest, RetryRequest
from mangaassist.wire.desk import DeskDeed
from mangaassist.wire.store_pages import PageId, PageText

_RETRY: Final = msgspec.json.Decoder(RetryRequest)
_TEXT: Final = msgspec.json.Decoder(PageText)
_APPROVAL: Final = msgspec.json.Decoder(ApprovalRequest)
_DEED: Final = msgspec.json.Decoder(DeskDeed)


def _page(page_id: str) -> str:
    """Raises ``NotFound`` for what no page is called."""
    try:
        return msgspec.convert(page_id, PageId)
    except msgspec.ValidationError:
        raise NotFound("No page is called that.") from None


@get("/ops/console/knowledge")
async def console_knowledge(request: AnyRequest, state: State) -> Response[bytes]:
    edge: ConsoleEdge = state.console
    operator, standing = await edge.operator(request)
    return answered(await edge.console.knowledge.look(operator), standing)


@post("/ops/console/knowledge/retry", status_code=200)
async def console_retry(request: AnyRequest, state: State) -> Response[bytes]:
    edge: ConsoleEdge = state.console
    operator, standing = await edge.operator(request)
    asked = await asked_in(request, _RETRY)
    return answered(await edge.console.knowledge.retry(operator, asked.ids), standing)


@get("/ops/console/pages")
async def console_pages(request: AnyRequest, state: State) -> Response[bytes]:
    edge: ConsoleEdge = state.console
    identity, standing = await edge.caller(request)
    return answered(await edge.console.pages.list(identity), standing)


@get("/ops/console/pages/{page_id:str}")
async def console_page(request: AnyRequest, state: State, page_id: FromPath[str]) -> Response[bytes]:
    edge: ConsoleEdge = state.console
    identity, standing = await edge.caller(request)
    return answered(await edge.console.pages.read(identity, _page(page_id)), standing)


@post("/ops/console/pages/{page_id:str}/draft", status_code=200)
async def console_draft(request: AnyRequest, state: State, page_id: FromPath[str]) -> Response[bytes]:
    edge: ConsoleEdge = state.console
    identity, standing = await edge.caller(request)
    text = await asked_in(request, _TEXT)
    return answered(await edge.console.pages.save(identity, _page(page_id), text), standing)


@post("/ops/console/pages/{page_id:str}/approve", status_code=200)
async def console_approve(request: AnyRequest, state: State, page_id: FromPath[str]) -> Response[bytes]:
    edge: ConsoleEdge = state.console
    identity, standing = await edge.caller(request)
    read = await asked_in(request, _APPROVAL)
    done = await edge.console.pages.approve(identity, _page(page_id), read.revision)
    return answered(done, standing)


@post("/ops/console/pages/{page_id:str}/discard", status_code=200)
async def console_discard(request: AnyRequest, state: State, page_id: FromPath[str]) -> Response[bytes]:
    edge: ConsoleEdge = state.console
    identity, standing = await edge.caller(request)
    await asked_in(request, _DEED)
    return answered(await edge.console.pages.discard(identity, _page(page_id)), standing)
