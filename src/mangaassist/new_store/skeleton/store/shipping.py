"""Shipping: where a parcel is. YOUR CARRIERS go here."""

from typing import Any

from litestar import Request, get

from .orders import own
from .shelves import Order, day, moment
from .sign_in import shopper_of


def _row(order: Order) -> dict[str, Any]:
    due, delivered = order.due_in_days, order.delivered_days_ago
    return {
        "order_id": order.id,
        "carrier": order.carrier,
        "tracking_number": order.tracking_number,
        "tracking_url": "",
        "state": "in_transit" if delivered is None else "delivered",
        "eta": None if due is None else day(due),
        "last_event": "On its way" if delivered is None else "Delivered",
        "last_event_at": moment(1 if delivered is None else delivered),
    }


@get("/shipping/v1/shipments", sync_to_thread=False)
def shipments(request: Request[Any, Any, Any], order_id: str) -> dict[str, Any]:
    """The parcels of one of the shopper's orders; none before it is sent."""
    order = own(shopper_of(request), order_id)
    return {"shipments": [_row(order)] if order.carrier else []}


ROUTES = [shipments]
