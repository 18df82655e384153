"""What the conversation is about once a message was answered: made of what the answer really showed and told (T-4)."""

from collections.abc import Iterable, Iterator

from msgspec import structs

from mangaassist.domain.acts import Act
from mangaassist.domain.derived import Bought
from mangaassist.domain.dialogue import DialogueState, Shown, Target
from mangaassist.domain.evidence import Evidence, ProductEvidence
from mangaassist.domain.meaning import Meaning
from mangaassist.turn.stages import Written
from mangaassist.understanding.dialogue_after import after
from mangaassist.wire.cards import ProductCard
from mangaassist.wire.metadata import Source

PAGES = ("faq", "policy")


def dialogue_after(
    written: Written, answer: str, cards: Iterable[ProductCard], used: Iterable[Source]
) -> DialogueState:
    """``answer`` is the text that was kept, ``used`` the pieces of knowledge that it rests on."""
    understood, evidence = written.gathered.understood, written.gathered.evidence
    seen = tuple(_as_suggested(one, understood.session.dialogue) for one in shown(evidence, cards, answer))
    bought = evidence.derived.bought[0] if len(evidence.derived.bought) == 1 else None
    return after(
        understood.session.dialogue,
        _without_what_was_left_aside(_as_answered(understood.meaning, seen, bought), evidence),
        shown=seen,
        told_orders=tuple(_told(evidence, answer)),
        page_title=next((source.title for source in used if source.source_type in PAGES), ""),
        notes=written.notes,
    )


def _as_answered(meaning: Meaning, seen: tuple[Shown, ...], bought: Bought | None) -> Meaning:
    """Who asked for the latest or the next volume of a series talks of the very volume that was shown from then on."""
    if bought is not None:
        last = Target(series_id=bought.series_id, title=bought.title, volume=bought.volumes[-1])
        return structs.replace(meaning, targets=(last,))
    if not seen or not meaning.asks(Act.LATEST, Act.NEXT_VOLUME):
        return meaning
    return structs.replace(meaning, targets=(seen[0].target(),))


def _without_what_was_left_aside(meaning: Meaning, evidence: Evidence) -> Meaning:
    """A work that the store has nothing like, or what a gift could not be about, was said once: it is not looked for again."""
    told = {one.label for one in evidence.derived.relaxed if one.label is not None and one.what == "label"}
    if not told or not meaning.sought or not evidence.products:
        return meaning
    for_other = meaning.seeks.reader is not None and not meaning.seeks.reader.is_self
    kept = tuple(one for one in meaning.seeks.wanted if one not in told or not (for_other or one.kind == "medium"))
    return structs.replace(meaning, sought=(structs.replace(meaning.seeks, wanted=kept), *meaning.sought[1:]))


def shown(evidence: Evidence, cards: Iterable[ProductCard], answer: str) -> Iterator[Shown]:
    """The cards as "the second one" counts them; "the last one" is the last that the answer's text names."""
    known = {one.asin: one for one in evidence.products}
    return (_shown(known[card.asin], card, answer) for card in cards if card.asin in known)


def _shown(known: ProductEvidence, card: ProductCard, answer: str) -> Shown:
    product = known.product
    return Shown(
        asin=product.asin,
        series_id=product.series_id,
        title=product.title,
        series_title=product.series_title,
        volume=product.volume,
        format=product.format,
        reason=f"{card.reason}: {known.told}" if known.told else card.reason or "",
        series_volumes=product.series_volumes,
        price=known.price.current if known.price else None,
        told=product.title in answer or product.series_title in answer,
    )


def _as_suggested(card: Shown, before: DialogueState) -> Shown:
    """Of a book that was asked about it is still known why it was suggested."""
    reason = next((one.reason for one in before.shown if one.asin == card.asin and one.reason), "")
    return card if card.reason or not reason else structs.replace(card, reason=reason)


def _told(evidence: Evidence, answer: str) -> Iterator[str]:
    """The orders that the answer names, in its order; the first one of the evidence where it names none."""
    numbers = [owned.order.order_id for owned in evidence.orders]
    named = sorted((number for number in numbers if number in answer), key=answer.index)
    yield from named or numbers[:1]
