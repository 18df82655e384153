"""What is particular to this store, as figures: the same that its policy pages tell in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from mangastore.data.orders import FREE_SHIPPING_FROM_CENTS, RETURN_WINDOW_DAYS, STANDARD_SHIPPING_CENTS, ReturnReason
from mangastore.data.prices import CURRENCY, money
from mangastore.data.series import TRAIT_NAMES
from mangastore.order_rules import CANCEL_MINUTES, REASON_RULES, RETURN_LABEL_CENTS

EXPEDITED_CENTS = 899
MEMBERSHIP_CENTS = 1900
MONDAY_TO_SATURDAY = range(6)


class Wares(msgspec.Struct, frozen=True):
    """What is sold, as shoppers call it, one of it and many."""

    one: str
    many: str


class AgeRating(msgspec.Struct, frozen=True):
    """A rating as products carry it, and the age from which it is meant."""

    name: str
    least_age: int


class OpeningHours(msgspec.Struct, frozen=True):
    """A day of the week (0 is Monday) and its hours, in the support's own time zone."""

    weekday: int
    opens: str
    closes: str


class HolidayDate(msgspec.Struct, frozen=True, omit_defaults=True):
    """``day`` of ``month``, or its ``nth`` ``weekday`` (0 is Monday, -1 the last)."""

    month: int
    day: int | None = None
    weekday: int | None = None
    nth: int | None = None


class Holiday(msgspec.Struct, frozen=True):
    """A day of every year on which nobody answers."""

    name: str
    on: HolidayDate


class Support(msgspec.Struct, frozen=True):
    """How to reach people, and when."""

    phone: str
    email: str
    timezone: str
    hours: Sequence[OpeningHours]
    calls_back: bool
    closed_on: Sequence[Holiday]


class Membership(msgspec.Struct, frozen=True):
    """The paid membership."""

    name: str
    price: str
    period: str
    free_shipping: bool


class BusySeason(msgspec.Struct, frozen=True):
    """From so many days before ``first`` to ``last``, dispatch may take so many business days longer."""

    first: HolidayDate
    days_before: int
    last: HolidayDate
    extra_days: int


class Delivery(msgspec.Struct, frozen=True):
    """Fees as money, times in business days after dispatch, for the home country. What is ordered before ``dispatched_until``, at
    the support's clock, leaves the same business day; ``closed_on`` are the carriers' holidays beside the support's own."""

    fee: str
    free_from: str
    least_days: int
    most_days: int
    express_fee: str
    express_days: int
    dispatched_until: str
    closed_on: Sequence[Holiday]
    busy: Sequence[BusySeason]


class AbroadRate(msgspec.Struct, frozen=True):
    """What an order to some countries costs as money, and how many business days after dispatch it takes."""

    countries: Sequence[str]
    fee: str
    least_days: int
    most_days: int


class ProblemRule(msgspec.Struct, frozen=True):
    """Until how many days after delivery a fault is taken care of, and what happens to the copy that is there."""

    days: int
    old_copy: Literal["keep", "send_free"]


class Problems(msgspec.Struct, frozen=True):
    """What holds for each kind of fault."""

    damaged: ProblemRule
    misprint: ProblemRule
    wrong_item: ProblemRule
    missing_item: ProblemRule


class Refunds(msgspec.Struct, frozen=True):
    """Business days from a refund's approval until it is there, and what a change of mind costs."""

    least_days: int
    most_days: int
    label_fee: str
    gift_card_same_day: bool


class ReturnSeason(msgspec.Struct, frozen=True):
    """What is delivered from ``first`` to ``last`` can go back until the next ``until``."""

    first: HolidayDate
    last: HolidayDate
    until: HolidayDate


class TraceRule(msgspec.Struct, frozen=True):
    """Of a parcel that was scanned and is not there: business days to wait, days to report it, business days of a trace."""

    wait_days: int
    report_days: int
    trace_days: int


class StoreFacts(msgspec.Struct, frozen=True):
    """Countries are ISO 3166 codes, languages BCP 47; addresses are absolute."""

    name: str
    wares: Wares
    currency: str
    delivery: Delivery
    ships_to: Sequence[str]
    abroad: Sequence[AbroadRate]
    home_country: str
    cancel_minutes: int
    return_days: int
    return_season: ReturnSeason
    problems: Problems
    refunds: Refunds
    lost_after_days: int
    scanned_not_received: TraceRule
    membership: Membership
    age_ratings: Sequence[AgeRating]
    traits: Sequence[str]
    support: Support
    payment_methods: Sequence[str]
    not_accepted: Sequence[str]
    languages: Sequence[str]
    sells: Sequence[str]
    does_not_sell: Sequence[str]
    sign_in_url: str
    cart_url: str
    orders_url: str
    returns_url: str
    page_url: str
    product_url: str


def store_facts(public_url: str) -> StoreFacts:
    """The facts of the store at this address."""
    return StoreFacts(
        name="Inkwell Manga",
        wares=Wares("manga", "manga"),
        currency=CURRENCY,
        delivery=Delivery(
            fee=money(STANDARD_SHIPPING_CENTS),
            free_from=money(FREE_SHIPPING_FROM_CENTS),
            least_days=3,
            most_days=5,
            express_fee=money(EXPEDITED_CENTS),
            express_days=2,
            dispatched_until="13:00:00",
            closed_on=[
                Holiday("Martin Luther King Jr. Day", HolidayDate(1, weekday=0, nth=3)),
                Holiday("Presidents' Day", HolidayDate(2, weekday=0, nth=3)),
                Holiday("Juneteenth", HolidayDate(6, day=19)),
                Holiday("Columbus Day", HolidayDate(10, weekday=0, nth=2)),
                Holiday("Veterans Day", HolidayDate(11, day=11)),
            ],
            busy=[BusySeason(HolidayDate(11, weekday=3, nth=4), 3, HolidayDate(12, day=15), 1)],
        ),
        ships_to=("US", "CA", "GB", "IE", "DE", "FR", "NL", "ES", "IT", "AU", "NZ"),
        abroad=(
            AbroadRate(("CA",), money(999), 6, 10),
            AbroadRate(("GB", "IE", "DE", "FR", "NL", "ES", "IT"), money(1499), 8, 12),
            AbroadRate(("AU", "NZ"), money(1699), 10, 15),
        ),
        home_country="US",
        cancel_minutes=CANCEL_MINUTES,
        return_days=RETURN_WINDOW_DAYS,
        return_season=ReturnSeason(HolidayDate(11, day=1), HolidayDate(12, day=24), HolidayDate(1, day=31)),
        problems=Problems(
            damaged=_problem_rule("damaged"),
            misprint=_problem_rule("misprint"),
            wrong_item=_problem_rule("wrong_item"),
            missing_item=_problem_rule("missing_item"),
        ),
        refunds=Refunds(least_days=3, most_days=5, label_fee=money(RETURN_LABEL_CENTS), gift_card_same_day=True),
        lost_after_days=10,
        scanned_not_received=TraceRule(2, 14, 5),
        membership=Membership("Inkwell Circle", money(MEMBERSHIP_CENTS), "year", free_shipping=True),
        age_ratings=(AgeRating("All Ages", 0), AgeRating("Teen", 13), AgeRating("Older Teen", 16), AgeRating("Mature", 18)),
        traits=TRAIT_NAMES,
        support=Support(
            phone="1-800-555-0142",
            email="help@inkwellmanga.example",
            timezone="America/New_York",
            hours=[OpeningHours(day, "08:00:00", "20:00:00") for day in MONDAY_TO_SATURDAY],
            calls_back=False,
            closed_on=[
                Holiday("New Year's Day", HolidayDate(1, day=1)),
                Holiday("Memorial Day", HolidayDate(5, weekday=0, nth=-1)),
                Holiday("Independence Day", HolidayDate(7, day=4)),
                Holiday("Labor Day", HolidayDate(9, weekday=0, nth=1)),
                Holiday("Thanksgiving", HolidayDate(11, weekday=3, nth=4)),
                Holiday("Christmas Day", HolidayDate(12, day=25)),
            ],
        ),
        payment_methods=(
            "Visa", "Mastercard", "American Express", "Discover", "PayPal", "Apple Pay", "Google Pay", "Inkwell gift cards",
        ),
        not_accepted=("checks", "cash on delivery", "bank transfers", "installments", "cryptocurrency"),
        languages=("en",),
        sells=("gift cards", "omnibuses", "box sets", "gift wrap", "memberships"),
        does_not_sell=(
            "figures", "posters", "merchandise", "ebooks", "digital editions", "used books", "Japanese editions",
            "Spanish editions", "French editions",
        ),
        sign_in_url=f"{public_url}/sign-in",
        cart_url=f"{public_url}/cart",
        orders_url=f"{public_url}/orders",
        returns_url=f"{public_url}/returns",
        page_url=f"{public_url}/help/{{id}}",
        product_url=f"{public_url}/p/{{asin}}",
    )  # fmt: skip


def _problem_rule(reason: ReturnReason) -> ProblemRule:
    rule = REASON_RULES[reason]
    return ProblemRule(rule.days or RETURN_WINDOW_DAYS, "keep" if rule.keeps_copy else "send_free")
