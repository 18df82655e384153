"""Returns: whether an order can still be sent back, and how a return begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody, QueryParameter

from mangastore.data.orders import ReturnReason, ReturnWish
from mangastore.problems import DEED_RESPONSES, OWNED_RESPONSES
from mangastore.services.requests import BEARER, MAX_ASINS, AnyRequest, Asin, OrderId, own_orders, required
from mangastore.services.return_photos import routes as photo_routes
from mangastore.services.return_views import ReturnView, return_view
from mangastore.store import Store

OrderIds = Annotated[list[OrderId] | None, QueryParameter(name="order_id", max_items=MAX_ASINS)]


class ReturnsView(msgspec.Struct):
    """The returns of the orders asked for."""

    returns: Sequence[ReturnView]


class ReturnRequest(msgspec.Struct, forbid_unknown_fields=True):
    """What comes back and why; a wish for a replacement is for faults only."""

    order_id: OrderId
    asins: Annotated[list[Asin], msgspec.Meta(min_length=1, max_length=MAX_ASINS)]
    reason: ReturnReason
    wish: ReturnWish = "refund"


def routes(store: Store) -> list[HTTPRouteHandler]:
    """The routes of the returns service."""

    @get("/returns/v1/returns", responses=OWNED_RESPONSES, security=BEARER, tags=["returns"], sync_to_thread=False)
    def list_returns(request: AnyRequest, order_id: OrderIds = None) -> ReturnsView:
        """Whether the signed-in shopper's orders can be returned."""
        today = store.clock().date()
        mine = own_orders(store, required(store, request), order_id)
        return ReturnsView([return_view(order, today) for order in mine])

    @post("/returns/v1/returns", responses=DEED_RESPONSES, security=BEARER, tags=["returns"], sync_to_thread=False)
    def start_return(request: AnyRequest, data: JSONBody[ReturnRequest]) -> ReturnView:
        """Begin a return, or report a faulty copy, while that is allowed."""
        now = store.clock()
        order = own_orders(store, required(store, request), [data.order_id])[0]
        begun = store.orders.send_back(order, data.asins, data.reason, data.wish, now)
        return return_view(begun, now.date())

    return [list_returns, start_return, *photo_routes(store)]
