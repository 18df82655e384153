"""Which questions have the same answer for every shopper, and which answers may be given again (M-8). Pure: nothing is kept here.

What an answer may differ by is in its question's key: all that the message means but its wording, all evidence but the amounts of
prices, the page that answers best and which of its words are asked with, knowledge, store facts and the date. A field that meaning
or evidence get is in the key by itself. Only the rest of the wording is compared by its vector.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Annotated, Final, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from mangaassist.domain.acts import ACTS
from mangaassist.domain.dialogue import NEW_DIALOGUE
from mangaassist.domain.evidence import PRICE_PLACEHOLDER, Evidence, amounts_in
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import HeardAct, IntentGuess, Meaning
from mangaassist.domain.products import Price
from mangaassist.domain.store_facts import NO_FACTS
from mangaassist.domain.wishes import EMPTY_WISH
from mangaassist.guardrails.money import amounts
from mangaassist.guardrails.review import ReviewOutcome
from mangaassist.models.writers.offline.help_pages import stems
from mangaassist.turn.stages import Gathered, Written
from mangaassist.turn.writing import MOST_CHARS

_EVER: Final = datetime.fromtimestamp(0, UTC)
SHARED: Final = frozenset({Intent.FAQ, Intent.PRODUCT_QUESTION})


class KeptAnswer(Struct, frozen=True, array_like=True):
    """An answer as the model wrote it: placeholders where prices belong, and the ids of the chunks that it used."""

    text: Annotated[str, Meta(min_length=1, max_length=MOST_CHARS)]
    sources: tuple[str, ...] = ()


_OfOne: Final[Mapping[str, Callable[[Gathered], object]]] = {
    "intent": lambda turn: not SHARED.issuperset(_intents(turn.understood.meaning)),
    "redacted": lambda turn: turn.understood.message.findings,
    "order": lambda turn: turn.evidence.orders or _asked(turn).orders or _asked(turn).order_items,
    "cart": lambda turn: turn.evidence.cart,
    "person": lambda turn: (
        turn.evidence.customer or turn.evidence.sign_in_needed or _asked(turn).called or _asked(turn).reader
    ),
    "offer": lambda turn: turn.evidence.promotions or _asked(turn).codes or _asked(turn).offer_words,
    "day": lambda turn: _asked(turn).day,
    "care": lambda turn: _asked(turn).care or _asked(turn).upset,
    "dialogue": lambda turn: _leans(_asked(turn)),
    "taste": lambda turn: _asked(turn).read or _asked(turn).avoid or _asked(turn).refused,
    "degraded": lambda turn: turn.evidence.degraded or turn.evidence.unasked or turn.services.degraded,
}
"""What makes a question one shopper's own or its answer no whole one, by the word that figures call it."""

_Unfit: Final[Mapping[str, Callable[[Written, ReviewOutcome], object]]] = {
    "writer": lambda written, _: written.by != "model",
    "unfinished": lambda written, _: written.ending != "whole" or written.usage.stop in ("length", "filtered"),
    "degraded": lambda written, _: written.degraded or written.failovers or written.gathered.services.degraded,
    "corrected": lambda written, outcome: (
        outcome.blocked or outcome.edits or outcome.findings or written.findings or written.usage.guarded
    ),
    "miscited": lambda written, _: written.notes.miscited,
    "dialogue": lambda written, _: written.task.history or written.task.state != NEW_DIALOGUE,
    "price": lambda written, _: _says_a_price(written.drafted, written.gathered.evidence),
    "echo": lambda written, _: _echoes(written.drafted, written.gathered),
}
"""What bars an answer from being given to others. One who was told more before had an answer of their own."""


def of_one_shopper(gathered: Gathered) -> str:
    """Why the question has no answer for everybody; empty where it has."""
    return next((name for name, holds in _OfOne.items() if holds(gathered)), "")


def unfit(written: Written, outcome: ReviewOutcome) -> str:
    """Why the answer to such a question must not be given to others; empty where it may be."""
    return next((name for name, holds in _Unfit.items() if holds(written, outcome)), "")


def unconfirmed(kept: KeptAnswer, evidence: Evidence) -> str:
    """What a kept answer says and this turn's evidence does not: "price", "amount", "source"; empty where it has all of it."""
    if not evidence.priced().keys() >= set(PRICE_PLACEHOLDER.findall(kept.text)):
        return "price"
    if not evidence.amounts() >= set(amounts_in(kept.text)):
        return "amount"
    return "" if _known_chunks(evidence).issuperset(kept.sources) else "source"


def _known_chunks(evidence: Evidence) -> set[str]:
    return {scored.chunk.chunk_id for scored in (*evidence.chunks, *evidence.guides)}


def key_of(gathered: Gathered, knowledge: int, encoder: str) -> str:
    """What an answer may differ by, as a digest. ``knowledge`` is its version, ``encoder`` what made the vectors."""
    evidence = gathered.evidence
    parts = (
        knowledge,
        encoder,
        evidence.facts,
        _local_date(evidence),
        gathered.understood.message.identity.is_guest,
        _touched(gathered),
        without_wording(gathered.understood.meaning),
        _without_amounts(
            msgspec.to_builtins(_gathered_for_it(evidence), builtin_types=(Decimal,), order="deterministic")
        ),
        [scored.chunk.chunk_id for scored in evidence.guides],
    )
    return blake2b(msgspec.json.encode(parts, order="deterministic"), digest_size=16).hexdigest()


def _touched(gathered: Gathered) -> tuple[str, ...]:
    """The page or answer that answers best, and the words that it shares with the question: "is the label free" is not "is it free"
    where the page tells of labels."""
    if not gathered.evidence.chunks:
        return ()
    best = max(gathered.evidence.chunks, key=lambda one: one.answering or 0.0).chunk
    words = frozenset(gathered.understood.meaning.describes) & stems(f"{best.title} {best.content}")
    return (best.chunk_id, *sorted(words))


def without_wording(meaning: Meaning) -> Meaning:
    """All that is meant, however it was said and however surely it was heard."""
    return replace(
        meaning,
        text="",
        question="",
        own_question="",
        would_seek=EMPTY_WISH,
        wish_question="",
        page_questions=(),
        wants_answers=tuple((chunk_id, 1.0) for chunk_id, _ in meaning.wants_answers),
        in_dialogue=0.0,
        likely=(),
        describes=(),
        unknown=() if meaning.intent is Intent.FAQ else meaning.unknown,
        here="",
        guess=IntentGuess(meaning.intent, 1.0, "rules", meaning.guess.secondary),
        acts=tuple(HeardAct(heard.act) for heard in meaning.acts),
        targets=tuple(replace(target, score=1.0) for target in meaning.targets),
    )


def _gathered_for_it(evidence: Evidence) -> Evidence:
    """The evidence but for what the key has otherwise, and for when its prices were true."""
    products = tuple(
        replace(known, price=replace(known.price, as_of=_EVER) if known.price else None) for known in evidence.products
    )
    return replace(evidence, chunks=(), guides=(), now=None, facts=NO_FACTS, products=products)


def _without_amounts(told: object) -> object:
    """The same with nothing of an amount but its sign: no kept answer says it, and which is the cheapest stays a verdict."""
    match told:
        case Decimal():
            return (told > 0) - (told < 0)
        case dict():
            return {key: _without_amounts(value) for key, value in cast("dict[str, object]", told).items()}
        case list() | tuple():
            return [_without_amounts(value) for value in cast("Sequence[object]", told)]
        case _:
            return told


def _asked(turn: Gathered) -> Meaning:
    return turn.understood.meaning


def _intents(meaning: Meaning) -> Iterator[Intent]:
    yield meaning.intent
    yield from (ACTS[heard.act].intent for heard in meaning.acts)


def _leans(meaning: Meaning) -> bool:
    return meaning.is_follow_up or bool(meaning.wants_page) or meaning.between is not None


def _says_a_price(text: str, evidence: Evidence) -> bool:
    """Whether it says an amount that may change while the knowledge does not: any that is not the pages' or the store's own, and
    one that a product costs too."""
    fixed = {amount for scored in evidence.chunks for amount in amounts_in(scored.chunk.content)}
    fixed.update(evidence.facts.amounts())
    fixed.difference_update(one for price in evidence.priced().values() for one in _figures(price))
    return any(amount.value not in fixed for amount in amounts(PRICE_PLACEHOLDER.sub("", text)))


def _figures(price: Price) -> Iterator[object]:
    yield from (price.current, price.list, price.member)


def _echoes(text: str, gathered: Gathered) -> bool:
    """Whether it repeats what only the shopper can have said: a telling word of the question that no evidence has."""
    evidence = gathered.evidence
    known = stems(" ".join(scored.chunk.title + " " + scored.chunk.content for scored in evidence.chunks)) | stems(
        msgspec.json.encode((evidence.facts, evidence.products, evidence.derived)).decode()
    )
    return bool(frozenset(gathered.understood.meaning.describes) & stems(text) - known)


def _local_date(evidence: Evidence) -> str:
    if evidence.now is None:
        return ""
    try:
        zone = ZoneInfo(evidence.facts.support.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    return evidence.now.astimezone(zone).date().isoformat()
