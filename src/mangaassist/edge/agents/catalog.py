"""What the catalog tools give: products with their live prices, as the store says them now. A read, and nothing else."""

import asyncio
import base64
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final, TypeVar

from msgspec import Struct
from ucp_sdk.models.schemas.common.types.message import Message
from ucp_sdk.models.schemas.common.types.price_filter import PriceFilter
from ucp_sdk.models.schemas.shopping.catalog_lookup import (
    GetProductRequest,
    GetProductResponse,
    LookupRequest,
    LookupResponse,
)
from ucp_sdk.models.schemas.shopping.catalog_search import SearchRequest, SearchResponse
from ucp_sdk.models.schemas.shopping.types.search_filters import SearchFilters

from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.products import Price, ProductQuery
from mangaassist.edge.agents.call import Call
from mangaassist.edge.agents.envelope import LOOKUP, SEARCH, ToolRefused, done_without, envelope, plain, told
from mangaassist.edge.agents.products import NO_DECIMALS, product_of
from mangaassist.guardrails.fencing import fenced
from mangaassist.services.answers import Answer

T = TypeVar("T")

PAGE: Final = 10
LARGEST_PAGE: Final = 50
MOST_IDS: Final = 50
MOST_FOUND: Final = 10_000
"""Products of one search, which is all that the catalog tells."""
MOST_PRICED: Final = 100
"""Products of a search with a limit of price: the store ranks no more of them at once."""
EVERYTHING: Final = "*"
SHOWN_OF_AN_ID: Final = 64

AWAY: Final = "The catalogue cannot be reached just now. Try again in a moment."
UNPRICED: Final = "Prices cannot be confirmed just now, and nothing is offered without one. Try again in a moment."


class Looked(Struct, frozen=True, kw_only=True):
    """``products`` each have a price; of ``unpriced`` the store told none. Not ``is_whole``: of others nobody knows."""

    products: tuple[ProductEvidence, ...]
    prices: dict[str, Price]
    unpriced: tuple[str, ...]
    is_whole: bool

    def shapes(self, seller: str, *, with_inputs: bool = False) -> list[dict[str, Any]]:
        return [
            plain(product_of(known, self.prices[known.asin], seller, (known.asin,) if with_inputs else ()))
            for known in self.products
        ]


async def search_catalog(call: Call, asked: SearchRequest) -> dict[str, Any]:
    """Products that fit words and filters, best first, a page at a time."""
    paging = asked.pagination
    start = _start(paging.cursor if paging else None)
    end = start + min((paging.limit if paging else None) or PAGE, LARGEST_PAGE)
    asins = await _found(call, asked)
    looked = await look_up(call, asins[start:end])
    more = {"cursor": _cursor(end)} if end < len(asins) else {}
    return plain(
        SearchResponse.model_validate(
            {
                "ucp": envelope(SEARCH),
                "products": looked.shapes(call.services.facts.name),
                "pagination": {"has_next_page": bool(more), "total_count": len(asins), **more},
                "messages": [*_unpriced(looked), *done_without(call.services.degraded)] or None,
            }
        )
    )


async def lookup_catalog(call: Call, asked: LookupRequest) -> dict[str, Any]:
    """The products of some identifiers, each once; of those that are not sold a message."""
    if len(asked.ids) > MOST_IDS:
        raise ToolRefused("request_too_large", f"Look up at most {MOST_IDS} identifiers at once.")
    ids = tuple(dict.fromkeys(asked.ids))
    looked = await look_up(call, ids)
    known = {*(one.asin for one in looked.products), *looked.unpriced}
    missing = [told("not_found", one[:SHOWN_OF_AN_ID]) for one in ids if looked.is_whole and one not in known]
    return plain(
        LookupResponse.model_validate(
            {
                "ucp": envelope(LOOKUP),
                "products": looked.shapes(call.services.facts.name, with_inputs=True),
                "messages": [*missing, *_unpriced(looked), *done_without(call.services.degraded)] or None,
            }
        )
    )


async def get_product(call: Call, asked: GetProductRequest) -> dict[str, Any]:
    """One product in full."""
    looked = await look_up(call, (asked.id,))
    if looked.unpriced:
        raise ToolRefused("unavailable", UNPRICED)
    if not looked.products:
        raise ToolRefused("not_found", "The store sells no such product.")
    (product,) = looked.shapes(call.services.facts.name)
    messages = done_without(call.services.degraded) or None
    answer = GetProductResponse.model_validate({"ucp": envelope(LOOKUP), "product": product, "messages": messages})
    return plain(answer)


async def look_up(call: Call, asins: Sequence[str]) -> Looked:
    """What the store knows of the products, asked at once and told to the audit; unknown ones are left out.

    Raises ``ToolRefused`` where the catalogue or the prices cannot be had: what costs nobody knows how much is not offered.
    """
    services = call.services
    found, prices, stock, ratings = await asyncio.gather(
        services.products(asins), services.prices(asins), services.stock(asins), services.ratings(asins)
    )
    products, priced = _value(found, AWAY), _value(prices, UNPRICED)
    in_stock, rated = stock.value or {}, ratings.value or {}
    known = (
        ProductEvidence(
            product=one, price=priced.get(one.asin), stock=in_stock.get(one.asin), rating=rated.get(one.asin)
        )
        for one in products
    )
    told_of = tuple(map(fenced, known))
    shown = tuple(one for one in told_of if one.price)
    await call.audit_prices({one.asin: one.price.worded() for one in shown if one.price})
    unpriced = tuple(one.asin for one in told_of if not one.price)
    return Looked(products=shown, prices=priced, unpriced=unpriced, is_whole=found.failure is None)


async def _found(call: Call, asked: SearchRequest) -> tuple[str, ...]:
    """The ASINs of everything that fits. Raises ``ToolRefused`` for a search by nothing."""
    filters = asked.filters or SearchFilters()
    price = filters.price or PriceFilter()
    is_priced = price.min is not None or price.max is not None
    if not (asked.query or filters.categories or is_priced):
        raise ToolRefused("invalid_request", "Give a query, categories or a price to search by.")
    query = ProductQuery(
        text=await _words(call, asked.query or ""), labels=tuple(filters.categories or ()), one_per_series=False
    )
    asins = _value(await call.services.asins(query), AWAY)
    if not is_priced:
        return asins
    return await _within(call, asins, price, asked.context.currency if asked.context else None)


async def _words(call: Call, text: str) -> str:
    """What of a query may be looked for; what was taken out of it is told to the audit."""
    if text.strip() in ("", EVERYTHING):
        return ""
    message = await call.read(text)
    await call.audit(message.findings)
    return message.asked


async def _within(call: Call, asins: Sequence[str], price: PriceFilter, meant: str | None) -> tuple[str, ...]:
    """Those of a search that cost what is asked for, in its order; ``meant`` is the currency of the limits."""
    currency = call.services.facts.currency or meant or "USD"
    if meant not in (None, currency):
        raise ToolRefused("invalid_request", f"Prices here are in {currency}: give their limits in it.")
    places = 0 if currency in NO_DECIMALS else 2
    least, most = (None if one is None else Decimal(one).scaleb(-places) for one in (price.min, price.max))
    ranked = await call.services.ranked_prices(asins, "asc", least=least, most=most, limit=MOST_PRICED)
    fitting = {one.asin for one in _value(ranked, UNPRICED)}
    return tuple(asin for asin in asins if asin in fitting)


def _unpriced(looked: Looked) -> list[Message]:
    return [told("price_unknown", asin) for asin in looked.unpriced]


def _value(answer: Answer[T], otherwise: str) -> T:
    """Raises ``ToolRefused`` for what could not be had."""
    if answer.value is None or (answer.failure is not None and not answer.value):
        raise ToolRefused("unavailable", otherwise)
    return answer.value


def _cursor(start: int) -> str:
    return base64.urlsafe_b64encode(str(start).encode()).decode()


def _start(cursor: str | None) -> int:
    """Raises ``ToolRefused`` for a cursor that is none of ours."""
    if cursor is None:
        return 0
    try:
        start = int(base64.b64decode(cursor, altchars=b"-_", validate=True))
    except ValueError:
        start = -1
    if not 0 < start <= MOST_FOUND:
        raise ToolRefused("invalid_request", "The cursor is none that a search gave.")
    return start
