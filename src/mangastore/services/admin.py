"""Administration: faults on demand and edits to products, for whoever sits at this machine."""

from __future__ import annotations

from http import HTTPStatus
from ipaddress import ip_address
from typing import Annotated, Any

import msgspec
from litestar import delete, get, patch, put
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from mangastore.data.prices import cents_of
from mangastore.faults.board import SERVICES, Fault, ServiceName
from mangastore.problems import OWNED_RESPONSES, PROBLEM_RESPONSES, ProblemError, not_found
from mangastore.services.requests import PathAsin
from mangastore.store import Store


class FaultsView(msgspec.Struct):
    """The services that there are, the faults that are set, and in how many seconds those end that end by themselves."""

    services: list[str]
    faults: dict[str, Fault]
    left_s: dict[str, float]


class ProductEdit(msgspec.Struct, forbid_unknown_fields=True):
    """What to change about a product; what is not named stays."""

    title: Annotated[str, msgspec.Meta(min_length=1, max_length=300)] | None = None
    description: Annotated[str, msgspec.Meta(max_length=5000)] | None = None
    price: Annotated[str, msgspec.Meta(pattern=r"^\d{1,5}(\.\d{1,2})?$")] | None = None
    deleted: bool | None = None


class EditView(msgspec.Struct):
    """What an edit did; the cursor is the change's, null where the catalogue did not change."""

    asin: str
    deleted: bool
    cursor: int | None


def only_from_here(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Refuse whoever does not sit at this machine, a proxy and a web page of a foreign name included."""
    client = connection.client.host if connection.client else ""
    host = (connection.url.hostname or "").strip("[]")
    if not _is_loopback(client) or not _is_loopback(host) or "x-forwarded-for" in connection.headers:
        raise ProblemError(HTTPStatus.FORBIDDEN, "loopback_only", "Administration works from this machine only.")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def routes(store: Store) -> list[HTTPRouteHandler]:
    """The routes of the administration."""
    return [*_fault_routes(store), _edit_route(store)]


def _fault_routes(store: Store) -> list[HTTPRouteHandler]:
    guards, tags, board = [only_from_here], ["admin"], store.faults

    def view() -> FaultsView:
        faults = {str(name): fault for name, fault in board.all().items()}
        return FaultsView(list(SERVICES), faults, {str(name): round(left, 1) for name, left in board.left_s().items()})

    @get("/admin/faults", guards=guards, tags=tags, sync_to_thread=False)
    def show_faults() -> FaultsView:
        """The faults that are set."""
        return view()

    @put("/admin/faults/{service:str}", guards=guards, tags=tags, responses=PROBLEM_RESPONSES, sync_to_thread=False)
    def set_fault(service: FromPath[ServiceName], data: JSONBody[Fault]) -> FaultsView:
        """Make a service slow, failing, flapping, wrong, or cut off in the middle of its answers."""
        board.set(service, data)
        return view()

    @delete("/admin/faults/{service:str}", guards=guards, tags=tags, status_code=200, sync_to_thread=False)
    def clear_fault(service: FromPath[ServiceName]) -> FaultsView:
        """Make a service healthy again."""
        board.clear(service)
        return view()

    @delete("/admin/faults", guards=guards, tags=tags, status_code=200, sync_to_thread=False)
    def clear_faults() -> FaultsView:
        """Make every service healthy again."""
        board.clear()
        return view()

    return [show_faults, set_fault, clear_fault, clear_faults]


def _edit_route(store: Store) -> HTTPRouteHandler:
    @patch(
        "/admin/products/{asin:str}",
        guards=[only_from_here],
        tags=["admin"],
        responses=OWNED_RESPONSES,
        sync_to_thread=False,
    )
    def edit_product(asin: PathAsin, data: JSONBody[ProductEdit]) -> EditView:
        """Change a product's words or price, take it off sale, or put it back."""
        return apply_edit(store, asin, data)

    return edit_product


def apply_edit(store: Store, asin: str, edit: ProductEdit) -> EditView:
    """Do what an edit says. Raises the 404 problem where there is no such product."""
    cursor: int | None = None
    if edit.deleted is False and asin in store.off_sale:
        cursor = store.catalogue.put_back(store.off_sale.pop(asin)).cursor
    product = store.catalogue.find(asin)
    if product is None:
        raise not_found("product")
    if edit.price is not None:
        store.prices.set_price(asin, cents_of(edit.price))
    if edit.title is not None or edit.description is not None:
        change = store.catalogue.edit(asin, title=edit.title, description=edit.description)
        cursor = change.cursor if change else cursor
    if edit.deleted:
        store.off_sale[asin] = store.catalogue.find(asin) or product
        change = store.catalogue.take_off(asin)
        cursor = change.cursor if change else cursor
    return EditView(asin, bool(edit.deleted), cursor)
