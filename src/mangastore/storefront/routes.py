"""The routes of the storefront."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter

from mangastore.problems import Problem, not_found
from mangastore.services.requests import AnyRequest, Asins
from mangastore.store import Store
from mangastore.storefront.account import cart_page, docs_page, orders_page, sign_in_page
from mangastore.storefront.cards import Card, make_card
from mangastore.storefront.home import Filters, home_page
from mangastore.storefront.product import product_page
from mangastore.storefront.reading import deals_page, entry_page, help_page
from mangastore.storefront.shell import problem_page
from mangastore.storefront.static_files import read_static_files

SearchText = Annotated[str, QueryParameter(name="q", max_length=200)]
Filter = Annotated[str, QueryParameter(max_length=100)]
EveryVolume = Annotated[str, QueryParameter(name="all", max_length=5)]


class CardsView(msgspec.Struct):
    """Cards for the cart."""

    cards: list[Card]


def routes(store: Store) -> list[HTTPRouteHandler]:
    """The routes of the storefront."""
    return [*_shop_routes(store), *_still_routes(store), _static_route()]


def _shop_routes(store: Store) -> list[HTTPRouteHandler]:
    @get("/", include_in_schema=False, sync_to_thread=False)
    def show_home(
        q: SearchText = "",
        genre: Filter = "",
        demographic: Filter = "",
        format: Filter = "",  # the word in the address bar
        author: Filter = "",
        every_volume: EveryVolume = "",
    ) -> Response[str]:
        return home_page(store, Filters(q.strip(), genre, demographic, format, author, bool(every_volume)))

    @get("/p/{asin:str}", include_in_schema=False, sync_to_thread=False)
    def show_product(asin: FromPath[str]) -> Response[str]:
        product = store.catalogue.find(asin)
        return product_page(store, product) if product else _missing(store, "We do not sell this any more.")

    @get("/storefront/cards", include_in_schema=False, sync_to_thread=False)
    def list_cards(asin: Asins) -> CardsView:
        return CardsView([make_card(store, product) for product in store.catalogue.find_all(asin)])

    @get("/help/{entry_id:str}", include_in_schema=False, sync_to_thread=False)
    def show_entry(entry_id: FromPath[str]) -> Response[str]:
        entry = store.content.approved().get(entry_id)
        return entry_page(store, entry) if entry else _missing(store, "There is no such page.")

    return [show_home, show_product, list_cards, show_entry]


def _still_routes(store: Store) -> list[HTTPRouteHandler]:
    """Pages without parameters."""
    pages = {
        "/cart": cart_page,
        "/sign-in": sign_in_page,
        "/orders": orders_page,
        "/deals": deals_page,
        "/help": help_page,
        "/docs": docs_page,
    }

    def route(path: str) -> HTTPRouteHandler:
        @get(path, include_in_schema=False, sync_to_thread=False)
        def show_page() -> Response[str]:
            return pages[path](store)

        return show_page

    return [route(path) for path in pages]


def _static_route() -> HTTPRouteHandler:
    files = read_static_files()

    @get("/static/{name:str}", include_in_schema=False, sync_to_thread=False)
    def show_file(name: FromPath[str], request: AnyRequest) -> Response[bytes]:
        file = files.get(name)
        if file is None:
            raise not_found("file")
        headers = {"ETag": file.etag, "Cache-Control": "no-cache"}
        if request.headers.get("if-none-match") == file.etag:
            return Response(b"", status_code=304, headers=headers, media_type=file.media_type)
        return Response(file.body, headers=headers, media_type=file.media_type)

    return show_file


def _missing(store: Store, detail: str) -> Response[str]:
    status = HTTPStatus.NOT_FOUND
    return problem_page(store, Problem(status.phrase, status.value, detail, "not_found"))
