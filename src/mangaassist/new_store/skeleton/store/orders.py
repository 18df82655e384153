"""Orders: what the signed-in shopper bought, the newest first. YOUR ORDERS go into ``own``; nobody else's may come out of it."""

from typing import Any

from litestar import Request, get
from litestar.exceptions import NotFoundException

from .shelves import Customer, Order, facts, moment, money, products
from .sign_in import shopper_of


def own(customer: Customer, order_id: str) -> Order:
    """One of the shopper's own. Answers 404 for any other."""
    for order in customer.orders:
        if order.id == order_id:
            return order
    raise NotFoundException("There is no such order of yours.")


def order_row(order: Order, customer: Customer) -> dict[str, Any]:
    delivered, known = order.delivered_days_ago, products()
    return {
        "order_id": order.id,
        "customer_id": customer.id,
        "state": order.state,
        "placed_at": moment(order.placed_days_ago),
        "delivered_at": None if delivered is None else moment(delivered),
        "total": money(order.total),
        "currency": facts()["currency"],
        "items": [
            {
                "asin": line.asin,
                "title": known[line.asin].title,
                "quantity": line.quantity,
                "unit_price": money(known[line.asin].price),
            }
            for line in order.items
        ],
    }


@get("/orders/v1/orders", sync_to_thread=False)
def listed(request: Request[Any, Any, Any], limit: int = 10) -> dict[str, Any]:
    customer = shopper_of(request)
    newest = sorted(customer.orders, key=lambda order: order.placed_days_ago)
    return {"orders": [order_row(order, customer) for order in newest[:limit]]}


@get("/orders/v1/orders/{order_id:str}", sync_to_thread=False)
def one(request: Request[Any, Any, Any], order_id: str) -> dict[str, Any]:
    customer = shopper_of(request)
    return order_row(own(customer, order_id), customer)


ROUTES = [listed, one]
