"""What the store tells of a book's content: whether it has what was asked about, and its notes as a whole (T-11). Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from msgspec import Struct

from mangaassist.domain.acts import Act
from mangaassist.domain.derived import ContentFit, ContentNotes
from mangaassist.domain.meaning import Meaning
from mangaassist.domain.products import Product, has_trait, known_traits
from mangaassist.domain.store_facts import StoreFacts
from mangaassist.domain.wishes import Label
from mangaassist.turn.products.constraints import told_traits
from mangaassist.turn.products.lookups import is_judged, taste_of
from mangaassist.understanding.lexicon import tastes

MOST_SERIES: Final = 6
_ENDING: Final = "ending:"
_KINDS: Final = frozenset({"mood", "theme", "genre"})


class Told(Struct, frozen=True):
    """The verdicts on what was asked of each series, the notes where nothing was named, and the nouns of what was wished."""

    nouns: Mapping[str, str] = {}
    fits: tuple[ContentFit, ...] = ()
    notes: tuple[ContentNotes, ...] = ()


def told(meaning: Meaning, facts: StoreFacts, products: Iterable[Product]) -> Told:
    """What the store itself tells: nothing of a store that tells nothing."""
    wished = [label for wish in meaning.sought for label in (*wish.wanted, *wish.unwanted)]
    nouns = {label.value: taste_of(label).thing(label.said) for label in wished if is_judged(taste_of(label), facts)}
    if not meaning.asks(Act.CONTENT):
        return Told(nouns)
    asked = [label for label in meaning.seeks.wanted if label.kind in _KINDS]
    series = tuple({product.series_id: product for product in products}.values())[:MOST_SERIES]
    fits = tuple(_fit(product, label) for product in series for label in asked if is_judged(taste_of(label), facts))
    notes = () if asked else tuple(_notes(product, facts) for product in series)
    return Told(nouns, fits, tuple(one for one in notes if one.strong or one.some or one.none))


def _fit(product: Product, label: Label) -> ContentFit:
    taste = taste_of(label)
    conditions = (f"{taste.level}:some|strong",) if taste.level else taste.traits or taste.without
    verdicts = {condition: has_trait(product, condition) for condition in conditions}
    has = None if None in verdicts.values() else all(verdicts.values())
    # What it has of what was asked; of what it has not, what it is instead.
    telling = [one for one, verdict in verdicts.items() if verdict is not None and (has or not verdict)]
    names = [condition.partition(":")[0] for condition in telling]
    words = told_traits(
        product, telling if has else [f"{name}:{'|'.join(known_traits(product, name))}" for name in names]
    )
    return ContentFit(
        series_id=product.series_id,
        label=label,
        noun=taste.noun,
        has=has,
        degree=_degree(product, conditions),
        told=words,
        only_told=taste.which,
        too_early=any(one.startswith(_ENDING) for one in conditions) and product.series_status not in ("", "finished"),
    )


def _degree(product: Product, conditions: Sequence[str]) -> Any:
    """Of what has degrees; romance at the heart of a book is no matter of degree."""
    known = known_traits(product, conditions[0].partition(":")[0])
    return next((degree for degree in ("none", "strong", "some") if degree in known and "main" not in known), "")


def _notes(product: Product, facts: StoreFacts) -> ContentNotes:
    """Of everything of which there is none, some or a lot."""
    nouns = {taste.level: taste.noun for taste in tastes().values() if taste.level and taste.level in facts.traits}
    of = {level: next(iter(known_traits(product, level)), "") for level in nouns}

    def those(value: str) -> tuple[str, ...]:
        return tuple(nouns[level] for level, known in of.items() if known == value)

    return ContentNotes(
        series_id=product.series_id, strong=those("strong"), some=those("some"), none=those("none"), unknown=those("")
    )
