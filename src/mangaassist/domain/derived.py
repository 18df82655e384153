"""What follows from the evidence of a turn (T-11): sums, verdicts and comparisons, worked out once and read by everybody."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from msgspec import Struct

from mangaassist.domain.dialogue import Rate
from mangaassist.domain.wishes import Label, Range


class Line(Struct, frozen=True, kw_only=True):
    """One item of a sum, at its price today."""

    asin: str
    title: str
    amount: Decimal
    quantity: int = 1


class Total(Struct, frozen=True, kw_only=True):
    """``amount`` sums ``lines``, ``member`` the same at member prices, or is None; ``unpriced`` are titles left out."""

    of: Literal["cart", "named"]
    lines: tuple[Line, ...]
    amount: Decimal
    currency: str
    member: Decimal | None = None
    unpriced: tuple[str, ...] = ()


class Variant(Struct, frozen=True, kw_only=True):
    """What a sum would be with something else in it: ``titles`` taken out, put in, or taken once more."""

    change: Literal["without", "with", "twice"]
    titles: tuple[str, ...]
    total: Total
    shipping: "FreeShipping | None" = None


class Affordable(Struct, frozen=True, kw_only=True):
    """How many volumes of a series, from ``first`` on in order, a budget buys, and what they come to."""

    budget: Decimal
    count: int
    first: int
    last: int
    amount: Decimal
    currency: str
    shipping: Decimal = Decimal(0)
    """What of the budget is left for sending them; of several series for all together."""


class Share(Struct, frozen=True, kw_only=True):
    """What each of ``parts`` people pays of ``amount``, to the cent above; ``shipping`` is what of it is for sending."""

    parts: int
    amount: Decimal
    shipping: Decimal
    each: Decimal
    currency: str


class Pace(Struct, frozen=True, kw_only=True):
    """How long a whole series takes at so many volumes at a time, and what that costs each time, on average."""

    rate: Rate
    volumes: int
    times: int
    each: Decimal
    currency: str


class MembershipAtRate(Struct, frozen=True, kw_only=True):
    """What ``orders`` a year, each below the limit of free shipping, would cost in standard shipping, against a year's fee."""

    orders: int
    shipping: Decimal
    fee: Decimal
    limit: Decimal
    currency: str


class FreeShipping(Struct, frozen=True, kw_only=True):
    """``missing`` is 0 when the subtotal reaches the limit; ``by_membership`` when a member pays none whatever it is."""

    limit: Decimal
    subtotal: Decimal
    missing: Decimal
    currency: str
    by_membership: bool = False
    fee: Decimal | None = None

    @property
    def due(self) -> Decimal | None:
        """What shipping costs this cart: 0 where it is free, None where nobody knows."""
        return Decimal(0) if self.by_membership or not self.missing else self.fee


Verdict = Literal["yes", "no", "unknown"]
OrderChoice = Literal["", "one", "several", "none"]
"""What came of choosing orders by what the message says of them; empty where it says nothing."""


class OrderVerdict(Struct, frozen=True, kw_only=True):
    """What an order's state means for what can be asked of it, at the moment of the turn.

    ``days_late`` counts from the expected day, 0 or less while it is on time, None when nothing is expected;
    ``days_left`` of the return window.
    """

    order_id: str
    can_cancel: Verdict = "unknown"
    cancel_until: datetime | None = None
    can_change_address: Verdict = "unknown"
    expected: date | None = None
    days_late: int | None = None
    can_return: Verdict = "unknown"
    return_until: date | None = None
    days_left: int | None = None
    why: str = ""
    """The store's own reason against it."""
    report_until: date | None = None
    """The last day on which what is wrong with it can be reported."""
    report_days_left: int | None = None
    """0 or less once that is over."""
    old_copy: Literal["", "keep", "send_free"] = ""
    """Whether what is faulty is kept or goes back free of charge."""
    refund_due: tuple[date, date] | None = None
    """Between which days a refund that was issued should be there."""


class Bought(Struct, frozen=True, kw_only=True):
    """The volumes of a series that the shopper has ordered and kept; ``next`` comes after the last, None where there is none."""

    series_id: str
    title: str
    volumes: tuple[int, ...]
    next: int | None = None


class Spent(Struct, frozen=True, kw_only=True):
    """What the orders that can be seen come to; ``since`` is the day of the oldest.

    ``left_out`` of them were cancelled or refunded, and count for nothing.
    """

    amount: Decimal
    currency: str
    orders: int
    left_out: int
    since: datetime


class Costing(Struct, frozen=True, kw_only=True):
    """A book that was bought, or an order as a whole, and what was paid for it; of a book, for one copy."""

    order_id: str
    amount: Decimal
    title: str = ""


class Tallied(Struct, frozen=True, kw_only=True):
    """What the orders that were asked about are together. ``by_state`` counts all of them; the rest is of those that were kept, and
    of ``left_out`` that were cancelled or refunded only the number counts. Amounts are None where currencies differ.
    """

    by_state: Mapping[str, int]
    books: int
    left_out: int
    since: datetime
    currency: str
    amount: Decimal | None = None
    dearest: Costing | None = None
    cheapest: Costing | None = None
    """Of the books."""
    biggest: Costing | None = None
    smallest: Costing | None = None
    """Of the orders."""

    @property
    def orders(self) -> int:
        return sum(self.by_state.values())

    def amounts(self) -> Iterator[Decimal]:
        if self.amount is not None:
            yield self.amount
        costing = filter(None, (self.dearest, self.cheapest, self.biggest, self.smallest))
        yield from (one.amount for one in costing)


class OfferFit(Struct, frozen=True, kw_only=True):
    """Whether an offer speaks for a product, or for what was named or is in the cart together.

    ``covers`` is the verdict; ``needs_items`` and ``needs_amount`` are what is missing to its conditions (0 when met);
    ``saves`` is what it takes off today, None when that cannot be told.
    """

    promotion_id: str
    asins: tuple[str, ...] = ()
    covers: bool
    needs_items: int = 0
    needs_amount: Decimal = Decimal(0)
    saves: Decimal | None = None
    already_in_price: bool = False


class CodeSum(Struct, frozen=True, kw_only=True):
    """What is left to pay with a code, at the shopper's own prices; ``due`` is the shipping beside it, None where nobody knows."""

    code: str
    subtotal: Decimal
    saves: Decimal
    currency: str
    due: Decimal | None = None

    @property
    def amount(self) -> Decimal:
        return self.subtotal - self.saves


class SetOrSingles(Struct, frozen=True, kw_only=True):
    """A box or omnibus set against the single volumes that it holds, at today's prices.

    ``saves`` is what the set saves, negative where the singles cost less. ``sets`` is how many sets the series takes.
    """

    asins: tuple[str, ...]
    title: str
    first: int
    last: int
    set_price: Decimal
    singles_price: Decimal
    saves: Decimal
    currency: str
    complete: bool = False
    """Whether it holds the whole series."""
    out_of_stock: tuple[str, ...] = ()
    """Titles of it that cannot be had now, as far as the stock was looked up."""
    singly: bool = True
    """Whether every volume can be bought by itself, so that ``singles_price`` is what all of them come to."""


class ReadingPart(Struct, frozen=True, kw_only=True):
    series_id: str
    title: str
    asin: str | None = None
    year: int = 0
    volumes: int = 0


class AgeFit(Struct, frozen=True, kw_only=True):
    """``fits`` is None where nobody named a reader; ``least_age`` None where the store does not explain the rating."""

    series_id: str
    title: str
    rating: str
    least_age: int | None = None
    reader_age: int | None = None
    fits: bool | None = None


class ContentFit(Struct, frozen=True, kw_only=True):
    """Whether a series has what was asked about its content, by what the store tells of it: ``told`` in words ("some gore").

    ``has`` is None, and ``told`` empty, where the store does not know. ``too_early``: an ending that nobody can know yet.
    """

    series_id: str
    label: Label
    noun: str = ""
    has: bool | None = None
    degree: Literal["", "none", "some", "strong"] = ""
    """How much of it there is, of what has degrees."""
    told: tuple[str, ...] = ()
    only_told: bool = False
    """Whether nothing but what it is was asked: "how does it end"."""
    too_early: bool = False


class ContentNotes(Struct, frozen=True, kw_only=True):
    """All that the store tells of how harsh a series is, in words: what there is a lot of, a little, and nothing of."""

    series_id: str
    strong: tuple[str, ...] = ()
    some: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


class Relaxed(Struct, frozen=True, kw_only=True):
    """One constraint that was given up because nothing met it (T-12): a label, or bounds of price, length or year; ``degree``:
    of what was refused there is a little."""

    what: Literal["label", "price", "volumes", "year", "finished", "in_stock", "words", "format", "degree"]
    label: Label | None = None
    bounds: Range | None = None


class Derived(Struct, frozen=True, kw_only=True):
    total: Total | None = None
    cart_total: Total | None = None
    free_shipping: FreeShipping | None = None
    delivery: FreeShipping | None = None
    """The shipping of ``total``, if nothing else were ordered."""
    affordable: Affordable | None = None
    affordable_each: tuple[Affordable, ...] = ()
    """Of several series, volume by volume in turn."""
    share: Share | None = None
    pace: Pace | None = None
    membership_at_rate: MembershipAtRate | None = None
    variants: tuple[Variant, ...] = ()
    """The sum, or the cart, as it would be."""
    cart_code: CodeSum | None = None
    """The best code for what is asked about, and what is left to pay."""
    orders: tuple[OrderVerdict, ...] = ()
    bought: tuple[Bought, ...] = ()
    """What the shopper has bought of each series that is asked about, or of all where none is."""
    spent: Spent | None = None
    """What was spent, where that is asked; None where nothing counts, or in more than one currency."""
    tallied: Tallied | None = None
    """What the orders are together, where that is asked and there are any."""
    order_choice: OrderChoice = ""
    """Whether orders are of the kind that was asked for; where none is, ``Evidence.orders`` are those that there are."""
    offers: tuple[OfferFit, ...] = ()
    sets: tuple[SetOrSingles, ...] = ()
    cheapest_way: SetOrSingles | None = None
    ways: tuple[SetOrSingles, ...] = ()
    """The cheapest way to own each, where several series are asked about."""
    reading_order: tuple[ReadingPart, ...] = ()
    next_volume: int | None = None
    """The volume that a reader of what was named wants next; None where there is none."""
    ages: tuple[AgeFit, ...] = ()
    contents: tuple[ContentFit, ...] = ()
    notes: tuple[ContentNotes, ...] = ()
    """Of a question about the content that names nothing: "any trigger warnings?"."""
    judged: Mapping[str, str] = {}
    """What was wished or refused and the store itself tells of its books: the thing ("gore") by the mood's value."""
    cheapest: str | None = None
    """ASINs of ``Evidence.products`` that cost least and most, are rated best, are longest and shortest, where compared."""
    dearest: str | None = None
    best_rated: str | None = None
    longest: str | None = None
    shortest: str | None = None
    relaxed: tuple[Relaxed, ...] = ()
    """What was given up of the wishes, words that no label covers included."""
    open_now: bool | None = None
    """Whether people of the store answer now, by its opening hours."""

    @property
    def cart_with_shipping(self) -> Decimal | None:
        """What the cart comes to with its shipping; None where either is not known."""
        due = self.free_shipping.due if self.free_shipping else None
        return self.free_shipping.subtotal + due if self.free_shipping and due is not None else None

    @property
    def in_full(self) -> tuple[Decimal, Decimal] | None:
        """What all of several series come to together: at the least, and as single volumes; None where it is about one."""
        if len(self.ways) < 2 or len({way.currency for way in self.ways}) > 1:
            return None
        nothing = Decimal(0)
        return sum((way.set_price for way in self.ways), nothing), sum(
            (way.singles_price for way in self.ways), nothing
        )

    @property
    def apart_in_full(self) -> Decimal | None:
        """By how much the dearest of several whole series is above the cheapest; None where it is about one."""
        prices = [way.set_price for way in self.ways]
        return None if self.in_full is None else max(prices) - min(prices)

    @property
    def gave_up(self) -> tuple[Relaxed, ...]:
        """Without words that no label covers: nobody can deny that a book is "dumb", so none is said to be missing."""
        return tuple(one for one in self.relaxed if one.what != "words")

    @property
    def all_sets(self) -> tuple[SetOrSingles, ...]:
        """Every set whose price was worked out."""
        return (*self.sets, *self.ways, *((self.cheapest_way,) if self.cheapest_way else ()))

    def amounts(self) -> Iterator[Decimal]:
        """Every amount of money that was worked out: sums, what is missing to free shipping, savings."""
        for total in filter(None, (self.total, self.cart_total)):
            yield total.amount
            yield from (line.amount * line.quantity for line in total.lines if line.quantity > 1)
            if total.member is not None:
                yield total.member
                yield total.amount - total.member
        if self.spent is not None:
            yield self.spent.amount
        if self.tallied is not None:
            yield from self.tallied.amounts()
        if self.free_shipping is not None:
            yield from (self.free_shipping.limit, self.free_shipping.subtotal, self.free_shipping.missing)
            yield from (fee for fee in (self.free_shipping.fee,) if fee is not None)
        if self.delivery is not None:
            yield from (self.delivery.limit, self.delivery.subtotal, self.delivery.missing)
            yield from (self.delivery.subtotal + due for due in (self.delivery.due,) if due is not None)
            yield from (fee for fee in (self.delivery.fee,) if fee is not None)
        if self.affordable is not None:
            yield from (
                self.affordable.budget,
                self.affordable.amount,
                self.affordable.amount + self.affordable.shipping,
            )
        for bought in self.affordable_each:
            yield from (bought.budget, bought.amount)
        if self.affordable_each:
            together = sum((one.amount for one in self.affordable_each), Decimal(0))
            yield from (together, together + self.affordable_each[0].shipping)
        if self.share is not None:
            yield from (self.share.amount, self.share.each, self.share.shipping)
        if self.pace is not None:
            yield self.pace.each
        if self.membership_at_rate is not None:
            yield from (self.membership_at_rate.shipping, self.membership_at_rate.fee, self.membership_at_rate.limit)
        for variant in self.variants:
            yield from (variant.total.amount, *filter(None, (variant.total.member,)))
            if variant.shipping is not None:
                yield from (variant.shipping.subtotal, variant.shipping.missing)
                yield from (variant.shipping.subtotal + due for due in (variant.shipping.due,) if due is not None)
        if self.cart_code is not None:
            yield from (self.cart_code.subtotal, self.cart_code.saves, self.cart_code.amount)
            yield from (self.cart_code.amount + due for due in (self.cart_code.due,) if due is not None)
        if self.in_full is not None:
            yield from self.in_full
        if self.apart_in_full is not None:
            yield self.apart_in_full
        for fit in self.offers:
            yield from (amount for amount in (fit.saves, fit.needs_amount) if amount)
        for held in (*self.sets, *self.ways, *((self.cheapest_way,) if self.cheapest_way else ())):
            yield from (held.set_price, held.singles_price, abs(held.saves))
        for relaxed in self.relaxed:
            if relaxed.what == "price" and relaxed.bounds is not None:
                yield from (limit for limit in (relaxed.bounds.least, relaxed.bounds.most) if limit is not None)
        if self.cart_with_shipping is not None:
            yield self.cart_with_shipping

    def order(self, order_id: str) -> OrderVerdict | None:
        return next((verdict for verdict in self.orders if verdict.order_id == order_id), None)


NOTHING_DERIVED = Derived()
