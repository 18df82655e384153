"""A question in words, answered by the same turn as a shopper's and kept nowhere: no session, no cart, no ticket."""

import asyncio
from collections.abc import Iterator
from typing import Any, Final

from pydantic import BaseModel, Field
from ucp_sdk.models.schemas.common.types.message import Message
from ucp_sdk.models.schemas.common.types.message_info import MessageInfo
from ucp_sdk.models.schemas.shopping.types.product import Product as UcpProduct
from ucp_sdk.models.schemas.ucp import ResponseCatalogSchema

from mangaassist.domain.evidence import Degradation
from mangaassist.edge.agents.call import Call
from mangaassist.edge.agents.catalog import look_up
from mangaassist.edge.agents.envelope import ToolRefused, done_without, envelope, plain, told
from mangaassist.errors import Overloaded, TooMany
from mangaassist.guardrails.audit import shown
from mangaassist.turn.memory import Session
from mangaassist.turn.output import Stop
from mangaassist.turn.stages import Answered
from mangaassist.wire.page import NOWHERE, PageContext

ANSWER_LIMIT_S: Final = 30.0
TOO_SLOW: Final = "The answer took too long. Ask again in a moment."
CROWDED: Final = "More is asked than can be answered just now. Ask again in a moment."


NO_PERSON: Final = "Nobody is asked for through this tool: shoppers ask for a person in the store's own chat."


class PageRead(BaseModel):
    """A page that the answer is drawn from."""

    title: str
    url: str | None = None


class PlaceToGo(BaseModel):
    """A page of the store's on which the shopper goes on by themselves."""

    label: str
    url: str


class BusinessAnswer(BaseModel):
    """``answer`` is what a shopper would be told; ``products`` are those that it shows, with their prices now."""

    ucp: ResponseCatalogSchema
    answer: str
    products: list[UcpProduct] = Field(default_factory=list[UcpProduct])
    sources: list[PageRead] = Field(default_factory=list[PageRead])
    links: list[PlaceToGo] = Field(default_factory=list[PlaceToGo])
    follow_up_questions: list[str] = Field(default_factory=list)
    messages: list[Message] | None = None


class Unheard:
    """Nobody follows the answer while it is written: it is given when it was reviewed."""

    async def degraded(self, degradation: Degradation) -> None:
        pass

    async def text(self, content: str) -> None:
        pass


async def ask_business(call: Call, question: str, product_id: str | None) -> dict[str, Any]:
    """Raises ``ToolRefused`` where there is no answer, ``ServiceFailure`` where the audit cannot be told of one."""
    await _admitted(call)
    answered = await _answered(call, question, product_id)
    cards = tuple(card.asin for card in answered.products)
    asins = tuple(dict.fromkeys((*cards, *answered.prices)))
    await call.audit((*answered.findings, *shown(answered.prices)), answered.message.response_id, asins)
    shape = BusinessAnswer.model_validate(
        {
            "ucp": envelope(),
            "answer": answered.text.strip(),
            "products": await _products(call, cards),
            "sources": [{"title": one.title, "url": one.url or None} for one in answered.metadata.sources],
            "links": [{"label": one.label, "url": one.url} for one in answered.actions if one.url],
            "follow_up_questions": list(answered.suggestions),
            "messages": [*_remarks(answered), *done_without(call.services.degraded)] or None,
        }
    )
    return plain(shape)


def _remarks(answered: Answered) -> Iterator[MessageInfo]:
    for name in answered.metadata.degraded:
        yield told("done_without", f"Answered without {name}.")
    if any(button.type == "talk_to_human" for button in answered.actions):
        yield told("no_person_here", NO_PERSON)


async def _admitted(call: Call) -> None:
    """R-5: a question counts as a shopper's does; guests have no session here, and share what their address may ask."""
    try:
        await call.shared.limits.message(call.caller.identity, call.caller.address)
    except TooMany as refused:
        raise ToolRefused("rate_limited", str(refused)) from refused


async def _answered(call: Call, question: str, product_id: str | None) -> Answered:
    page = NOWHERE if product_id is None else PageContext(current_asin=product_id)
    message = await call.read(question, page)
    session = Session(session_id=call.id, customer_id=call.caller.identity.customer_id)
    try:
        async with asyncio.timeout(ANSWER_LIMIT_S * call.shared.timeout_factor):
            return await call.shared.answering.answer(message, session, Unheard(), Stop())
    except TimeoutError:
        raise ToolRefused("unavailable", TOO_SLOW) from None
    except Overloaded:
        raise ToolRefused("unavailable", CROWDED) from None


async def _products(call: Call, asins: tuple[str, ...]) -> list[dict[str, Any]]:
    """Those on the answer's cards; where the store cannot price them any more, the answer stands by itself."""
    if not asins:
        return []
    try:
        looked = await look_up(call, asins)
    except ToolRefused:
        return []
    return looked.shapes(call.services.facts.name)
