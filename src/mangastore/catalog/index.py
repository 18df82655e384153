"""The inverted index over the series: which words speak for which series, and how strongly."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

from mangastore.catalog.text import STOP_WORDS, words_of
from mangastore.data.series import Series

TITLE, NAME, AUTHOR, GENRE, THEME, PROSE = 8.0, 6.0, 5.0, 4.0, 3.0, 1.0
WHOLE_NAME = 60.0
NAME_IN_SENTENCE = 14.0
LONGEST_NAME = 9
TYPO_LIKENESS = 0.72
MAX_TYPOS = 3
PREFIX_WORDS = 24


class SeriesIndex:
    """Scores every series for a list of words; built once, read often."""

    def __init__(self, all_series: Iterable[Series]) -> None:
        self._postings: dict[str, dict[str, float]] = defaultdict(dict)
        self._names: dict[tuple[str, ...], set[str]] = defaultdict(set)
        count = 0
        for series in all_series:
            self._add(series)
            count += 1
        self._rarity = {
            word: math.log(1 + (count + 0.5) / (len(found) + 0.5)) for word, found in self._postings.items()
        }
        self._vocabulary = sorted(self._postings)
        self._typable = [word for word in self._vocabulary if len(word) >= 4 and word.isascii()]

    def _add(self, series: Series) -> None:
        self._add_name(series.title, TITLE, series.id)
        for name in series.other_names():
            self._add_name(name, NAME, series.id)
        for author in series.authors:
            self._add_text(author, AUTHOR, series.id)
        self._add_text(" ".join((*series.genres, series.demographic)), GENRE, series.id)
        self._add_text(" ".join(series.themes), THEME, series.id)
        self._add_text(f"{series.hook} {series.synopsis} {series.publisher} {series.magazine or ''}", PROSE, series.id)

    def _add_name(self, name: str, weight: float, series_id: str) -> None:
        words = words_of(name)
        self._names[tuple(words)].add(series_id)
        self._add_text(name, weight, series_id)
        if 1 < len(words) <= LONGEST_NAME and words[0].isascii():
            self._put("".join(words), weight, series_id)

    def _add_text(self, text: str, weight: float, series_id: str) -> None:
        for word in words_of(text):
            self._put(word, weight, series_id)

    def _put(self, word: str, weight: float, series_id: str) -> None:
        found = self._postings[word]
        found[series_id] = max(found.get(series_id, 0.0), weight)

    def is_name(self, words: Sequence[str]) -> bool:
        """Whether these words are some series' whole name."""
        return tuple(words) in self._names

    def bar(self, scores: Mapping[str, float], words: Sequence[str]) -> float:
        """How well the best fits by its words alone: that it bears their very name says nothing of how well others fit."""
        return max(scores.values(), default=0.0) - (WHOLE_NAME if self.is_name(words) else 0.0)

    def score(self, words: Sequence[str]) -> dict[str, float]:
        """The series that speak to these words with their scores; names count most, then rare words."""
        scores: dict[str, float] = defaultdict(float)
        known = [word for word in dict.fromkeys(words) if word not in STOP_WORDS] or list(dict.fromkeys(words))
        sought = self._sought(known)
        matched: dict[str, float] = defaultdict(float)
        for choices in sought:
            self._add_word(choices, scores, matched)
        total = sum(max(self._rarity[word] * share for word, share in choices) for choices in sought) or 1.0
        for series_id in scores:
            scores[series_id] *= 0.3 + 0.7 * matched[series_id] / total
        self._add_whole_names(words, scores)
        return scores

    def _add_word(self, choices: list[tuple[str, float]], scores: dict[str, float], matched: dict[str, float]) -> None:
        best: dict[str, tuple[float, float]] = {}
        for word, share in choices:
            rarity = self._rarity[word] * share
            for series_id, weight in self._postings[word].items():
                best[series_id] = max(best.get(series_id, (0.0, 0.0)), (rarity * weight, rarity))
        for series_id, (score, rarity) in best.items():
            scores[series_id] += score
            matched[series_id] += rarity

    def _sought(self, words: Sequence[str]) -> list[list[tuple[str, float]]]:
        """For each word what to look up and how much it counts: the word itself, its endings, or its likeliest spelling."""
        sought: list[list[tuple[str, float]]] = []
        typos = 0
        if 1 < len(words) <= 4 and (joined := "".join(words)) in self._postings:
            sought.append([(joined, 1.0)])
        for place, word in enumerate(words):
            choices = [(word, 1.0)] if word in self._postings else []
            if place == len(words) - 1 and len(word) >= 3:
                choices += [(longer, 0.5) for longer in self._longer(word)]
            if not choices and typos < MAX_TYPOS and len(word) >= 4 and word.isascii():
                typos += 1
                choices = self._likely(word)
            if choices:
                sought.append(choices)
        return sought

    def _longer(self, prefix: str) -> list[str]:
        start = bisect_left(self._vocabulary, prefix)
        found = self._vocabulary[start : start + PREFIX_WORDS]
        return [word for word in found if word != prefix and word.startswith(prefix)]

    def _likely(self, word: str) -> list[tuple[str, float]]:
        found = process.extract(
            word, self._typable, scorer=OSA.normalized_similarity, score_cutoff=TYPO_LIKENESS, limit=3
        )
        return [(spelling, 0.8 * likeness) for spelling, likeness, _ in found]

    def _add_whole_names(self, words: Sequence[str], scores: dict[str, float]) -> None:
        """A query that is a name, or names one in passing, means that series before all others."""
        for length in range(1, min(len(words), LONGEST_NAME) + 1):
            for start in range(len(words) - length + 1):
                for series_id in self._names.get(tuple(words[start : start + length]), ()):
                    whole = length == len(words)
                    scores[series_id] += WHOLE_NAME if whole else NAME_IN_SENTENCE * length
