"""The customers' orders, and what customers do to them: each deed is held against the rules, then done or refused."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Final

from msgspec import structs

from mangastore.data.addresses import Address, fault_of, tidied
from mangastore.data.orders import Order, OrderLine, Photo, ReturnCase, ReturnReason, ReturnWish
from mangastore.kept_orders import KeptOrders
from mangastore.order_rules import (
    REASON_RULES,
    cancelling,
    line_cancelling,
    open_reasons,
    photos_left,
    readdressing,
    returning,
)
from mangastore.pictures import Picture
from mangastore.problems import ProblemError, not_found

NOT_ANY_MORE: Final = "not_any_more"
MOST_PHOTO_BYTES: Final = 64 * 1024**2
"""Of all shoppers together: photos are kept in memory, as the returns that they belong to."""


class OrderBook:
    """Orders by customer, newest first. What is done to them is kept by `kept`; without that it lasts as long as the process."""

    def __init__(self, orders: Mapping[str, Sequence[Order]], kept: KeptOrders | None = None) -> None:
        self._kept = kept
        made = {customer: list(theirs) for customer, theirs in orders.items()}
        self._orders = made if kept is None else kept.as_kept(made)

    def of(self, customer_id: str) -> list[Order]:
        """A customer's orders."""
        return list(self._orders.get(customer_id, ()))

    def cancel(self, order: Order, asins: Collection[str], now: datetime) -> Order:
        """Cancel the order, or only the lines named. Raises the 409 or 400 problem."""
        if asins:
            return self._cancel_lines(order, _lines(order, asins))
        permission = cancelling(order, now)
        if not permission.allowed:
            raise _refused(permission.reason)
        return self._put(structs.replace(order, state="cancelled"))

    def readdress(self, order: Order, address: Address) -> Order:
        """Send the order elsewhere in its country. Raises the 409 or 400 problem."""
        permission, wanted = readdressing(order), tidied(address)
        if not permission.allowed:
            raise _refused(permission.reason)
        if order.ship_to is not None and wanted.country != order.ship_to.country:
            raise _does_not_fit("The new address must be in the same country.")
        if (fault := fault_of(wanted)) is not None:
            raise _does_not_fit(fault)
        return self._put(structs.replace(order, ship_to=wanted))

    def send_back(
        self, order: Order, asins: Collection[str], reason: ReturnReason, wish: ReturnWish, now: datetime
    ) -> Order:
        """Begin a return of what no other one holds, or a complaint whose copy stays where it is. Raises the 409 or 400 problem."""
        lines, rule, today = _lines(order, asins), REASON_RULES[reason], now.date()
        if reason not in open_reasons(order, today):
            why = returning(order, today).reason or "It is too late for that reason."
            raise _refused(why)
        if not all(line in order.kept_lines for line in lines):
            raise _refused("One of these books is in a return already.")
        if wish == "replacement" and not rule.can_replace:
            raise _does_not_fit("A change of mind is refunded, not replaced.")
        case = ReturnCase(
            # A copy that is kept is not waited for: the case goes on to its approval at once.
            "received" if rule.keeps_copy else "requested",
            lines=tuple(place for place, line in enumerate(order.lines) if line in lines),
            reason=reason,
            wish=wish,
            requested_day=0,
        )
        return self._put(structs.replace(order, returns=(*order.returns, case)))

    def add_photo(self, order: Order, place: int, picture: Picture) -> Order:
        """Keep a picture with the return at this place of the order's. Raises the 404, 409 or 507 problem."""
        if not 0 <= place < len(order.returns):
            raise not_found("return")
        case = order.returns[place]
        if not photos_left(case):
            raise _refused("This return takes no more photos.")
        if sum(len(photo.body) for photo in self._photos()) + len(picture.body) > MOST_PHOTO_BYTES:
            raise ProblemError(
                HTTPStatus.INSUFFICIENT_STORAGE, "no_room", "There is no room for photos now. Send it by email."
            )
        photo = Photo(secrets.token_urlsafe(12), picture.media_type, picture.body)
        shown = structs.replace(case, photos=(*case.photos, photo))
        return self._put(structs.replace(order, returns=(*order.returns[:place], shown, *order.returns[place + 1 :])))

    def reported(self) -> list[Order]:
        """Everybody's orders with a return that is not done, those of the newest customer last."""
        every = (order for theirs in self._orders.values() for order in theirs)
        return [order for order in every if any(case.state != "refunded" for case in order.returns)]

    def _photos(self) -> Iterator[Photo]:
        for theirs in self._orders.values():
            yield from (photo for order in theirs for case in order.returns for photo in case.photos)

    def _cancel_lines(self, order: Order, lines: Sequence[OrderLine]) -> Order:
        if not all(line_cancelling(order, line) for line in lines) or len(lines) == len(order.lines):
            raise _refused("Only a preorder or a backorder can be cancelled by itself, until it is dispatched.")
        kept = [line for line in order.lines if line not in lines]
        return self._put(structs.replace(order, lines=kept, fee_cents=order.shipping_cents))

    def _put(self, order: Order) -> Order:
        if self._kept is not None:
            self._kept.keep(order)
        theirs = self._orders[order.customer_id]
        theirs[next(place for place, one in enumerate(theirs) if one.id == order.id)] = order
        return order


def _lines(order: Order, asins: Collection[str]) -> list[OrderLine]:
    """The order's lines of these products. Raises the 400 problem for a product that is not in it."""
    bought = {line.product.asin: line for line in order.lines}
    if not asins or not set(asins) <= set(bought):
        raise _does_not_fit("Name books of this order.")
    return [line for asin, line in bought.items() if asin in asins]


def _refused(why: str | None) -> ProblemError:
    return ProblemError(HTTPStatus.CONFLICT, NOT_ANY_MORE, why or "This can no longer be done.")


def _does_not_fit(detail: str) -> ProblemError:
    return ProblemError(HTTPStatus.BAD_REQUEST, "does_not_fit", detail)
