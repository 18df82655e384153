"""Which series go together: likeness by genre, theme, readership and author, and which readers like a series most."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

import msgspec

from mangastore.catalog.catalogue import Catalogue
from mangastore.data import draws
from mangastore.data.products import Product
from mangastore.data.ratings import rating_of
from mangastore.data.series import Series

AUTHOR_WEIGHT, DEMOGRAPHIC_WEIGHT, THEME_WEIGHT = 3.0, 0.8, 1.4
TASTE_SPREAD = 0.12
"""How far what readers really buy strays from plain likeness."""


class Ranked(msgspec.Struct, frozen=True):
    """A product to recommend, how strongly (0 to 1), and why."""

    product: Product
    score: float
    reason: str


class Ranking:
    """Ranks the first volume of each series."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._series = {shelf[0].series.id: shelf[0].series for shelf in map(catalogue.shelf, catalogue.series_ids())}
        spread = Counter(trait for series in self._series.values() for trait, _ in _traits(series))
        rarity = {trait: math.log(1 + len(self._series) / count) for trait, count in spread.items()}
        self._vectors = {name: _unit(series, rarity) for name, series in self._series.items()}
        self._loved = {name: _love(catalogue.shelf(name)) for name in self._series}
        self._likeness = lru_cache(maxsize=1024)(self._work_out_likeness)

    def like(self, seeds: Sequence[Series], *, but: Iterable[str] = (), genre: str = "", limit: int) -> list[Ranked]:
        """What readers of the seeds also buy; never a seed itself or a series in `but`."""
        shut_out = {seed.id for seed in seeds} | set(but)
        best: dict[str, tuple[float, Series]] = {}
        for seed in seeds:
            for name, score in self._likeness(seed.id).items():
                if name not in shut_out and (name not in best or best[name][0] < score):
                    best[name] = (score, seed)
        order = sorted(best, key=lambda name: (-best[name][0], name))
        reasons = {name: f"Readers of {seed.title} also bought it" for name, (_, seed) in best.items()}
        return self._first_volumes([(name, best[name][0], reasons[name]) for name in order], genre, limit)

    def loved(self, *, genre: str = "", but: Iterable[str] = (), limit: int) -> list[Ranked]:
        """What readers love most, of one genre or of all."""
        shut_out = set(but)
        order = sorted((name for name in self._loved if name not in shut_out), key=lambda n: (-self._loved[n], n))
        reason = f"Loved by readers of {genre.lower()} manga" if genre else "One of the best loved series in the store"
        return self._first_volumes([(name, self._loved[name], reason) for name in order], genre, limit)

    def _first_volumes(self, ranked: Iterable[tuple[str, float, str]], genre: str, limit: int) -> list[Ranked]:
        found: list[Ranked] = []
        for name, score, reason in ranked:
            if genre and genre.casefold() not in (known.casefold() for known in self._series[name].genres):
                continue
            shelf = self._catalogue.shelf(name)
            if shelf:
                found.append(Ranked(shelf[0], round(score, 3), reason))
            if len(found) == limit:
                break
        return found

    def _work_out_likeness(self, seed_id: str) -> dict[str, float]:
        seed = self._vectors.get(seed_id, {})
        scores: dict[str, float] = {}
        for name, vector in self._vectors.items():
            likeness = sum(weight * vector[trait] for trait, weight in seed.items() if trait in vector)
            taste = TASTE_SPREAD * (draws.fraction("taste", *sorted((seed_id, name))) - 0.5)
            scores[name] = min(max(0.85 * likeness + taste + 0.1 * self._loved[name], 0.0), 0.99)
        return scores


def _traits(series: Series) -> list[tuple[str, float]]:
    return [
        *((f"genre {genre}", 1.0) for genre in series.genres),
        *((f"theme {theme.casefold()}", THEME_WEIGHT) for theme in series.themes),
        *((f"author {author}", AUTHOR_WEIGHT) for author in series.authors),
        (f"demographic {series.demographic}", DEMOGRAPHIC_WEIGHT),
    ]


def _unit(series: Series, rarity: dict[str, float]) -> dict[str, float]:
    vector = {trait: weight * rarity[trait] for trait, weight in _traits(series)}
    length = math.sqrt(sum(weight * weight for weight in vector.values())) or 1.0
    return {trait: weight / length for trait, weight in vector.items()}


def _love(shelf: Sequence[Product]) -> float:
    rating = rating_of(shelf[0])
    return round((rating.mean - 3.5) / 1.5 * min(math.log10(rating.count) / 4.4, 1.0), 3)
