"""What was done to orders, in the state folder: orders are made anew at each start, and what their buyers did is put on them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec import structs

from mangastore.data.addresses import Address
from mangastore.data.orders import Order, OrderState, Photo, ReturnCase, ReturnReason, ReturnState, ReturnWish
from mangastore.state_file import StateFile, write_whole


class _KeptReturn(msgspec.Struct, frozen=True, kw_only=True):
    """A return; each photo by its id and type: what it shows is a file of its own."""

    state: ReturnState
    refunded_day: int | None
    lines: Sequence[int]
    reason: ReturnReason
    wish: ReturnWish
    requested_day: int | None
    photos: Sequence[tuple[str, str]]


class _KeptOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order as it is, of which `made` are the products that it began with and `asins` those that it holds."""

    state: OrderState
    made: Sequence[str]
    asins: Sequence[str]
    ship_to: Address | None
    fee_cents: int | None
    returns: Sequence[_KeptReturn]


class KeptOrders:
    """The orders that were changed, by their ids. One that another catalogue makes of other products is as it is made."""

    def __init__(self, folder: Path) -> None:
        self._file = StateFile(folder / "orders.json", dict[str, _KeptOrder])
        self._photos = folder / "photos"
        self._kept = self._file.read() or {}
        self._made: dict[str, Sequence[str]] = {}

    def as_kept(self, orders: Mapping[str, Sequence[Order]]) -> dict[str, list[Order]]:
        """The orders of each customer, with what was done to them."""
        self._made = {order.id: _asins(order) for theirs in orders.values() for order in theirs}
        return {customer: [self._with_deeds(order) for order in theirs] for customer, theirs in orders.items()}

    def keep(self, order: Order) -> None:
        """The order is like this from now on."""
        kept = _KeptOrder(
            state=order.state,
            made=self._made.get(order.id, _asins(order)),
            asins=_asins(order),
            ship_to=order.ship_to,
            fee_cents=order.fee_cents,
            returns=[_kept(case) for case in order.returns],
        )
        for photo in (photo for case in order.returns for photo in case.photos):
            if not (path := self._photos / photo.id).exists():
                write_whole(path, photo.body)
        changed = {**self._kept, order.id: kept}
        self._file.write(changed)
        self._kept = changed

    def _with_deeds(self, order: Order) -> Order:
        kept = self._kept.get(order.id)
        if kept is None or list(kept.made) != _asins(order):
            return order
        return structs.replace(
            order,
            state=kept.state,
            lines=[line for line in order.lines if line.product.asin in kept.asins],
            ship_to=kept.ship_to,
            fee_cents=kept.fee_cents,
            returns=tuple(self._case(one) for one in kept.returns),
        )

    def _case(self, kept: _KeptReturn) -> ReturnCase:
        return ReturnCase(
            kept.state,
            refunded_day=kept.refunded_day,
            lines=tuple(kept.lines),
            reason=kept.reason,
            wish=kept.wish,
            requested_day=kept.requested_day,
            photos=tuple(self._shown(kept.photos)),
        )

    def _shown(self, photos: Sequence[tuple[str, str]]) -> Iterator[Photo]:
        for photo_id, media_type in photos:
            with contextlib.suppress(OSError):
                yield Photo(photo_id, media_type, (self._photos / photo_id).read_bytes())


def _asins(order: Order) -> list[str]:
    return [line.product.asin for line in order.lines]


def _kept(case: ReturnCase) -> _KeptReturn:
    return _KeptReturn(
        state=case.state,
        refunded_day=case.refunded_day,
        lines=case.lines,
        reason=case.reason,
        wish=case.wish,
        requested_day=case.requested_day,
        photos=[(photo.id, photo.media_type) for photo in case.photos],
    )
