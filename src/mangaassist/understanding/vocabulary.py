"""What a language's lexicon (``lexica/*.toml``) says about its words as such; what they mean stands in ``lexicon.py``."""

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, Final

from msgspec import Struct

LANGUAGES: Final = ("en", "ja", "es")

_SCRIPTS: Final = (
    r"\d+(?:[.,]\d+)*|[a-z]+(?:'[a-z]+)*|[\u4e00-\u9fff々]+|[\u3040-\u309f]+|[\u30a0-\u30ff]+|[$€£¥%#<>+=-]"
)


class Language(Struct, frozen=True, kw_only=True):
    """``stemmer`` is the Snowball algorithm's name, empty for none; ``cutter`` finds words where no spaces part them."""

    code: str
    stemmer: str = ""
    telling: frozenset[str] = frozenset()
    """Words that tell this language from English."""
    supporting: frozenset[str] = frozenset()
    """Words that support it, since they are English or a title's as well."""
    abbreviations: frozenset[str] = frozenset()
    """Words whose dot ends no sentence."""
    continuations: frozenset[str] = frozenset()
    """Words that go on after a title's own "!"."""
    normal: dict[str, tuple[str, ...]] = {}
    """Contractions and slips, and what they are written out as."""
    suffixes: dict[str, tuple[str, ...]] = {}
    unstemmed: dict[str, str] = {}
    """Words whose stem the algorithm gets wrong for a store."""
    fillers: frozenset[str] = frozenset()
    """Words before and after what is said that change nothing: "ok", "so", "please"."""
    pronouns: frozenset[str] = frozenset()
    stop: frozenset[str] = frozenset()
    """Words that describe nothing."""
    numbers: dict[str, int] = {}
    duration: frozenset[str] = frozenset()
    """Words that beside "how" ask for a time: "how long", "how fast"."""
    money: frozenset[str] = frozenset()
    """Words and signs that make a number an amount."""
    cutter: re.Pattern[str] | None = None
    clause: re.Pattern[str] | None = None
    """Where "and" adds another question or request to a sentence."""


@cache
def tables(code: str) -> dict[str, Any]:
    """The lexicon of a language as it stands in its file."""
    return tomllib.loads((files("mangaassist.understanding") / "lexica" / f"{code}.toml").read_text(encoding="utf-8"))


def topic_in(folded: str, code: str, table: str = "page_topics") -> str:
    """What of the store's ways a folded text names: "gift card"; empty where it names none."""
    padded = f" {folded.lower().replace('?', ' ').replace(';', ' ')} "
    named = tables(code).get(table, {}).items()
    return next((topic for topic, words in named if any(f" {word} " in padded for word in words)), "")


def questions_of_orders(code: str) -> dict[str, str]:
    """What the pages are asked of an order's aspect that they know more of than the order itself."""
    return tables(code).get("order_questions", {})


class ActWords(Struct, frozen=True):
    """Stems that shoppers ask each act with, by the act's name, and those that tell no acts apart."""

    common: frozenset[str] = frozenset()
    acts: dict[str, frozenset[str]] = {}


def _act_words(code: str) -> ActWords:
    file = files("mangaassist.understanding") / "lexica" / f"act_words_{code}.toml"
    if not file.is_file():
        return ActWords()
    listed: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    return ActWords(_set(listed, "common"), {name: _set(listed["acts"], name) for name in listed["acts"]})


def questions_of_store(code: str) -> dict[str, str]:
    """What the pages are asked of a question of the store's ways, by its key."""
    return tables(code).get("store_questions", {})


@cache
def language_named(code: str) -> Language:
    """The language with this code; English for one that has no lexicon."""
    if code not in LANGUAGES:
        return language_named("en")
    words: dict[str, Any] = tables(code)["words"]
    cut = sorted(words.get("cut", ()), key=len, reverse=True)
    return Language(
        code=code,
        stemmer=words.get("stemmer", ""),
        telling=_set(words, "telling"),
        supporting=_set(words, "supporting"),
        abbreviations=_set(words, "abbreviations"),
        continuations=_set(words, "continuations"),
        normal=_written_out(words, "normal"),
        suffixes=_written_out(words, "suffixes"),
        unstemmed=words.get("unstemmed", {}),
        fillers=_set(words, "fillers"),
        pronouns=_set(words, "pronouns"),
        stop=_set(words, "stop"),
        numbers=words.get("numbers", {}),
        duration=_set(words, "duration"),
        money=_set(words, "money"),
        clause=re.compile(words["clause"], re.IGNORECASE) if "clause" in words else None,
        cutter=re.compile("|".join([*map(re.escape, cut), _SCRIPTS])) if cut else None,
    )


def languages() -> tuple[Language, ...]:
    return tuple(map(language_named, LANGUAGES))


def _set(words: dict[str, Any], name: str) -> frozenset[str]:
    listed = words.get(name, ())
    return frozenset(listed.split() if isinstance(listed, str) else listed)


def _written_out(words: dict[str, Any], name: str) -> dict[str, tuple[str, ...]]:
    return {short: tuple(long.split()) for short, long in words.get(name, {}).items()}


ACT_WORDS: Final = {code: _act_words(code) for code in LANGUAGES}
"""By language; empty where none were learnt."""
