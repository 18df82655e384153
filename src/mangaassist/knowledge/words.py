"""Words as the lexical search sees them: what is indexed, what is asked for, and how much of a text is mere grammar."""

import re
import unicodedata
from collections.abc import Iterator
from sys import intern

WORD_LIMIT = 32
"""Words of a question that are looked up; a shopper's 2000 characters may hold four hundred."""
STEM = 5

_WORD = re.compile(r"[^\W_]+")
_IDEOGRAPHS = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af]+")

_GRAMMAR = """
a about after again all also am an and any are aren as at be because been before being both but by can cannot
could couldn d did didn do does doesn doing don down during each few for from further get got had hadn has
hasn have haven having he her here hers him his how i if in into is isn it its itself just let like ll m may
me might more most must my need no nor not now of off on once only or other our ours out over own please re s
same shall she should shouldn so some such t tell than thanks that the their theirs them then there these they
this those through to too under until up us ve very want was wasn we were weren what when where which while
who whom whose why will with won would wouldn you your yours yourself
"""
FUNCTION_WORDS = frozenset(_GRAMMAR.split())
"""English words that carry grammar rather than a subject, apostrophes split off."""


def indexed(text: str) -> str:
    """The text as it goes into the lexical index: folded, and runs of Japanese, Chinese or Korean as pairs of characters.

    Those scripts set no spaces, so that without this a title inside a sentence would be one long word with it.
    """
    folded = unicodedata.normalize("NFKC", text)
    return folded if folded.isascii() else _IDEOGRAPHS.sub(lambda run: f" {' '.join(_pairs(run[0]))} ", folded)


def asked(text: str) -> list[str]:
    """The words of a question worth looking up: distinct, lower case, without mere grammar, at most 32."""
    words = dict.fromkeys(word for word in words_in(text) if word not in FUNCTION_WORDS)
    return list(words)[:WORD_LIMIT]


def function_share(text: str) -> float:
    """Which part of the words is grammar, 0 to 1: near 0 for "berserk deluxe 3", above a half for "how do I return it"."""
    words = list(words_in(text))
    return sum(word in FUNCTION_WORDS for word in words) / len(words) if words else 0.0


def coverage(question: str, text: str) -> float:
    """Which part of a question's telling words occurs in a text, 0 to 1; words are the same when their first five letters are."""
    wanted = set(map(stem, asked(question)))
    if not wanted:
        return 0.0
    return len(wanted & set(map(stem, words_in(text)))) / len(wanted)


def stem(word: str) -> str:
    return word[:STEM]


def stems_in(text: str) -> frozenset[str]:
    """The stems of all words of a text: one string for each, however many texts hold it."""
    return frozenset(intern(stem(word)) for word in words_in(text))


def words_in(text: str) -> Iterator[str]:
    """Every word of a text, small and folded, grammar included."""
    return (found[0] for found in _WORD.finditer(indexed(text).casefold()))


def _pairs(run: str) -> list[str]:
    return [run[place : place + 2] for place in range(len(run) - 1)] or [run]
