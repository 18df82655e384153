"""What the services share of reading a request: bounded parameters and the shopper behind the token."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from litestar import Request
from litestar.params import PathParameter, QueryParameter

from mangastore.data.customers import Customer
from mangastore.data.orders import Order
from mangastore.data.products import ASIN_PATTERN
from mangastore.problems import ProblemError, not_found, unauthorised
from mangastore.store import Store

MAX_ASINS = 100
ORDER_ID_PATTERN = r"^\d{3}-\d{7}-\d{7}$"

AnyRequest = Request[Any, Any, Any]
# `$` also matches before a closing line break, the length does not.
Asin = Annotated[str, msgspec.Meta(pattern=ASIN_PATTERN, max_length=10)]
OrderId = Annotated[str, msgspec.Meta(pattern=ORDER_ID_PATTERN, max_length=19)]
PathAsin = Annotated[str, PathParameter(pattern=ASIN_PATTERN, max_length=10)]
Asins = Annotated[
    list[Asin], QueryParameter(name="asin", min_items=1, max_items=MAX_ASINS, description="One or more ASINs.")
]
Cursor = Annotated[str, QueryParameter(name="after", max_length=200, description="The id after which the page begins.")]
PageSize = Annotated[int, QueryParameter(name="limit", ge=1, le=100)]

BEARER = [{"bearer": list[str]()}]


def signed_in(store: Store, request: AnyRequest) -> Customer | None:
    """The shopper of a request that may be a guest's; a token that is no good is refused all the same."""
    header = request.headers.get("authorization")
    return None if header is None else required(store, request)


def required(store: Store, request: AnyRequest) -> Customer:
    """The shopper of a request that needs one. Raises the 401 problem."""
    customer = store.identity.customer_of(request.headers.get("authorization"))
    if customer is None:
        raise unauthorised()
    return customer


def with_role(store: Store, request: AnyRequest, *roles: str) -> Customer:
    """Whoever asks, if they have one of the roles. Raises the 401 or 403 problem."""
    who = required(store, request)
    if not any(role in who.roles for role in roles):
        raise ProblemError(HTTPStatus.FORBIDDEN, "role_needed", f"Only for the role {' or '.join(roles)}.")
    return who


def own_orders(store: Store, customer: Customer, order_ids: list[str] | None) -> list[Order]:
    """The customer's orders with these ids, or all. Raises the 404 problem for one that is not theirs."""
    mine = {order.id: order for order in store.orders_of(customer.id)}
    if not order_ids:
        return list(mine.values())
    unknown = next((order_id for order_id in order_ids if order_id not in mine), None)
    if unknown is not None:
        raise not_found("order")
    return [mine[order_id] for order_id in dict.fromkeys(order_ids)]
