"""What a wish demands beside its words: for whom, how long, finished or not, lighter or darker, and without what."""

import re
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from mangaassist.domain.products import Product
from mangaassist.knowledge.words import coverage

SHORT, LONG = 8, 20
"""Volumes up to which a series is short, and from which it is long."""
CHILD: Final = 10
"""How old the reader is taken to be who is called a kid and nothing more."""

AGES: Final = {"All Ages": 0, "Teen": 13, "Older Teen": 16, "Mature": 18}
"""From which age the store's ratings are meant (its age rating policy). What is unrated is kept from children."""
LIGHT: Final = frozenset({"Comedy", "Slice of Life", "Gourmet"})
DARK: Final = frozenset({"Horror", "Thriller", "Psychological", "Crime"})

_READER: Final = re.compile(r"\b(\d{1,2})(?:[- ]?(?:years?|yrs?)(?:[- ]?olds?)?|[- ]?y/?o)\b", re.IGNORECASE)
_CHILDREN: Final = re.compile(
    r"\b(?:kids?|child(?:ren)?|toddlers?|little (?:brother|sister|cousin|one)|grand(?:son|daughter|kids?)|first grader|"
    r"elementary school|primary school)\b",
    re.IGNORECASE,
)
_AT_MOST: Final = re.compile(
    r"\b(?:under|less than|fewer than|at most|max(?:imum)?|up to|no more than|below) (\d{1,2}) (?:volumes?|vols?|books?)\b",
    re.IGNORECASE,
)
_SHORT: Final = re.compile(r"\b(?:short(?:er|est)?(?! stor)|quick reads?|not too long|few volumes)\b", re.IGNORECASE)
_SINGLE: Final = re.compile(
    r"\b(?:one[- ]?shots?|standalones?|stand[- ]alones?|single volumes? series|one volume)\b", re.IGNORECASE
)
_LONG: Final = re.compile(
    r"\b(?:long(?:er|est)?|epic length|lengthy|many volumes)\b(?! time| wait| ago)", re.IGNORECASE
)
_FINISHED: Final = re.compile(r"\b(?:finished|completed?|ended|concluded)\b(?! (?:box|set|edition))", re.IGNORECASE)
_LIGHTER: Final = re.compile(
    r"\b(?:light(?:er|-?hearted)?|funnier|happier|less (?:dark|sad|grim|heavy|violent))\b(?! novels?)", re.IGNORECASE
)
_DARKER: Final = re.compile(r"\b(?:darker|grittier|more (?:mature|serious|violent)|scarier|bleaker)\b", re.IGNORECASE)
_WITHOUT: Final = re.compile(
    r"\b(?:not?|without|(?:don'?t|do not|doesn'?t) (?:like|want|enjoy)|isn'?t|hates?|except|anything but|nothing|avoid"
    r"|tired of|less)"
    r"\s(?:too\s|so\s|very\s|any\s|a\s|an\s|the\s|into\s|about\s|more\s|much\s|with\s)*([^\W\d_]{3,})",
    re.IGNORECASE,
)
_ALL: Final = (_READER, _AT_MOST, _SHORT, _SINGLE, _LONG, _FINISHED, _LIGHTER, _DARKER, _WITHOUT)


class Demands(Struct, frozen=True, kw_only=True):
    """What every product of the answer must meet. ``age`` is in years, lengths are in volumes."""

    age: int | None = None
    most: int | None = None
    least: int | None = None
    finished: bool = False
    lighter: bool = False
    darker: bool = False
    without: tuple[str, ...] = ()

    @property
    def any(self) -> bool:
        return self != NONE

    def met_by(self, product: Product) -> bool:
        genres = set(product.genres)
        return all(
            (
                self.age is None or AGES.get(product.age_rating, AGES["Mature"]) <= self.age,
                self.most is None or 0 < product.series_volumes <= self.most,
                self.least is None or product.series_volumes >= self.least,
                not self.finished or product.series_status == "finished",
                not self.lighter or (bool(genres & LIGHT) and not genres & DARK and product.age_rating != "Mature"),
                not self.darker or bool(genres & DARK),
                not self.without or not coverage(" ".join(self.without), _labels(product)),
            )
        )

    def met(self, products: Iterable[Product]) -> tuple[Product, ...]:
        return tuple(product for product in products if self.met_by(product))


NONE: Final = Demands()


def demands_of(text: str) -> Demands:
    """Read from the message itself; what it does not say demands nothing."""
    reader, most = _READER.search(text), _AT_MOST.search(text)
    return Demands(
        age=int(reader[1]) if reader else CHILD if _CHILDREN.search(text) else None,
        most=int(most[1]) - 1 if most else 1 if _SINGLE.search(text) else SHORT if _SHORT.search(text) else None,
        least=LONG if _LONG.search(text) else None,
        finished=bool(_FINISHED.search(text)),
        lighter=bool(_LIGHTER.search(text)),
        darker=bool(_DARKER.search(text)),
        without=tuple(dict.fromkeys(found[1].lower() for found in _WITHOUT.finditer(text))),
    )


def wanted(text: str) -> str:
    """The message without its demands: what is left is what the thing shall be."""
    for pattern in _ALL:
        text = pattern.sub(" ", text)
    return text


def counts_volumes(text: str) -> bool:
    """ "Under 10 volumes" names no volume 10."""
    return _AT_MOST.search(text) is not None


def _labels(product: Product) -> str:
    return " ".join((*product.themes, *product.genres, product.title))
