"""What is particular to one store and known to no code of ours (S-8): a contract that the store answers."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Final, Literal
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Meta, Struct

from mangaassist.domain.days import NamedDay
from mangaassist.domain.products import Currency, Line, WebUrl

_FRIDAY: Final = 4
_LONGEST_CLOSED: Final = 15
"""Days that are looked through for the next opening."""
Country = Annotated[str, Meta(pattern=r"^[A-Z]{2}$")]


class AgeRating(Struct, frozen=True, kw_only=True):
    """A rating as products carry it ("Older Teen"), and the age from which it is meant, in years."""

    name: str
    least_age: Annotated[int, Meta(ge=0, le=99)]


class OpeningHours(Struct, frozen=True, kw_only=True):
    """``weekday`` 0 is Monday; times are those of the store's ``timezone``."""

    weekday: Annotated[int, Meta(ge=0, le=6)]
    opens: time
    closes: time


class Holiday(Struct, frozen=True, kw_only=True):
    """A day of every year on which nobody of the store's people is there: Christmas Day, the fourth Thursday of November."""

    name: str
    on: NamedDay


class Support(Struct, frozen=True, kw_only=True):
    phone: str = ""
    email: str = ""
    timezone: str = "UTC"
    hours: tuple[OpeningHours, ...] = ()
    calls_back: bool = False
    closed_on: tuple[Holiday, ...] = ()

    def holiday_on(self, when: date) -> str:
        """The name of the holiday that the store keeps on this date; empty where it keeps none."""
        return next((one.name for one in self.closed_on if one.on.in_year(when.year) == when), "")

    def opens_next(self, now: datetime) -> datetime | None:
        """When somebody is there next, by the store's clock; None where it tells no hours, or a zone that nobody knows."""
        try:
            there = now.astimezone(ZoneInfo(self.timezone))
        except (ZoneInfoNotFoundError, ValueError):
            return None
        days = (there.date() + timedelta(days=ahead) for ahead in range(_LONGEST_CLOSED))
        openings = (
            datetime.combine(day, hours.opens, there.tzinfo)
            for day in days
            if not self.holiday_on(day)
            for hours in sorted(self.hours, key=lambda one: one.opens)
            if hours.weekday == day.weekday()
        )
        return next((opening for opening in openings if opening > there), None)


class Membership(Struct, frozen=True, kw_only=True):
    name: str
    price: Decimal | None = None
    period: str = ""
    free_shipping: bool = False


class BusySeason(Struct, frozen=True, kw_only=True):
    """Days of every year, both ends included, on which what is ordered may leave so many business days later. It begins
    ``days_before`` days before ``first``: the Monday before the fourth Thursday of November."""

    first: NamedDay
    days_before: Annotated[int, Meta(ge=0, le=31)] = 0
    last: NamedDay
    extra_days: Annotated[int, Meta(ge=1, le=31)]

    def holds_on(self, when: date) -> bool:
        first, last = self.first.in_year(when.year), self.last.in_year(when.year)
        return first is not None and last is not None and first - timedelta(days=self.days_before) <= when <= last


class Delivery(Struct, frozen=True, kw_only=True):
    """The ordinary way home: its fee, from which subtotal it is free, and how many business days it takes.

    What is ordered before ``dispatched_until`` on a business day leaves on it, in the support's time zone; where that is not told,
    on the next one. ``closed_on`` are days beside the support's own on which nothing is carried.
    """

    fee: Decimal | None = None
    free_from: Decimal | None = None
    least_days: int | None = None
    most_days: int | None = None
    express_fee: Decimal | None = None
    express_days: int | None = None
    dispatched_until: time | None = None
    closed_on: tuple[Holiday, ...] = ()
    busy: tuple[BusySeason, ...] = ()


class AbroadRate(Struct, frozen=True, kw_only=True):
    """What an order to some countries costs, and how many business days after dispatch it takes."""

    countries: tuple[Country, ...]
    fee: Decimal | None = None
    least_days: int | None = None
    most_days: int | None = None


class ProblemRule(Struct, frozen=True, kw_only=True):
    """Until how many days after delivery a fault can be reported; whether the faulty copy is kept or goes back free of charge."""

    days: int | None = None
    old_copy: Literal["", "keep", "send_free"] = ""


class Problems(Struct, frozen=True, kw_only=True):
    """What holds for each kind of fault."""

    damaged: ProblemRule = ProblemRule()
    misprint: ProblemRule = ProblemRule()
    wrong_item: ProblemRule = ProblemRule()
    missing_item: ProblemRule = ProblemRule()


class TraceRule(Struct, frozen=True, kw_only=True):
    """Of a parcel that was scanned as delivered and is not there: business days to wait, days after the scan until it has to be
    reported, business days until a trace is settled."""

    wait_days: Annotated[int, Meta(ge=0)]
    report_days: Annotated[int, Meta(ge=0)]
    trace_days: Annotated[int, Meta(ge=0)]


class Refunds(Struct, frozen=True, kw_only=True):
    """Business days from a refund's approval until it is there; what the label of a change of mind costs."""

    least_days: int | None = None
    most_days: int | None = None
    label_fee: Decimal | None = None
    gift_card_same_day: bool = False
    """Whether what was paid by gift card is back on it the day the refund is approved."""


class ReturnSeason(Struct, frozen=True, kw_only=True):
    """What is delivered from ``first`` to ``last``, both included, can go back until ``until``, the next such day after them."""

    first: NamedDay
    last: NamedDay
    until: NamedDay

    def window_end(self, delivered: date) -> date | None:
        """The last day for what was delivered then; None outside of the season."""
        first, last = self.first.in_year(delivered.year), self.last.in_year(delivered.year)
        if first is None or last is None or not first <= delivered <= last:
            return None
        return self.until.date_from(last)


class Wares(Struct, frozen=True, kw_only=True):
    """What is sold, as shoppers call it: "book" as in "a book fan", and "books" as in "horror books"."""

    one: Line = "book"
    many: Line = "books"


class StoreFacts(Struct, frozen=True, kw_only=True):
    """Everything is optional: what a store does not tell is not said."""

    name: str = ""
    wares: Wares = Wares()
    currency: Currency | None = None
    delivery: Delivery = Delivery()
    ships_to: tuple[Country, ...] = ()
    abroad: tuple[AbroadRate, ...] = ()
    """Fees and days for countries of ``ships_to``; the first that names a country holds for it."""
    home_country: Country | None = None
    cancel_minutes: int | None = None
    """For how long after it was placed an order can be cancelled."""
    return_days: int | None = None
    """Days after delivery."""
    return_season: ReturnSeason | None = None
    """When more time is given."""
    problems: Problems = Problems()
    refunds: Refunds = Refunds()
    lost_after_days: int | None = None
    """Business days after dispatch from which a parcel at home counts as lost."""
    scanned_not_received: TraceRule | None = None
    membership: Membership | None = None
    age_ratings: tuple[AgeRating, ...] = ()
    words: dict[str, tuple[Line, ...]] = {}
    """How shoppers call a genre or theme of the catalog, by its name there: "Cooking", "cook books"."""
    traits: tuple[str, ...] = ()
    """By which names the catalog tells of the content of its series: "gore", "lead" (``domain/products.py``)."""
    support: Support = Support()
    payment_methods: tuple[str, ...] = ()
    not_accepted: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    """Languages of the books that are sold, BCP 47."""
    sells: tuple[str, ...] = ()
    """Kinds of goods beside its ``wares`` that are sold, as shoppers call them."""
    does_not_sell: tuple[str, ...] = ()
    sign_in_url: WebUrl = ""
    cart_url: WebUrl = ""
    orders_url: WebUrl = ""
    returns_url: WebUrl = ""
    page_url: WebUrl = ""
    """Where one of its own pages of help can be read, with ``{id}`` for the page's id."""
    product_url: WebUrl = ""
    """Where a product can be seen, with ``{asin}``."""

    @property
    def origin(self) -> str:
        """Where its pages stand, by the address of a product; empty where it does not say it."""
        parts = urlsplit(self.product_url)
        return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""

    @property
    def own_words(self) -> dict[str, str]:
        """What our wordings leave to the store: its name, what it sells, one of it and many, and its membership."""
        membership = self.membership.name if self.membership else "the membership"
        return {
            "store": self.name or "an online store",
            "ware": self.wares.one,
            "wares": self.wares.many,
            "membership": membership,
        }

    @property
    def assistant_name(self) -> str:
        """What the assistant calls itself towards other programs."""
        return self.worded("The assistant of {store}")

    def worded(self, text: str) -> str:
        """A wording of ours with the store's own words: ``{store}``, ``{ware}``, ``{wares}`` and ``{membership}`` are put in."""
        for name, word in self.own_words.items():
            text = text.replace(f"{{{name}}}", word)
        return text

    def page_address(self, page_id: str) -> str:
        """Empty when the store does not say it."""
        return self.page_url.replace("{id}", quote(page_id, safe=""))

    def product_address(self, asin: str) -> str:
        """Empty when the store does not say it."""
        return self.product_url.replace("{asin}", quote(asin, safe=""))

    def amounts(self) -> Iterator[Decimal]:
        """The fees and limits that the store tells."""
        delivery, membership = self.delivery, self.membership
        fees = (delivery.fee, delivery.free_from, delivery.express_fee, self.refunds.label_fee)
        named = (*fees, membership.price if membership else None, *(rate.fee for rate in self.abroad))
        yield from (amount for amount in named if amount is not None)

    def rate_to(self, country: str) -> AbroadRate | None:
        """What holds for a country abroad; None where the store does not tell it."""
        return next((rate for rate in self.abroad if country in rate.countries), None)

    def due(self, ordered: date) -> tuple[date, date] | None:
        """The first and the last day on which what is ordered then is due; None when the store does not say it.

        ``ordered`` is a moment with its zone, or a day, of which nobody knows whether it is before the hour of dispatch.
        """
        delivery = self.delivery
        if delivery.most_days is None:
            return None
        first, last = self.leaves(ordered)
        return self.business_day(first, delivery.least_days or delivery.most_days), self.business_day(
            last, delivery.most_days
        )

    def return_until(self, delivered: date) -> date | None:
        """The last day on which what was delivered then can go back: the later of the usual one and the season's."""
        usual = None if self.return_days is None else delivered + timedelta(days=self.return_days)
        seasonal = self.return_season.window_end(delivered) if self.return_season else None
        return max((day for day in (usual, seasonal) if day is not None), default=None)

    def express_due(self, ordered: date) -> date | None:
        """The day by which it is there at the latest."""
        days = self.delivery.express_days
        return None if days is None else self.business_day(self.leaves(ordered)[1], days)

    def leaves(self, ordered: date) -> tuple[date, date]:
        """When it leaves at the earliest and at the latest."""
        here = self._here(ordered)
        day = here.date() if isinstance(here, datetime) else here
        until = self.delivery.dispatched_until
        today = isinstance(here, datetime) and until is not None and here.time() < until and self._is_business(day)
        first = day if today else self.business_day(day, 1)
        extra = sum(season.extra_days for season in self.delivery.busy if season.holds_on(first))
        return first, self.business_day(first, extra)

    def here(self, moment: datetime) -> datetime:
        """The same moment at the store's own clock, which decides what day it is; as it is where that is not known."""
        zone = self._zone
        return moment if zone is None else moment.astimezone(zone)

    @property
    def _zone(self) -> ZoneInfo | None:
        try:
            return ZoneInfo(self.support.timezone)
        except (ZoneInfoNotFoundError, ValueError):
            return None

    def _here(self, when: date) -> date:
        """A moment at the store's own clock; only its day where that is not known, and a day as it is."""
        if not isinstance(when, datetime) or when.tzinfo is None:
            return when
        return when.date() if self._zone is None else self.here(when)

    def _is_business(self, day: date) -> bool:
        holidays = (*self.support.closed_on, *self.delivery.closed_on)
        return day.weekday() <= _FRIDAY and all(one.on.in_year(day.year) != day for one in holidays)

    def business_day(self, start: date, days: int) -> date:
        """The day that is so many business days after ``start``: neither weekends nor holidays of store or carriers are counted."""
        day = start
        while days > 0:
            day += timedelta(days=1)
            days -= self._is_business(day)
        return day

    def least_age(self, rating: str) -> int | None:
        return next((one.least_age for one in self.age_ratings if one.name == rating), None)


NO_FACTS = StoreFacts()
