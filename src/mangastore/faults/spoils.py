"""How a healthy answer is made wrong: contract-breaking values, one after the other, for each service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from typing import cast

from mangaproto import catalog_pb2 as pb
from mangastore.faults.board import ServiceName


class Missing:
    """Stands for a field that is left out."""


MISSING = Missing()
Spoil = tuple[str, object]

SPOILS: Mapping[ServiceName, Sequence[Spoil]] = {
    "pricing": (("current", "-1"), ("currency", "ZZZ"), ("current", MISSING), ("current", 9.99)),
    "inventory": (("state", "plenty"), ("quantity", "many"), ("state", MISSING), ("quantity", -4)),
    "reviews": (("mean", 11.5), ("count", "lots"), ("mean", MISSING), ("summary", MISSING), ("count", -1)),
    "recommendations": (("asin", "NOT-AN-ASIN"), ("score", "high"), ("asin", MISSING)),
    "profile": (("member", "yes"), ("customer_id", MISSING), ("name", 7)),
    "orders": (("state", "teleported"), ("total", "-1"), ("order_id", MISSING), ("items", None)),
    "shipping": (("state", "lost in space"), ("tracking_number", MISSING), ("eta", "soon")),
    "returns": (("eligible", "maybe"), ("eligible", MISSING), ("state", 3)),
    "promotions": (("kind", "miracle"), ("percent_off", 250), ("title", MISSING), ("asins", "all")),
}
_turns = count()


def spoil_answer(service: ServiceName, answer: object) -> object:
    """The answer with each of its rows broken in one way; the way changes from call to call."""
    if not isinstance(answer, dict):
        return answer
    body = cast("dict[str, object]", answer)
    turn = next(_turns)
    if "order_id" in body or "customer_id" in body:
        return _spoil_row(service, body, turn)
    for rows in body.values():
        for row in cast("list[dict[str, object]]", rows) if isinstance(rows, list) else ():
            _spoil_row(service, row, turn)
    return body


def _spoil_row(service: ServiceName, row: dict[str, object], turn: int) -> dict[str, object]:
    choices = [(field, value) for field, value in SPOILS.get(service, ()) if field in row]
    if choices:
        field, value = choices[turn % len(choices)]
        if value is MISSING:
            del row[field]
        else:
            row[field] = value
    return row


def spoil_product(product: pb.Product) -> pb.Product:
    """A copy of a product with one thing about it broken."""
    broken = pb.Product()
    broken.CopyFrom(product)
    match next(_turns) % 4:
        case 0:
            broken.title = ""
        case 1:
            broken.asin = "NOT-AN-ASIN"
        case 2:
            broken.format = pb.FORMAT_UNSPECIFIED
        case _:
            broken.pages = -1
    return broken
