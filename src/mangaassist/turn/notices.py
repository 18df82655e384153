"""What is said to be missing, in words that agree with what is shown (S-5): the table's fallback where it holds, else less."""

from collections.abc import Callable
from typing import Final

from msgspec import Struct, structs

from mangaassist.domain.evidence import Degradation, Evidence, ProductEvidence

Shown = tuple[ProductEvidence, ...]


class Notice(Struct, frozen=True, kw_only=True):
    """How a service's absence shows. ``known`` tells, of each thing that the answer has, whether it has what the service knows.

    With none of it the policy's ``fallback`` holds (S-1); ``partly`` is said with some of it, ``unseen`` where the answer has
    nothing that it could be known of; None says the fallback there too.
    """

    known: Callable[[Evidence, Shown], tuple[bool, ...]]
    partly: str
    unseen: str | None = None

    def worded(self, fallback: str, evidence: Evidence, shown: Shown) -> str:
        known = self.known(evidence, shown)
        if any(known):
            return self.partly
        return fallback if known or self.unseen is None else self.unseen


def _orders(evidence: Evidence, _: Shown) -> tuple[bool, ...]:
    return tuple(True for _ in evidence.orders)


def _products(evidence: Evidence) -> Shown:
    return (*evidence.products, *evidence.cart)


def _rated(evidence: Evidence, _: Shown) -> tuple[bool, ...]:
    """Ratings are the service's; what readers say may stand in the knowledge base as well."""
    said = tuple(True for scored in evidence.chunks if scored.chunk.source_type == "reviews")
    return (*(known.rating is not None for known in evidence.products), *said)


NOTICES: Final[dict[str, Notice]] = {
    "catalog": Notice(known=lambda _, shown: tuple(True for _ in shown), partly="some products could not be looked up"),
    "pricing": Notice(
        known=lambda evidence, _: tuple(known.price is not None for known in _products(evidence)),
        partly="some prices could not be looked up; check the product page",
    ),
    "inventory": Notice(
        known=lambda evidence, _: tuple(known.stock is not None for known in _products(evidence)),
        partly="the availability of some products could not be looked up",
        unseen="availability could not be looked up",
    ),
    "reviews": Notice(known=_rated, partly="some ratings could not be looked up"),
    "recommendations": Notice(
        known=lambda _, shown: () if not shown else (False,),
        partly="",
        unseen="what the store recommends could not be looked up",
    ),
    "profile": Notice(known=_orders, partly="answered without your name and membership"),
    "orders": Notice(known=_orders, partly="some of your orders could not be loaded; a colleague can look them up"),
    "shipping": Notice(
        known=lambda evidence, _: tuple(bool(owned.shipments) for owned in evidence.orders),
        partly="the tracking of some orders could not be loaded",
        unseen="tracking could not be loaded",
    ),
    "returns": Notice(
        known=lambda evidence, _: tuple(owned.returns is not None for owned in evidence.orders),
        partly="some of it could not be loaded; see the returns centre",
    ),
    "promotions": Notice(
        known=lambda evidence, _: tuple(True for _ in evidence.promotions), partly="some offers could not be looked up"
    ),
}
"""One row a service (S-1)."""


def agreeing(evidence: Evidence, cards: int) -> Evidence:
    """The evidence with each degradation in words that hold of it; at most ``cards`` of its products are shown as cards."""
    shown = evidence.products[:cards]

    def worded(degradation: Degradation) -> Degradation:
        notice = NOTICES.get(degradation.service)
        if notice is None or degradation.answered:
            return degradation
        return structs.replace(degradation, fallback=notice.worded(degradation.fallback, evidence, shown))

    return structs.replace(evidence, degraded=tuple(map(worded, evidence.degraded)))
