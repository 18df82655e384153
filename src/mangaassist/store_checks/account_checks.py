"""What the services of a signed-in shopper must answer, and to whom they must not."""

from collections.abc import Awaitable, Callable
from itertools import pairwise
from typing import Any, Final

import jwt

from mangaassist.errors import NotFound, ServiceFailure, Unauthenticated
from mangaassist.services import contracts
from mangaassist.services.policies import Service
from mangaassist.services.rest import Params
from mangaassist.store_checks.asked_store import AskedStore
from mangaassist.store_checks.findings import Mistake, Unchecked

NOBODYS: Final = "000-0000000-0000000"
"""An order that no shopper has, hopefully."""
FORGED: Final = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJzb21lYm9keSJ9.c2lnbmVk"
"""A token that nobody has signed."""
PATHS: Final[dict[Service, tuple[str, Params]]] = {
    "profile": ("/profile/v1/me", ()),
    "orders": ("/orders/v1/orders", [("limit", "10")]),
    "shipping": ("/shipping/v1/shipments", [("order_id", NOBODYS)]),
    "returns": ("/returns/v1/returns", [("order_id", NOBODYS)]),
}


async def keys(store: AskedStore) -> str:
    """A token of the store's is one that the assistant takes."""
    if store.token is None:
        raise Unchecked("nobody is signed in: give --shopper NAME or --token")
    try:
        identity = await store.sign_in()
    except Unauthenticated:
        raise Mistake("a token for the assistant, signed by a published key", _said_of(store.token)) from None
    return f"the token names {identity.customer_id}"


def _said_of(token: str) -> str:
    """What a token says of itself, as far as it may be shown."""
    try:
        said: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError:
        return "something that is no JSON Web Token"
    shown = ", ".join(f"{name}={said.get(name)}" for name in ("iss", "aud", "exp"))
    return f"one that says {shown}, alg={header.get('alg')}, or another's signature"


def closed_to(service: Service, token: str | None) -> Callable[[AskedStore], Awaitable[str]]:
    """The check that a service answers nobody who is not signed in."""

    async def check(store: AskedStore) -> str:
        path, params = PATHS[service]
        try:
            await store.get(service, path, params, contracts.ANY_JSON, token=token)
        except ServiceFailure as failure:
            if failure.detail in ("HTTP 401", "HTTP 403"):
                return f"refused ({failure.detail})"
            raise
        raise Mistake("HTTP 401", "an answer", "Authorization")

    return check


async def profile(store: AskedStore) -> str:
    token = store.signed_in
    answer = await store.get("profile", "/profile/v1/me", (), contracts.CUSTOMER, token=token)
    if answer.customer_id != store.identity.customer_id:
        raise Mistake(f"{store.identity.customer_id}, as the token says", answer.customer_id, "customer_id")
    return "the shopper's own"


async def orders(store: AskedStore) -> str:
    answer = await store.get("orders", "/orders/v1/orders", [("limit", "10")], contracts.ORDERS, token=store.signed_in)
    for row in answer.orders:
        contracts.order(row, store.identity.customer_id)
    if any(later.placed_at > one.placed_at for one, later in pairwise(answer.orders)):
        raise Mistake("the newest first", "another order", "orders")
    store.known.orders = answer.orders
    return f"{len(answer.orders)} orders"


def _first_order(store: AskedStore) -> str:
    if not store.known.orders:
        raise Unchecked("the shopper has no order to ask about" if store.token else "nobody is signed in")
    return store.known.orders[0].order_id


async def order(store: AskedStore) -> str:
    order_id, token = _first_order(store), store.signed_in
    row = await store.find("orders", f"/orders/v1/orders/{order_id}", contracts.ORDER, token)
    contracts.order(row, store.identity.customer_id, order_id)
    return "found by its number"


async def nobodys_order(store: AskedStore) -> str:
    try:
        await store.find("orders", f"/orders/v1/orders/{NOBODYS}", contracts.ANY_JSON, store.signed_in)
    except NotFound:
        return "there is none (404)"
    raise Mistake("HTTP 404 for an order that the shopper does not have", "an answer")


async def shipments(store: AskedStore) -> str:
    token, told = store.signed_in, 0
    _first_order(store)
    for row in store.known.orders:
        params = [("order_id", row.order_id)]
        answer = await store.get("shipping", "/shipping/v1/shipments", params, contracts.SHIPMENTS, token=token)
        told += len(contracts.of_order(answer.shipments, row.order_id))
    return f"{told} parcels"


async def returns(store: AskedStore) -> str:
    token, told = store.signed_in, 0
    _first_order(store)
    for row in store.known.orders:
        params = [("order_id", row.order_id)]
        answer = await store.get("returns", "/returns/v1/returns", params, contracts.RETURNS, token=token)
        told += contracts.order_return(answer, row.order_id) is not None
    return f"{told} orders"
