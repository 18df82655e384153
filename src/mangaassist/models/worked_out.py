"""What follows from the evidence (T-11), as lines of the prompt: verdicts and sums, and no price of a single product (M-7)."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from mangaassist.domain.derived import Derived, OfferFit, OrderVerdict, Relaxed, SetOrSingles, Tallied, Total
from mangaassist.domain.evidence import Evidence
from mangaassist.domain.products import CURRENCY_SIGNS, money


def worked_out(evidence: Evidence) -> Iterator[dict[str, Any]]:
    """One line a fact; what is not known makes none."""
    derived = evidence.derived
    for total in (derived.total, derived.cart_total):
        if total is not None and _is_sum(total):
            yield _line("total", **_total(total))
    if (shipping := derived.free_shipping) is not None:
        yield _line(
            "free_shipping",
            by_membership=shipping.by_membership,
            limit=_money(shipping.limit, shipping.currency),
            missing=_money(shipping.missing, shipping.currency),
        )
    yield from (_line("order", **_order(verdict)) for verdict in derived.orders)
    if derived.tallied is not None:
        yield _line("their_orders_together", **_tallied(derived.tallied))
    currency = evidence.facts.currency or next((price.currency for price in evidence.priced().values()), "USD")
    yield from (_line("offer", **_offer(fit, currency)) for fit in derived.offers)
    yield from (_line("set_against_singles", **_set(one)) for one in derived.sets)
    if derived.cheapest_way is not None:
        yield _line("cheapest_way_to_own_it", asins=list(derived.cheapest_way.asins), **_set(derived.cheapest_way))
    yield from _of_series(derived)


def _of_series(derived: Derived) -> Iterator[dict[str, Any]]:
    if derived.reading_order:
        yield _line("reading_order", titles=[part.title for part in derived.reading_order])
    if derived.next_volume is not None:
        yield _line("next_volume", volume=derived.next_volume)
    for age in derived.ages:
        yield _line("age", title=age.title, rating=age.rating, from_age=age.least_age, fits=age.fits)
    names = ("cheapest", "dearest", "best_rated", "longest", "shortest")
    extremes = {name: asin for name in names if (asin := getattr(derived, name)) is not None}
    if extremes:
        yield _line("compared", **extremes)
    yield from (_line("given_up", what=_given_up(one)) for one in derived.relaxed)
    if derived.open_now is not None:
        yield _line("our_people", answer_now=derived.open_now)


def _is_sum(total: Total) -> bool:
    """The sum of one copy of one thing is its price, which only a placeholder may say."""
    return sum(line.quantity for line in total.lines) > 1


def _total(total: Total) -> dict[str, Any]:
    return {
        "of": total.of,
        "items": [f"{line.quantity} x {line.title}" for line in total.lines],
        "amount": _money(total.amount, total.currency),
        "for_members": None if total.member is None else _money(total.member, total.currency),
        "without": list(total.unpriced),
    }


def _order(verdict: OrderVerdict) -> dict[str, Any]:
    return {
        "order_id": verdict.order_id,
        "can_cancel": verdict.can_cancel,
        "cancel_until": verdict.cancel_until.isoformat() if verdict.cancel_until else None,
        "can_change_address": verdict.can_change_address,
        "expected": _day(verdict.expected),
        "days_late": verdict.days_late,
        "can_return": verdict.can_return,
        "return_until": _day(verdict.return_until),
        "days_left": verdict.days_left,
        "why": verdict.why,
    }


def _tallied(one: Tallied) -> dict[str, Any]:
    costing = {"dearest_book": one.dearest, "cheapest_book": one.cheapest, "biggest_order": one.biggest}
    return {
        **one.by_state,
        "books": one.books,
        "amount": None if one.amount is None else _money(one.amount, one.currency),
        **{
            name: f"{known.title or known.order_id}, {_money(known.amount, one.currency)}"
            for name, known in costing.items()
            if known is not None
        },
    }


def _offer(fit: OfferFit, currency: str) -> dict[str, Any]:
    return {
        "promotion_id": fit.promotion_id,
        "covers": fit.covers,
        "asins": list(fit.asins),
        "items_missing": fit.needs_items,
        "amount_missing": _money(fit.needs_amount, currency) if fit.needs_amount else None,
        "saves": None if fit.saves is None else _money(fit.saves, currency),
        "already_in_price": fit.already_in_price,
    }


def _set(one: SetOrSingles) -> dict[str, Any]:
    return {
        "title": one.title,
        "volumes": [one.first, one.last],
        "singles_together": _money(one.singles_price, one.currency),
        "saves": _money(one.saves, one.currency) if one.saves > 0 else None,
        "costs_more_by": _money(-one.saves, one.currency) if one.saves < 0 else None,
    }


def _given_up(one: Relaxed) -> str:
    return f"{one.what}: {one.label.said or one.label.value}" if one.label else one.what


def _money(amount: Decimal, currency: str) -> str:
    return money(amount, currency) if currency in CURRENCY_SIGNS else f"{amount} {currency}"


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _line(fact: str, **fields: Any) -> dict[str, Any]:
    known = {name: value for name, value in fields.items() if value not in (None, "", [])}
    return {"kind": "worked_out", "fact": fact, **known}
