"""Which constraint of a wish is given up first when nothing meets it, and which never (T-12). Pure."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from msgspec import structs

from mangaassist.domain.derived import Relaxed
from mangaassist.domain.wishes import ANY_RANGE, Label, LabelKind, Wish
from mangaassist.understanding.lexicon import tastes

Step = Callable[[Wish], tuple[Wish, Relaxed] | None]
"""The wish without one constraint, and which one it was; None where it has no such constraint."""


def _words(wish: Wish) -> tuple[Wish, Relaxed] | None:
    return (structs.replace(wish, words=()), Relaxed(what="words")) if wish.words else None


def _in_stock(wish: Wish) -> tuple[Wish, Relaxed] | None:
    return (structs.replace(wish, in_stock=False), Relaxed(what="in_stock")) if wish.in_stock else None


def _year(wish: Wish) -> tuple[Wish, Relaxed] | None:
    if wish.year.is_open:
        return None
    return structs.replace(wish, year=ANY_RANGE), Relaxed(what="year", bounds=wish.year)


def _volumes(wish: Wish) -> tuple[Wish, Relaxed] | None:
    if wish.volumes.is_open:
        return None
    nearest = wish.ordering or ("shortest" if wish.volumes.most is not None else "longest")
    return structs.replace(wish, volumes=ANY_RANGE, ordering=nearest), Relaxed(what="volumes", bounds=wish.volumes)


def _price(wish: Wish) -> tuple[Wish, Relaxed] | None:
    if wish.price.is_open:
        return None
    nearest = "cheapest" if wish.price.most is not None else "dearest"
    return structs.replace(wish, price=ANY_RANGE, ordering=nearest), Relaxed(what="price", bounds=wish.price)


def _finished(wish: Wish) -> tuple[Wish, Relaxed] | None:
    return (structs.replace(wish, finished=None), Relaxed(what="finished")) if wish.finished is not None else None


def _last_label(kind: LabelKind) -> Step:
    """The label of this kind that was wanted last."""

    def step(wish: Wish) -> tuple[Wish, Relaxed] | None:
        labels = [label for label in wish.wanted if label.kind == kind]
        if not labels:
            return None
        what = "format" if kind == "format" else "label"
        return _without_label(wish, labels[-1]), Relaxed(what=what, label=labels[-1])

    return step


def _without_label(wish: Wish, last: Label) -> Wish:
    """Without it and what the same words mean as well."""
    kept = (
        label
        for label in wish.wanted
        if label != last and not (label.kind == last.kind and label.said == last.said != "")
    )
    return structs.replace(wish, wanted=tuple(kept))


def _degree(wish: Wish) -> tuple[Wish, Relaxed] | None:
    """ "No gore" as "not gory": of what comes in degrees a little is let through, where its words tell degrees apart."""
    strict = [one for one in wish.unwanted if one.kind == "mood" and one.said and _is_of_degree(one)]
    if not strict:
        return None
    milder = tuple(structs.replace(one, said="") if one in strict else one for one in wish.unwanted)
    return structs.replace(wish, unwanted=milder), Relaxed(what="degree", label=strict[0])


def _is_of_degree(label: Label) -> bool:
    taste = tastes().get(label.value)
    return taste is not None and bool(taste.mild) and label.said.lower() not in taste.mild


STEPS: Final[tuple[Step, ...]] = (
    _words,
    _degree,
    _in_stock,
    _year,
    _volumes,
    _price,
    _finished,
    _last_label("format"),
    _last_label("medium"),
    _last_label("mood"),
    _last_label("theme"),
)
"""In the order in which constraints are given up. Genre, readership, author, series, the reader's age and what is refused
are not among them: an answer of the wrong genre is worse than none. Of gore and the like a little may be. Where price or
length is given up, the nearest comes first."""


def by_kin(wish: Wish, kin: Iterable[frozenset[str]]) -> tuple[Wish, tuple[Label, ...]]:
    """The wish with any label of a group where it names some of it, and which those were: of "psychological thriller" either is
    enough, and "food" may be cooking."""
    wanted, met = wish.wanted, tuple[Label, ...]()
    for group in () if wish.either else kin:
        named = [label for label in wanted if label.kind in ("genre", "theme") and label.value in group]
        if len(named) > 1 or any(label.kind == "theme" for label in named):
            said = " ".join(dict.fromkeys(label.said or label.value for label in named))
            wider = (Label("theme", one, said) for one in sorted(group))
            wanted, met = (*(label for label in wanted if label not in named), *wider), (*met, *named)
    return structs.replace(wish, wanted=wanted), met


def asks_for_anything(wish: Wish) -> bool:
    """Whether anything is left to look for: that it shall not be horror is nothing to look for, what suits a child of an age is."""
    suits_child = wish.reader is not None and wish.reader.is_child and wish.reader.age is not None
    return structs.replace(wish, unwanted=()).narrows or wish.ordering is not None or suits_child


_BY_NAME: Final[dict[str, Step]] = {
    "words": _words,
    "degree": _degree,
    "in_stock": _in_stock,
    "year": _year,
    "volumes": _volumes,
    "price": _price,
    "finished": _finished,
}


def restored(wish: Wish, given_up: tuple[Relaxed, ...]) -> Iterator[tuple[Wish, tuple[Relaxed, ...]]]:
    """Where several constraints were given up one after the other: the wish with all but one of them given up, for each of them
    that may have been given up in vain, the weightiest first. The last one was not: without it nothing was found."""
    for back in reversed(given_up[:-1]):
        lesser, rest = wish, tuple(one for one in given_up if one is not back)
        for one in rest:
            if one.label is not None and one.what != "degree":
                lesser = _without_label(lesser, one.label)
            elif (step := _BY_NAME[one.what](lesser)) is not None:
                lesser = step[0]
        yield lesser, rest


def relaxations(wish: Wish) -> Iterator[tuple[Wish, tuple[Relaxed, ...]]]:
    """Wishes to try in turn when nothing meets ``wish``: each without one constraint, then without more and more of them.

    A wish of which nothing is left is none: whoever asks for a talking cat is not shown best sellers.
    """
    for step in STEPS:
        if (lesser := step(wish)) is not None and asks_for_anything(lesser[0]):
            yield lesser[0], (lesser[1],)
    given_up: tuple[Relaxed, ...] = ()
    for step in STEPS:
        while (lesser := step(wish)) is not None and asks_for_anything(lesser[0]):
            wish, given_up = lesser[0], (*given_up, lesser[1])
            if len(given_up) > 1:
                yield wish, given_up
