"""Promotions: the offers that run today. YOUR OFFERS go into ``running``."""

from typing import Any

from litestar import get

from .shelves import Promotion, moment, money, products
from .shelves import promotions as running


def _row(one: Promotion, covered: tuple[str, ...]) -> dict[str, Any]:
    return {
        "promotion_id": one.id,
        "kind": one.kind,
        "title": one.title,
        "description": one.description,
        "code": one.code,
        "percent_off": one.percent_off,
        "asins": covered,
        "series_ids": (),
        "starts_at": moment(1),
        "ends_at": moment(-one.ends_in_days),
        "terms": one.terms,
        "minimum_amount": money(one.minimum_amount),
        "everything": one.everything,
    }


@get("/promotions/v1/promotions", sync_to_thread=False)
def promotions(asin: list[str] | None = None) -> dict[str, Any]:
    """All of them; with ASINs those that cover some of these, ``asins`` naming which."""
    if not asin:
        return {"promotions": [_row(one, one.asins) for one in running()]}
    known = products()
    covered = {one.id: tuple(a for a in asin if a in known and (one.everything or a in one.asins)) for one in running()}
    return {"promotions": [_row(one, covered[one.id]) for one in running() if covered[one.id]]}


ROUTES = [promotions]
