"""Returns: whether an order can go back, until when, and how far it is. YOUR RETURNS go here."""

from typing import Any

from litestar import Request, get

from .orders import own
from .shelves import Order, day, facts, money
from .sign_in import shopper_of


def _row(order: Order) -> dict[str, Any]:
    delivered, window = order.delivered_days_ago, facts().get("return_days", 0)
    eligible = order.state == "delivered" and delivered is not None and delivered <= window
    return {
        "order_id": order.id,
        "eligible": eligible,
        "reason": None if eligible else "It is not delivered yet" if delivered is None else "Its time is over",
        "window_ends": None if delivered is None else day(window - delivered),
        "state": "refunded" if order.state == "refunded" else "none",
        "refund_amount": money(order.total) if order.state == "refunded" else None,
        "currency": facts()["currency"],
        "refunded_at": None,
    }


@get("/returns/v1/returns", sync_to_thread=False)
def returns(request: Request[Any, Any, Any], order_id: str) -> dict[str, Any]:
    return {"returns": [_row(own(shopper_of(request), order_id))]}


ROUTES = [returns]
