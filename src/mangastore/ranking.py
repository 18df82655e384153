"""Which series go together: likeness by theme, genre, readership, rating and story, and which series readers like most."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final

import msgspec

from mangastore.catalog.catalogue import Catalogue
from mangastore.catalog.text import STOP_WORDS, words_of
from mangastore.data import draws
from mangastore.data.products import Product
from mangastore.data.ratings import rating_of
from mangastore.data.series import Series

GENRES, THEMES, STORY, READERS, AGES, MAKERS, TONE = 0.32, 0.28, 0.08, 0.06, 0.08, 0.10, 0.08
"""What each likeness is worth: together 1, so that a score is never more."""
LOVED, TASTE_SPREAD = 0.06, 0.02
"""How far popularity, and what readers really buy, stray from plain likeness."""
COMMON_THEME: Final = 0.5
"""A single shared word of a theme ("dark", "school") says half of what the whole theme says."""
KINDRED_THEMES: Final = 0.8
KINDRED: Final = {
    word: family
    for family, words in {
        "blades": "dark mercenary swords swordsmanship samurai vikings knights ronin duels warriors",
        "monsters": "demons monsters titans vampires zombies ghouls devils gore yokai",
        "sorcery": "magic sorcerers witches alchemy curses spells mages wizards",
        "law": "detectives police murder serial crime yakuza underworld heist investigation",
        "machines": "cyberpunk androids robots cyborgs hackers mecha ai",
        "stars": "space aliens astronauts planets",
        "stage": "band idols theatre piano jazz music rock acting",
    }.items()
    for word in words.split()
}
"""Themes that go by different words for much the same thing."""
LADDER: Final = ("All Ages", "Teen", "Older Teen", "Mature")
NEIGHBOURS: Final = frozenset([frozenset(["shonen", "seinen"]), frozenset(["shojo", "josei"])])
ENDINGS: Final = ("manship", "ing", "ers", "er", "es", "s", "y")

Vector = Mapping[str, float]


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
        self._genres = _unit_vectors(self._series, _genres)
        self._themes = _unit_vectors(self._series, _themes)
        self._stories = _unit_vectors(self._series, _story)
        self._loved = {name: _love(catalogue.shelf(name)) for name in self._series}
        self._likeness = lru_cache(maxsize=1024)(self._work_out_likeness)

    def like(self, seeds: Sequence[Series], *, but: Iterable[str] = (), genre: str = "", limit: int) -> list[Ranked]:
        """What goes well with the seeds; never a seed itself or a series in `but`."""
        shut_out = {seed.id for seed in seeds} | set(but)
        best: dict[str, tuple[float, Series]] = {}
        for seed in seeds:
            for name, score in self._likeness(seed.id).items():
                if name not in shut_out and (name not in best or best[name][0] < score):
                    best[name] = (score, seed)
        order = sorted(best, key=lambda name: (-best[name][0], name))
        ranked = ((name, best[name][0], _why(best[name][1], self._series[name])) for name in order)
        return self._first_volumes(ranked, genre, limit)

    def loved(self, *, genre: str = "", but: Iterable[str] = (), limit: int) -> list[Ranked]:
        """What readers love most, of one genre or of all."""
        shut_out = set(but)
        order = sorted((name for name in self._loved if name not in shut_out), key=lambda n: (-self._loved[n], n))
        reason = f"Loved by readers of {genre.lower()} manga" if genre else "One of the best loved series in the store"
        return self._first_volumes([(name, self._loved[name], reason) for name in order], genre, limit)

    def _first_volumes(self, ranked: Iterable[tuple[str, float, str]], genre: str, limit: int) -> list[Ranked]:
        found: list[Ranked] = []
        told: set[str] = set()
        for name, score, reason in ranked:
            series = self._series[name]
            if genre and genre.casefold() not in (known.casefold() for known in series.genres):
                continue
            shelf = self._catalogue.shelf(name)
            if shelf and _franchise(series) not in told:
                told.add(_franchise(series))
                found.append(Ranked(shelf[0], round(score, 3), reason))
            if len(found) == limit:
                break
        return found

    def _work_out_likeness(self, seed_id: str) -> dict[str, float]:
        seed = self._series[seed_id]
        scores: dict[str, float] = {}
        for name, series in self._series.items():
            alike = (
                GENRES * _cosine(self._genres[seed_id], self._genres[name])
                + THEMES * _cosine(self._themes[seed_id], self._themes[name])
                + STORY * _cosine(self._stories[seed_id], self._stories[name])
                + READERS * _readers(seed, series)
                + AGES * _ages(seed, series)
                + MAKERS * bool(set(seed.authors) & set(series.authors))
                + TONE * (("Comedy" in seed.genres) == ("Comedy" in series.genres))
            )
            taste = TASTE_SPREAD * (draws.fraction("taste", *sorted((seed_id, name))) - 0.5)
            scores[name] = min(max(alike + taste + LOVED * self._loved[name], 0.0), 0.99)
        return scores


def _why(seed: Series, series: Series) -> str:
    """What the two share, the most telling first, in words a shopper may read."""
    if set(seed.authors) & set(series.authors):
        return f"By the maker of {seed.title}"
    asked = {theme.casefold() for theme in seed.themes}
    shared = [theme.lower() for theme in series.themes if theme.casefold() in asked][:2]
    shared += [genre if genre == "Sci-Fi" else genre.lower() for genre in series.genres if genre in seed.genres]
    if not shared:
        return f"Readers of {seed.title} also bought it"
    return f"Shares {' and '.join(shared[:2])} with {seed.title}"


def _franchise(series: Series) -> str:
    """What a sequel shares with what it goes on from ("Tokyo Ghoul: re"): one of them is enough in a list."""
    return series.title.partition(":")[0].casefold()


def _genres(series: Series) -> Iterable[tuple[str, float]]:
    return ((genre, 1.0) for genre in series.genres)


def _themes(series: Series) -> Iterable[tuple[str, float]]:
    """The themes whole, the stems of their words ("Swordsmanship" speaks to "Swords"), and their families."""
    for theme in series.themes:
        yield theme.casefold(), 1.0
        yield from ((f"={KINDRED[word]}", KINDRED_THEMES) for word in words_of(theme) if word in KINDRED)
        yield from ((f"~{_stem(word)}", COMMON_THEME) for word in words_of(theme) if word not in STOP_WORDS)


def _story(series: Series) -> Iterable[tuple[str, float]]:
    text = f"{series.hook} {series.synopsis} {' '.join(series.themes)} {' '.join(series.genres)}"
    return ((_stem(word), 1.0) for word in set(words_of(text)) - STOP_WORDS if len(word) > 3)


def _stem(word: str) -> str:
    ending = next((end for end in ENDINGS if word.endswith(end) and len(word) - len(end) >= 4), "")
    return word.removesuffix(ending)


def _readers(one: Series, other: Series) -> float:
    if one.demographic == other.demographic:
        return 1.0
    return 0.4 if frozenset([one.demographic, other.demographic]) in NEIGHBOURS else 0.0


def _ages(one: Series, other: Series) -> float:
    """1 for the same age rating, 0 for the opposite end of the ladder."""
    if one.rating not in LADDER or other.rating not in LADDER:
        return 0.5
    return 1 - abs(LADDER.index(one.rating) - LADDER.index(other.rating)) / (len(LADDER) - 1)


def _unit_vectors(
    every: Mapping[str, Series], traits: Callable[[Series], Iterable[tuple[str, float]]]
) -> dict[str, Vector]:
    """One vector of length 1 a series. Rare traits weigh more, but one that nobody shares does not drown the others."""
    of_each = {name: dict(traits(series)) for name, series in every.items()}
    spread = Counter(trait for weights in of_each.values() for trait in weights)
    return {name: _unit(weights, spread, len(every)) for name, weights in of_each.items()}


def _unit(weights: Vector, spread: Mapping[str, int], count: int) -> Vector:
    shared = {trait: weight for trait, weight in weights.items() if spread[trait] > 1}
    rare = {trait: weight * math.log(1 + count / (spread[trait] + 1)) for trait, weight in shared.items()}
    length = math.sqrt(sum(weight * weight for weight in rare.values())) or 1.0
    return {trait: weight / length for trait, weight in rare.items()}


def _cosine(one: Vector, other: Vector) -> float:
    small, large = sorted((one, other), key=len)
    return sum(weight * large[trait] for trait, weight in small.items() if trait in large)


def _love(shelf: Sequence[Product]) -> float:
    rating = rating_of(shelf[0])
    return round((rating.mean - 3.5) / 1.5 * min(math.log10(rating.count) / 4.4, 1.0), 3)
