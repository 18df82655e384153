"""A title that the shopper has ordered, said by them: the message read again with the order in its place (T-4, T-11).

"Golden kamuy still isnt here" says nothing of a book, and everything of an order, once it is known that one holds it. So the
title is replaced by the order, and where that reads as a question of an order, and the message itself leans that way, it is one.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final, Literal

from msgspec import Struct

from mangaassist.domain.acts import Act
from mangaassist.domain.dialogue import Target
from mangaassist.domain.meaning import HeardAct, Meaning
from mangaassist.understanding.act_decision import ActScores
from mangaassist.understanding.hearing import OF_ORDERS
from mangaassist.understanding.utterance import Utterance
from mangaassist.understanding.vocabulary import tables

LEANS: Final = 0.05
"""How likely any act of orders must be by the message as it is: of those about a book it is under 0.03."""
LEANS_FROM_RULES: Final = 0.1
"""The same where a rule settles another act."""
LEANS_FROM_PAGES: Final = 0.5
"""The same where the store's ways are asked: "my review of it still isnt showing"."""
READS_AS_ORDER: Final = 0.5
"""How likely it must be once the order stands in the title's place."""

STRANGE: Final = 0.25
"""What an act counts of an order in a state of which it is hardly asked: cancelling what was delivered."""

Waiting = Literal["order", "preorder", "backorder"]


class OwnTitle(Struct, frozen=True):
    """A book of one of the shopper's orders; ``waiting`` is what the order would be called, ``fitting`` what can be asked
    of it as it stands."""

    book: Target
    waiting: Waiting = "order"
    fitting: frozenset[Act] = OF_ORDERS
    is_gift: bool = False
    is_cancelled: bool = False


def named_among(utterance: Utterance, owned: Collection[OwnTitle]) -> tuple[OwnTitle, ...]:
    """Those of the shopper's own books that the message names, the likeliest to be meant first; none where it names another volume
    of their series."""
    named = [target for target in utterance.targets if target.series_id is not None]
    volumes = {one.volume for one in named} | set(utterance.volumes)
    volumes.discard(None)
    series = {one.series_id for one in named}
    held = [one for one in owned if one.book.series_id in series]
    return tuple(one for one in held if not volumes or one.book.volume in volumes)


def asks_of_orders(scores: ActScores) -> float:
    """How likely something is asked of an order."""
    return sum(chance for act, chance in scores.items() if act in OF_ORDERS)


def may_be_of_order(own: Meaning, utterance: Utterance, scores: ActScores, owned: Collection[OwnTitle] = ()) -> bool:
    """Whether a message that names an own book may be about the order of it."""
    if own.premise == "cancelled" and any(one.is_cancelled for one in owned):
        return True  # "why was berserk cancelled" of an order that was
    volumes = {one.volume for one in utterance.targets} - {None}
    if any(Act.TRACK in one.fitting and one.book.volume in volumes for one in owned if one.fitting != OF_ORDERS):
        return True  # "any news on golden kamuy 1", which is on its way
    least = LEANS_FROM_PAGES if own.acts[0].act is Act.POLICY else LEANS_FROM_RULES if utterance.settled else LEANS
    return asks_of_orders(scores) >= least


def as_order(utterance: Utterance, owned: Collection[OwnTitle]) -> str:
    """The message with the order in the place of each own book: "my order still isnt here"."""
    return _with(utterance, {one.book.series_id: "order" for one in owned})


def as_kind(utterance: Utterance, owned: Collection[OwnTitle]) -> str:
    """The same with what the order waits for, of which the store's ways tell: "when do i get charged for my preorder"."""
    return _with(utterance, {one.book.series_id: one.waiting for one in reversed(tuple(owned))})


def _with(utterance: Utterance, names: Mapping[str | None, Waiting]) -> str:
    words = tables(utterance.language)["own_titles"]
    text, end = utterance.folded, len(utterance.folded)
    for mention in sorted(utterance.mentions, key=lambda one: one.start, reverse=True):
        if mention.kind == "series" and mention.value in names and mention.end <= end:
            behind = _volume_behind(utterance, mention.end)
            text = f"{text[: mention.start]}{words[names[mention.value]]}{text[behind:]}"
            end = mention.start
    put = "|".join(map(re.escape, dict.fromkeys(words[name] for name in names.values())))
    text = re.sub(rf"\b(?:{words['before']}) (?={put})", "", text)
    return re.sub(rf"({put})(?: (?:{words['after']}))++\b", r"\1", text)


def _volume_behind(utterance: Utterance, end: int) -> int:
    """Where a volume's number right behind a title ends."""
    behind = (one for one in utterance.mentions if one.kind == "volume" and end <= one.start <= end + _GAP)
    return next((one.end for one in behind), end)


_GAP: Final = 2


def of_order(
    read: Sequence[HeardAct], scores: ActScores, as_it_is: ActScores, owned: Collection[OwnTitle]
) -> HeardAct | None:
    """What is asked of the order; None where nothing is.

    ``read`` and ``scores`` are of the message with the order in the title's place, ``as_it_is`` of the message itself. What a rule
    hears stands; else the likeliest act by both, of those that make sense of an order as it stands.
    """
    chance = asks_of_orders(scores)
    if chance < READS_AS_ORDER:
        return None
    if read and read[0].stage == "rules" and read[0].act in OF_ORDERS:
        return HeardAct(read[0].act, min(1.0, chance), "model")
    fitting = frozenset[Act]().union(*(one.fitting for one in owned))

    def likely(act: Act) -> float:
        return (scores.get(act, 0.0) + as_it_is.get(act, 0.0)) * (1.0 if act in fitting else STRANGE)

    act = max(OF_ORDERS, key=likely)
    if act in _MOVING and any(one.act in (Act.DELIVERY_TIME, Act.ARRIVAL) for one in read):
        act = Act.ARRIVAL  # "i need it by saturday" asks when it comes, late or not
    unwanted = act is Act.WRONG_ITEM and any(
        one.is_gift for one in owned
    )  # who gave it chose it: the store made no mistake
    return HeardAct(Act.RETURN if unwanted else act, min(1.0, chance), "model")


_MOVING: Final = frozenset({Act.TRACK, Act.LATE})


def is_of_pages(own: Meaning, owned: Collection[OwnTitle]) -> bool:
    """Whether the store's ways are asked of what waits, of which no title tells: "when do i get charged for spy family 15"."""
    waits = any(one.waiting != "order" for one in owned)
    return waits and own.acts[0].act is Act.POLICY and not own.store_question
