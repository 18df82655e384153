"""Account: what a signed-in shopper sets, saved cards, stock alerts, and what the store knows of them."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated

import msgspec
from litestar import delete, get, patch, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody, PathParameter

from mangastore.account_book import Account, Settings
from mangastore.problems import DEED_RESPONSES, OWNED_RESPONSES, PRIVATE_RESPONSES, ProblemError, not_found
from mangastore.services.orders import OrderView, order_view
from mangastore.services.profile import ProfileView, profile_view
from mangastore.services.requests import BEARER, AnyRequest, PathAsin, required
from mangastore.services.return_views import ReturnView, return_view
from mangastore.store import Store
from mangastore.wish_lists import WishList

CardId = Annotated[str, PathParameter(max_length=40)]
_OPEN_STATES = frozenset(("placed", "shipped"))


class DataView(msgspec.Struct):
    """All that the store keeps of a shopper."""

    profile: ProfileView
    account: Account
    orders: Sequence[OrderView]
    returns: Sequence[ReturnView]
    wish_lists: Sequence[WishList]


def routes(store: Store) -> list[HTTPRouteHandler]:
    """The routes of the account."""
    return [*_setting_routes(store), *_alert_routes(store), *_data_routes(store)]


def _setting_routes(store: Store) -> list[HTTPRouteHandler]:
    @get("/account/v1/me", responses=PRIVATE_RESPONSES, security=BEARER, tags=["account"], sync_to_thread=False)
    def show_account(request: AnyRequest) -> Account:
        """The signed-in shopper's settings, cards and alerts."""
        return store.accounts.of(required(store, request))

    @patch("/account/v1/me", responses=PRIVATE_RESPONSES, security=BEARER, tags=["account"], sync_to_thread=False)
    def change_account(request: AnyRequest, data: JSONBody[Settings]) -> Account:
        """Change some settings."""
        return store.accounts.change(required(store, request), data)

    @delete(
        "/account/v1/cards/{card_id:str}",
        responses=OWNED_RESPONSES, security=BEARER, tags=["account"], status_code=200, sync_to_thread=False,
    )  # fmt: skip
    def remove_card(request: AnyRequest, card_id: CardId) -> Account:
        """Forget a saved card."""
        return store.accounts.remove_card(required(store, request), card_id)

    return [show_account, change_account, remove_card]


def _alert_routes(store: Store) -> list[HTTPRouteHandler]:
    path = "/account/v1/alerts/{asin:str}"

    @put(path, responses=DEED_RESPONSES, security=BEARER, tags=["account"], sync_to_thread=False)
    def set_alert(request: AnyRequest, asin: PathAsin) -> Account:
        """Be told when a product is there again."""
        customer = required(store, request)
        if store.catalogue.find(asin) is None:
            raise not_found("product")
        return store.accounts.alert(customer, asin, wanted=True)

    @delete(path, responses=PRIVATE_RESPONSES, security=BEARER, tags=["account"], status_code=200, sync_to_thread=False)
    def drop_alert(request: AnyRequest, asin: PathAsin) -> Account:
        """Not any more."""
        return store.accounts.alert(required(store, request), asin, wanted=False)

    return [set_alert, drop_alert]


def _data_routes(store: Store) -> list[HTTPRouteHandler]:
    @get("/account/v1/data", responses=PRIVATE_RESPONSES, security=BEARER, tags=["account"], sync_to_thread=False)
    def show_data(request: AnyRequest) -> DataView:
        """All that the store keeps of the signed-in shopper."""
        customer, now = required(store, request), store.clock()
        orders = store.orders_of(customer.id)
        return DataView(
            profile=profile_view(customer),
            account=store.accounts.of(customer),
            orders=[order_view(order, now) for order in orders],
            returns=[return_view(order, now.date()) for order in orders],
            wish_lists=store.wish_lists.of(customer.id),
        )

    @post("/account/v1/deletion", responses=DEED_RESPONSES, security=BEARER, tags=["account"], sync_to_thread=False)
    def delete_account(request: AnyRequest) -> None:
        """Refused: open orders come first, and everybody who tries the demo signs in with the same accounts."""
        customer = required(store, request)
        waiting = any(order.state in _OPEN_STATES for order in store.orders_of(customer.id))
        why = (
            "Open orders must be delivered or cancelled before the account can be deleted."
            if waiting
            else "Everybody who tries this demo shares its accounts, so this one stays."
        )
        raise ProblemError(HTTPStatus.CONFLICT, "not_now", why)

    return [show_data, delete_account]
