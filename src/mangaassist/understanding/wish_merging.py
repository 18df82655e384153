"""The wish of a message, and what it makes of the wish so far: adds, narrows, turns around or begins anew (T-4, T-12)."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Final

import msgspec

from mangaassist.domain.products import Format
from mangaassist.domain.wishes import (
    ANY_RANGE,
    EMPTY_WISH,
    Label,
    LabelKind,
    Ordering,
    Range,
    Reader,
    Wish,
)
from mangaassist.understanding.utterance import Limits, Mention, Utterance
from mangaassist.understanding.vocabulary import tables

MOST_LABELS: Final = 24
MOST_REFUSED: Final = 60
MOST_WORDS: Final = 12
MOST_LIKE: Final = 8

LABEL_KINDS: Final[frozenset[str]] = frozenset(
    {"genre", "demographic", "theme", "mood", "medium", "format", "author", "series"}
)
_ONE_OF_A_KIND: Final[frozenset[LabelKind]] = frozenset({"demographic", "format"})
"""Kinds of which a book has one: a new one takes the old one's place."""
_ABOUT_WHAT: Final[frozenset[LabelKind]] = frozenset({"genre", "theme"})
_WHAT_KIND: Final[frozenset[LabelKind]] = frozenset({"genre", "theme", "mood", "medium"})
_KNOWN_ALREADY: Final = frozenset({"read", "owned"})

_COMPARED: Final[dict[str, Wish]] = {
    "cheaper": Wish(ordering="cheapest"),
    "shorter": Wish(ordering="shortest"),
    "longer": Wish(ordering="longest"),
    "older": Wish(ordering="oldest"),
    "newer": Wish(ordering="newest"),
    "lighter": Wish(wanted=(Label("mood", "light", "lighter"),), unwanted=(Label("mood", "dark"),)),
    "darker": Wish(wanted=(Label("mood", "dark", "darker"),), unwanted=(Label("mood", "light"),)),
    "funnier": Wish(wanted=(Label("mood", "funny", "funnier"),)),
    "sadder": Wish(wanted=(Label("mood", "sad", "sadder"),)),
    "scarier": Wish(wanted=(Label("mood", "scary", "scarier"),)),
    "milder": Wish(unwanted=(Label("mood", "scary"), Label("mood", "gory"))),
}
"""What a comparison with what was shown asks for."""


def wishes_said(utterance: Utterance, with_words: bool = True) -> tuple[Wish, ...]:
    """What the message by itself asks for: one wish, or one for each part of it; always at least one, which may be empty."""
    parts = [
        [mention for mention in utterance.mentions if start <= mention.start < end]
        for start, end in _parts(utterance.splits)
    ]
    parts = [_without_makers_told(part, utterance.folded) for part in parts]
    wishes = [msgspec.structs.replace(_of_labels(part), either=utterance.is_either) for part in parts]
    wishes = _of_oneself(_with_readers(wishes, utterance, parts))
    if len(wishes) > 1:  # a part that only names a book asks for that one, and wishes for nothing
        wishes = [wish for wish, part in zip(wishes, parts, strict=True) if not _only_names(wish, part)] or wishes[-1:]
    limited = [_in_one_book(_limited(wish, utterance.limits), utterance.language) for wish in wishes]
    if with_words and len(limited) == 1:
        limited[0] = msgspec.structs.replace(limited[0], words=_describing(utterance, limited[0])[:MOST_WORDS])
    if len(limited) == 1:
        limited[0] = msgspec.structs.replace(limited[0], unnamed=_unnamed(utterance)[:MOST_WORDS])
    return tuple(limited)


def _in_one_book(wish: Wish, language: str) -> Wish:
    """ "Complete in one volume" asks of any kind for a length; of a series that is named it asks for an edition."""
    phrases = tables(language).get("limits", {}).get("in_one_book", ())
    one = [label for label in wish.wanted if label.kind == "format" and label.said.lower() in phrases]
    if not one:
        return wish
    kept = tuple(label for label in wish.wanted if label not in one or label.value == Format.BOX_SET)
    return msgspec.structs.replace(wish, wanted=kept, volumes=Range(None, Decimal(1)))


def _describing(utterance: Utterance, wish: Wish) -> tuple[str, ...]:
    """Words that no label of the wish says already."""
    labelled = {word for label in (*wish.wanted, *wish.unwanted) for word in label.said.lower().split()}
    labelled.update(utterance.refusing)
    labelled.update(word for phrase in utterance.refused_words for word in phrase.split())
    goods = (mention.said for mention in utterance.mentions if mention.kind == "goods")
    words = (*utterance.words, *(goods if utterance.words else ()))
    return tuple(word for word in words if word.lower() not in labelled)


def _unnamed(utterance: Utterance) -> tuple[str, ...]:
    """What is refused in words of which some are no label: "harem", "kids getting hurt"."""
    strange = {word.lower() for word in utterance.words}
    refused = {mention.start for mention in utterance.mentions if mention.is_refused}
    ends = {phrase: utterance.folded.find(phrase) + len(phrase) + 1 for phrase in utterance.refused_words}
    return tuple(  # "not japanese school" is refused by the label behind it
        phrase for phrase in ends if strange & set(phrase.lower().split()) and ends[phrase] not in refused
    )


def _only_names(wish: Wish, part: Sequence[Mention]) -> bool:
    bare = msgspec.structs.replace(wish, either=False) == EMPTY_WISH
    return bare and any(mention.kind == "series" for mention in part)


def _parts(splits: Sequence[int]) -> Iterable[tuple[int, int]]:
    edges = (0, *splits[:3], 1 << 30)
    return pairwise(edges)


def _with_readers(wishes: list[Wish], utterance: Utterance, parts: Sequence[Sequence[Mention]]) -> list[Wish]:
    """Each with the reader that its own part names, so that nothing is chosen for a child by another's age; else the one reader
    with the part that names a person."""
    if any(reader is not None for reader in utterance.readers):
        readers = (*utterance.readers, *[None] * len(wishes))
        return [msgspec.structs.replace(wish, reader=reader) for wish, reader in zip(wishes, readers, strict=False)]
    whose = _place_of_reader(utterance, parts)
    return [
        msgspec.structs.replace(wish, reader=utterance.limits.reader) if place == whose else wish
        for place, wish in enumerate(wishes)
    ]


def _of_oneself(wishes: list[Wish]) -> list[Wish]:
    """ "I'm 11 and i want vampires": a part that only tells one's own age is no wish, and what is wanted is for that age."""
    told = [wish for wish in wishes if _tells_own_age(wish)]
    if not told or len(told) == len(wishes):
        return wishes
    kept = (wish for wish in wishes if wish not in told)
    return [wish if wish.reader else msgspec.structs.replace(wish, reader=told[0].reader) for wish in kept]


def _tells_own_age(wish: Wish) -> bool:
    bare = msgspec.structs.replace(wish, reader=None, either=False) == EMPTY_WISH
    return bare and wish.reader is not None and wish.reader.is_self and wish.reader.age is not None


def _place_of_reader(utterance: Utterance, parts: Sequence[Sequence[Mention]]) -> int:
    """The part that names a person; the last, where none does."""
    return next(
        (place for place, part in enumerate(parts) if any(mention.kind == "person" for mention in part)), len(parts) - 1
    )


def _without_makers_told(mentions: Sequence[Mention], folded: str) -> list[Mention]:
    """ "Like Monster by Urasawa" says whose Monster is, and asks for no other book of his."""
    ends = [one.end for one in mentions if one.kind == "series"]
    told = [
        one for one in mentions if one.kind == "author" and any(folded[end : one.start].strip() == "by" for end in ends)
    ]
    return [one for one in mentions if one not in told]


def _of_labels(mentions: Sequence[Mention]) -> Wish:
    labels = [mention for mention in mentions if mention.kind in LABEL_KINDS]
    unwanted = _distinct(_label(m) for m in labels if m.is_refused)[:MOST_REFUSED]
    refused = {label.key for label in unwanted}  # what one message refuses as well is not wanted
    wanted = (m for m in labels if m.role in ("wanted", "named") and m.kind != "series")
    return Wish(
        wanted=_distinct(label for label in map(_label, wanted) if label.key not in refused)[:MOST_LABELS],
        unwanted=unwanted,
        like=tuple(dict.fromkeys(m.value for m in labels if m.kind == "series" and m.role == "like"))[:MOST_LIKE],
    )


def _label(mention: Mention) -> Label:
    return Label(mention.kind, mention.value, mention.said)  # type: ignore[arg-type] -- only of the label kinds


def _limited(wish: Wish, limits: Limits) -> Wish:
    # "Less gore" says of what: it is no word against anything else.
    says_itself = limits.comparative == "milder" and wish.unwanted
    compared = EMPTY_WISH if says_itself else _COMPARED.get(limits.comparative, EMPTY_WISH)
    return msgspec.structs.replace(
        wish,
        wanted=_distinct((*wish.wanted, *compared.wanted)),
        unwanted=_distinct((*wish.unwanted, *compared.unwanted)),
        price=limits.price,
        in_full=limits.in_full,
        pages=limits.pages,
        volumes=limits.volumes,
        year=limits.year,
        finished=limits.finished,
        in_stock=limits.in_stock,
        ordering=limits.ordering or compared.ordering,
        count=limits.count,
    )


def says_something(wish: Wish) -> bool:
    """Whether anything of it narrows down what is looked for, an order or being in stock included."""
    return wish.narrows or wish.in_stock or wish.ordering is not None or wish.reader is not None


def merged(old: Wish, new: Wish, replaces: bool = False) -> Wish:
    """The old wish with all that the new one says. What was refused stays refused until it is asked for by name.

    ``replaces``: new labels take the place of old ones of their kind ("actually romance instead").
    """
    asked = {label.key for label in new.wanted}
    refused = {label.key for label in new.unwanted}
    gone = _replaced_kinds(old, new, replaces)
    kept = (label for label in old.wanted if label.key not in refused and label.kind not in gone)
    still_refused = (label for label in old.unwanted if label.key not in asked)
    return Wish(
        wanted=_distinct((*kept, *new.wanted))[-MOST_LABELS:],
        unwanted=_distinct((*still_refused, *new.unwanted))[-MOST_REFUSED:],
        like=_liked(old, new, replaces),
        price=_narrowed(old.price, new.price),
        in_full=new.in_full or (old.in_full and new.price.is_open),
        volumes=_narrowed(old.volumes, new.volumes),
        year=_narrowed(old.year, new.year),
        finished=old.finished if new.finished is None else new.finished,
        in_stock=old.in_stock or new.in_stock,
        reader=_same_reader(old.reader, new.reader),
        ordering=_ordered(old.ordering, new.ordering),
        count=new.count or old.count,
        month=new.month or old.month,
        either=new.either if new.wanted else old.either,
        guide=None if replaces and new.wanted else old.guide,
        recalled=None if new.narrows else old.recalled,
        other_makers=old.other_makers or new.other_makers,
        unnamed=_joined(old.unnamed, new.unnamed),
        pages=new.pages or old.pages,
        words=new.words if replaces else tuple(dict.fromkeys((*old.words, *new.words)))[-MOST_WORDS:],
    )


def begun(old: Wish, new: Wish) -> Wish:
    """A wish of its own: what was refused still is, and it is for the same reader unless another one is named."""
    asked = {label.key for label in new.wanted}
    still_refused = (label for label in old.unwanted if label.key not in asked)
    return msgspec.structs.replace(
        new,
        unwanted=_distinct((*still_refused, *new.unwanted))[-MOST_REFUSED:],
        unnamed=_joined(old.unnamed, new.unnamed),
        reader=_same_reader(old.reader, new.reader),
    )


def _joined(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*old, *new)))[-MOST_WORDS:]


def _replaced_kinds(old: Wish, new: Wish, replaces: bool) -> set[LabelKind]:
    """Kinds whose old labels go. A genre alone after a genre alone is another idea, not a mixture of both."""
    kinds: set[LabelKind] = {label.kind for label in new.wanted}
    if replaces:
        return kinds.union(_WHAT_KIND) if kinds & _ABOUT_WHAT else kinds
    gone: set[LabelKind] = {kind for kind in kinds if kind in _ONE_OF_A_KIND}
    if _only_genres(new) and _only_genres(old):
        gone.add("genre")
    return gone


def _only_genres(wish: Wish) -> bool:
    return bool(wish.wanted) and wish == Wish(
        wanted=tuple(label for label in wish.wanted if label.kind == "genre"), unwanted=wish.unwanted
    )


def _liked(old: Wish, new: Wish, replaces: bool) -> tuple[str, ...]:
    """What is turned down by name is nothing that it shall be like any more: "more nana less horimiya"."""
    if replaces and new.like:
        return new.like
    kept = (one for one in old.like if one not in new.refused("series"))
    return tuple(dict.fromkeys((*kept, *new.like)))[-MOST_LIKE:]


def _narrowed(old: Range, new: Range) -> Range:
    """Each bound that is named anew counts; an old one that contradicts it goes."""
    if new == ANY_RANGE:
        return old
    least = new.least if new.least is not None else old.least
    most = new.most if new.most is not None else old.most
    return new if least is not None and most is not None and least > most else Range(least, most)


def _same_reader(old: Reader | None, new: Reader | None) -> Reader | None:
    """ "He is 10" says more about the nephew; "for me" is somebody else."""
    if old is None or new is None:
        return new or old
    has_other_age = None not in (old.age, new.age) and old.age != new.age
    is_other = new.is_self != old.is_self and (bool(new.said) or has_other_age)
    if is_other or (new.said and old.said and new.said != old.said and not _is_age_only(new)):
        return new
    return Reader(
        said=new.said if has_other_age else old.said or new.said,  # another age may well be another child's
        age=old.age if new.age is None else new.age,
        is_child=new.is_child if new.age is not None else old.is_child or new.is_child,
        is_self=old.is_self,
    )


def _is_age_only(reader: Reader) -> bool:
    """ "A 10 year old" names nobody: it is the age of whoever was meant."""
    return reader.age is not None and reader.said[:1].isdigit()


def _ordered(old: Ordering | None, new: Ordering | None) -> Ordering | None:
    return new or old


def _distinct(labels: Iterable[Label]) -> tuple[Label, ...]:
    """Each label once, at the place where it came first, in the newest words."""
    return tuple({label.key: label for label in labels}.values())


def read_in(utterance: Utterance) -> tuple[str, ...]:
    """Series ids that the message says are known already."""
    return tuple(m.value for m in utterance.mentions if m.kind == "series" and m.role in _KNOWN_ALREADY)


def refused_in(utterance: Utterance) -> tuple[str, ...]:
    """Series ids that the message turns down by name."""
    return tuple(m.value for m in utterance.mentions if m.kind == "series" and m.is_refused)
