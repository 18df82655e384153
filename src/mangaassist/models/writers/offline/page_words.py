"""The words of help pages: telling ones stemmed, what means the same, what each act is about, and the sentences that hold them."""

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from importlib.resources import files
from math import log
from typing import Final, cast

from msgspec import Struct
from Stemmer import Stemmer  # pyright: ignore[reportUnknownVariableType] -- a C module without types

from mangaassist.domain.acts import Act
from mangaassist.domain.chunks import Chunk
from mangaassist.domain.sentences import sentences_of

KNOWN_PAGES: Final = 256
_WORD: Final = re.compile(r"[a-z0-9]+")
_DATA: Final = files("mangaassist.models.writers.offline") / "data"
STOP_WORDS: Final = frozenset((_DATA / "stop_words.txt").read_text(encoding="utf-8").split())
_stemmed: Final = cast("Callable[[list[str]], list[str]]", Stemmer("english").stemWords)  # pyright: ignore[reportUnknownMemberType]


@lru_cache(KNOWN_PAGES)
def stems(text: str) -> frozenset[str]:
    """The telling words of a text, stemmed as understanding stems those of the question."""
    words = (word for word in _WORD.findall(text.lower().replace("'", "").replace("’", "")) if word not in STOP_WORDS)
    return frozenset(_stemmed(list(words)))


_TOPIC_WORDS: Final = tomllib.loads((_DATA / "topics.toml").read_text(encoding="utf-8"))
TOPICS: Final = {Act(name): stems(words) for name, words in _TOPIC_WORDS.items() if isinstance(words, str)}
"""The stems that tell what an act is about, whatever words the shopper chose for it."""
CASES: Final = {name: stems(str(words)) for name, words in _TOPIC_WORDS["cases"].items()}
"""The same of what has a rule of its own, whatever holds for other books."""
_ALIKE: Final = tuple(
    (next(iter(stems(word)), ""), stems(str(words)))
    for word, words in tomllib.loads((_DATA / "alike.toml").read_text(encoding="utf-8")).items()
)


LIGHT: Final = stems("use get want need make well")
"""Words that change nothing of what a page's title asks."""


class Sentence(Struct, frozen=True):
    text: str
    place: int
    stems: frozenset[str]


def meets(word: str, met: frozenset[str]) -> bool:
    return word in met or bool(_alike(word) & met)


def also(words: frozenset[str]) -> frozenset[str]:
    return frozenset[str]().union(*map(_alike, words))


def _alike(word: str) -> frozenset[str]:
    return frozenset[str]().union(*(alike for one, alike in _ALIKE if one == word))


def sentences_in(chunk: Chunk) -> tuple[Sentence, ...]:
    return _sentences(chunk.content, chunk.title)


def weights_of(asked: frozenset[str], chunks: Iterable[Chunk]) -> dict[str, float]:
    """Words that few of the sentences hold say more."""
    held_by = [one.stems for chunk in chunks for one in sentences_in(chunk)]
    held = Counter(word for words in held_by for word in words & asked)
    return {word: log(1 + len(held_by) / (1 + held[word])) for word in asked}


def share(met: frozenset[str], asked: frozenset[str], weights: Mapping[str, float]) -> float:
    total = sum(weights[word] for word in asked)
    return sum(weights[word] for word in met & asked) / total if total else 0.0


@lru_cache(KNOWN_PAGES)
def _sentences(content: str, title: str) -> tuple[Sentence, ...]:
    """The same pages answer most questions: those asked for last are kept as they were read."""
    told = sentences_of(content, title)
    return tuple(Sentence(text, place, stems(text)) for place, text in enumerate(told))
