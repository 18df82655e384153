"""How an order of the shopper is said to stand: as its state, its parcels and its return say (G-4)."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from mangaassist.domain.evidence import Evidence, OrderEvidence
from mangaassist.guardrails.claims.said import Said, Wrong, whole

_Holds = Callable[[OrderEvidence, Evidence], bool]

_CONDITION: Final = re.compile(
    r"\b(?:if|once|when|after|until|till|before|whether|unless|as soon as|should|in case|while|every|any|orders that|would"
    r"|could|can|may|might|cannot|can't|not sure|don't know|no)\b",
    re.IGNORECASE,
)
_ORDER_ID: Final = re.compile(r"\b\d{3}-\d{7}-\d{7}\b")


def _parcel(*states: str) -> _Holds:
    return lambda owned, _: any(parcel.state in states for parcel in owned.shipments)


def _order(*states: str) -> _Holds:
    return lambda owned, _: owned.order.state in states


def _refunded(owned: OrderEvidence, _: Evidence) -> bool:
    returned = owned.returns is not None and any(case.state == "refunded" for case in owned.returns.begun)
    return returned or owned.order.state == "refunded" or owned.order.payment in ("refunded", "released")


def _late(owned: OrderEvidence, evidence: Evidence) -> bool:
    verdict = evidence.derived.order(owned.order.order_id)
    return verdict is not None and (verdict.days_late or 0) > 0


def _sent_back(owned: OrderEvidence, _: Evidence) -> bool:
    return owned.returns is not None and any(case.state in ("received", "refunded") for case in owned.returns.begun)


def _under_way(owned: OrderEvidence, _: Evidence) -> bool:
    moving = not owned.shipments or any(parcel.state != "delivered" for parcel in owned.shipments)
    return owned.order.state == "shipped" and moving


STATES: Final[Mapping[str, _Holds]] = {
    "shipped": lambda owned, _: owned.order.state in ("shipped", "delivered") or bool(owned.shipments),
    "delivered": lambda owned, _: owned.order.state == "delivered" or owned.order.delivered_at is not None,
    "at_the_door": _parcel("out_for_delivery"),
    "under_way": _under_way,
    "cancelled": _order("cancelled"),
    "refunded": _refunded,
    "sent_back": _sent_back,
    "known": lambda _, __: True,
    "placed": _order("placed"),
    "late": _late,
    "lost": lambda _, __: False,
}
"""What each way to say how an order stands takes, by the group that matches."""

_STANDS: Final[Mapping[str, str]] = {
    "placed": "has been placed and has not left yet",
    "shipped": "is on its way",
    "delivered": "was delivered",
    "cancelled": "was cancelled",
    "refunded": "was refunded",
}


def state(said: Said, found: re.Match[str]) -> Wrong | None:
    """An order that is named is so, else one of those that are known. What is said of any order ("once it has shipped") is
    no claim."""
    if _CONDITION.search(said.text[: found.end()]):
        return None
    named = set(_ORDER_ID.findall(said.text))
    orders = tuple(one for one in said.evidence.orders if not named or one.order.order_id in named)
    is_refund = "refund" in said.text[: found.end()].lower()
    holds = _refunded if is_refund else STATES[next(name for name in STATES if found.groupdict().get(name))]
    denied = found["not"] is not None
    if any(holds(one, said.evidence) is not denied for one in orders):
        return None
    if len(orders) != 1 or len(list(found.re.finditer(said.text))) > 1:
        return whole()
    order = orders[0].order
    trailing = len(said.text) - len(said.text.rstrip())
    return Wrong(0, len(said.text) - trailing, f"Your order {order.order_id} {_STANDS[order.state]}.")
