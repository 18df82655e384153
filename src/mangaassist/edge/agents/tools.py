"""The tools that other agents may call, one row each. All of them read, and none changes anything (R-11)."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final

from msgspec import Struct
from pydantic import BaseModel, Field
from ucp_sdk.models.schemas.shopping.catalog_lookup import GetProductRequest, LookupRequest
from ucp_sdk.models.schemas.shopping.catalog_search import SearchRequest
from ucp_sdk.models.schemas.transports.mcp_tool_call import Meta

from mangaassist.edge.agents import asking, catalog, orders
from mangaassist.edge.agents.call import Call
from mangaassist.edge.agents.envelope import LOOKUP, ORDER, SEARCH
from mangaassist.wire.frames import MAX_MESSAGE_CHARS

ProductId = Annotated[str, Field(pattern=r"^B0[A-Z0-9]{8}$")]


class Arguments(BaseModel):
    """``meta`` is UCP's: it names the platform's profile. Agents that speak MCP alone may leave it out."""

    meta: Meta | None = None


class SearchCatalog(Arguments):
    catalog: SearchRequest


class LookupCatalog(Arguments):
    catalog: LookupRequest


class GetProduct(Arguments):
    catalog: GetProductRequest


class GetOrder(Arguments):
    id: str = Field(min_length=1, max_length=64, description="The order's number, such as 123-1234567-1234567.")


class AskBusiness(Arguments):
    question: str = Field(min_length=1, max_length=MAX_MESSAGE_CHARS, description="As a shopper would ask it.")
    product_id: ProductId | None = Field(default=None, description="The product that the question is about.")


class Tool(Struct, frozen=True, kw_only=True):
    """``description`` leaves words to the store (``StoreFacts.worded``).

    ``run`` gives what stands in ``structuredContent``; ``needs_account``: guests are told to sign in first."""

    title: str
    description: str
    arguments: type[Arguments]
    run: Callable[[Call, Any], Awaitable[dict[str, Any]]]
    capability: str = ""
    """UCP's name of what it belongs to; empty: it is our own."""
    needs_account: bool = False
    shows_products: bool = False


TOOLS: Final[dict[str, Tool]] = {
    "search_catalog": Tool(
        title="Search the catalogue",
        description="Finds {wares} by a query (a title, an author, a genre, a theme), categories and a price, best first, with"
        " live prices and stock. For a wish in many words, or a question about the store, use ask_business.",
        arguments=SearchCatalog,
        run=lambda call, given: catalog.search_catalog(call, given.catalog),
        capability=SEARCH,
        shows_products=True,
    ),
    "lookup_catalog": Tool(
        title="Look up products",
        description=f"Up to {catalog.MOST_IDS} products by their ids, with live prices and stock.",
        arguments=LookupCatalog,
        run=lambda call, given: catalog.lookup_catalog(call, given.catalog),
        capability=LOOKUP,
        shows_products=True,
    ),
    "get_product": Tool(
        title="Get one product",
        description="One product in full by its id.",
        arguments=GetProduct,
        run=lambda call, given: catalog.get_product(call, given.catalog),
        capability=LOOKUP,
        shows_products=True,
    ),
    "get_order": Tool(
        title="Get one of the shopper's orders",
        description="One of the signed-in shopper's own orders: what was bought, where its parcels are, what was refunded.",
        arguments=GetOrder,
        run=lambda call, given: orders.get_order(call, given.id),
        capability=ORDER,
        needs_account=True,
    ),
    "ask_business": Tool(
        title="Ask the store",
        description="A question in words about the store's {wares}, policies, shipping, returns, or the signed-in shopper's own"
        " orders, answered from the store's services and pages. Asking changes nothing: no cart, no order, no ticket.",
        arguments=AskBusiness,
        run=lambda call, given: asking.ask_business(call, given.question, given.product_id),
        shows_products=True,
    ),
}
