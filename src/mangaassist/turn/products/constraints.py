"""What a wish asks of a product: as a query of the catalog, and as a test of products that come from elsewhere (T-5, T-12)."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Final

from msgspec import Struct, structs

from mangaassist.domain.products import Format, Product, ProductQuery, has_trait, known_traits
from mangaassist.domain.store_facts import StoreFacts
from mangaassist.domain.wishes import RATED, REFUSED_RATING, Label, LabelKind, Reader, Wish
from mangaassist.knowledge.words import coverage
from mangaassist.turn.derived.series import holds_all, span
from mangaassist.turn.products.lookups import WIDE, Tastes, distinct, in_turns, is_judged
from mangaassist.understanding.lexicon import Taste, trait_words
from mangaassist.understanding.vocabulary import tables

TASTES: Final[frozenset[LabelKind]] = frozenset({"theme", "mood", "medium"})
KINDS: Final[frozenset[LabelKind]] = frozenset({"theme", "mood", "medium", "genre"})
GENRES: Final = frozenset(genre.casefold() for name in tables("en")["genres"] for genre in name.split("+"))
_MOST_EVIDENCE: Final = 2
CHILD: Final = 12
"""The age of a child whose age nobody said."""
GROWN_UP: Final = 18


class Flavour(Struct, frozen=True):
    """What a taste means, in lower case: some label of ``some``, none of ``none``, a rating of ``ratings`` where it has any.

    Where the store tells what decides it, ``traits`` do instead of labels. What means nothing that is known here suits no book.
    """

    some: frozenset[str]
    none: frozenset[str] = frozenset()
    ratings: frozenset[str] = frozenset()
    traits: tuple[str, ...] = ()

    def suits(self, product: Product) -> bool:
        if self.ratings and product.age_rating not in self.ratings:
            return False
        if self.traits:
            return all(has_trait(product, trait) for trait in self.traits)
        labels = labels_of(product)
        is_known = bool(self.some or self.none or self.ratings)
        return is_known and (not self.some or bool(self.some & labels)) and not self.none & labels


class Constraints(Struct, frozen=True):
    """``query`` holds what the catalog can filter by. ``tastes`` are the wanted themes, moods and media with what each means.
    ``refused`` are the unwanted tastes with the catalog's words for each, in lower case, of which a book may have none.
    """

    wish: Wish
    query: ProductQuery
    tastes: tuple[tuple[Label, Flavour], ...] = ()
    refused: tuple[tuple[Label, frozenset[str]], ...] = ()
    denied: tuple[tuple[Label, tuple[str, ...]], ...] = ()
    """The unwanted things that the store tells of its books, each with the traits of which none may hold."""
    avoid: frozenset[str] = frozenset()
    ratings: frozenset[str] | None = None
    """The age ratings that are allowed; None allows all, an empty set nothing."""
    fixed: frozenset[Label] = frozenset()
    """The wanted labels that are conditions: of alternatives they are none."""
    from_start: bool = False
    """Only what a series begins with, or what is all of it: nobody who looks for something to read begins with volume 27."""

    def admits(self, product: Product) -> bool:
        """Whether a product meets everything but what costs a question: price and stock."""
        return self._is_of_kind(product) and self._is_within(product) and not self._is_refused(product)

    def _is_of_kind(self, product: Product) -> bool:
        labels, query = labels_of(product), self.query
        return all(
            (
                self._has_wanted(labels, product),
                not query.demographics or product.demographic in query.demographics,
                not query.formats or product.format in query.formats,
                not query.authors or bool(set(query.authors) & set(product.authors)),
                not query.series_ids or product.series_id in query.series_ids,
                not query.statuses or product.series_status in query.statuses,
            )
        )

    def _has_wanted(self, labels: frozenset[str], product: Product) -> bool:
        """All genres and tastes, or one of them where they are alternatives; what is a condition always."""
        genres = [genre.casefold() in labels for genre in self.wish.values("genre")]
        tastes = [flavour.suits(product) for label, flavour in self.tastes if label not in self.fixed]
        if not all(flavour.suits(product) for label, flavour in self.tastes if label in self.fixed):
            return False
        return any((*genres, *tastes)) if self.wish.either and (genres or tastes) else all((*genres, *tastes))

    def _is_within(self, product: Product) -> bool:
        volumes, year = self.wish.volumes, self.wish.year
        return (
            (volumes.is_open or self._is_as_long(product))
            and (year.is_open or (product.first_published > 0 and year.holds(product.first_published)))
            and (self.ratings is None or product.age_rating in self.ratings)
        )

    def _is_as_long(self, product: Product) -> bool:
        """An omnibus of all of it is a series in one book, however many volumes that has been."""
        if self.wish.volumes.most == 1 and holds_all(product):
            return True
        return product.series_volumes > 0 and self.wish.volumes.holds(product.series_volumes)

    def begins(self, product: Product) -> bool:
        held = span(product)
        return not self.from_start or held is None or held[0] == 1

    def _is_refused(self, product: Product) -> bool:
        return (
            product.series_id in self.avoid
            or any(self.refuses(product, label) for label in self.wish.unwanted)
            or any(coverage(word, product.description) == 1 for word in self.wish.unnamed)
        )

    def refuses(self, product: Product, label: Label) -> bool:
        """Whether a product is what this label turns down, by its labels; of a thing also by what is said of the book. Where the
        store tells it, of what is not known nobody can say that it is without it."""
        if denied := dict(self.denied).get(label):
            return any(has_trait(product, trait) is not False for trait in denied) or self._has_refused(product, label)
        if (own := _OF_PRODUCT.get(label.kind)) is not None:
            return own(product, label.value)
        match label.kind:
            case "theme" | "medium":
                return self._has_refused(product, label) or _is_told_of(label, f"{product.title} {product.description}")
            case _:
                rated = label.value in RATED and product.age_rating == REFUSED_RATING
                return rated or self._has_refused(product, label)

    def _has_refused(self, product: Product, label: Label) -> bool:
        refused = dict(self.refused).get(label, frozenset[str]())
        return any(_is_kind_of(own, word) for own in labels_of(product) for word in refused)

    def harshness(self, product: Product) -> int:
        """Of how much of what was refused a product has a little, where only a lot of it is ruled out."""
        levels = {trait.partition(":")[0] for _, traits in self.denied for trait in traits}
        return sum("some" in known_traits(product, level) for level in levels)

    def strength(self, product: Product) -> int:
        """How much of the wanted tastes a product has: a theme says twice as much of it as a genre, which is much wider."""
        if self.wish.either:
            return len(self.fits(product))
        themes, genres = _folded(product.themes), _folded(product.genres)
        return sum(2 * len(flavour.some & themes) + len(flavour.some & genres) for _, flavour in self.tastes)

    def by_alternatives(self, products: Iterable[Product]) -> tuple[Product, ...]:
        """What has most of what is wanted first; of the others one for each alternative in turn, so that none is forgotten."""
        known = sorted(products, key=lambda one: -len(self.fits(one)))
        most = len(self.fits(known[0])) if known else 0
        best = [one for one in known if most > 1 and len(self.fits(one)) == most]
        each = [
            [one for one in known if one not in best and label.key in {fit.key for fit in self.fits(one)}]
            for label in self.wish.wanted
            if label not in self.fixed
        ]
        return distinct((*best, *in_turns(*each), *known))

    def fits(self, product: Product) -> tuple[Label, ...]:
        """Which of the wanted labels a product has: why it was chosen, in the shopper's words."""
        labels, tastes = labels_of(product), dict(self.tastes)
        has = (label for label in self.wish.wanted if _has(product, labels, label, tastes.get(label)))
        return tuple(_with_evidence(product, label, tastes.get(label)) for label in has)


def _with_evidence(product: Product, label: Label, flavour: Flavour | None) -> Label:
    """A mood or another medium is no word of the catalog: what is said of a book is by which of its own words it fits."""
    if flavour is None or label.kind not in ("mood", "medium"):
        return label
    if flavour.traits:
        return structs.replace(label, by=told_traits(product, flavour.traits)[:_MOST_EVIDENCE])
    own = (*product.themes, *product.genres)
    return structs.replace(label, by=tuple(word for word in own if word.casefold() in flavour.some)[:_MOST_EVIDENCE])


def told_traits(product: Product, conditions: Iterable[str]) -> tuple[str, ...]:
    """What the store says of a product by the names of these conditions, in words, as far as it meets them."""
    words, told = trait_words(), list[str]()
    for condition in conditions:
        name, _, values = condition.partition(":")
        met = known_traits(product, name) & set(values.split("|"))
        told += [words[f"{name}:{value}"] for value in sorted(met) if f"{name}:{value}" in words]
    return tuple(dict.fromkeys(told))


def _has(product: Product, labels: frozenset[str], label: Label, flavour: Flavour | None) -> bool:
    if flavour is not None:
        return flavour.suits(product)
    if (own := _OF_PRODUCT.get(label.kind)) is not None:
        return own(product, label.value)
    return label.value.casefold() in labels


_OF_PRODUCT: Final[Mapping[LabelKind, Callable[[Product, str], bool]]] = {
    "author": lambda product, value: value in product.authors,
    "demographic": lambda product, value: value == product.demographic,
    "format": lambda product, value: value == product.format,
    "series": lambda product, value: value == product.series_id,
}
"""Labels that a field of the product itself answers; all others stand among its labels."""


def _is_kind_of(label: str, refused: str) -> bool:
    """ "Cooking duels" is cooking, "office romance" romance."""
    return f" {refused} " in f" {label} "


def _is_told_of(label: Label, description: str) -> bool:
    """ "A high school" in what a book is about is as good as a label for it."""
    return any(coverage(word, description) == 1 for word in {label.value, label.said} if word)


def labels_of(product: Product) -> frozenset[str]:
    return _folded((*product.genres, *product.themes))


def constraints(
    wish: Wish,
    avoid: Iterable[str],
    facts: StoreFacts,
    tastes: Tastes,
    *,
    is_strict: bool = True,
    from_start: bool = False,
) -> Constraints:
    """``avoid`` are series that shall not come whatever happens. What a taste mostly goes without ("funny" without horror) is
    only ruled out where ``is_strict``: funny zombies are horror."""
    shunned = frozenset((*avoid, *wish.refused("series"), *wish.like)) - set(wish.values("series"))
    means = {label: tastes(label) for label in (*wish.wanted, *wish.unwanted)}
    judged = frozenset(label for label, taste in means.items() if is_judged(taste, facts))
    wanted = _flavours(wish, means, judged, is_strict=is_strict)
    refused = _unwanted(wish, means, judged)
    fixed = frozenset(label for label in wish.wanted if means[label].always)
    denied = tuple((label, means[label].refused_traits(label.said)) for label in wish.unwanted if label in judged)
    ratings = allowed_ratings(wish.reader, facts)
    series = wish.values("series")
    query = ProductQuery(
        labels=tuple(
            dict.fromkeys(
                word
                for label in wish.wanted
                if (label.kind in TASTES and label not in judged) or (wish.either and label.kind == "genre")
                for word in means[label].any
            )
        )
        if not (wish.either and (judged - fixed).intersection(wish.wanted))
        else (),
        traits=tuple(
            dict.fromkeys(
                one for label, flavour in wanted if label in fixed or not wish.either for one in flavour.traits
            )
        ),
        without_traits=tuple(dict.fromkeys(one for _, traits in denied for one in traits)),
        without_labels=tuple(
            dict.fromkeys(
                (
                    *(word for _, words in refused for word in words),
                    *(word for label in fixed if not means[label].any for word in means[label].none),
                )
            )
        ),
        without_series_ids=tuple(sorted(shunned)),
        without_authors=wish.refused("author"),
        without_demographics=wish.refused("demographic"),
        genres=() if wish.either else wish.values("genre"),
        demographics=wish.values("demographic"),
        formats=_formats(wish.values("format")),
        authors=wish.values("author"),
        series_ids=series,
        statuses=_statuses(wish.finished),
        age_ratings=tuple(sorted(ratings)) if ratings else (),
        least_volumes=_whole(wish.volumes.least),
        most_volumes=None if wish.volumes.most == 1 and wish.values("format") else _whole(wish.volumes.most),
        published_from=_whole(wish.year.least),
        published_to=_whole(wish.year.most),
        one_per_series=len(series) != 1,
        limit=WIDE,
    )
    return Constraints(
        wish=wish,
        query=query,
        tastes=wanted,
        refused=tuple((label, _folded(words)) for label, words in refused),
        denied=denied,
        avoid=shunned,
        ratings=ratings,
        fixed=fixed,
        from_start=(from_start or not wish.price.is_open) and not series,
    )


def _flavours(
    wish: Wish, means: Mapping[Label, Taste], judged: frozenset[Label], *, is_strict: bool
) -> tuple[tuple[Label, Flavour], ...]:
    """The wanted tastes. Whoever wants cosy horror means both: what is wanted by name is not ruled out by a taste. Several
    labels of one word ("dungeon") are two names of the same thing, of which either is enough. A taste that says only what is
    not in a book ("realistic") is nothing without that."""
    named = _named(wish)
    labels = [label for label in wish.wanted if label.kind in TASTES and not means[label].praised]
    flavours = [
        Flavour(
            _folded(word for other in labels if _is_same(label, other) for word in means[other].any),
            _folded(means[label].none) - named if is_strict or not means[label].any else frozenset(),
            frozenset(means[label].ratings),
            means[label].wanted_traits(label.said) if label in judged else (),
        )
        for label in labels
    ]
    return tuple(zip(labels, flavours, strict=True))


def _is_same(one: Label, other: Label) -> bool:
    return one == other or (one.kind == other.kind and bool(one.said) and one.said == other.said)


def _unwanted(
    wish: Wish, means: Mapping[Label, Taste], judged: frozenset[Label]
) -> tuple[tuple[Label, tuple[str, ...]], ...]:
    """The catalog's words for each thing it shall be without. Horror without gore is still horror, though gore is mostly that; so
    is something scary without it."""
    lived_on = _folded(word for label in wish.wanted if label.kind in ("mood", "medium") for word in means[label].any)
    spared = _named(wish) | (lived_on & GENRES)

    def words(label: Label) -> tuple[str, ...]:
        return tuple(word for word in means[label].any if not (label.kind == "mood" and word.casefold() in spared))

    return tuple(
        (label, words(label))
        for label in wish.unwanted
        if label.kind in KINDS and not (label.kind == "mood" and label in judged)
    )


def _named(wish: Wish) -> frozenset[str]:
    return _folded(wish.values("genre")) | _folded(wish.values("theme"))


def _folded(words: Iterable[str]) -> frozenset[str]:
    return frozenset(word.casefold() for word in words)


def _formats(values: Iterable[str]) -> tuple[Format, ...]:
    known = {one.value for one in Format}
    return tuple(Format(value) for value in values if value in known)


def _statuses(finished: bool | None) -> tuple[str, ...]:
    return () if finished is None else ("finished",) if finished else ("ongoing", "hiatus")


def _whole(bound: Decimal | None) -> int | None:
    return None if bound is None else int(bound)


def allowed_ratings(reader: Reader | None, facts: StoreFacts) -> frozenset[str] | None:
    """The ratings that are meant for a reader of that age or younger; None where nobody young is named.

    Where the store does not explain its ratings, nothing is known to be for a child: an empty set allows nothing.
    """
    if reader is None or (reader.age is None and not reader.is_child):
        return None
    age = CHILD if reader.age is None else reader.age
    if age >= GROWN_UP:
        return None
    return frozenset(rating.name for rating in facts.age_ratings if rating.least_age <= age)
