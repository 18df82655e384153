"""The words that give mentions their roles, as a language's lexicon lists them under `[cues]`."""

from collections.abc import Mapping
from functools import cache
from typing import Final

from msgspec import Struct

from mangaassist.understanding.analysis import stem, stems_of
from mangaassist.understanding.utterance import Role
from mangaassist.understanding.vocabulary import tables


class Cues(Struct, frozen=True):
    """A language's ``[cues]``: phrases of stems by what they do, and sets of stems."""

    before: Mapping[tuple[str, ...], str]
    after: Mapping[tuple[str, ...], Role]
    after_kind: frozenset[tuple[str, ...]]
    longest: int
    describing: frozenset[str]
    between: frozenset[str]
    joins: frozenset[str]
    auxiliary: frozenset[str]
    seeking: frozenset[str]
    definite: frozenset[str]
    others: frozenset[str]
    beside_refusal: frozenset[str]
    """Words, unstemmed, with which a refusal ends: "no idea", "not sure"."""
    sizes: frozenset[str]
    """What says of a refused thing how much of it: "no big villain"."""
    changes: frozenset[str]
    """What stands between a title and what shall be otherwise: "haikyuu but basketball"."""
    opening: Mapping[str, Role]
    """What says at the very beginning of a sentence that a series is known: "read hellsing already"."""
    lesser: frozenset[tuple[str, ...]]
    """What stands between what is liked better and what is liked less."""
    supposing: frozenset[str]
    """What opens a question of what somebody may like: "would my friend like ..."."""
    changed_by: frozenset[str]
    """What else shall be otherwise than a label: "one piece but shorter"."""
    said: frozenset[tuple[str, ...]]
    """With which the right word comes after a wrong one: "that is horror, i said comedy"."""
    missing: frozenset[str]
    """What a question that misses something names: "have you nothing with vampires"."""
    mistaken: frozenset[str]
    """All that may stand before such a wrong word."""
    exclaimed: frozenset[str]
    """What may stand before a complaint: "ugh why are these all isekai"."""
    as_apart: frozenset[str]
    """What measures nothing between "as" and "as": "as soon as"."""


REFUSING: Final = ("unwanted", "dropped")
"""Cues by which what follows is not wanted."""
_BEFORE: Final = (
    "shown",
    "done",
    "atypical",
    "undone",
    "unwanted",
    "unlike",
    "like",
    "read",
    "owned",
    "wanted",
    "ask_before",
)
_AFTER: Final[tuple[tuple[str, Role], ...]] = (
    ("read_after", "read"),
    ("owned_after", "owned"),
    ("unwanted_after", "unwanted"),
    ("unwanted_kind_after", "unwanted"),
    ("like_after", "like"),
)


_OPENING: Final[tuple[Role, ...]] = ("read", "owned")


@cache
def cues_of(language: str) -> Cues:
    listed = tables(language).get("cues", {})
    before: dict[tuple[str, ...], str] = {}
    for name in _BEFORE:
        for phrase in listed.get(name, ()):
            before.setdefault(stems_of(phrase, language), name)
    after: dict[tuple[str, ...], Role] = {
        stems_of(phrase, language): role for name, role in _AFTER for phrase in listed.get(name, ())
    }
    for verb in listed.get("dropping", ()):
        for things in listed.get("dropped_things", ()):
            before.setdefault(stems_of(f"{verb} {things}", language), "dropped")
    for phrase in listed.get("like", ()):
        before.setdefault(stems_of(phrase, language), "like")

    def stems(name: str) -> frozenset[str]:
        return frozenset(stem(word, language) for word in listed.get(name, "").split())

    return Cues(
        before,
        after,
        frozenset(stems_of(phrase, language) for phrase in listed.get("unwanted_kind_after", ())),
        max(map(len, (*before, *after)), default=1),
        stems("describing_after"),
        stems("between"),
        stems("joins"),
        stems("auxiliary"),
        stems("seeking"),
        stems("definite"),
        stems("others"),
        frozenset(listed.get("beside_refusal", "").split()),
        stems("sizes"),
        stems("changes"),
        {stem(word, language): role for role in _OPENING for word in listed.get(f"{role}_opening", "").split()},
        frozenset(stems_of(phrase, language) for phrase in listed.get("lesser", ())),
        stems("supposing"),
        stems("changed_by"),
        frozenset(stems_of(phrase, language) for phrase in listed.get("said", ())),
        frozenset(listed.get("missing", "").split()),
        stems("mistaken"),
        stems("exclaimed"),
        stems("as_apart"),
    )
