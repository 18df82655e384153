"""Shipping: where the parcels of the signed-in shopper's orders are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated

import msgspec
from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter

from mangastore.clock import days_from, rfc3339
from mangastore.data.orders import Order, Parcel, ShipmentState
from mangastore.problems import OWNED_RESPONSES
from mangastore.services.requests import BEARER, MAX_ASINS, AnyRequest, OrderId, own_orders, required
from mangastore.store import Store

OrderIds = Annotated[list[OrderId] | None, QueryParameter(name="order_id", max_items=MAX_ASINS)]


class ShipmentView(msgspec.Struct):
    """One parcel."""

    order_id: str
    carrier: str
    tracking_number: str
    tracking_url: str
    state: ShipmentState
    eta: str | None
    last_event: str
    last_event_at: str
    asins: Sequence[str]
    """What it holds."""


class ShipmentsView(msgspec.Struct):
    """The parcels of the orders asked for; an order without a parcel has none here."""

    shipments: Sequence[ShipmentView]


def routes(store: Store) -> list[HTTPRouteHandler]:
    """The routes of the shipping service."""

    @get("/shipping/v1/shipments", responses=OWNED_RESPONSES, security=BEARER, tags=["shipping"], sync_to_thread=False)
    def list_shipments(request: AnyRequest, order_id: OrderIds = None) -> ShipmentsView:
        """Parcels of the signed-in shopper's orders."""
        today, address = store.clock().date(), store.settings.public_url
        mine = own_orders(store, required(store, request), order_id)
        return ShipmentsView([shipment_view(order, one, today, address) for order in mine for one in order.parcels])

    return [list_shipments]


def shipment_view(order: Order, parcel: Parcel, today: date, public_url: str) -> ShipmentView:
    """A parcel as the contract words it; it is tracked on the store's own orders page."""
    return ShipmentView(
        order_id=order.id,
        carrier=parcel.carrier,
        tracking_number=parcel.tracking_number,
        tracking_url=f"{public_url}/orders#{order.id}",
        state=parcel.state,
        eta=None if parcel.eta_day is None else (today + timedelta(days=parcel.eta_day)).isoformat(),
        last_event=parcel.last_event,
        last_event_at=rfc3339(days_from(today, parcel.last_event_day, 30)),
        asins=[
            line.product.asin for place, line in enumerate(order.lines) if place in parcel.lines or not parcel.lines
        ],
    )
