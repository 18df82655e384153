"""One of the caller's own orders as UCP's order: what was bought, where its parcels are, what became of it."""

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from ucp_sdk.models.schemas.common.types.message import Message
from ucp_sdk.models.schemas.shopping.order import Order as UcpOrder

from mangaassist.domain.customers import Order, OrderItem, OrderReturn, Shipment
from mangaassist.domain.evidence import OrderEvidence
from mangaassist.edge.agents.call import Call
from mangaassist.edge.agents.envelope import ORDER, ToolRefused, done_without, envelope, plain, told
from mangaassist.edge.agents.products import minor_units
from mangaassist.guardrails.fencing import fenced

AWAY: Final = "Orders cannot be looked up just now. Try again in a moment."
NOWHERE_SHOWN: Final = "The store does not say where its orders can be seen, so none can be told here."
GONE: Final = frozenset({"cancelled", "refunded"})
"""States of an order of which nothing is bought any more."""
SENT: Final = frozenset({"shipped", "delivered"})
EVENTS: Final = {
    "label_created": "processing",
    "in_transit": "in_transit",
    "out_for_delivery": "out_for_delivery",
    "delivered": "delivered",
}
"""A parcel's state as UCP words it."""


async def get_order(call: Call, order_id: str) -> dict[str, Any]:
    """Raises ``ToolRefused`` for what is not the caller's, or cannot be told."""
    services = call.services
    found = await services.order(order_id)
    if found.failure is not None:
        raise ToolRefused("unavailable", AWAY)
    if found.value is None:
        raise ToolRefused("not_found", "There is no such order, or it is somebody else's.")
    if not services.facts.orders_url:
        raise ToolRefused("unavailable", NOWHERE_SHOWN)
    shipments, returns = await asyncio.gather(services.shipments(order_id), services.returns(order_id))
    known = fenced(OrderEvidence(order=found.value, shipments=shipments.value or (), returns=returns.value))
    messages = [*_remarks(known), *done_without(services.degraded)]
    return order_of(known, services.facts.orders_url, messages)


def order_of(known: OrderEvidence, seen_at: str, messages: list[Message]) -> dict[str, Any]:
    """UCP's order. ``seen_at`` is the store's own page of orders."""
    order = known.order
    shape = UcpOrder.model_validate(
        {
            "ucp": envelope(ORDER),
            "id": order.order_id,
            "checkout_id": order.order_id,  # the store knows a purchase by this one id
            "permalink_url": seen_at,
            "currency": order.currency,
            "line_items": [_line(known, place) for place in range(len(order.items))],
            "fulfillment": {"events": list(_events(known))},
            "adjustments": list(_adjustments(known)),
            "totals": _totals(order),
            "messages": messages or None,
        }
    )
    return plain(shape)


def _line(known: OrderEvidence, place: int) -> dict[str, Any]:
    order, item = known.order, known.order.items[place]
    paid = minor_units(item.unit_price * item.quantity, order.currency)
    total = 0 if order.state in GONE else item.quantity
    fulfilled = min(total, item.quantity) if _is_sent(known, item) else 0
    return {
        "id": _line_id(place),
        "item": {"id": item.asin, "title": item.title, "price": minor_units(item.unit_price, order.currency)},
        "quantity": {"original": item.quantity, "total": total, "fulfilled": fulfilled},
        "totals": [{"type": "subtotal", "amount": paid}, {"type": "total", "amount": paid}],
        "status": "removed" if not total else "fulfilled" if fulfilled else "processing",
    }


def _line_id(place: int) -> str:
    return f"line_{place + 1}"


def _is_sent(known: OrderEvidence, item: OrderItem) -> bool:
    """Whether it left: where the parcels say what they hold, what none of them holds has not."""
    held = [asin for parcel in known.shipments for asin in parcel.asins]
    return known.order.state in SENT and (not held or item.asin in held)


def _events(known: OrderEvidence) -> Iterator[dict[str, Any]]:
    """Where each parcel is; one of which the store does not say when cannot stand among UCP's events."""
    for number, parcel in enumerate(known.shipments, 1):
        if parcel.last_event_at is not None:
            yield {
                "id": f"parcel_{number}",
                "occurred_at": parcel.last_event_at,
                "type": EVENTS[parcel.state],
                "line_items": list(_lines_in(known.order, parcel)),
                "tracking_number": parcel.tracking_number or None,
                "tracking_url": parcel.tracking_url or None,
                "carrier": parcel.carrier or None,
                "description": parcel.last_event or None,
            }


def _lines_in(order: Order, parcel: Shipment) -> Iterator[dict[str, Any]]:
    for place, item in enumerate(order.items):
        if not parcel.asins or item.asin in parcel.asins:
            yield {"id": _line_id(place), "quantity": item.quantity}


def _adjustments(known: OrderEvidence) -> Iterator[dict[str, Any]]:
    for place, case in enumerate(known.returns.begun if known.returns else ()):
        if case.refunded_at is None or case.refund_amount is None:
            continue
        amount = -minor_units(case.refund_amount, known.order.currency)
        yield {
            "id": f"refund_{place + 1}" if place else "refund",
            "type": "refund",
            "occurred_at": case.refunded_at,
            "status": "completed",
            "totals": [{"type": "total", "amount": amount}],
        }


def _totals(order: Order) -> list[dict[str, Any]]:
    books = sum((item.unit_price * item.quantity for item in order.items), Decimal(0))
    known = (("subtotal", books), ("fulfillment", order.shipping_fee), ("total", order.total))
    return [
        {"type": kind, "amount": minor_units(amount, order.currency)} for kind, amount in known if amount is not None
    ]


def _remarks(known: OrderEvidence) -> Iterator[Message]:
    """What UCP's order has no place for, in words."""
    yield told("order_state", f"Ordered on {known.order.placed_at:%d %B %Y}, and {known.order.state} now.")
    for parcel in known.shipments:
        if parcel.eta is not None and parcel.state != "delivered":
            yield told("expected", f"A parcel by {parcel.carrier} is expected on {parcel.eta:%d %B %Y}.")
    if known.returns is not None:
        yield from _of_return(known.returns)


def _of_return(returned: OrderReturn) -> Iterator[Message]:
    for case in returned.begun:
        yield told("return_state", f"A return is {case.state}.")
    if returned.eligible and returned.window_ends is not None:
        what = "The rest" if returned.begun else "It"
        yield told("return_window", f"{what} can be returned until {returned.window_ends:%d %B %Y}.")
