"""What several of the shopper's orders are together: how many of each state, how many books, the sum, the dearest (T-11)."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Final

from mangaassist.domain.derived import Costing, Tallied
from mangaassist.domain.evidence import OrderEvidence

NOT_KEPT: Final = frozenset({"cancelled", "refunded"})
"""What was bought in such an order counts for nothing."""


def tallied(owned: Iterable[OrderEvidence]) -> Tallied | None:
    """None where there is no order. Books are copies; prices are those that were paid."""
    every = [one.order for one in owned]
    if not every:
        return None
    kept = [order for order in every if order.state not in NOT_KEPT]
    told = kept if len({order.currency for order in kept}) == 1 else ()
    books = [
        Costing(order_id=order.order_id, amount=item.unit_price, title=item.title)
        for order in told
        for item in order.items
    ]
    orders = [Costing(order_id=order.order_id, amount=order.total) for order in told]
    return Tallied(
        by_state=dict(Counter(order.state for order in every)),
        books=sum(item.quantity for order in kept for item in order.items),
        left_out=len(every) - len(kept),
        since=min(order.placed_at for order in every),
        currency=(told or every)[0].currency,
        amount=sum((order.total for order in told), Decimal(0)) if told else None,
        dearest=_extreme(books, max),
        cheapest=_extreme(books, min),
        biggest=_extreme(orders, max),
        smallest=_extreme(orders, min),
    )


def _extreme(of: Sequence[Costing], least_or_most: Callable[[Iterable[Decimal]], Decimal]) -> Costing | None:
    """The first of those that cost so much."""
    if not of:
        return None
    amount = least_or_most(one.amount for one in of)
    return next(one for one in of if one.amount == amount)
