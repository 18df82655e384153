"""What the prompt says of the store itself: the same for every answer of it, so that a provider may keep it read (S-8)."""

from decimal import Decimal
from typing import Any, Final

import msgspec

from mangaassist.domain.store_facts import StoreFacts
from mangaassist.models.tokens import estimated_tokens

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LEFT_OUT_FIRST: Final = (
    "also_sells",
    "languages_of_books",
    "age_ratings",
    "home_country",
    "membership",
    "does_not_sell",
    "not_accepted",
    "paid_by",
    "support",
    "ships_to",
    "delivery",
    "minutes_to_cancel",
    "days_to_return",
    "currency",
    "name",
)
"""The fields by what they are worth to most answers, the least first: what a small prompt does without."""


def store_line(facts: StoreFacts, most_tokens: int | None = None) -> str:
    """A line of JSON. Within ``most_tokens`` it holds fewer fields; the same facts and limit make the same bytes."""
    told = store(facts)
    for name in LEFT_OUT_FIRST:
        line = msgspec.json.encode(told).decode()
        if most_tokens is None or estimated_tokens(line) <= most_tokens:
            return line
        told.pop(name, None)
    return msgspec.json.encode(told).decode()


def store(facts: StoreFacts) -> dict[str, Any]:
    """What the store says of itself and no answer's evidence repeats (S-8); what it does not tell is left out."""
    delivery, membership, support = facts.delivery, facts.membership, facts.support
    return _told(
        kind="store",
        name=facts.name,
        currency=facts.currency,
        delivery=_told(
            fee=_text(delivery.fee),
            free_from=_text(delivery.free_from),
            business_days=_told(least=delivery.least_days, most=delivery.most_days),
            express_fee=_text(delivery.express_fee),
            express_business_days=delivery.express_days,
        ),
        home_country=facts.home_country,
        ships_to=list(facts.ships_to),
        minutes_to_cancel=facts.cancel_minutes,
        days_to_return=facts.return_days,
        membership=membership
        and _told(
            name=membership.name,
            price=_text(membership.price),
            period=membership.period,
            free_shipping=membership.free_shipping or None,
        ),
        age_ratings={rating.name: rating.least_age for rating in facts.age_ratings},
        support=_told(
            phone=support.phone,
            email=support.email,
            hours=[f"{_DAYS[one.weekday]} {one.opens:%H:%M}-{one.closes:%H:%M}" for one in support.hours],
            timezone=support.timezone if support.hours else "",
            calls_back=support.calls_back or None,
            closed_on=[holiday.name for holiday in support.closed_on],
        ),
        paid_by=list(facts.payment_methods),
        not_accepted=list(facts.not_accepted),
        languages_of_books=list(facts.languages),
        also_sells=list(facts.sells),
        does_not_sell=list(facts.does_not_sell),
    )


def _told(**fields: Any) -> dict[str, Any]:
    """The fields that the store tells; 0 is told."""
    return {name: value for name, value in fields.items() if value is not None and value not in ("", [], {})}


def _text(amount: Decimal | None) -> str:
    return "" if amount is None else str(amount)
