"""Wish lists: what the signed-in shopper wants, and the links by which others see a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
from litestar import delete, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody, PathParameter

from mangastore.problems import DEED_RESPONSES, OWNED_RESPONSES, PRIVATE_RESPONSES, PROBLEM_RESPONSES, not_found
from mangastore.services.requests import BEARER, AnyRequest, PathAsin, required
from mangastore.store import Store
from mangastore.wish_lists import WishList

ListId = Annotated[str, PathParameter(max_length=40)]
Link = Annotated[str, PathParameter(max_length=60)]
LISTS = "/wishes/v1/lists"
ITEM = f"{LISTS}/{{list_id:str}}/items/{{asin:str}}"
SHARE = f"{LISTS}/{{list_id:str}}/share"


class ListsView(msgspec.Struct):
    """The shopper's lists, the oldest first."""

    lists: Sequence[WishList]


class NewList(msgspec.Struct, forbid_unknown_fields=True):
    """What a list is to be called."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f]*$")]


class SharedView(msgspec.Struct):
    """What whoever has the link is shown: the titles, and nothing of whose they are."""

    asins: Sequence[str]


def routes(store: Store) -> list[HTTPRouteHandler]:
    """The routes of wish lists."""
    return [*_list_routes(store), *_item_routes(store), *_share_routes(store)]


def _list_routes(store: Store) -> list[HTTPRouteHandler]:
    @get(LISTS, responses=PRIVATE_RESPONSES, security=BEARER, tags=["wishes"], sync_to_thread=False)
    def show_lists(request: AnyRequest) -> ListsView:
        """The signed-in shopper's lists."""
        return ListsView(store.wish_lists.of(required(store, request).id))

    @post(LISTS, responses=DEED_RESPONSES, security=BEARER, tags=["wishes"], sync_to_thread=False)
    def begin_list(request: AnyRequest, data: JSONBody[NewList]) -> WishList:
        """Another list."""
        return store.wish_lists.begin(required(store, request).id, data.name)

    @delete(
        f"{LISTS}/{{list_id:str}}",
        responses=OWNED_RESPONSES, security=BEARER, tags=["wishes"], status_code=200, sync_to_thread=False,
    )  # fmt: skip
    def drop_list(request: AnyRequest, list_id: ListId) -> ListsView:
        """Without this list."""
        customer = required(store, request).id
        store.wish_lists.drop(customer, list_id)
        return ListsView(store.wish_lists.of(customer))

    return [show_lists, begin_list, drop_list]


def _item_routes(store: Store) -> list[HTTPRouteHandler]:
    @put(ITEM, responses=DEED_RESPONSES, security=BEARER, tags=["wishes"], sync_to_thread=False)
    def add_item(request: AnyRequest, list_id: ListId, asin: PathAsin) -> WishList:
        """With this product."""
        customer = required(store, request).id
        if store.catalogue.find(asin) is None:
            raise not_found("product")
        return store.wish_lists.add(customer, list_id, asin)

    @delete(ITEM, responses=OWNED_RESPONSES, security=BEARER, tags=["wishes"], status_code=200, sync_to_thread=False)
    def remove_item(request: AnyRequest, list_id: ListId, asin: PathAsin) -> WishList:
        """Without this product."""
        return store.wish_lists.remove(required(store, request).id, list_id, asin)

    return [add_item, remove_item]


def _share_routes(store: Store) -> list[HTTPRouteHandler]:
    @put(SHARE, responses=OWNED_RESPONSES, security=BEARER, tags=["wishes"], sync_to_thread=False)
    def share_list(request: AnyRequest, list_id: ListId) -> WishList:
        """Make a link that shows the list."""
        return store.wish_lists.share(required(store, request).id, list_id, shared=True)

    @delete(SHARE, responses=OWNED_RESPONSES, security=BEARER, tags=["wishes"], status_code=200, sync_to_thread=False)
    def withdraw_list(request: AnyRequest, list_id: ListId) -> WishList:
        """Show it to nobody any more."""
        return store.wish_lists.share(required(store, request).id, list_id, shared=False)

    @get("/wishes/v1/shared/{link:str}", responses=PROBLEM_RESPONSES, tags=["wishes"], sync_to_thread=False)
    def show_shared(link: Link) -> SharedView:
        """The titles behind a link."""
        return SharedView(store.wish_lists.shared(link).asins)

    return [share_list, withdraw_list, show_shared]
