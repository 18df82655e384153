"""The routes of the storefront."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Annotated

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter

from mangastore.problems import Problem, not_found
from mangastore.services.requests import AnyRequest, Asins
from mangastore.store import Store
from mangastore.storefront.account import FILLED_IN, docs_page, filled_in_page, sign_in_page
from mangastore.storefront.cards import Card, make_card
from mangastore.storefront.filters import Filters, read_dollars, read_page, read_sort
from mangastore.storefront.home import home_page
from mangastore.storefront.product import product_page
from mangastore.storefront.reading import deals_page, entry_page, help_page
from mangastore.storefront.results import results_page
from mangastore.storefront.series import series_page
from mangastore.storefront.shell import LINE, problem_page
from mangastore.storefront.static_files import STATIC_FILES, VERSION

SearchText = Annotated[str, QueryParameter(name="q", max_length=200)]
Filter = Annotated[str, QueryParameter(max_length=100)]
Least = Annotated[str, QueryParameter(name="from", max_length=10)]
Most = Annotated[str, QueryParameter(name="to", max_length=10)]
EveryVolume = Annotated[str, QueryParameter(name="all", max_length=5)]


class CardsView(msgspec.Struct):
    """Cards for the cart."""

    cards: list[Card]


def routes(store: Store) -> list[HTTPRouteHandler]:
    """The routes of the storefront."""
    return [*_shop_routes(store), *_still_routes(store), _line_route(store), *_static_routes()]


def _shop_routes(store: Store) -> list[HTTPRouteHandler]:
    @get("/", include_in_schema=False, sync_to_thread=False)
    def show_home(
        q: SearchText = "",
        genre: Filter = "",
        demographic: Filter = "",
        format: Filter = "",  # the word in the address bar
        author: Filter = "",
        every_volume: EveryVolume = "",
        least: Least = "",
        most: Most = "",
        sort: Filter = "",
        page: Filter = "",
    ) -> Response[str]:
        filters = Filters(
            text=q.strip(), genre=genre, demographic=demographic, format=format, author=author, every_volume=bool(every_volume),
            least=read_dollars(least), most=read_dollars(most), sort=read_sort(sort), page=read_page(page),
        )  # fmt: skip
        return home_page(store) if filters.empty else results_page(store, filters)

    @get("/p/{asin:str}", include_in_schema=False, sync_to_thread=False)
    def show_product(asin: FromPath[str]) -> Response[str]:
        product = store.catalogue.find(asin)
        return product_page(store, product) if product else _missing(store, "We do not sell this any more.")

    @get("/series/{series_id:str}", include_in_schema=False, sync_to_thread=False)
    def show_series(series_id: FromPath[str]) -> Response[str]:
        series = store.catalogue.series(series_id)
        return series_page(store, series) if series else _missing(store, "We sell no such series.")

    @get("/storefront/cards", include_in_schema=False, sync_to_thread=False)
    def list_cards(asin: Asins) -> CardsView:
        return CardsView([make_card(store, product) for product in store.catalogue.find_all(asin)])

    @get("/help/{entry_id:str}", include_in_schema=False, sync_to_thread=False)
    def show_entry(entry_id: FromPath[str]) -> Response[str]:
        entry = store.content.approved().get(entry_id)
        return entry_page(store, entry) if entry else _missing(store, "There is no such page.")

    return [show_home, show_product, show_series, list_cards, show_entry]


def _still_routes(store: Store) -> list[HTTPRouteHandler]:
    """Pages without parameters."""
    pages = {
        **{path: partial(filled_in_page, row) for path, row in FILLED_IN.items()},
        "/sign-in": sign_in_page,
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


def _line_route(store: Store) -> HTTPRouteHandler:
    body = f'import "{store.settings.assistant_url.rstrip("/")}/widget/shared-line.js";\n'

    @get(LINE, include_in_schema=False, sync_to_thread=False)
    def show_line() -> Response[str]:
        return Response(body, media_type="text/javascript", headers={"Cache-Control": "no-cache"})

    return show_line


def _static_routes() -> list[HTTPRouteHandler]:
    @get("/static/{name:str}", include_in_schema=False, sync_to_thread=False)
    def show_file(name: FromPath[str], request: AnyRequest) -> Response[bytes]:
        return _file(name, request, "no-cache")

    @get("/static/{version:str}/{name:str}", include_in_schema=False, sync_to_thread=False)
    def show_version(version: FromPath[str], name: FromPath[str], request: AnyRequest) -> Response[bytes]:
        return _file(name, request, "public, max-age=31536000, immutable" if version == VERSION else "no-cache")

    @get("/favicon.ico", include_in_schema=False, sync_to_thread=False)
    def show_icon(request: AnyRequest) -> Response[bytes]:
        return _file("favicon.svg", request, "public, max-age=86400")

    return [show_file, show_version, show_icon]


def _file(name: str, request: AnyRequest, caching: str) -> Response[bytes]:
    file = STATIC_FILES.get(name)
    if file is None:
        raise not_found("file")
    headers = {"ETag": file.etag, "Cache-Control": caching}
    if request.headers.get("if-none-match") == file.etag:
        return Response(b"", status_code=304, headers=headers, media_type=file.media_type)
    return Response(file.body, headers=headers, media_type=file.media_type)


def _missing(store: Store, detail: str) -> Response[str]:
    status = HTTPStatus.NOT_FOUND
    return problem_page(store, Problem(status.phrase, status.value, detail, "not_found"))
