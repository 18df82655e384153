"""What another agent is told at ``/mcp``, by the door itself: for ``docs/dialects.md``."""

import asyncio
from functools import cache
from typing import Any, Final, cast

import msgspec
from msgspec.structs import replace

from mangaassist.domain.products import Format, Product
from mangaassist.testing.store_data import STORE
from mangaassist.turn.memory import Session
from mangaassist.turn.output import Output, Stop
from mangaassist.turn.stages import Answered, Message
from mangaassist.wire.examples import EXAMPLES
from mangaassist.wire.rest import ChatResponse
from tests.agents.conftest import Shop, calling
from tests.edge.rest_client import Caller

PRICE: Final = STORE.prices[STORE.products[0].asin]
TOLD: Final = msgspec.convert(msgspec.to_builtins(EXAMPLES[ChatResponse]), ChatResponse)
CARD: Final = TOLD.products[0]


class Examples:
    """Answers as the published examples do."""

    async def answer(self, message: Message, session: Session, output: Output, stop: Stop) -> Answered:
        return Answered(
            message=message,
            text=TOLD.response_text,
            metadata=TOLD.metadata,
            products=TOLD.products,
            prices={card.asin: card.price for card in TOLD.products},
            suggestions=TOLD.follow_up_suggestions,
        )


def asked(question: str) -> str:
    return _text(calling("ask_business", question=question))


@cache
def given() -> str:
    return asyncio.run(_given())


async def _given() -> str:
    shop = Shop()
    shop.process.answers = cast(Any, Examples())
    shop.store.data = replace(STORE, products=(_sold(),), prices={CARD.asin: replace(PRICE, asin=CARD.asin)})
    async with shop.door() as door:
        body = msgspec.json.encode(calling("ask_business", question="Something about sailors?"))
        got = await Caller(door).request("POST", "/mcp", body, content_type="application/json")
    result = msgspec.json.decode(got.body)["result"]
    return _text(result["structuredContent"])


def _sold() -> Product:
    """What the card shows, as the catalog tells of it."""
    return Product(
        asin=CARD.asin,
        title=CARD.title,
        series_id="salt-road",
        series_title="The Salt Road",
        authors=(CARD.author,),
        format=Format.HARDCOVER,
        description="A girl grows up among sailors.",
        url=CARD.url,
        image_url=CARD.image_url,
    )


def _text(value: Any) -> str:
    return f"{msgspec.json.encode(value).decode()}\n"
