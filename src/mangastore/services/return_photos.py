"""Photos of what is wrong with a book: sent by its buyer, seen by them and by whoever works here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Annotated, Final

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import PathParameter, RawBody

from mangastore.data.orders import Order, Photo
from mangastore.pictures import MAX_BYTES, NoPictureError, picture_of
from mangastore.problems import DEED_RESPONSES, OWNED_RESPONSES, PRIVATE_RESPONSES, ProblemError, not_found
from mangastore.services.requests import BEARER, AnyRequest, required, with_role
from mangastore.services.return_views import ReturnView, case_number, return_view
from mangastore.store import Store

OPERATOR: Final = "operator"
Number = Annotated[str, PathParameter(max_length=40)]
PhotoId = Annotated[str, PathParameter(max_length=40)]
SHOWN_ALONE: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Content-Disposition": 'inline; filename="photo"',
    "Cache-Control": "private, no-store",
}
"""What others sent is a picture and nothing else, wherever its address is opened."""


class ReportView(msgspec.Struct):
    """An order of which something comes back, as whoever decides about it sees it."""

    customer: str
    titles: dict[str, str]
    returned: ReturnView


class ReportsView(msgspec.Struct):
    """What waits for a decision."""

    reports: Sequence[ReportView]


def routes(store: Store) -> list[HTTPRouteHandler]:
    """The routes of photos, and of the people who look at them."""
    return [*_photo_routes(store), _reports_route(store)]


def _photo_routes(store: Store) -> list[HTTPRouteHandler]:
    @post(
        "/returns/v1/returns/{number:str}/photos",
        responses=DEED_RESPONSES, security=BEARER, tags=["returns"], request_max_body_size=MAX_BYTES + 1,
        sync_to_thread=False,
    )  # fmt: skip
    def add_photo(request: AnyRequest, number: Number, body: RawBody) -> ReturnView:
        """Add a photo to a return of the signed-in shopper's; the body is the file. Its type is told by its content."""
        order, place = _own_case(store, request, number)
        try:
            picture = picture_of(body)
        except NoPictureError as error:
            raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "no_picture", str(error)) from error
        return return_view(store.orders.add_photo(order, place, picture), store.clock().date())

    @get(
        "/returns/v1/photos/{photo_id:str}",
        responses=OWNED_RESPONSES, security=BEARER, tags=["returns"], sync_to_thread=False,
    )  # fmt: skip
    def show_photo(request: AnyRequest, photo_id: PhotoId) -> Response[bytes]:
        """A photo, for its sender and for whoever works here."""
        who = required(store, request)
        orders = store.orders.reported() if OPERATOR in who.roles else store.orders_of(who.id)
        photo = next((photo for photo in _photos(orders) if photo.id == photo_id), None)
        if photo is None:
            raise not_found("photo")
        return Response(photo.body, media_type=photo.media_type, headers=SHOWN_ALONE)

    return [add_photo, show_photo]


def _reports_route(store: Store) -> HTTPRouteHandler:
    @get("/returns/v1/reports", responses=PRIVATE_RESPONSES, security=BEARER, tags=["returns"], sync_to_thread=False)
    def list_reports(request: AnyRequest) -> ReportsView:
        """Everybody's returns that are not done, for whoever works here."""
        with_role(store, request, OPERATOR)
        today = store.clock().date()
        return ReportsView([_report(store, order, return_view(order, today)) for order in store.orders.reported()])

    return list_reports


def _report(store: Store, order: Order, returned: ReturnView) -> ReportView:
    customer = store.customers.find(order.customer_id)
    titles = {line.product.asin: line.product.title for line in order.lines}
    return ReportView(customer.name if customer else order.customer_id, titles, returned)


def _own_case(store: Store, request: AnyRequest, number: str) -> tuple[Order, int]:
    """The shopper's order with this return, and the return's place. Raises the 404 problem."""
    for order in store.orders_of(required(store, request).id):
        for place in range(len(order.returns)):
            if case_number(order, place) == number:
                return order, place
    raise not_found("return")


def _photos(orders: Sequence[Order]) -> Iterator[Photo]:
    for order in orders:
        yield from (photo for case in order.returns for photo in case.photos)
