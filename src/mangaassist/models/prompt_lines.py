"""The evidence as the prompt's lines: an object each, with its kind, and short ids for what is cited (T-3, K-6, G-10).

No price of a product is in them. Where one belongs stands its placeholder, which the model copies and the server fills (M-7).
"""

from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from mangaassist.domain.acts import ACTS
from mangaassist.domain.chunks import ScoredChunk
from mangaassist.domain.customers import Order
from mangaassist.domain.dialogue import Target
from mangaassist.domain.evidence import Evidence, OrderEvidence, ProductEvidence, price_placeholder
from mangaassist.domain.products import Promotion, money
from mangaassist.domain.wishes import Range, Wish
from mangaassist.domain.writing import WritingTask
from mangaassist.models.quoting import as_data, shortened, without_amounts
from mangaassist.models.worked_out import worked_out

MAX_PRODUCTS: Final = 10
KEPT_OF_A_FACT: Final = 3
MAX_DESCRIPTION: Final = 600
MAX_CHUNK: Final = 3000
QUOTED: Final = "quoted"
"""The field that holds what others than the store's services wrote: publishers, readers, authors of pages."""
BRIEF: Final = frozenset(
    {
        "kind",
        "asin",
        "title",
        "series",
        "price",
        "stock",
        "left",
        "restock_date",
        "rating",
        "age_rating",
        "over_price_limit",
    }
)
"""The fields of a product that no budget takes from one in focus."""


class Line(Struct, frozen=True):
    """``fields`` with ``kind`` among them. What is ``kept`` is never left out, whatever the budget."""

    fields: dict[str, Any]
    kept: bool = False
    chunk_id: str = ""
    """The piece of knowledge that the line quotes, where it is one: what its short id stands for."""

    @property
    def kind(self) -> str:
        return self.fields["kind"]

    @property
    def quoted(self) -> str:
        return self.fields.get(QUOTED, "")

    def cut(self, most_chars: int) -> "Line":
        """The same line with less of what it quotes: whole sentences where there are any, nothing at 0."""
        quoted = shortened(self.quoted, most_chars)
        fields = {name: value for name, value in self.fields.items() if name != QUOTED}
        return replace(self, fields={**fields, QUOTED: quoted} if quoted else fields)

    def brief(self) -> "Line":
        """The same line with what a product is sold by alone."""
        return replace(self, fields={name: value for name, value in self.fields.items() if name in BRIEF})


def evidence_lines(task: WritingTask) -> Iterator[Line]:
    """Everything that is known for this answer, within a kind the most valuable first; what is unknown is left out."""
    evidence = task.evidence
    yield Line(_turn(task), kept=True)
    yield from (Line(fields) for fields in _so_far(task))
    yield from _worked_out(evidence)
    focus = in_focus(task)
    for known in evidence.products[:MAX_PRODUCTS]:
        over = known_fields(over_price_limit=known.asin in evidence.over_limit)
        yield Line({"kind": "product", **_product(known), **over}, kept=known.asin in focus)
    yield from (Line({"kind": "in_cart", **_in_cart(known)}) for known in evidence.cart[:MAX_PRODUCTS])
    yield from (Line({"kind": "order", **_order(owned)}) for owned in evidence.orders)
    yield from (Line({"kind": "offer", **_offer(offer)}) for offer in evidence.promotions)
    yield from _pages(evidence)
    yield from (Line(fields, kept=True) for fields in _unavailable(evidence))


def _worked_out(evidence: Evidence) -> Iterator[Line]:
    """Sums and verdicts are kept; of one fact about many things (each set of a series, each offer) the first ones are."""
    told = Counter[str]()
    for fields in worked_out(evidence):
        told[fields["fact"]] += 1
        yield Line(fields, kept=told[fields["fact"]] <= KEPT_OF_A_FACT)


def in_focus(task: WritingTask) -> frozenset[str]:
    """The ASINs that the message is about: the first product that is each of its targets, and that of the page it came from."""
    meaning, products = task.meaning, task.evidence.products
    found = (next((known.asin for known in products if _is(known, target)), "") for target in meaning.targets)
    return frozenset({*found, meaning.here} - {""})


def _is(known: ProductEvidence, target: Target) -> bool:
    product = known.product
    if target.asin is not None:
        return known.asin == target.asin
    return target.series_id == product.series_id and target.volume in (None, product.volume)


def _pages(evidence: Evidence) -> Iterator[Line]:
    """Pages and what readers say, each with the short id that it is cited by."""
    found = {scored.chunk.chunk_id: scored for scored in (*evidence.chunks, *evidence.guides)}
    for place, scored in enumerate(found.values(), 1):
        yield Line(_page(f"p{place}", scored), chunk_id=scored.chunk.chunk_id)


def _page(short_id: str, scored: ScoredChunk) -> dict[str, Any]:
    chunk = scored.chunk
    return {
        "kind": "readers" if chunk.source_type == "reviews" else "page",
        "id": short_id,
        "title": as_data(chunk.title),
        QUOTED: as_data(chunk.content[:MAX_CHUNK]),
    }


def _unavailable(evidence: Evidence) -> Iterator[dict[str, Any]]:
    for degradation in evidence.degraded:
        yield {"kind": "unavailable", "service": degradation.service, "instead": degradation.fallback}
    for service in sorted(evidence.unasked):
        yield {"kind": "unavailable", "service": service, "instead": "not asked in time: what it knows is missing here"}


def _turn(task: WritingTask) -> dict[str, Any]:
    meaning, evidence = task.meaning, task.evidence
    return known_fields(
        kind="turn",
        intent=meaning.intent,
        asked=[ACTS[heard.act].words for heard in meaning.acts],
        in_full=meaning.question if meaning.question != meaning.text else "",
        about=[target_in_words(target) for target in meaning.targets],
        looked_for=[said for wish in meaning.sought if (said := wish_in_words(wish))],
        also_asked=meaning.guess.secondary,
        unclear_between=list(meaning.between or ()),
        comes_first=meaning.care,
        shopper="guest" if task.is_guest else (evidence.customer.name if evidence.customer else "customer"),
        sign_in_needed=evidence.sign_in_needed,
        price_limit=str(evidence.ceiling) if evidence.ceiling is not None else None,
    )


def target_in_words(target: Target) -> str:
    volume = f", volume {target.volume}" if target.volume is not None else ""
    edition = f", {target.format.value.replace('_', ' ')}" if target.format is not None else ""
    return f"{target.title or target.asin}{volume}{edition}"


def wish_in_words(wish: Wish) -> dict[str, Any]:
    reader = wish.reader
    return known_fields(
        wanted=list(wish.said()),
        unwanted=[label.said or label.value for label in wish.unwanted],
        words=" ".join(wish.words),
        price=_bounds(wish.price),
        volumes=_bounds(wish.volumes),
        year=_bounds(wish.year),
        finished=wish.finished,
        in_stock=wish.in_stock,
        reader=reader.said or ("a child" if reader.is_child else "") if reader else "",
        reader_age=reader.age if reader else None,
        ordered=wish.ordering,
    )


def _bounds(bounds: Range) -> str:
    least = f"from {bounds.least}" if bounds.least is not None else ""
    most = f"to {bounds.most}" if bounds.most is not None else ""
    return f"{least} {most}".strip()


def _so_far(task: WritingTask) -> Iterator[dict[str, Any]]:
    """The dialogue before this message in words: what is no longer among the turns below, and what was turned down."""
    state = task.state
    told = known_fields(
        earlier=state.summary,
        in_focus=[target_in_words(target) for target in state.targets],
        last_shown=[shown.title for shown in state.shown],
        wish_so_far=wish_in_words(state.wish),
        you_offered=ACTS[state.proposal.act].words if state.proposal else "",
        you_asked_for=state.asked_for,
    )
    if told:
        yield {"kind": "so_far", **told}


def _product(known: ProductEvidence) -> dict[str, Any]:
    product, stock, rating = known.product, known.stock, known.rating
    return known_fields(
        asin=known.asin,
        title=product.title,
        series=product.series_title,
        authors=list(product.authors),
        publisher=product.publisher,
        format=product.format,
        language=product.language,
        pages=product.pages,
        genres=list(product.genres),
        themes=list(product.themes),
        demographic=product.demographic,
        age_rating=product.age_rating,
        first_published=product.first_published,
        volumes_in_series=product.series_volumes,
        series_status=product.series_status,
        holds_volumes=[product.volume_from, product.volume_to] if product.volume_from is not None else None,
        price=price_placeholder(known.asin) if known.price else None,
        stock=stock.state if stock else None,
        left=stock.quantity if stock and stock.state == "low_stock" else None,
        restock_date=stock.restock_date.isoformat() if stock and stock.restock_date else None,
        rating=rating.mean if rating else None,
        reviews=rating.count if rating else None,
        why=without_amounts(known.reason),
        fits=[label.said or label.value for label in known.fits],
        **{QUOTED: without_amounts(as_data(product.description[:MAX_DESCRIPTION]))},
    )


def _in_cart(known: ProductEvidence) -> dict[str, Any]:
    """What is in the cart is listed, not described; the sum of it is worked out."""
    return known_fields(
        asin=known.asin,
        title=known.product.title,
        price=price_placeholder(known.asin) if known.price else None,
        stock=known.stock.state if known.stock else None,
    )


def _order(owned: OrderEvidence) -> dict[str, Any]:
    order, returns = owned.order, owned.returns
    return known_fields(
        order_id=order.order_id,
        state=order.state,
        placed=order.placed_at.date().isoformat(),
        delivered=order.delivered_at.date().isoformat() if order.delivered_at else None,
        total=money(order.total, order.currency),
        items=[f"{item.quantity} x {item.title}" for item in order.items],
        parcels=[
            known_fields(
                carrier=parcel.carrier,
                tracking=parcel.tracking_number,
                state=parcel.state,
                expected=parcel.eta.isoformat() if parcel.eta else None,
                last=parcel.last_event,
            )
            for parcel in owned.shipments
        ],
        returnable=returns.eligible if returns else None,
        why_not=returns.reason if returns else None,
        return_until=returns.window_ends.isoformat() if returns and returns.window_ends else None,
        still_here=_titles(order, returns.open_asins) if returns and returns.begun else None,
        returns=[
            known_fields(
                books=_titles(order, case.asins),
                state=case.state,
                wish=case.wish,
                refund=money(case.refund_amount, returns.currency) if case.refund_amount is not None else None,
            )
            for case in returns.begun
        ]
        if returns
        else None,
    )


def _titles(order: Order, asins: Collection[str]) -> list[str]:
    return [item.title for item in order.items if item.asin in asins]


def _offer(offer: Promotion) -> dict[str, Any]:
    return known_fields(
        title=offer.title,
        description=offer.description,
        code=offer.code,
        starts=offer.starts_at.date().isoformat(),
        ends=offer.ends_at.date().isoformat(),
        terms=offer.terms,
        asins=list(offer.asins[:MAX_PRODUCTS]),
    )


def known_fields(**fields: Any) -> dict[str, Any]:
    """The fields that have a value."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {}, 0, False)}
